/** When a webhook that fails is tried again, and when it is given up. All in ms. */

const firstDelay = 5_000
export const longestDelay = 86_400_000
/** Whoever takes nothing for so long is given up. */
export const givenUpAfter = 5 * 86_400_000
/** Other events for a webhook that just failed wait as long as the one that did, this long at most. */
const longestPause = 60_000

/** How long one event waits after so many tries: 5 s, then three times as long each time, a day at most. */
export const delayAfter = (tries: number): number =>
  Math.min(firstDelay * 3 ** Math.min(Math.max(tries, 1) - 1, 20), longestDelay)

/** For how long nothing is sent to a webhook that failed so often in a row. */
export const pauseAfter = (failures: number): number => Math.min(delayAfter(failures), longestPause)

/** Whether a webhook that has failed since then is given up now. */
export const isGivenUp = (failingSince: number, now: number): boolean => now - failingSince >= givenUpAfter

/** Whoever takes longer than this for an event, in ms, is slow. */
const slowAfter = 2_000

/** For how long nothing is sent to a webhook that took an event within so many ms: a slow one waits as long as it took. */
export const pauseOfSlow = (took: number): number => (took > slowAfter ? Math.ceil(took) : 0)
