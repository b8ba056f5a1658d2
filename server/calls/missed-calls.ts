import type { NotNull } from 'kysely'
import { type MissedCall, mostListed } from '../../protocol/connection.ts'
import type { Database } from '../database/tables.ts'

/** What a person has missed and not yet seen, newest first. Answered or declined is never missed (C3.1). */
export async function missedCalls(db: Database, userId: string): Promise<MissedCall[]> {
  return await unseen(db, userId)
    .select(['id', 'from', 'at', 'why'])
    // As the database sees to.
    .$narrowType<{ why: NotNull }>()
    .orderBy('at', 'desc')
    .limit(mostListed)
    .execute()
}

/** How many of them were placed in a stretch of time, wall-clock ms. */
export async function countMissed(
  db: Database,
  userId: string,
  from: number,
  until: number,
): Promise<number> {
  const row = await unseen(db, userId)
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('at', '>=', from)
    .where('at', '<=', until)
    .executeTakeFirstOrThrow()
  return row.count
}

/** What is said of missed calls: that they were seen, or were not after all. */
export type Mark = 'seen' | 'unseen'

/** @returns whether marking these calls at `now` (wall-clock ms) changed any of them. */
export async function writeMark(
  db: Database,
  userId: string,
  calls: readonly string[],
  mark: Mark,
  now: number,
): Promise<boolean> {
  if (calls.length === 0) return false
  const result = await db
    .updateTable('call')
    .set({ seenAt: mark === 'seen' ? now : null })
    .where('userId', '=', userId)
    .where('state', 'in', ['missed', 'cancelled'])
    .where('seenAt', mark === 'seen' ? 'is' : 'is not', null)
    .where('id', 'in', calls)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

const unseen = (db: Database, userId: string) =>
  db
    .selectFrom('call')
    .where('userId', '=', userId)
    .where('state', 'in', ['missed', 'cancelled'])
    .where('seenAt', 'is', null)
