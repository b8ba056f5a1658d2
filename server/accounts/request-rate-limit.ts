import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { keyedHash } from './secrets.ts'

/** A limit is of so many within this, ms. */
const within = 3_600_000

export interface RateLimit {
  /** What is counted: what is done, and by or for whom. */
  readonly key: string
  readonly most: number
}

/**
 * How long until something may be done again, in ms; 0 when it may be done now.
 *
 * @param times when it was done before, wall-clock ms, in any order.
 */
export function timeUntilAllowed(times: readonly number[], most: number, now: number): number {
  // What lies in the future was written before the clock was set back, and counts as just now.
  const recent = times.map((at) => Math.min(at, now)).filter((at) => now - at < within)
  const blocking = recent.sort((a, b) => b - a)[most - 1]
  return blocking === undefined ? 0 : blocking + within - now
}

/** How long until one more request would be counted, in ms; 0 when it would be now. */
export async function timeUntilNext(
  db: Database,
  secret: string,
  limits: readonly RateLimit[],
  now: number,
): Promise<number> {
  const waits = await Promise.all(
    limits.map(async ({ key, most }) =>
      timeUntilAllowed(await timesOf(db, keyOf(secret, key), most), most, now),
    ),
  )
  return Math.max(...waits)
}

/**
 * Counts one more request under every limit, or under none when one of them is reached. What is counted is kept as a
 * keyed hash: people type passwords where a name is asked for. Outside a transaction it makes one: who looks at the same
 * moment, at whichever node, is counted too.
 *
 * @returns how long to wait, in ms; 0 when it was counted.
 */
export async function countRequest(
  db: Database,
  secret: string,
  limits: readonly RateLimit[],
  now: number,
): Promise<number> {
  if (!db.isTransaction)
    return db.transaction().execute((transaction) => countRequest(transaction, secret, limits, now))
  const wait = await timeUntilNext(db, secret, limits, now)
  if (wait === 0) await noteRequest(db, secret, limits, now)
  return wait
}

/** Counts one more request of which `timeUntilNext` has just said, in the same transaction, that it may be. */
export async function noteRequest(
  db: Database,
  secret: string,
  limits: readonly RateLimit[],
  now: number,
): Promise<void> {
  const rows = limits.map(({ key }) => ({ key: keyOf(secret, key), at: now }))
  await db.insertInto('rateLimited').values(rows).execute()
}

const keyOf = (secret: string, key: string) => keyedHash(secret, 'rate-limit', key)

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

/** Drops requests that count no more. */
export const deleteExpiredRequests = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'rateLimited', 'at', now - within)
