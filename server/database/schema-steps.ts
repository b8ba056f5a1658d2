import { type ColumnDefinitionBuilder, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import { postgresType } from './postgres-dialect.ts'

/** What migrations need and the two databases say differently. */

/** The type of a column as SQLite has it, with what else is said of it, for a statement written out. */
export const columnType = (db: QueryExecutorProvider, type: string): RawBuilder<unknown> =>
  sql.raw(isPostgres(db) ? type.replace(/^\w+/, postgresType) : type)

/** A primary key of numbers that the database gives, each greater than any that it ever gave. */
export const growingKey = (db: QueryExecutorProvider) => (column: ColumnDefinitionBuilder) => {
  const key = column.notNull().primaryKey()
  return isPostgres(db) ? key.generatedByDefaultAsIdentity() : key.autoIncrement()
}

export async function hasTable(db: QueryExecutorProvider, table: string): Promise<boolean> {
  const found = isPostgres(db)
    ? sql`select 1 from pg_tables where schemaname = current_schema() and tablename = ${table}`
    : sql`select 1 from sqlite_master where name = ${table}`
  return (await found.execute(db)).rows.length > 0
}

export async function hasColumn(db: QueryExecutorProvider, table: string, column: string): Promise<boolean> {
  const found = isPostgres(db)
    ? sql`select 1 from information_schema.columns
        where table_schema = current_schema() and table_name = ${table} and column_name = ${column}`
    : sql`select 1 from pragma_table_info(${table}) where name = ${column}`
  return (await found.execute(db)).rows.length > 0
}

export interface Refusal {
  readonly name: string
  readonly change: 'insert' | 'update' | 'delete'
  readonly table: string
  /** Of `old` and `new`; every such change where it is left out. */
  readonly when?: RawBuilder<unknown>
  /** What whoever tries is told. */
  readonly why: string
}

/** From now on the database refuses to change some rows, whoever asks. */
export async function refuse(
  db: QueryExecutorProvider,
  { name, change, table, when, why }: Refusal,
): Promise<void> {
  const condition = when === undefined ? sql`` : sql`when (${when})`
  if (!isPostgres(db)) {
    await sql`create trigger ${sql.id(name)} before ${sql.raw(change)} on ${sql.table(table)} ${condition}
      begin select raise(abort, ${sql.lit(why)}); end`.execute(db)
    return
  }
  // A breach of a rule of the data (check_violation), as SQLite has it too, and no failure of the database.
  await sql`create or replace function ${sql.id(name)}() returns trigger language plpgsql as $$
    begin raise exception ${sql.lit(why)} using errcode = '23514'; end $$`.execute(db)
  await sql`create trigger ${sql.id(name)} before ${sql.raw(change)} on ${sql.table(table)}
    for each row ${condition} execute function ${sql.id(name)}()`.execute(db)
  // It empties a table without asking for any row.
  if (change === 'delete' && when === undefined)
    await sql`create trigger ${sql.id(`${name}_all`)} before truncate on ${sql.table(table)}
      for each statement execute function ${sql.id(name)}()`.execute(db)
}

/** Takes back what `refuse` made; a table is still not emptied at once. */
export async function allow(
  db: QueryExecutorProvider,
  { name, table }: Pick<Refusal, 'name' | 'table'>,
): Promise<void> {
  if (!isPostgres(db)) await sql`drop trigger ${sql.id(name)}`.execute(db)
  else await sql`drop trigger ${sql.id(name)} on ${sql.table(table)}`.execute(db)
}
