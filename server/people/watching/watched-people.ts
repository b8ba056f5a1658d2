import type { Bus } from '../../bus/bus.ts'
import { ringSubject } from '../../bus/person-message.ts'
import { type PresenceMessage, parsePresenceMessage, presenceSubject } from '../../bus/presence-message.ts'
import type { Clock } from '../../clock.ts'
import type { WatchedLease } from '../seen-as.ts'

/** Devices that a restarted server has to come back to are back by then, in ms: until then nobody is said to be offline. */
export const unknownAfterStart = 30_000

/** Whoever holds connections of a person is told this often, in ms, that the person is watched here; and spread over so many. */
const askEvery = 20_000
const askSpread = 10_000

/** Of several nodes one may not have been heard, or not have heard: who said nothing is asked once more after this, in ms. */
const askAgainAfter = 1_000
/** And whoever has said nothing by then has nothing to say. */
const answeredWithin = 2_000

export interface WatchedPeopleDependencies {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly bus: Pick<Bus, 'subscribe' | 'publish' | 'isConnected'>
  /** Whether other nodes may hold leases: else whoever is asked has said all at once. */
  readonly hasOthers: boolean
  /** Whether all nodes tell of leases: as long as one does not, nobody is known to have none. */
  readonly doAllTell?: (() => boolean) | undefined
  /** What is known of a person's leases is another than it was, or is no more. */
  readonly onLeases: (userId: string) => void
  /** This person has chosen another status. */
  readonly onStatus: (userId: string) => void
}

/** The leases of people who are watched here, as the nodes that granted them tell of them. */
export interface WatchedPeople {
  /** Begins to ask, or goes on. @returns what ends it. */
  watch(userId: string): () => void
  /** Those that may be believed at this moment, each by itself at its end. */
  leases(userId: string): readonly WatchedLease[]
  /** For how many ms more it is proven that they are in a call; null where it is not. */
  inCallFor(userId: string): number | null
  /** Whether somebody without a lease is known to have none. */
  isAsked(userId: string): boolean
  /** Ends leases that ran out, and asks again. */
  tick(): void
  /** When the next tick has something to do, monotonic ms; infinite where none has. */
  dueAt(): number
  /** The bus was lost, or is there again: nothing that was known may be believed. */
  askAnew(): void
}

interface Watched {
  watchers: number
  /** By node. */
  readonly parts: Map<string, readonly { readonly until: number; readonly idle: boolean }[]>
  /** When each of their leases in a room ends, monotonic ms: by its name. */
  readonly rooms: Map<string, number>
  /** When they were asked for first, monotonic ms. */
  askedAt: number
  /** When they are to be asked for again. */
  askAt: number
  /** When time alone makes what is known another. */
  lookAt: number
  readonly end: () => void
}

