import { mostFurtherCalls } from '../../../messages/further-calls.ts'
import type { RingingCall } from '../../../protocol/connection.ts'
import { elapsed, type Instant } from '../clocks.ts'

/** A ring beyond those that are shown (C8.16): it is counted, and waits its turn unacknowledged. */
export interface FurtherCall {
  readonly call: RingingCall
  readonly connection: number
  readonly rungAt: Instant
}

const left = ({ call, rungAt }: FurtherCall, now: Instant) => call.ringsFor - elapsed(rungAt, now)

/** `further` with this ring, in place of an earlier one of the same call; what goes beyond the bound is not counted. */
export function withRing(further: readonly FurtherCall[], ring: FurtherCall): readonly FurtherCall[] {
  const isSame = ({ call }: FurtherCall) => call.id === ring.call.id
  if (further.some(isSame)) return further.map((one) => (isSame(one) ? ring : one))
  return further.length < mostFurtherCalls ? [...further, ring] : further
}

/** Those that go on, and the same value when all do. */
export function stillFurther(
  further: readonly FurtherCall[],
  goesOn: (one: FurtherCall) => boolean,
): readonly FurtherCall[] {
  const kept = further.filter(goesOn)
  return kept.length === further.length ? further : kept
}

export const isTimely =
  (now: Instant) =>
  (one: FurtherCall): boolean =>
    left(one, now) > 0

/** In how many milliseconds the first of them is over; infinite when there is none. */
export const nextFurtherEnd = (further: readonly FurtherCall[], now: Instant): number =>
  Math.min(Number.POSITIVE_INFINITY, ...further.map((one) => left(one, now)))
