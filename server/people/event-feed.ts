import type { AccountChange, AccountEvent } from '../../protocol/people.ts'
import { mostInFrame } from '../../protocol/people.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { createBuckets } from '../leaky-bucket.ts'
import type { Log } from '../log.ts'
import { eventsAfter, otherLastEvents } from './account-events.ts'
import { readSnapshot, type SnapshotPart } from './account-snapshot.ts'

/** So often a person is told everything anew at once, and then so often in a second: that reads all that they have. */
const resets = { atOnce: 6, perSecond: 1 / 5 }

/** A frame has so many bytes at most, besides what is around its items. */
const largestFrame = 200_000

/** A connection as the feed needs it. */
export interface FeedConnection {
  readonly open: boolean
  sendFrame(frame: string): void
  /** Resolves once little waits to leave, or nothing will any more. */
  drained(): Promise<void>
}

/**
 * Tells connections what came to be so in their accounts: each the events after its own, in their order and each once,
 * however many are said to be there meanwhile. For all connections of a person it is read once.
 */
export interface EventFeed {
  /** From now on this connection is told, first what came after `after`; null is for who has nothing. */
  sync(userId: string, connection: FeedConnection, after: number | null): void
  /** There are events of this person, up to this number. */
  changed(userId: string, until: number): void
  /** Looks at the database for what nobody said here. @throws when it cannot be read. */
  look(userIds: readonly string[]): Promise<void>
  /** This connection is told nothing more. */
  leave(userId: string, connection: FeedConnection): void
  readonly connections: number
}

/** What a connection was sent. */
interface Cursor {
  readonly connection: FeedConnection
  /** The last event that it has; null for who is to be told everything anew. */
  at: number | null
  /** It has heard nothing since it asked: it is answered even if there is nothing. */
  asks: boolean
  /** Frames are on their way to it: it is sent no more until they have left. */
  busy: boolean
}

interface Person {
  readonly userId: string
  cursors: readonly Cursor[]
  /** So many events there are, as far as is known here; null while that is not. */
  until: number | null
  telling: boolean
  again: boolean
  /** Before this nobody of theirs is told everything anew, monotonic ms. */
  anewAt: number
}

export interface EventFeedDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly parts: readonly SnapshotPart[]
}

