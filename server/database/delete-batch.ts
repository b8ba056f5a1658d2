import { sql } from 'kysely'
import type { Database, Tables } from './tables.ts'

/**
 * So many rows are deleted at once. A deletion holds the database, and with it the whole process, until it is done:
 * of a million rows that would be seconds, in which no heartbeat is answered.
 */
export const batchSize = 250

/**
 * Deletes rows in which a column is below a value, a batch at most, wherever they are. The column should have an index.
 *
 * @returns whether there may be more of them.
 */
export async function deleteBatch<Table extends keyof Tables & string>(
  db: Database,
  table: Table,
  column: keyof Tables[Table] & string,
  below: number | string,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where rowid in
    (select rowid from ${sql.table(table)} where ${sql.ref(column)} < ${below} limit ${sql.lit(batchSize)})`.execute(
    db,
  )
  return Number(numAffectedRows) === batchSize
}
