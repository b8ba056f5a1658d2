import type { ServerMessage } from '../../../protocol/connection.ts'
import { type ContactPresence, mostInFrame, type Status } from '../../../protocol/people.ts'
import type { Clock } from '../../clock.ts'
import { seenAs } from '../seen-as.ts'
import type { WatchedPeople } from './watched-people.ts'

/**
 * What has changed is told together, this often at most, in ms: with the tenth of a second between two ticks of the server
 * it is told within one second.
 */
export const toldTogether = 700

/** More than this waiting to leave to a device, in bytes, and it is told more once that has left. */
const mostWaiting = 65_536

/** A message may have been lost with the bus of whoever sent it: everything is read again this often, in ms. */
const readEvery = 30_000
/** A device that watches anew again and again has everything read this often at most, in ms. */
const readAtMostEvery = 500
/** What could not be read is tried again after this, in ms. */
const readAgainAfter = 1_000
/** Who is near has answered by then, in ms, so that the first frames tell of most people: of several nodes, and of one. */
const firstAnswersWithin = 300
const ownAnswersWithin = 20

/** A connection, as far as it watches. */
export interface WatchingConnection {
  readonly id: string
  readonly open: boolean
  /** Bytes that wait to leave. */
  readonly backlog: number
  send(message: ServerMessage): void
}

/** A contact as their rows have them. */
export interface ContactToWatch {
  readonly userId: string
  readonly status: Pick<Status, 'status' | 'until'>
  /** They have blocked the watcher. */
  readonly isHidden: boolean
}

export type Whom = 'all' | readonly string[]

/**
 * Reads the contacts whom somebody may see; with `all` also the person themselves, as contacts see them.
 *
 * @param among whom to look at; undefined for all of `whom`.
 */
export type ReadContacts = (
  userId: string,
  whom: Whom,
  among: ReadonlySet<string> | undefined,
) => readonly ContactToWatch[] | Promise<readonly ContactToWatch[]>

export interface WatcherDependencies {
  readonly clock: Clock
  readonly hasOthers: boolean
  readonly people: WatchedPeople
  readonly read: ReadContacts
  readonly onError: (error: unknown) => void
  /** Somebody is among those whom this watcher sees from now on, or no more. */
  readonly onSees: (userId: string, sees: boolean) => void
}

/** What one connection sees of contacts: all of them first, then what changes. */
export interface Watcher {
  readonly userId: string
  /** From now on it is told of these, by this number, and of nobody else. */
  watch(n: number, whom: Whom): void
  /** Something of a person is to be told, if it is another than what was. */
  leasesChanged(userId: string): void
  /** What they chose, or how they stand to the watcher, has changed: nothing is told of them until that has been read. */
  rowsChanged(userId: string): void
  /** The same of everybody. */
  allChanged(): void
  tick(): void
  /** When the next tick has something to do, monotonic ms. */
  dueAt(): number
  end(): void
}

interface Seen extends ContactToWatch {
  readonly endWatch: () => void
  /** What the device was told last; null for nothing. */
  told: { readonly presence: ContactPresence; readonly validUntil: number } | null
}

/** Which rows have to be read before anybody is told of them. */
type Doubt = 'all' | Set<string>

