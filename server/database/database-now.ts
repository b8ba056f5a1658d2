import { type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { Database } from './tables.ts'

/** The database's own time in a statement, wall-clock ms: the moment itself, and not when the transaction began. */
export const databaseNow = (db: Database): RawBuilder<number> =>
  db.getExecutor().adapter instanceof SqliteAdapter
    ? sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
    : sql<number>`cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)`
