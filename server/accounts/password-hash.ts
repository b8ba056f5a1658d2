import type { Database } from '../database/tables.ts'

/** The hash of a person's password as it is kept; undefined for whoever has none. */
export async function passwordHashOf(db: Database, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('account')
    .select('password')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .executeTakeFirst()
  return row?.password ?? undefined
}
