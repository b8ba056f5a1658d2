import { sql } from 'kysely'
import type { AuditRateLimitRow } from '../database/account-tables.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import { locked } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import { type BucketSize, pour } from '../leaky-bucket.ts'

/**
 * Strangers cause entries of the record without any right: a wrong password, a proof that is none. From many addresses
 * they could make it as long as they like, and whoever has an account by what they do about themselves in turns. So
 * what may be written of one kind is limited, and beyond that it is counted: one entry says how many more there were.
 * It is kept in the database, so that no count is lost with the server, and none is there without what it counts.
 */

/** For each kind, of all strangers together: 100 at once, 3 a minute. */
export const strangersLimit: BucketSize = { atOnce: 100, perSecond: 3 / 60 }
/** For each kind, about one person whom strangers know by name: 20 at once, 2 an hour. */
export const personLimit: BucketSize = { atOnce: 20, perSecond: 2 / 3_600 }
/** For each kind, what one person does about themselves, or their clinic's system about them: 60 at once, 20 an hour. */
export const ownLimit: BucketSize = { atOnce: 60, perSecond: 20 / 3_600 }

/** How many more there were is told after a minute, then after twice as long each time, an hour at most. */
export const firstWait = 60_000
export const longestWait = 3_600_000

/** Times are wall-clock ms. */
export type EntryCount = Omit<AuditRateLimitRow, 'key' | 'what' | 'who'>

const none = (now: number): EntryCount => ({
  level: 0,
  at: now,
  more: 0,
  since: null,
  dueAt: null,
  wait: firstWait,
})

/** Whether one more entry is written at `now`, or only counted; and how things stand then. */
export function limitEntry(
  before: EntryCount | undefined,
  size: BucketSize,
  now: number,
): { readonly isRecorded: boolean; readonly count: EntryCount } {
  const count = before ?? none(now)
  const wait = now - count.at >= longestWait && count.more === 0 ? firstWait : count.wait
  const poured = pour(count, size, now)
  const after = { ...count, wait, level: poured.bucket.level, at: poured.bucket.at }
  if (poured.wait === 0) return { isRecorded: true, count: after }
  return { isRecorded: false, count: withMore(after, 1, now) }
}

/** So many that are not written, the first of them at `since`. */
export const withMore = (count: EntryCount, more: number, since: number): EntryCount => ({
  ...count,
  more: count.more + more,
  since: count.since ?? since,
  dueAt: count.dueAt ?? since + count.wait,
})

/** How things stand once it was told how many more there were. */
export const afterTelling = (count: EntryCount): EntryCount => ({
  ...count,
  more: 0,
  since: null,
  dueAt: null,
  wait: Math.min(count.wait * 2, longestWait),
})

/**
 * Counts an entry that somebody may cause without end. Call it in the transaction that writes it.
 *
 * @param who whom it concerns, as far as that is anybody.
 * @returns whether it is to be written.
 */
export async function countEntry(
  db: Database,
  what: string,
  who: string | undefined,
  now: number,
  size: BucketSize = who === undefined ? strangersLimit : personLimit,
): Promise<boolean> {
  const before = await read(db, what, who)
  const { isRecorded, count } = limitEntry(before, size, now)
  await keep(db, what, who, count)
  return isRecorded
}

/** Counts entries that were held back elsewhere and are not to be written, the first of them at `since`. */
export async function countMore(db: Database, what: string, more: number, since: number): Promise<void> {
  const before = (await read(db, what, undefined)) ?? none(since)
  await keep(db, what, undefined, withMore(before, more, since))
}

/** The line (`inLine`) of all who count entries of a kind about somebody. */
export const countLine = (what: string, who?: string): string => `entries ${keyOf(what, who)}`

const keyOf = (what: string, who: string | undefined) => (who === undefined ? what : `${what} ${who}`)

const read = (db: Database, what: string, who: string | undefined): Promise<EntryCount | undefined> =>
  locked(db)(
    db
      .selectFrom('auditRateLimit')
      .select(['level', 'at', 'more', 'since', 'dueAt', 'wait'])
      .where('key', '=', keyOf(what, who)),
  ).executeTakeFirst()

async function keep(db: Database, what: string, who: string | undefined, count: EntryCount): Promise<void> {
  const row = { ...count, key: keyOf(what, who), what, who: who ?? null }
  await db
    .insertInto('auditRateLimit')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
}

/** So many are told in one transaction. */
const mostTold = 100

function toTell(db: Database, now: number, which: 'due' | 'all') {
  const counted = db.selectFrom('auditRateLimit').where('more', '>', 0)
  if (which === 'all') return counted
  // What is due long after now was counted before the clock was set back.
  return counted.where((e) => e.or([e('dueAt', '<=', now), e('dueAt', '>', now + longestWait)]))
}

/** Whether something was counted that is to be told now: it has had its time, or `all` is told. */
export const isCounted = async (db: Database, now: number, which: 'due' | 'all'): Promise<boolean> =>
  (await toTell(db, now, which).select('key').limit(1).executeTakeFirst()) !== undefined

/** What was counted and is to be told now. Call it in the transaction that tells it, until there is none. */
export async function takeCounted(
  db: Database,
  now: number,
  which: 'due' | 'all',
): Promise<{ what: string; who: string | null; more: number; since: number }[]> {
  const rows = await toTell(db, now, which).selectAll().limit(mostTold).execute()
  for (const { key, what: _what, who: _who, ...count } of rows)
    await db.updateTable('auditRateLimit').set(afterTelling(count)).where('key', '=', key).execute()
  return rows.map(({ what, who, more, since }) => ({ what, who, more, since: since ?? now }))
}

/** A count that nothing was added to for so long says nothing any more, ms. */
const idleAfter = 86_400_000

/** Drops counts that decide nothing any more, and of which all is told. */
export const deleteIdleCounts = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'auditRateLimit', 'at', now - idleAfter, sql`"more" = 0`)
