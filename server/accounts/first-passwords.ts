import type { Database } from '../database/tables.ts'

/**
 * Passwords that the operator gave somebody, until they sign in with it or choose another: others may have read it, so
 * it ends if neither happens. It stays as it is then, but signs nobody in; a mailed link to a new one does.
 */

/** Lets the password that a person has end. Call it in the transaction in which they are given it. */
export async function noteFirstPassword(db: Database, userId: string, endsAt: number): Promise<void> {
  await db
    .insertInto('firstPassword')
    .values({ userId, endsAt })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ endsAt }))
    .execute()
}

/** Their password is their own from now on. */
export async function forgetFirstPassword(db: Database, userId: string): Promise<void> {
  await db.deleteFrom('firstPassword').where('userId', '=', userId).execute()
}

/** When the first password of a person ends, wall-clock ms; undefined for whoever has one of their own, or none. */
export async function firstPasswordEnd(db: Database, userId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('firstPassword')
    .select('endsAt')
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row?.endsAt
}

export async function isFirstPasswordOver(db: Database, userId: string, now: number): Promise<boolean> {
  const endsAt = await firstPasswordEnd(db, userId)
  return endsAt !== undefined && endsAt <= now
}

/** When each first password ends, by the id of its person. */
export async function firstPasswordEnds(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('firstPassword').selectAll().execute()
  return new Map(rows.map(({ userId, endsAt }) => [userId, endsAt]))
}
