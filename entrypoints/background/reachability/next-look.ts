import { clockLookEvery, welcomeWithin } from '../../../protocol/timing.ts'
import { elapsed, type Instant } from './instant.ts'
import type { Deadline, Line, Reachability } from './state.ts'
import { hasExpired } from './verdict.ts'

/**
 * In how many milliseconds the clocks, and the browser's word on the network, must be looked at again;
 * null when nothing is wanted. That is often, whatever is due: after a sleep only a look finds that the
 * wall clock has leapt.
 */
export function nextLook(state: Reachability, now: Instant): number | null {
  if (!state.wanted) return null
  const left = ({ from, after }: Deadline) => Math.max(0, after - elapsed(from, now))
  return Math.min(clockLookEvery, ...deadlines(state.line, now).map(left))
}

function deadlines(line: Line, now: Instant): Deadline[] {
  switch (line.at) {
    case 'closed':
      return line.retry ? [line.retry] : []
    case 'opening':
      return [{ from: line.since, after: welcomeWithin }]
    case 'open': {
      const { beat, timing, lease } = line
      const due = { from: beat.sentAt, after: beat.answered ? timing.beatEvery : timing.answerWithin }
      // One that ran out while a beat waits for its answer is over already: there is nothing more to look for.
      const awaited = lease && (beat.answered || !hasExpired(lease, now))
      return awaited ? [due, { from: lease.sentAt, after: lease.lasts }] : [due]
    }
    default:
      return line satisfies never
  }
}
