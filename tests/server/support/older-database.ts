import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { onTestFinished } from 'vitest'
import * as accounts from '../../../server/database/migrations/0001-accounts.ts'
import * as calls from '../../../server/database/migrations/0002-calls.ts'
import * as keys from '../../../server/database/migrations/0003-keys.ts'
import * as mail from '../../../server/database/migrations/0004-mail.ts'
import * as accountPages from '../../../server/database/migrations/0005-account-pages.ts'
import * as activeCalls from '../../../server/database/migrations/0006-active-calls.ts'
import * as serverAway from '../../../server/database/migrations/0007-server-away.ts'
import * as namesOfTheField from '../../../server/database/migrations/0008-names-of-the-field.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'

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

/** The tables as the version before limits and retention made them, in a data directory: nothing is in them. */
export async function openOlderDatabase(dataDir: string): Promise<Kysely<unknown>> {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(new DatabaseSync(join(dataDir, 'reachable.db'))) })
  onTestFinished(() => db.destroy())
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
  }).migrateToLatest()
  if (error) throw error
  return db
}
