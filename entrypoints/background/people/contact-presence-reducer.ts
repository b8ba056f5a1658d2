import type { PresenceView } from '../../../messages/people.ts'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { ContactPresence } from '../../../protocol/people.ts'
import { elapsed, type Instant } from '../clocks.ts'

/** What was so, and may be so no more, is said to be checked for so long, in ms; then nothing is known. */
export const checkedFor = 15_000

export type Whom = 'all' | readonly string[]

/** What is known of the presence of contacts. Nothing of it is kept: a new worker begins with `nobodyWatched`. */
export interface ContactPresences {
  readonly whom: Whom
  /** The connection by which this device holds a lease of its own; null while it holds none. */
  readonly connection: number | null
  /** The number of the newest watch. */
  readonly n: number
  /** The version of the last frame that answers it; null before the first. */
  readonly version: number | null
  /** By contact. Of whoever is not here nothing is known. */
  readonly known: ReadonlyMap<string, Known>
}

interface Known {
  readonly presence: ContactPresence
  /** For so long from then on it may be shown in a colour, in ms. */
  readonly lasts: number
  /** When this was heard. */
  readonly at: Instant
  /** When they became so, wall-clock ms; null where this device did not hear the change. */
  readonly since: number | null
}

export type PresenceFrame = Extract<ServerMessage, { type: 'presence' }>

export type ContactPresenceEvent =
  /** Whose presence is wanted from now on, in place of what was before. */
  | { readonly type: 'wanted'; readonly whom: Whom }
  /** By which connection this device holds a lease; null where it holds none any more. */
  | { readonly type: 'own-lease'; readonly connection: number | null }
  | { readonly type: 'heard'; readonly connection: number; readonly frame: PresenceFrame }

/** To be said on that connection. */
export interface WatchEffect {
  readonly type: 'watch'
  readonly connection: number
  readonly n: number
  readonly whom: Whom
}

export interface PresenceStep {
  readonly state: ContactPresences
  readonly effects: readonly WatchEffect[]
}

export const nobodyWatched: ContactPresences = {
  whom: [],
  connection: null,
  n: 0,
  version: null,
  known: new Map(),
}

/**
 * Decides what an event does to what is known of contacts. Pure: `now` is this moment on both clocks.
 *
 * What was heard counts for the watch that it answers and for no later one. A device watches anew whenever it has gained
 * its own lease: so nothing that was on its way, or lay in a machine that slept, while its own connection was not proven
 * is ever shown.
 */
export function reducePresence(
  state: ContactPresences,
  event: ContactPresenceEvent,
  now: Instant,
): PresenceStep {
  switch (event.type) {
    case 'wanted':
      return isSame(state.whom, event.whom) ? same(state) : watch({ ...state, whom: event.whom })
    case 'own-lease':
      if (state.connection === event.connection) return same(state)
      // A server that was never asked for anybody has nothing to take back.
      return watch({ ...state, connection: event.connection }, nobodyIs(state.whom))
    case 'heard': {
      const { connection, frame } = event
      if (connection !== state.connection || frame.n !== state.n) return same(state)
      const follows = state.version === null ? frame.whole : frame.version === state.version + 1
      if (!follows) return watch(state)
      const known = new Map(state.known)
      for (const presence of frame.of) {
        const before = known.get(presence.contact)
        const isStill = before?.presence.sees === presence.sees
        // Somebody of whom nothing was known may have been so for long.
        const wasKnown = presenceView(state, presence.contact, now).kind !== 'unknown'
        const since = !before || !wasKnown ? null : isStill ? before.since : now.wall
        known.set(presence.contact, { presence, lasts: presence.validFor ?? 0, at: now, since })
      }
      return same({ ...state, version: frame.version, known })
    }
  }
}

/** What may be shown of a contact at this moment. */
export function presenceView({ known }: ContactPresences, contact: string, now: Instant): PresenceView {
  const last = known.get(contact)
  if (!last || last.presence.sees === 'unknown') return { kind: 'unknown' }
  const { presence, lasts, at, since } = last
  const { sees, until } = presence
  if (sees === 'offline') return { kind: 'offline', since }
  const past = elapsed(at, now) - lasts
  if (past >= checkedFor) return { kind: 'unknown' }
  if (past >= 0) return { kind: 'checking', lastKnownAt: at.wall + lasts }
  return sees === 'busy' ? { kind: sees, until, since } : { kind: sees, since }
}

/** In how many ms time alone makes what may be shown of somebody another; null where it does not. */
export function nextPresenceLook({ known }: ContactPresences, now: Instant): number | null {
  let next = Number.POSITIVE_INFINITY
  for (const { presence, lasts, at } of known.values()) {
    if (presence.sees === 'offline' || presence.sees === 'unknown') continue
    const past = elapsed(at, now) - lasts
    if (past < 0) next = Math.min(next, -past)
    else if (past < checkedFor) next = Math.min(next, checkedFor - past)
  }
  return Number.isFinite(next) ? next : null
}

const nobodyIs = (whom: Whom) => whom.length === 0

/** Forgets what is known, and asks for it where this device holds a lease. */
function watch(state: ContactPresences, isSilent = false): PresenceStep {
  const { connection, whom } = state
  const next = { ...state, n: state.n + 1, version: null, known: new Map() }
  const isAsked = connection !== null && !isSilent
  return { state: next, effects: isAsked ? [{ type: 'watch', connection, n: next.n, whom }] : [] }
}

/** Of lists the order says nothing. */
const isSame = (a: Whom, b: Whom): boolean => textOf(a) === textOf(b)
const textOf = (whom: Whom) => JSON.stringify([typeof whom, [...whom].toSorted()])

const same = (state: ContactPresences): PresenceStep => ({ state, effects: [] })
