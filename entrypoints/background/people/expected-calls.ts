import type { ExpectedCallView } from '../../../messages/people.ts'
import { type ExpectedCall, expectedFor, readyBefore } from '../../../protocol/people.ts'

/** So many are told to pages. */
const mostShown = 10

/** How calls stand on this device. */
export interface Standing {
  /** A lease proves that calls get through. */
  readonly proven: boolean
  /** Until when the person chose to be busy; null when they did not. */
  readonly busyUntil: number | null
  /** Whether calls of this contact ring while they are busy. */
  readonly ringsThrough: (contact: string) => boolean
}

/** Those that are still to come at `now` (ms since 1970), soonest first, each with what keeps it from being sure to ring. */
export const expectedViews = (
  calls: Iterable<ExpectedCall>,
  standing: Standing,
  now: number,
): readonly ExpectedCallView[] =>
  [...calls]
    .filter(({ gone, at }) => !gone && now - at < expectedFor)
    .sort((a, b) => a.at - b.at)
    .slice(0, mostShown)
    .map((call) => {
      const { id, at, by, contact, mine = false } = call
      const risk = riskOf(call, standing, now)
      return { id, at, by, contact, mine, ...(risk && { risk }) }
    })

/** Why a call that is due might not ring here: nothing proves that calls get through, or the person is busy until then. */
function riskOf(
  { at, contact, mine }: ExpectedCall,
  { proven, busyUntil, ringsThrough }: Standing,
  now: number,
): ExpectedCallView['risk'] {
  if (mine || at - now > readyBefore) return undefined
  if (!proven) return 'unproven'
  const through = contact !== null && ringsThrough(contact)
  return busyUntil !== null && busyUntil > Math.max(at, now) && !through ? 'busy' : undefined
}

/** In how many ms one of them is due, or over; null when there is none. */
export function nextExpectedLook(calls: readonly ExpectedCallView[], now: number): number | null {
  const waits = calls
    .flatMap(({ at }) => [at - readyBefore - now, at + expectedFor - now])
    .filter((wait) => wait > 0)
  return waits.length === 0 ? null : Math.min(...waits)
}
