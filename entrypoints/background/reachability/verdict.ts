import type { ReachabilityState } from '../../../messages/state.ts'
import { elapsed, type Instant } from '../clocks.ts'
import { type Lease, leaseOf, type Reachability } from './state.ts'

export const hasExpired = (lease: Lease, now: Instant): boolean => elapsed(lease.sentAt, now) >= lease.lasts

/** What may be said at this moment (T1): "reachable" on a live lease and on nothing else. */
export function verdict(state: Reachability, now: Instant): ReachabilityState {
  if (!state.wanted) return { kind: 'unreachable', why: 'signed-out' }
  const lease = leaseOf(state.connection)
  if (lease && !hasExpired(lease, now)) return { kind: 'reachable', confirmedAt: lease.sentAt.wall }
  return state.reason ? { kind: 'unreachable', why: state.reason } : { kind: 'checking' }
}
