/** Wrong tries in a row, of a login as typed or from an address. */
export interface FailureCount {
  readonly failures: number
  /** Wall-clock ms of the last one. */
  readonly lastAt: number
}

/** So many are free, then each waits twice as long as the one before. Milliseconds. */
export interface BackoffPolicy {
  readonly free: number
  readonly firstDelay: number
  readonly longestDelay: number
}

export const loginBackoff: BackoffPolicy = { free: 5, firstDelay: 5_000, longestDelay: 300_000 }
/** Many people may share one address. */
export const addressBackoff: BackoffPolicy = { free: 20, firstDelay: 5_000, longestDelay: 300_000 }

/** Of proofs that come with one session's token: a device of its own may send a few, and its record must not grow. */
export const sessionProofBackoff: BackoffPolicy = { free: 3, firstDelay: 60_000, longestDelay: 3_600_000 }

/** Without a wrong try for so long, the count begins anew. */
const forgottenAfter = 3_600_000

/**
 * How long to wait before the next try may be made.
 *
 * @returns milliseconds; 0 when it may be made now.
 */
export function delayBefore(count: FailureCount | undefined, policy: BackoffPolicy, now: number): number {
  if (!count || isForgotten(count, now)) return 0
  // A clock that was set back must not lengthen the wait.
  const waited = Math.max(0, now - count.lastAt)
  return Math.max(0, delayAfter(count.failures, policy) - waited)
}

const delayAfter = (failures: number, { free, firstDelay, longestDelay }: BackoffPolicy): number =>
  failures < free ? 0 : Math.min(firstDelay * 2 ** (failures - free), longestDelay)

/** One more wrong one at `now`. */
export const countFailure = (count: FailureCount | undefined, now: number): FailureCount => ({
  failures: (count && !isForgotten(count, now) ? count.failures : 0) + 1,
  lastAt: now,
})

/** The one that was counted at `at` was none. If no other came since, the next is let in as that one was: at once. */
export function uncountFailure(count: FailureCount, policy: BackoffPolicy, at: number): FailureCount {
  const failures = Math.max(0, count.failures - 1)
  return { failures, lastAt: count.lastAt === at ? at - delayAfter(failures, policy) : count.lastAt }
}

const isForgotten = (count: FailureCount, now: number) => now - count.lastAt >= forgottenAfter
