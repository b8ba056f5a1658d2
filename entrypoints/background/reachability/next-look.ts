import { clockLookEvery, idleLookEvery, welcomeWithin } from '../../../protocol/timing.ts'
import { elapsed, type Instant } from '../clocks.ts'
import { type ConnectionState, type Deadline, leaseOf, type Reachability } from './state.ts'
import { hasExpired } from './verdict.ts'

/**
 * In how many milliseconds the clocks, and the browser's word on the network, must be looked at again;
 * null when nothing is wanted. That is often while there is a lease, whatever is due: after a sleep only a look finds that
 * the wall clock has leapt.
 */
export function nextLook(state: Reachability, now: Instant): number | null {
  if (!state.wanted) return null
  const left = ({ from, after }: Deadline) => Math.max(0, after - elapsed(from, now))
  const { connection, successor } = state
  const all = [...deadlines(connection, now), ...(successor ? deadlines(successor.connection, now) : [])]
  return Math.min(lookEvery(state), ...all.map(left))
}

/** How long until the next look, in milliseconds, whatever is due. */
export const lookEvery = ({ connection }: Reachability): number =>
  leaseOf(connection) ? clockLookEvery : idleLookEvery

function deadlines(connection: ConnectionState, now: Instant): Deadline[] {
  switch (connection.at) {
    case 'closed':
      return connection.retry ? [connection.retry] : []
    case 'opening':
      return [{ from: connection.since, after: welcomeWithin }]
    case 'open': {
      const { heartbeat, timing, lease } = connection
      const due = {
        from: heartbeat.sentAt,
        after: heartbeat.answered ? timing.heartbeatEvery : timing.answerWithin,
      }
      // One that ran out while a heartbeat waits for its answer is over already: there is nothing more to look for.
      const awaited = lease && (heartbeat.answered || !hasExpired(lease, now))
      return awaited ? [due, { from: lease.sentAt, after: lease.lasts }] : [due]
    }
    default:
      return connection satisfies never
  }
}
