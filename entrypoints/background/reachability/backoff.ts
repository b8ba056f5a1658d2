const first = 1_000
const longest = 15_000
const shortest = 50

/**
 * How long to wait before the next connection, in milliseconds: a random part of a span that doubles with
 * each failure, so that ten thousand devices of a restarted server do not all knock at once.
 */
export const backoff = (failures: number, random: number): number =>
  Math.max(shortest, random * Math.min(longest, first * 2 ** failures))
