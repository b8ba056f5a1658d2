/** Wrong tries that count together. */
export interface FailureCount {
  readonly failures: number
  /** Wall-clock ms of the last one; of an allowance, from when on the next becomes free. */
  readonly lastAt: number
}

/** So many in a row are free, then each waits twice as long as the one before. Milliseconds. */
export interface Backoff {
  readonly free: number
  readonly firstDelay: number
  readonly longestDelay: number
}

/** So many are free, and one more each `every` ms, whatever came before. */
export interface Allowance {
  readonly free: number
  readonly every: number
}

export type GuessPolicy = Backoff | Allowance

/** Of one who guesses at one login, or in one session. */
export const loginBackoff: Backoff = { free: 5, firstDelay: 5_000, longestDelay: 300_000 }
/** Many people may share one address. */
export const addressBackoff: Backoff = { free: 20, firstDelay: 5_000, longestDelay: 300_000 }
/** Of all who guess at one login from one IPv6 network. Who has one address of it cannot take it all. */
export const networkAllowance: Allowance = { free: 20, every: 180_000 }
/** Of all strangers who guess at one login. Four addresses cannot take it all, nor can two networks. */
export const everybodysAllowance: Allowance = { free: 50, every: 72_000 }

/** Of refusals with one session's token, or one real key: its owner may cause a few, and their record must not grow. */
export const credentialBackoff: Backoff = { free: 3, firstDelay: 60_000, longestDelay: 3_600_000 }

/** Without a wrong try for so long, the count begins anew. */
const forgottenAfter = 3_600_000

/**
 * How long to wait before the next try may be made.
 *
 * @returns milliseconds; 0 when it may be made now.
 */
export function delayBefore(before: FailureCount | undefined, policy: GuessPolicy, now: number): number {
  const count = countAt(before, policy, now)
  return count ? Math.max(0, delayAfter(count.failures, policy) - (now - count.lastAt)) : 0
}

const delayAfter = (failures: number, policy: GuessPolicy): number => {
  if (failures < policy.free) return 0
  if ('every' in policy) return policy.every
  return Math.min(policy.firstDelay * 2 ** (failures - policy.free), policy.longestDelay)
}

/** One more wrong one at `now`. */
export function countFailure(
  before: FailureCount | undefined,
  policy: GuessPolicy,
  now: number,
): FailureCount {
  const count = countAt(before, policy, now)
  return { failures: (count?.failures ?? 0) + 1, lastAt: count && 'every' in policy ? count.lastAt : now }
}

/** What still counts at `now`, and since when. A clock that was set back must not lengthen a wait. */
function countAt(
  count: FailureCount | undefined,
  policy: GuessPolicy,
  now: number,
): FailureCount | undefined {
  if (!count) return undefined
  const lastAt = Math.min(count.lastAt, now)
  if (!('every' in policy))
    return now - lastAt < forgottenAfter ? { failures: count.failures, lastAt } : undefined
  const over = Math.floor((now - lastAt) / policy.every)
  const failures = count.failures - over
  return failures > 0 ? { failures, lastAt: lastAt + over * policy.every } : undefined
}
