import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { onTestFinished } from 'vitest'
import { migrate } from '../../../server/database/migrate.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import type { Database, Tables } from '../../../server/database/tables.ts'

/** The tables of a server, in memory: what is tried thousands of times does not wait for a disk. It ends with the test. */
export async function memoryDatabase(): Promise<Database> {
  const database = new DatabaseSync(':memory:')
  database.exec('pragma foreign_keys = on')
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  await migrate(db)
  onTestFinished(() => db.destroy())
  return db
}
