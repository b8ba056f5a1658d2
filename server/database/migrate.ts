import { type Migration, Migrator } from 'kysely/migration'
import * as accounts from './migrations/0001-accounts.ts'
import * as calls from './migrations/0002-calls.ts'
import * as keys from './migrations/0003-keys.ts'
import * as mail from './migrations/0004-mail.ts'
import * as accountPages from './migrations/0005-account-pages.ts'
import * as activeCalls from './migrations/0006-active-calls.ts'
import * as serverAway from './migrations/0007-server-away.ts'
import * as namesOfTheField from './migrations/0008-names-of-the-field.ts'
import type { Database } from './tables.ts'

const migrations: Record<string, Migration> = {
  '0001-accounts': accounts,
  '0002-calls': calls,
  '0003-keys': keys,
  '0004-mail': mail,
  '0005-account-pages': accountPages,
  '0006-active-calls': activeCalls,
  '0007-server-away': serverAway,
  '0008-names-of-the-field': namesOfTheField,
}

/** Brings the tables up to date: all of it or nothing, and one process at a time. */
export async function migrate(db: Database): Promise<void> {
  // Each subject makes its own tables: a database may have those of a later one already.
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    allowUnorderedMigrations: true,
  })
  if ((await migrator.getMigrations()).every((migration) => migration.executedAt)) return
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