export function createWatcher(
  { clock, hasOthers, people, read, onError, onSees }: WatcherDependencies,
  userId: string,
  connection: WatchingConnection,
): Watcher {
  const contacts = new Map<string, Seen>()
  let n = 0
  let whom: Whom = []
  let version = 0
  /** Those of whom something may be to be told. */
  let waiting = new Set<string>()
  /** Who is still to be told of in the first frames; null once those are out. */
  let first: string[] | null = null
  let isFirstOut = false
  let firstAt = Number.POSITIVE_INFINITY
  let tellAt = Number.NEGATIVE_INFINITY

  let doubt: Doubt = new Set()
  let reading: Doubt | null = null
  /** Counts watches: what was read for an older one is of no use. */
  let generation = 0
  let readAt = Number.POSITIVE_INFINITY
  let allReadAt = Number.NEGATIVE_INFINITY
  let busyEndsAt = Number.POSITIVE_INFINITY
  let hasEnded = false

  const isIn = (one: Doubt | null, contact: string) => one === 'all' || one?.has(contact) === true
  const isDoubtful = (contact: string) => isIn(doubt, contact) || isIn(reading, contact)
  const isAny = (one: Doubt) => one === 'all' || one.size > 0

  const startReading = () => {
    const asked: Doubt = doubt
    // Everything is read again while nothing is in doubt: that holds nothing back.
    const isRefresh = !isAny(asked)
    const begun = generation
    const among = isRefresh || asked === 'all' ? undefined : asked
    doubt = new Set()
    reading = asked
    readAt = Number.POSITIVE_INFINITY
    if (!among) allReadAt = clock.monotonic()
    const onRead = (rows: readonly ContactToWatch[]) => {
      reading = null
      if (hasEnded || begun !== generation) return
      take(rows, among)
    }
    const onFailed = (error: unknown) => {
      reading = null
      onError(error)
      if (hasEnded || begun !== generation) return
      doubt = asked === 'all' || doubt === 'all' ? 'all' : doubt.union(asked)
      readAt = clock.monotonic() + readAgainAfter
    }
    try {
      const rows = read(userId, whom, among)
      if (rows instanceof Promise) rows.then(onRead, onFailed)
      else onRead(rows)
    } catch (error) {
      onFailed(error)
    }
  }

  const take = (rows: readonly ContactToWatch[], among: ReadonlySet<string> | undefined) => {
    const found = new Set(rows.map((row) => row.userId))
    for (const contact of among ?? [...contacts.keys()]) if (!found.has(contact)) drop(contact)
    for (const row of rows) {
      const known = contacts.get(row.userId)
      if (known) contacts.set(row.userId, { ...known, ...row })
      else {
        contacts.set(row.userId, { ...row, told: null, endWatch: people.watch(row.userId) })
        onSees(row.userId, true)
      }
      waiting.add(row.userId)
    }
    const now = clock.monotonic()
    const ends = [...contacts.values()].map(({ status }) => status.until ?? Number.POSITIVE_INFINITY)
    busyEndsAt = ends.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    readAt = isAny(doubt) ? now : allReadAt + readEvery
    if (first || isFirstOut) return
    first = [...contacts.keys()]
    firstAt = now + (hasOthers ? firstAnswersWithin : ownAnswersWithin)
  }

  const drop = (contact: string) => {
    contacts.get(contact)?.endWatch()
    if (contacts.delete(contact)) onSees(contact, false)
    waiting.delete(contact)
  }

  /** What is to be told of a contact; undefined where there is nothing new, or nothing that may be said now. */
  const news = (contact: string): ContactPresence | undefined => {
    const seen = contacts.get(contact)
    if (!seen || isDoubtful(contact)) return undefined
    const now = clock.monotonic()
    const { status, isHidden, told } = seen
    const presence = seenAs(
      {
        contact,
        status,
        isHidden,
        leases: people.leases(contact),
        inCallFor: people.inCallFor(contact),
        isAsked: people.isAsked(contact),
      },
      clock.wall(),
    )
    const validUntil = now + (presence.validFor ?? 0)
    const { sees, until } = presence
    const isSame = told?.presence.sees === sees && told.presence.until === until
    if (isSame && (presence.validFor === null || Math.abs(validUntil - told.validUntil) < 100))
      return undefined
    seen.told = { presence, validUntil }
    return presence
  }

  const frame = (of: readonly ContactPresence[], whole: boolean, more: boolean) => {
    version += 1
    connection.send({ type: 'presence', n, version, whole, more, of: [...of] })
  }

  const hasRoom = () => connection.open && connection.backlog < mostWaiting

  const tellFirst = () => {
    while (first && hasRoom()) {
      const these = first.splice(0, mostInFrame)
      const of = these.flatMap((contact) => {
        // Whoever is in doubt is told of afterwards.
        if (!isDoubtful(contact)) waiting.delete(contact)
        return news(contact) ?? []
      })
      const more = first.length > 0
      frame(of, true, more)
      if (more) continue
      first = null
      isFirstOut = true
      tellAt = clock.monotonic() + toldTogether
    }
  }

  const tellChanges = () => {
    let of: ContactPresence[] = []
    const held = new Set<string>()
    let isTold = false
    const send = (more: boolean) => {
      frame(of, false, more)
      isTold = true
      of = []
    }
    for (const contact of waiting) {
      if (!hasRoom()) break
      waiting.delete(contact)
      if (isDoubtful(contact)) held.add(contact)
      const told = news(contact)
      if (told) of.push(told)
      if (of.length === mostInFrame) send(true)
    }
    if (of.length > 0) send(false)
    // Of whom there is nothing to tell, as of who hides, must not be felt in when others are told.
    if (isTold && waiting.size === 0) tellAt = clock.monotonic() + toldTogether
    waiting = waiting.union(held)
  }

  const endBusy = () => {
    const now = clock.wall()
    if (now < busyEndsAt) return
    busyEndsAt = Number.POSITIVE_INFINITY
    for (const [contact, { status }] of contacts) {
      if (status.until === null) continue
      if (status.until <= now) waiting.add(contact)
      else busyEndsAt = Math.min(busyEndsAt, status.until)
    }
  }

  const readSoon = () => {
    readAt = Math.min(readAt, clock.monotonic())
    tick()
  }

  const tick = () => {
    const now = clock.monotonic()
    if (!connection.open || whom.length === 0) return
    if (now >= readAt && !reading) startReading()
    endBusy()
    if (first && now >= firstAt) tellFirst()
    if (isFirstOut && waiting.size > 0 && now >= tellAt) tellChanges()
  }

  return {
    userId,
    watch(number, those) {
      const now = clock.monotonic()
      generation += 1
      n = number
      whom = those
      waiting = new Set()
      first = null
      isFirstOut = false
      firstAt = Number.POSITIVE_INFINITY
      tellAt = Number.NEGATIVE_INFINITY
      doubt = 'all'
      readAt = Math.max(now, allReadAt + readAtMostEvery)
      for (const seen of contacts.values()) seen.told = null
      if (whom.length === 0) for (const contact of [...contacts.keys()]) drop(contact)
      tick()
    },
    leasesChanged(contact) {
      if (contacts.has(contact)) waiting.add(contact)
    },
    rowsChanged(contact) {
      if (doubt !== 'all') doubt.add(contact)
      readSoon()
    },
    allChanged() {
      doubt = 'all'
      readSoon()
    },
    tick,
    dueAt() {
      if (whom.length === 0) return Number.POSITIVE_INFINITY
      const reads = reading ? Number.POSITIVE_INFINITY : readAt
      const tells = isFirstOut && waiting.size > 0 ? tellAt : Number.POSITIVE_INFINITY
      return Math.min(reads, first ? firstAt : Number.POSITIVE_INFINITY, tells)
    },
    end() {
      hasEnded = true
      for (const contact of [...contacts.keys()]) drop(contact)
    },
  }
}
