import { setTimeout } from 'node:timers/promises'
import { isPlanOutdated, sqlStateOf } from './sql-state.ts'
import type { Turns } from './turns.ts'

/** serialization_failure, deadlock_detected: nothing was done, and the same may be done again. */
const conflicts: ReadonlySet<string> = new Set(['40001', '40P01'])
/** unique_violation: also what a transaction meets that looked for a row just before another made it. */
const taken = '23505'
/** How often a transaction looks again. Where the row was there all along it meets it again at once. */
const mostTaken = 3

/** The first delay is at most so long, in ms, and each one at most twice the one before. */
const firstDelay = 2
const longestDelay = 200

/** So often at least, though time is over: it may have gone by in waiting for a connection. */
const fewestTries = 10
/** After so many tries it goes on in turn. */
const crowded = 3

let retries = 0

/** How often this process has tried again since it started. */
export const conflictRetries = (): number => retries

export const isConflict = (error: unknown): boolean =>
  conflicts.has(sqlStateOf(error) ?? '') || isPlanOutdated(error)

export interface RetryOptions {
  /** ms: when they are over, and it was tried often, the conflict is thrown. */
  readonly within: number
  /**
   * For transactions, which may have looked for what they then made: those that were undone several times go one by one,
   * since many that change one row undo one another for ever. Whoever waits for a turn must not have a connection.
   */
  readonly turns?: Turns
}

/**
 * Does something again that PostgreSQL undid whole, because it came between what others did: it undoes what could not
 * have happened in any order.
 *
 * @param attempt may run many times, and does nothing but what the database undoes.
 */
export async function retryConflicts<T>(
  attempt: () => Promise<T>,
  { within, turns }: RetryOptions,
): Promise<T> {
  const began = performance.now()
  let taking = turns ? mostTaken : 0
  let hasTurn = false
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt()
      } catch (error) {
        const again = isConflict(error) || (sqlStateOf(error) === taken && taking-- > 0)
        if (!again || (tries >= fewestTries && performance.now() - began > within)) throw error
      }
      retries += 1
      if (turns && !hasTurn && tries >= crowded) {
        await turns.take()
        hasTurn = true
      }
      // By chance, so that two do not meet again and again.
      await setTimeout(Math.random() * Math.min(firstDelay * 2 ** (hasTurn ? 0 : tries - 1), longestDelay))
    }
  } finally {
    if (hasTurn) turns?.give()
  }
}
