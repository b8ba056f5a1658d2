import { isPostgres } from '../database/dialect.ts'
import { createLines, type Lines } from '../database/lines.ts'
import type { Database } from '../database/tables.ts'

/** So many go at once, of different people, and so many wait for one person. */
const atOnce = 6
const mostWaiting = 200

const linesOf = new WeakMap<Database, Lines>()

/**
 * Runs a transaction that writes events of these accounts. Of one account they go one after the other on this server: at
 * PostgreSQL those that number events of the same account at once undo one another, and only other servers are left for
 * that. SQLite runs one transaction at a time anyway.
 *
 * @param userIds whose events are known to come; whoever else's do may come too.
 * @throws DatabaseBusy at once where too many wait for the same account: it was not done.
 */
export async function inAccountTurns<T>(
  db: Database,
  userIds: readonly string[],
  work: (trx: Database) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) return work(db)
  if (!isPostgres(db)) return db.transaction().execute(work)
  const lines = linesOf.get(db) ?? createLines({ atOnce, mostWaiting })
  linesOf.set(db, lines)
  const names = [...new Set(userIds)]
  await lines.take(names)
  try {
    return await db.transaction().execute(work)
  } finally {
    lines.give(names)
  }
}
