import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { onTestFinished } from 'vitest'
import { migrations } from '../../../server/database/migrate.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'

/** What the version before limits and retention knew. */
const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0009'))

/** The tables as the version before limits and retention made them, in a data directory: nothing is in them. */
export async function openOlderDatabase(dataDir: string): Promise<Kysely<unknown>> {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(new DatabaseSync(join(dataDir, 'reachable.db'))) })
  onTestFinished(() => db.destroy())
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => older },
  }).migrateToLatest()
  if (error) throw error
  return db
}
