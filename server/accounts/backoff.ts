/** Wrong passwords in a row, as remembered for an account name as typed, or for an address. */
export interface FailureCount {
  readonly failures: number
  /** Wall-clock ms of the last one. */
  readonly lastAt: number
}

/** How patient to be: so many are free, then each waits twice as long as the one before. */
export interface BackoffPolicy {
  readonly free: number
  readonly firstDelay: number
  readonly longestDelay: number
}

export const accountPolicy: BackoffPolicy = { free: 5, firstDelay: 5_000, longestDelay: 300_000 }
/** Many people may share one address. */
export const addressPolicy: BackoffPolicy = { free: 20, firstDelay: 5_000, longestDelay: 300_000 }

/** Without a wrong password for so long, the count begins anew. */
const forgottenAfter = 3_600_000

/**
 * How long to wait before the next attempt may be made.
 *
 * @returns milliseconds; 0 when it may be made now.
 */
export function delayBefore(attempts: FailureCount | undefined, policy: BackoffPolicy, now: number): number {
  if (!attempts || isForgotten(attempts, now) || attempts.failures < policy.free) return 0
  const doublings = attempts.failures - policy.free
  const delay = Math.min(policy.firstDelay * 2 ** doublings, policy.longestDelay)
  // A clock that was set back must not lengthen the wait.
  const waited = Math.max(0, now - attempts.lastAt)
  return Math.max(0, delay - waited)
}

/** One more wrong one at `now`. */
export const countFailure = (attempts: FailureCount | undefined, now: number): FailureCount => ({
  failures: (attempts && !isForgotten(attempts, now) ? attempts.failures : 0) + 1,
  lastAt: now,
})

const isForgotten = (attempts: FailureCount, now: number) => now - attempts.lastAt >= forgottenAfter
