import { type SelectQueryBuilder, sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import { createLines, type Lines } from './lines.ts'
import { laneOf } from './postgres-database.ts'
import type { Database, Tables } from './tables.ts'

/** So many transactions that count are under way at once, and so many wait at most for one thing. */
const atOnce = 2
const mostWaiting = 50

/** By the lane of each database that this process has open. */
const linesOf = new WeakMap<Database, Lines>()

/**
 * Runs a transaction in which nobody else reads or writes what these names stand for, on this server or another: they
 * queue for it. For what strangers make us count, where all want the same row.
 *
 * @param names what is read and written, all of it. In a transaction they are not used: that one is alone anyway.
 * @throws DatabaseBusy at once where too many wait for the same: it was not done.
 */
export async function inLine<T>(
  db: Database,
  names: readonly string[],
  work: (transaction: Database) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) return work(db)
  if (!isPostgres(db)) return db.transaction().execute(work)
  const lane = laneOf(db, 'counts')
  const lines = linesOf.get(lane) ?? createLines({ atOnce, mostWaiting })
  linesOf.set(lane, lines)
  await lines.take(names)
  try {
    return await lane.transaction().execute(async (transaction) => {
      // In one order, so that no two wait for each other.
      for (const name of names.toSorted())
        await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction)
      return work(transaction)
    })
  } finally {
    lines.give(names)
  }
}

/**
 * Keeps the rows that it reads from being changed or locked by others until the transaction ends. SQLite runs one
 * transaction at a time anyway.
 */
export const locked =
  (db: Database) =>
  <T extends keyof Tables, Row>(
    query: SelectQueryBuilder<Tables, T, Row>,
  ): SelectQueryBuilder<Tables, T, Row> =>
    isPostgres(db) ? query.forNoKeyUpdate() : query
