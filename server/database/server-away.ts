import { deleteBatch } from './delete-batch.ts'
import type { Database } from './tables.ts'

/** A stretch in which no call could be written down, wall-clock ms. */
export interface Away {
  readonly from: number
  readonly until: number
}

/** Stretches are kept for so long, in ms. Of what was before, nobody knows any more whether it was recorded. */
const keptFor = 366 * 86_400_000

/** Notes that this server was away: not running, or without a database that takes writes. */
export async function noteAway(db: Database, { from, until }: Away): Promise<void> {
  // A clock that was set back leaves no stretch that could be told.
  if (from < until) await db.insertInto('serverAway').values({ from, until }).execute()
}

/**
 * Whether whatever call was made between `from` and `until` (now, wall-clock ms) is on record.
 *
 * @param callsKeptFor ms: what was made before is gone.
 */
export async function wasRecorded(
  db: Database,
  { from, until }: Away,
  callsKeptFor: number,
): Promise<boolean> {
  if (from < until - Math.min(keptFor, callsKeptFor)) return false
  const away = await db
    .selectFrom('serverAway')
    .select('from')
    .where('until', '>', from)
    .where('from', '<', until)
    .limit(1)
    .executeTakeFirst()
  return away === undefined
}

export const dropOldAway = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'serverAway', 'until', now - keptFor)

/** The stretches that ended after `from` (wall-clock ms), oldest first; those that meet, as several nodes have them, are one. */
export async function awayAfter(db: Database, from: number): Promise<readonly Away[]> {
  const rows = await db
    .selectFrom('serverAway')
    .select(['from', 'until'])
    .where('until', '>', from)
    .orderBy('from')
    .execute()
  const stretches: Away[] = []
  for (const row of rows) {
    const last = stretches.at(-1)
    if (last && row.from <= last.until)
      stretches[stretches.length - 1] = { from: last.from, until: Math.max(last.until, row.until) }
    else stretches.push(row)
  }
  return stretches
}
