import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { onTestFinished } from 'vitest'
import { migrate } from '../../../server/database/migrate.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import type { Database, Tables } from '../../../server/database/tables.ts'

/**
 * The tables of a server, in memory: what is tried thousands of times does not wait for a disk. It ends with the test.
 *
 * @param onStatement told of each that is done from then on.
 */
export async function memoryDatabase(onStatement?: (statement: string) => void): Promise<Database> {
  const database = new DatabaseSync(':memory:')
  database.exec('pragma foreign_keys = on')
  let isReady = false
  const db = new Kysely<Tables>({
    dialect: sqliteDialect(database),
    log: ({ query }) => {
      if (isReady) onStatement?.(query.sql)
    },
  })
  await migrate(db)
  isReady = true
  onTestFinished(() => db.destroy())
  return db
}
