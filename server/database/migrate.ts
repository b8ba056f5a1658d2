import { type Migration, Migrator } from 'kysely/migration'
import * as accounts from './migrations/0001-accounts.ts'
import * as calls from './migrations/0002-calls.ts'
import type { Database } from './tables.ts'

const migrations: Record<string, Migration> = { '0001-accounts': accounts, '0002-calls': calls }

/**
 * Brings the tables up to date. Each step may be run again after a crash half-way through it, and the
 * lock keeps a command and the server from doing it at once.
 */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  if ((await migrator.getMigrations()).every((migration) => migration.executedAt)) return
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
