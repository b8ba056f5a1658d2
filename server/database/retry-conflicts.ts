import { setTimeout } from 'node:timers/promises'
import { sqlStateOf } from './sql-state.ts'

/** serialization_failure, deadlock_detected: nothing was done, and the same may be done again. */
const conflicts: ReadonlySet<string> = new Set(['40001', '40P01'])

/** The first delay is at most so long, in ms, and each one at most twice the one before. */
const firstDelay = 2
const longestDelay = 200

export const isConflict = (error: unknown): boolean => conflicts.has(sqlStateOf(error) ?? '')

/**
 * Does something again that PostgreSQL undid whole, because it came between what others did: it undoes what could not
 * have happened in any order.
 *
 * @param attempt may run many times, and does nothing but what the database undoes.
 * @param within ms: when they are over, the conflict is thrown.
 */
export async function retryConflicts<T>(attempt: () => Promise<T>, within: number): Promise<T> {
  const began = performance.now()
  for (let delay = firstDelay; ; delay = Math.min(delay * 2, longestDelay)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isConflict(error) || performance.now() - began > within) throw error
    }
    // By chance, so that two do not meet again and again.
    await setTimeout(Math.random() * delay)
  }
}
