import type { Instant } from '../../../entrypoints/background/clocks.ts'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import { atRest, type Reachability } from '../../../entrypoints/background/reachability/state.ts'
import { believedFor, defaultTiming } from '../../../protocol/timing.ts'

export const start: Instant = { mono: 50, wall: 1_800_000_000_000 }
/** So long after the start; the wall clock may say otherwise. */
export const later = (mono: number, wall = mono): Instant => ({
  mono: start.mono + mono,
  wall: start.wall + wall,
})
export const timing = defaultTiming
export const { leaseFor, heartbeatEvery, answerWithin } = timing

/** Lives through events, each with the milliseconds since the start at which it comes, on both clocks. */
export function live(...events: (readonly [number, ReachabilityEvent])[]): Reachability {
  return events.reduce((state, [at, event]) => reduce(state, event, later(at), 0.5).state, atRest)
}

export const welcomed = [
  [0, { type: 'wanted' }],
  [10, { type: 'challenged', connection: 1, nonce: 'x' }],
  [100, { type: 'welcomed', connection: 1, timing }],
] as const
export const leased = [...welcomed, [400, { type: 'leased', connection: 1, heartbeat: 1, leaseFor }]] as const
/** Heartbeat 1 was sent at 100. */
export const leaseEnd = 100 + believedFor(timing)
