import type { Database } from '../database/tables.ts'
import { hashOf } from './secret-token.ts'

/** So many within an hour, and no more. */
const within = 3_600_000

export interface Limit {
  /** What is counted: a kind of asking and for whom. */
  readonly key: string
  readonly most: number
}

/**
 * How long until something may be asked again, in ms; 0 when it may be asked now.
 *
 * @param times when it was asked before, wall-clock ms, in any order.
 */
export function waitFor(times: readonly number[], most: number, now: number): number {
  // What lies in the future was written before the clock was set back, and counts as just now.
  const recent = times.map((at) => Math.min(at, now)).filter((at) => now - at < within)
  const blocking = recent.sort((a, b) => b - a)[most - 1]
  return blocking === undefined ? 0 : blocking + within - now
}

/**
 * Counts one more asking under every key, or under none when one of them has had enough.
 *
 * @returns how long to wait, in ms; 0 when it was counted.
 */
export async function countRequest(db: Database, limits: readonly Limit[], now: number): Promise<number> {
  const keyed = limits.map(({ key, most }) => ({ key: hashOf(key), most }))
  const waits = await Promise.all(
    keyed.map(async ({ key, most }) => waitFor(await timesOf(db, key, most), most, now)),
  )
  const wait = Math.max(...waits)
  if (wait === 0)
    await db
      .insertInto('rateLimited')
      .values(keyed.map(({ key }) => ({ key, at: now })))
      .execute()
  return wait
}

async function timesOf(db: Database, key: string, most: number): Promise<number[]> {
  const rows = await db
    .selectFrom('rateLimited')
    .select('at')
    .where('key', '=', key)
    .orderBy('at', 'desc')
    .limit(most)
    .execute()
  return rows.map(({ at }) => at)
}
