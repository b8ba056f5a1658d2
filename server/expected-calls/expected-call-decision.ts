import { expectedFor, readyBefore } from '../../protocol/people.ts'
import type { ExpectedCallRow } from '../database/expected-call-tables.ts'

/**
 * Who could not be reached for so long, in ms, is told so: a worker that was killed is back within 31 s, and a device that
 * moves, or a server that starts, says nothing of its person.
 */
export const settledAfter = 35_000

/** What is proven about the devices of whom a call is for. */
export interface Reach {
  /** For how long none of them has held a lease, ms: 0 where one does; null where that is not known. */
  readonly unreachableFor: number | null
  /** The same as contacts and programs are shown it: of who is invisible nobody is told that there is a device. */
  readonly unseenFor: number | null
  /** Until when they chose to be busy, so that calls do not ring; null where they are not. */
  readonly busyUntil: number | null
}

/** What is to be written of an expected call. */
export interface Decision {
  readonly end?: 'came' | 'passed'
  /** The program is told that its person cannot be reached, or can be again. */
  readonly risk?: boolean
  /** Its person is mailed. */
  readonly mail?: boolean
}

/**
 * What has come to be so of an expected call at `now`, wall-clock ms. Nothing is made of what is not known.
 *
 * @param hasCome a call was answered that this one was.
 * @param isMailed its person had a mail about another a moment ago: this one waits until the next may go.
 */
export function decide(
  { at, apiKeyId, shown, atRisk, mailedAt }: ExpectedCallRow,
  { unreachableFor, unseenFor, busyUntil }: Reach,
  hasCome: boolean,
  isMailed: boolean,
  now: number,
): Decision {
  if (hasCome) return { end: 'came' }
  if (now >= at + expectedFor) return { end: 'passed' }
  if (now < at - readyBefore) return {}
  const isSettled = (ms: number | null) => ms !== null && ms >= settledAfter
  const isBusy = busyUntil !== null && busyUntil > Math.max(at, now)
  const isLost = isBusy || isSettled(unseenFor)
  const isThere = !isBusy && unseenFor === 0
  return {
    ...(apiKeyId !== null && atRisk === 0 && isLost && { risk: true }),
    ...(apiKeyId !== null && atRisk === 1 && isThere && { risk: false }),
    ...(shown === 1 && mailedAt === null && !isMailed && isSettled(unreachableFor) && { mail: true }),
  }
}
