import { type RawBuilder, sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Database, Tables } from './tables.ts'

/** So many rows are deleted at once: a deletion holds the database, and with it the whole process, until it is done. */
export const batchSize = 250

/**
 * Deletes rows in which a column is below a value, a batch at most, wherever they are. The column should have an index.
 *
 * @param also what else must be so of them.
 * @returns whether there may be more of them.
 */
export async function deleteBatch<Table extends keyof Tables & string>(
  db: Database,
  table: Table,
  column: keyof Tables[Table] & string,
  below: number | string,
  also: RawBuilder<unknown> = sql`true`,
): Promise<boolean> {
  // Where the row is: both databases find it there without an index.
  const place = sql.raw(isPostgres(db) ? 'ctid' : 'rowid')
  const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${place} in
    (select ${place} from ${sql.table(table)} where ${sql.ref(column)} < ${below} and ${also} limit ${sql.lit(batchSize)})`.execute(
    db,
  )
  return Number(numAffectedRows) === batchSize
}
