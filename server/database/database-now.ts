import { type RawBuilder, sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Database } from './tables.ts'

/** The database's own time in a statement, wall-clock ms: the moment itself, and not when the transaction began. */
export const databaseNow = (db: Database): RawBuilder<number> =>
  isPostgres(db)
    ? sql<number>`cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
