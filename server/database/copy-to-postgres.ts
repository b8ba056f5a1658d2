import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { isConflict } from './retry-conflicts.ts'
import { sqlStateOf } from './sql-state.ts'
import type { Database, Tables } from './tables.ts'

/** How many rows a table has. */
export interface TableCount {
  readonly table: string
  readonly rows: number
}

/** A row that one database has and the other does not take, or a table that did not arrive whole. */
export class NotCopied extends Error {
  override readonly name = 'NotCopied'
}

/** What only nodes write, of themselves: none of it outlives them. */
const ofNodes: readonly (keyof Tables)[] = ['node', 'connectionOrder', 'bucket']
/** Kept by whatever makes the tables, in each database for itself. */
const ofMigrations: ReadonlySet<string> = new Set(['kysely_migration', 'kysely_migration_lock'])

/** So many rows go in one statement, and so many characters, or one row that has more. */
const mostRows = 1_000
const mostCharacters = 1_000_000

/** PostgreSQL's texts cannot have it; its dialect writes the same in its place. */
const nul = /\0/g

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** The tables of a SQLite database that are copied, each after those that it refers to, with the number of their rows. */
export function countTables(source: DatabaseSync): TableCount[] {
  return tablesInOrder(source).map((table) => {
    const counted = source.prepare(`select count(*) as "rows" from ${quoted(table)}`).get()
    return { table, rows: Number(counted?.rows) }
  })
}

function tablesInOrder(source: DatabaseSync): string[] {
  const left = new Set<string>(
    source
      .prepare(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'",
      )
      .all()
      .map(({ name }) => String(name))
      .filter((name) => !ofMigrations.has(name) && !ofNodes.some((own) => own === name)),
  )
  const parents = new Map(
    [...left].map((name) => [
      name,
      source
        .prepare('select "table" from pragma_foreign_key_list(?)')
        .all(name)
        .map(({ table }) => String(table))
        .filter((parent) => parent !== name),
    ]),
  )
  const ordered: string[] = []
  while (left.size > 0) {
    const free = [...left].filter((name) => !parents.get(name)?.some((parent) => left.has(parent))).sort()
    // None in a circle, or what is in it comes as it stands, and PostgreSQL says what is missing.
    for (const name of free.length > 0 ? free : [...left]) {
      ordered.push(name)
      left.delete(name)
    }
  }
  return ordered
}

/** Why a database of PostgreSQL is not to be copied to, a sentence; undefined for one in which nothing is. */
export async function whyNotEmpty(target: Database): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`select tablename as "name" from pg_tables
    where schemaname = current_schema() order by tablename`.execute(target)
  for (const { name } of rows) {
    if (ofMigrations.has(name)) continue
    const found = await sql`select 1 from ${sql.id(name)} limit 1`.execute(target)
    if (found.rows.length > 0) return `The table ${name} has rows already.`
  }
  return undefined
}

/**
 * Copies every row into the empty tables of the same version, and counts them there.
 *
 * @param target in a transaction, which is to be undone when this throws.
 * @throws NotCopied that names the table.
 */
export async function copyTables(source: DatabaseSync, target: Database): Promise<TableCount[]> {
  const counts = countTables(source)
  for (const { table } of counts) await copyRows(source, target, table)
  await continueKeys(source, target)
  for (const { table, rows } of counts) {
    const { rows: counted } = await sql<{
      rows: number
    }>`select count(*) as "rows" from ${sql.table(table)}`.execute(target)
    const arrived = Number(counted[0]?.rows)
    if (arrived !== rows) throw new NotCopied(`Of ${rows} rows of the table ${table} ${arrived} arrived.`)
  }
  return counts
}

async function copyRows(source: DatabaseSync, target: Database, table: string): Promise<void> {
  const columns = source
    .prepare('select name from pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name))
  let batch: string[] = []
  let characters = 0
  const write = async () => {
    if (batch.length === 0) return
    await insertRows(target, table, columns, `[${batch.join(',')}]`)
    batch = []
    characters = 0
  }
  for (const row of source.prepare(`select * from ${quoted(table)}`).iterate()) {
    const text = JSON.stringify(row, (_, value) => storable(value, table))
    batch.push(text)
    characters += text.length
    if (batch.length >= mostRows || characters >= mostCharacters) await write()
  }
  await write()
}

function storable(value: unknown, table: string): unknown {
  if (typeof value === 'string') return value.replace(nul, '\x01')
  if (value instanceof Uint8Array) throw new NotCopied(`The table ${table} has bytes where text should be.`)
  return value
}

/** By one parameter, read as the types of the table: what does not fit them is refused, and not made to fit. */
async function insertRows(
  target: Database,
  table: string,
  columns: readonly string[],
  rows: string,
): Promise<void> {
  const names = sql.join(columns.map((column) => sql.ref(column)))
  try {
    await sql`insert into ${sql.table(table)} (${names})
      select ${names} from json_populate_recordset(null::${sql.table(table)}, ${rows}::json)`.execute(target)
  } catch (cause) {
    if (isConflict(cause) || sqlStateOf(cause) === undefined || !(cause instanceof Error)) throw cause
    throw new NotCopied(`PostgreSQL takes a row of the table ${table} not (${cause.message}).`, { cause })
  }
}

/** Keys that the database gives go on after the last that SQLite ever gave, whether or not its row is still there. */
async function continueKeys(source: DatabaseSync, target: Database): Promise<void> {
  const hasKeys = source.prepare("select 1 from sqlite_master where name = 'sqlite_sequence'").get()
  if (!hasKeys) return
  for (const { name, seq } of source.prepare('select name, seq from sqlite_sequence').all()) {
    const table = String(name)
    const key = source.prepare('select name from pragma_table_info(?) where pk = 1').get(table)
    if (ofMigrations.has(table) || key === undefined) continue
    await sql`alter table ${sql.table(table)} alter column ${sql.ref(String(key.name))}
      restart with ${sql.lit(Number(seq) + 1)}`.execute(target)
  }
}
