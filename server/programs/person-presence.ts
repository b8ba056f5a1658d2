import { setTimeout as delay } from 'node:timers/promises'
import type { PersonPresence } from '../../protocol/programs.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { seenAs } from '../people/seen-as.ts'
import { readStatus } from '../people/status-rows.ts'
import { createWatchedPeople } from '../people/watching/watched-people.ts'

/** A program that asks again within so long, in ms, is answered at once: whoever holds leases of the person goes on telling. */
const watchedFor = 60_000
/** So many people are watched for programs at most; who was asked for longest ago goes. */
const mostWatched = 10_000
/** A look each so many ms, until somebody has said something or has had the time to. */
const lookEvery = 20
/** Whoever may hold a lease has said so by then, in ms since they were asked: nobody is waited for a second time. */
const answeredWithin = 2_500
/** A room in which they are may be at another node than their devices: it has said so by then, in ms. */
const roomsAnswerWithin = 250

export interface PersonPresenceDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly bus: Pick<Bus, 'subscribe' | 'publish' | 'isConnected' | 'onConnection'>
  /** Whether the server is one node of several. */
  readonly hasOthers: boolean
  /** Whether all nodes tell of leases. */
  readonly doAllTell?: (() => boolean) | undefined
}

/** Whether people can be reached, for programs: by their leases, as contacts are told. */
export interface PresenceOfPeople {
  /**
   * What a contact of this person would be shown now. Who is invisible is told as who is offline, and as late.
   *
   * @throws when their status cannot be read.
   */
  ask(userId: string): Promise<PersonPresence>
  tick(): void
  /** How many people are watched for programs. */
  readonly watched: number
}

export function openPresenceOfPeople({
  db,
  clock,
  bus,
  hasOthers,
  doAllTell,
}: PersonPresenceDependencies): PresenceOfPeople {
  const people = createWatchedPeople({
    clock,
    bus,
    hasOthers,
    doAllTell,
    onLeases: () => {},
    // It is read at each asking.
    onStatus: () => {},
  })

  /** By person, those first that were asked for longest ago. */
  const watched = new Map<string, { readonly end: () => void; until: number; askedAt: number }>()
  bus.onConnection(() => {
    people.askAnew()
    for (const entry of watched.values()) entry.askedAt = performance.now()
  })

  /** @returns when whoever may hold a lease of theirs was asked, by `performance.now()`. */
  const watch = (userId: string): number => {
    const known = watched.get(userId)
    const entry = known ?? { end: people.watch(userId), until: 0, askedAt: performance.now() }
    entry.until = clock.monotonic() + watchedFor
    watched.delete(userId)
    watched.set(userId, entry)
    for (const [other, { end }] of watched) {
      if (watched.size <= mostWatched) break
      end()
      watched.delete(other)
    }
    return entry.askedAt
  }

  /** Nobody waits longer for who is invisible than for who is not there, nor less. */
  const awaitLeases = async (userId: string, asked: number) => {
    const { status } = await readStatus(db, userId, clock.wall())
    const until = asked + (hasOthers ? answeredWithin : 0)
    const least = asked + (hasOthers ? roomsAnswerWithin : 0)
    const isKnown = () =>
      people.isAsked(userId) || (status !== 'invisible' && people.leases(userId).length > 0)
    const isWaiting = () => performance.now() < (isKnown() ? least : until)
    while (isWaiting() && bus.isConnected) await delay(lookEvery)
  }

  const see = async (userId: string): Promise<PersonPresence> => {
    const status = await readStatus(db, userId, clock.wall())
    const { sees, validFor, until } = seenAs(
      {
        contact: userId,
        status,
        leases: people.leases(userId),
        inCallFor: people.inCallFor(userId),
        isHidden: false,
        isAsked: people.isAsked(userId),
      },
      clock.wall(),
    )
    return { state: sees, validFor, until }
  }

  return {
    async ask(userId) {
      await awaitLeases(userId, watch(userId))
      return see(userId)
    },
    tick() {
      people.tick()
      const now = clock.monotonic()
      for (const [userId, { end, until }] of watched) {
        if (until > now) break
        end()
        watched.delete(userId)
      }
    },
    get watched() {
      return watched.size
    },
  }
}
