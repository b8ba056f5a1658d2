import type { ExpectedCallView } from '../../../messages/people.ts'
import type { ExpectedCall } from '../../../protocol/people.ts'

/** From so long before an expected call on its person ought to be reachable, in ms. */
export const readyBefore = 10 * 60_000

/** So long past its time it is expected no longer, in ms. */
const over = 15 * 60_000

/** So many are told to pages. */
const mostShown = 10

/** Those that are still to come at `now` (ms since 1970), soonest first. */
export const expectedViews = (calls: Iterable<ExpectedCall>, now: number): readonly ExpectedCallView[] =>
  [...calls]
    .filter(({ gone, at }) => !gone && now - at < over)
    .sort((a, b) => a.at - b.at)
    .slice(0, mostShown)
    .map(({ id, at, by, contact }) => ({ id, at, by, contact }))

/** The calls that are expected within ten minutes, or were until now: for these calls ought to reach this person. */
export const dueCalls = (calls: readonly ExpectedCallView[], now: number): readonly ExpectedCallView[] =>
  calls.filter(({ at }) => at - now <= readyBefore)

/** In how many ms the next one is due, or over; null when there is none. */
export function nextExpectedLook(calls: readonly ExpectedCallView[], now: number): number | null {
  const waits = calls
    .flatMap(({ at }) => [at - readyBefore - now, at + over - now])
    .filter((wait) => wait > 0)
  return waits.length === 0 ? null : Math.min(...waits)
}
