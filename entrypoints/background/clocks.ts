import * as v from 'valibot'

/**
 * One moment on both clocks of the device, in milliseconds. `mono` never jumps but may stand still while
 * the machine sleeps; `wall` counts sleep but jumps when someone sets it.
 */
export interface Instant {
  readonly mono: number
  readonly wall: number
}

/** An instant as storage has it. */
export const storedInstant = v.object({ mono: v.number(), wall: v.number() })

export const readClocks = (): Instant => ({ mono: performance.now(), wall: Date.now() })

/** How long ago `since` was, by whichever clock says longer: the answer that can only end a lease too soon. */
export const elapsed = (since: Instant, now: Instant): number =>
  Math.max(now.mono - since.mono, now.wall - since.wall)

/**
 * A moment that another worker wrote down, by the clocks of this one: its monotonic clock was another, so that the wall
 * clock alone tells how long ago that was.
 */
export function rebased({ wall }: Instant, now: Instant): Instant {
  const passed = Math.max(0, now.wall - wall)
  return { mono: now.mono - passed, wall: now.wall - passed }
}
