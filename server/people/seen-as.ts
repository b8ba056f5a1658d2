import type { ContactPresence, Status } from '../../protocol/people.ts'
import { seenAs as seenByRule } from '../../protocol/seen-as.ts'

/** A lease of a device, as whoever watches its person has it. */
export interface WatchedLease {
  /** For how long it may still be believed, in ms; more than 0. */
  readonly left: number
  readonly idle: boolean
}

/** Everything that what a watcher sees of a contact comes from. */
export interface SeenContact {
  readonly contact: string
  readonly status: Pick<Status, 'status' | 'until'>
  readonly leases: readonly WatchedLease[]
  /** For how long it is proven that they are in a call, in ms; null where they are in none. */
  readonly inCallFor: number | null
  /** Nothing of them is for this watcher: they have blocked them. */
  readonly isHidden: boolean
  /** Whether whoever may hold a lease of theirs has been asked, and would have said so by now. */
  readonly isAsked: boolean
}

/**
 * What a watcher is told of a contact, and nothing else leaves the server. Who is invisible, or has blocked the watcher,
 * is told exactly as somebody without a lease.
 *
 * @param now wall-clock ms.
 */
export function seenAs(
  { contact, status, leases, inCallFor, isHidden, isAsked }: SeenContact,
  now: number,
): ContactPresence {
  const inCall = inCallFor !== null
  const { sees, until } = seenByRule({ status, devices: isHidden ? [] : leases, inCall }, now)
  if (sees === 'offline') return { contact, sees: isAsked ? sees : 'unknown', until: null, validFor: null }
  // Where somebody is available, only devices at which they are show it.
  const proving = sees === 'available' ? leases.filter(({ idle }) => !idle) : leases
  const proven = Math.max(...proving.map(({ left }) => left))
  const validFor = Math.floor(sees === 'in-call' ? Math.min(proven, inCallFor ?? 0) : proven)
  return { contact, sees, until, validFor }
}
