import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import { isPostgres } from './dialect.ts'

/**
 * The time so much later than one that is kept as an ISO text, as such a text, in a statement.
 *
 * @param ms whole seconds of them are added.
 */
export const laterBy = (db: QueryExecutorProvider, column: string, ms: number): RawBuilder<string> => {
  const seconds = sql.lit(`${Math.trunc(ms / 1_000)} seconds`)
  return isPostgres(db)
    ? sql`to_char(cast(${sql.ref(column)} as timestamptz) at time zone 'UTC' + cast(${seconds} as interval),
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') collate "C"`
    : sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${sql.ref(column)}, '+' || ${seconds})`
}
