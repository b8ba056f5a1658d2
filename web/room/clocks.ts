/**
 * One moment on both clocks of the page, in milliseconds. `mono` never jumps but may stand still while the machine sleeps;
 * `wall` counts sleep but jumps when someone sets it.
 */
export interface Instant {
  readonly mono: number
  readonly wall: number
}

export const readClocks = (): Instant => ({ mono: performance.now(), wall: Date.now() })

/** How long ago `since` was, by whichever clock says longer: the answer that can only end a lease too soon. */
export const elapsed = (since: Instant, now: Instant): number =>
  Math.max(now.mono - since.mono, now.wall - since.wall)