export function createWatchedPeople({
  clock,
  bus,
  hasOthers,
  doAllTell = () => true,
  onLeases,
  onStatus,
}: WatchedPeopleDependencies): WatchedPeople {
  const startedAt = clock.monotonic()
  const all = new Map<string, Watched>()
  let due = Number.POSITIVE_INFINITY
  /** So that people who were asked for together are not all asked for together again. */
  let asked = 0
  let didAllTell = doAllTell()

  const ask = (userId: string, watched: Watched, now: number) => {
    asked += 1
    const isFirst = now === watched.askedAt
    const wait = hasOthers && isFirst ? askAgainAfter : askEvery + ((asked * 97) % askSpread)
    watched.askAt = now + wait
    due = Math.min(due, watched.askAt)
    bus.publish(ringSubject(userId), { kind: 'watch' })
    // Later on their rooms say it at each beat.
    if (isFirst) bus.publish(presenceSubject(userId), { kind: 'asked' })
  }

  const settledAt = ({ askedAt }: Watched) =>
    Math.max(askedAt + (hasOthers ? answeredWithin : 0), startedAt + unknownAfterStart)

  const lookInTime = (watched: Watched, now: number) => {
    const ends = [...watched.parts.values()].flatMap((part) => part.map(({ until }) => until))
    const settled = settledAt(watched)
    const first = settled > now ? settled : Number.POSITIVE_INFINITY
    watched.lookAt = Math.min(first, ...ends, ...watched.rooms.values())
    due = Math.min(due, watched.lookAt)
  }

  const onPart = (userId: string, watched: Watched, part: PresenceMessage & { kind: 'leases' }) => {
    const now = clock.monotonic()
    const { node, leases, isWatched } = part
    if (leases.length === 0) watched.parts.delete(node)
    else
      watched.parts.set(
        node,
        leases.map(({ left, idle }) => ({ until: now + left, idle })),
      )
    lookInTime(watched, now)
    // It has come there since it was asked for: from now on that node goes on telling.
    if (!isWatched) ask(userId, watched, now)
    onLeases(userId)
  }

  const onRoom = (userId: string, watched: Watched, message: PresenceMessage & { kind: 'in-call' }) => {
    const now = clock.monotonic()
    const { lease, left } = message
    if (left > 0) watched.rooms.set(lease, now + left)
    else watched.rooms.delete(lease)
    lookInTime(watched, now)
    onLeases(userId)
  }

  const begin = (userId: string): Watched => {
    const now = clock.monotonic()
    const watched: Watched = {
      watchers: 0,
      parts: new Map(),
      rooms: new Map(),
      askedAt: now,
      askAt: now,
      lookAt: Number.POSITIVE_INFINITY,
      end: bus.subscribe(presenceSubject(userId), (payload) => {
        const message = parsePresenceMessage(payload)
        if (message.kind === 'status') onStatus(userId)
        else if (message.kind === 'in-call') onRoom(userId, watched, message)
        else if (message.kind === 'leases') onPart(userId, watched, message)
        return undefined
      }),
    }
    all.set(userId, watched)
    lookInTime(watched, now)
    ask(userId, watched, now)
    return watched
  }

  return {
    watch(userId) {
      const watched = all.get(userId) ?? begin(userId)
      watched.watchers += 1
      return () => {
        watched.watchers -= 1
        if (watched.watchers > 0) return
        watched.end()
        all.delete(userId)
      }
    },
    leases(userId) {
      const now = clock.monotonic()
      const parts = all.get(userId)?.parts
      if (!parts || parts.size === 0) return []
      return [...parts.values()].flatMap((part) =>
        part.flatMap(({ until, idle }) => (until > now ? [{ left: until - now, idle }] : [])),
      )
    },
    inCallFor(userId) {
      const left = Math.max(0, ...(all.get(userId)?.rooms.values() ?? [])) - clock.monotonic()
      return left > 0 ? left : null
    },
    isAsked(userId) {
      const watched = all.get(userId)
      if (!bus.isConnected || !doAllTell()) return false
      return watched !== undefined && settledAt(watched) <= clock.monotonic()
    },
    tick() {
      const now = clock.monotonic()
      if (doAllTell() !== didAllTell) {
        didAllTell = !didAllTell
        for (const userId of all.keys()) onLeases(userId)
      }
      if (now < due) return
      due = Number.POSITIVE_INFINITY
      for (const [userId, watched] of all) {
        if (watched.askAt <= now) ask(userId, watched, now)
        if (watched.lookAt <= now) {
          for (const [node, part] of watched.parts) {
            const left = part.filter(({ until }) => until > now)
            if (left.length === 0) watched.parts.delete(node)
            else watched.parts.set(node, left)
          }
          for (const [lease, until] of watched.rooms) if (until <= now) watched.rooms.delete(lease)
          lookInTime(watched, now)
          onLeases(userId)
        }
        due = Math.min(due, watched.askAt, watched.lookAt)
      }
    },
    dueAt: () => due,
    askAnew() {
      const now = clock.monotonic()
      for (const [userId, watched] of all) {
        watched.parts.clear()
        watched.rooms.clear()
        watched.askedAt = now
        lookInTime(watched, now)
        ask(userId, watched, now)
        onLeases(userId)
      }
    },
  }
}
