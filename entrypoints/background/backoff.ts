const first = 1_000
const longest = 15_000
const shortest = 50

/** How long to wait after so many failures before this one, in milliseconds: twice as long each time, up to a bound. */
export const backoffSpan = (failures: number): number => Math.min(longest, first * 2 ** failures)

/**
 * How long to wait before the next connection, in milliseconds: a random part of the span, so that ten thousand devices
 * of a restarted server do not all knock at once.
 */
export const jitteredBackoff = (failures: number, random: number): number =>
  Math.max(shortest, random * backoffSpan(failures))