export function createEventFeed({ db, clock, log, parts }: EventFeedDependencies): EventFeed {
  const people = new Map<string, Person>()
  const pace = createBuckets(resets)
  let connections = 0
  let asked: Set<string> | undefined

  const learn = (person: Person, until: number) => {
    person.until = Math.max(person.until ?? 0, until)
  }

  /** Whoever is here with these looks up how many events there are, and is told. */
  const look = async (userIds: readonly string[]): Promise<void> => {
    const known = new Map<string, number | null>()
    for (const userId of userIds) {
      const person = people.get(userId)
      if (person) known.set(userId, person.until)
    }
    if (known.size === 0) return
    const others = await otherLastEvents(db, known)
    for (const userId of known.keys()) {
      const person = people.get(userId)
      if (!person) continue
      const until = others.get(userId)
      if (until !== undefined) learn(person, until)
      tell(person)
    }
  }

  /** Many come back at once: all that ask in this turn are looked up together. */
  const ask = (userId: string) => {
    if (asked) return void asked.add(userId)
    asked = new Set([userId])
    setImmediate(() => {
      const those = [...(asked ?? [])]
      asked = undefined
      look(those).catch((err) => log.error({ err }, 'devices are told their events later'))
    })
  }

  const lacks = ({ until, anewAt }: Person, { at, asks, busy, connection }: Cursor) =>
    !busy &&
    connection.open &&
    until !== null &&
    (at === null ? clock.monotonic() >= anewAt : asks || at < until)

  /** One look after the other, for as long as somebody lacks something. */
  const tell = (person: Person): void => {
    if (person.telling) {
      person.again = true
      return
    }
    // As mostly, where nobody said that there is something: everybody is looked at every 10 s.
    if (!person.cursors.some((cursor) => lacks(person, cursor))) return
    person.telling = true
    tellAll(person)
      .catch((err) => log.error({ err, user: person.userId }, 'devices are told their events later'))
      .finally(() => {
        person.telling = false
        if (person.again) {
          person.again = false
          tell(person)
        }
      })
  }

  const tellAll = async (person: Person) => {
    for (;;) {
      person.again = false
      const lacking = person.cursors.filter((cursor) => lacks(person, cursor))
      if (lacking.length === 0) return
      const anew = lacking.filter(({ at }) => at === null)
      if (anew.length > 0) await tellAnew(person, anew)
      else await tellEvents(person, lacking)
    }
  }

  const tellEvents = async (person: Person, lacking: readonly Cursor[]) => {
    const after = Math.min(...lacking.map(({ at }) => at ?? 0))
    const found = after === person.until ? [] : await eventsAfter(db, person.userId, after, mostInFrame)
    if (found === 'too-old') {
      for (const cursor of lacking) if (cursor.at === after) cursor.at = null
      return
    }
    const last = found.at(-1)?.seq ?? after
    learn(person, last)
    for (const cursor of lacking) {
      const { at } = cursor
      if (at === null || at > last || (at === last && !cursor.asks)) continue
      // What it asked anew meanwhile is another cursor.
      if (!person.cursors.includes(cursor)) continue
      const frames = framesOf(
        found.filter(({ seq }) => seq > at),
        at,
      )
      cursor.at = last
      cursor.asks = false
      send(person, cursor, frames)
    }
    // Nothing more is there than is kept: whoever was told of more is told so by a later look.
    if (found.length === 0 && after < (person.until ?? 0)) person.until = after
  }

  const tellAnew = async (person: Person, anew: readonly Cursor[]) => {
    const wait = pace.pour(person.userId, clock.monotonic())
    if (wait > 0) {
      person.anewAt = clock.monotonic() + wait
      setTimeout(() => tell(person), wait).unref()
      return
    }
    const { items, until } = await readSnapshot(db, parts, person.userId, clock.wall())
    learn(person, until)
    const frames = resetFrames(items, until)
    for (const cursor of anew) {
      if (!person.cursors.includes(cursor)) continue
      cursor.at = until
      cursor.asks = false
      send(person, cursor, frames)
    }
  }

  /** Sends frames as fast as they leave: more than a little that waits, and the connection would be cut. */
  const send = (person: Person, cursor: Cursor, frames: readonly string[]) => {
    const { connection } = cursor
    cursor.busy = true
    const rest = async () => {
      for (const frame of frames) {
        if (!connection.open || !person.cursors.includes(cursor)) return
        connection.sendFrame(frame)
        await connection.drained()
      }
    }
    void rest().then(() => {
      cursor.busy = false
      tell(person)
    })
  }

  const remove = (person: Person, connection: FeedConnection) => {
    const cursors = person.cursors.filter((cursor) => cursor.connection !== connection)
    connections -= person.cursors.length - cursors.length
    person.cursors = cursors
  }

  return {
    sync(userId, connection, after) {
      if (!connection.open) return
      const person: Person = people.get(userId) ?? {
        userId,
        cursors: [],
        until: null,
        telling: false,
        again: false,
        anewAt: Number.NEGATIVE_INFINITY,
      }
      people.set(userId, person)
      remove(person, connection)
      person.cursors = [...person.cursors, { connection, at: after, asks: true, busy: false }]
      connections += 1
      ask(userId)
    },
    changed(userId, until) {
      const person = people.get(userId)
      if (!person) return
      learn(person, until)
      tell(person)
    },
    look,
    leave(userId, connection) {
      const person = people.get(userId)
      if (!person) return
      remove(person, connection)
      if (person.cursors.length === 0) people.delete(userId)
    },
    get connections() {
      return connections
    },
  }
}

/** Items as JSON, in their order, as many in each part as a frame takes. */
function partsOf<T>(items: readonly T[]): T[][] {
  const all: T[][] = [[]]
  let bytes = 0
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1
    const part = all.at(-1)
    if (part && part.length > 0 && (part.length >= mostInFrame || bytes + size > largestFrame)) {
      all.push([item])
      bytes = size
    } else {
      part?.push(item)
      bytes += size
    }
  }
  return all
}

/** @param until the number that is told where there are none. */
const framesOf = (events: readonly AccountEvent[], until: number): string[] =>
  partsOf(events).map((part) =>
    JSON.stringify({ type: 'events', events: part, until: part.at(-1)?.seq ?? until }),
  )

const resetFrames = (items: readonly AccountChange[], until: number): string[] =>
  partsOf(items).map((part, n, all) =>
    JSON.stringify({ type: 'reset', items: part, first: n === 0, last: n === all.length - 1, until }),
  )
