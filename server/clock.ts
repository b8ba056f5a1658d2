/** The two clocks of the server, both in milliseconds. Tests hand in their own. */
export interface Clock {
  /** Since 1970; may jump when somebody sets the machine's clock. For what people and records see. */
  wall(): number
  /** Since some moment; never jumps, never goes back. For leases, deadlines and delays. */
  monotonic(): number
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
}
