import { withTimeout } from '../../platform/timeout.ts'
import { backoffSpan } from './backoff.ts'

export interface Retry {
  /** Tries at once, unless that is under way; resolves when the attempt is over, however it ended. */
  readonly attempt: () => Promise<void>
  /** Whether it has failed and not worked since. */
  readonly failing: () => boolean
}

/** An attempt that has not come to an end by then has failed, though it counts if it works after all. */
const within = 7_000

/**
 * Does what the browser's storage may refuse, again and again until it works: at first after 1 s, then after twice
 * as long each time, at most 15 s. A storage that fails most often works again in a moment, and nothing that depends
 * on it may be given up in between. The first attempt is the caller's to begin.
 *
 * @param task may run again while an attempt that takes too long still runs.
 * @param failed called after each attempt that failed.
 */
export function retryWithBackoff(task: () => Promise<void>, failed: () => void = () => {}): Retry {
  let failures = 0
  let worked = false
  let underWay: Promise<void> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function attempt(): Promise<void> {
    if (worked) return Promise.resolve()
    clearTimeout(timer)
    underWay ??= tryOnce().finally(() => {
      underWay = null
    })
    return underWay
  }

  async function tryOnce(): Promise<void> {
    const running = task().then(() => {
      worked = true
      clearTimeout(timer)
    })
    try {
      await withTimeout(running, within)
    } catch {
      timer = setTimeout(attempt, backoffSpan(failures))
      failures += 1
      failed()
    }
  }

  return { attempt, failing: () => failures > 0 && !worked }
}
