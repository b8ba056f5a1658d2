import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StartupError } from '../startup-error.ts'
import * as accounts from './migrations/0001-accounts.ts'
import * as calls from './migrations/0002-calls.ts'
import * as keys from './migrations/0003-keys.ts'
import * as mail from './migrations/0004-mail.ts'
import * as accountPages from './migrations/0005-account-pages.ts'
import * as activeCalls from './migrations/0006-active-calls.ts'
import * as serverAway from './migrations/0007-server-away.ts'
import * as namesOfTheField from './migrations/0008-names-of-the-field.ts'
import * as limitsAndRetention from './migrations/0009-limits-and-retention.ts'
import * as sessionEnds from './migrations/0010-session-ends.ts'
import * as reasonsOfMissedCalls from './migrations/0011-reasons-of-missed-calls.ts'
import * as tellingsOfSessionEnds from './migrations/0012-tellings-of-session-ends.ts'
import * as nodes from './migrations/0013-nodes.ts'
import * as nodesNotHeard from './migrations/0014-nodes-not-heard.ts'
import * as nodeBefore from './migrations/0015-node-before.ts'
import * as nodeSettings from './migrations/0016-node-settings.ts'
import * as people from './migrations/0017-people.ts'
import * as messages from './migrations/0018-messages.ts'
import * as callsOfPeople from './migrations/0019-calls-of-people.ts'
import * as expectedCalls from './migrations/0020-expected-calls.ts'
import * as webhooks from './migrations/0021-webhooks.ts'
import * as teams from './migrations/0022-teams.ts'
import * as rooms from './migrations/0023-rooms.ts'
import * as places from './migrations/0024-places.ts'
import { hasTable } from './schema-steps.ts'
import type { Database } from './tables.ts'

/** Every step from an empty database to the tables of this version, by its name, in order. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': accounts,
  '0002-calls': calls,
  '0003-keys': keys,
  '0004-mail': mail,
  '0005-account-pages': accountPages,
  '0006-active-calls': activeCalls,
  '0007-server-away': serverAway,
  '0008-names-of-the-field': namesOfTheField,
  '0009-limits-and-retention': limitsAndRetention,
  '0010-session-ends': sessionEnds,
  '0011-reasons-of-missed-calls': reasonsOfMissedCalls,
  '0012-tellings-of-session-ends': tellingsOfSessionEnds,
  '0013-nodes': nodes,
  '0014-nodes-not-heard': nodesNotHeard,
  '0015-node-before': nodeBefore,
  '0016-node-settings': nodeSettings,
  '0017-people': people,
  '0018-messages': messages,
  '0019-calls-of-people': callsOfPeople,
  '0020-expected-calls': expectedCalls,
  '0021-webhooks': webhooks,
  '0022-teams': teams,
  '0023-rooms': rooms,
  '0024-places': places,
}

/**
 * Brings the tables up to date: all of it or nothing, and one process at a time.
 *
 * @throws StartupError when a newer version made them.
 */
export async function migrate(db: Database): Promise<void> {
  if (!(await isMigrationPending(db))) return
  // Each subject makes its own tables: a database may have those of a later one already.
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    allowUnorderedMigrations: true,
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** @throws StartupError when a newer version made the tables: nobody here knows what is in them. */
export async function isMigrationPending(db: Database): Promise<boolean> {
  const done = await migrationsDone(db)
  const unknown = done.filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length > 0)
    throw new StartupError(
      `The database was made by a newer version of Reachable (${unknown.join(', ')}). Run that one, or put back a copy from before it; nothing was changed.`,
    )
  return done.length < Object.keys(migrations).length
}

async function migrationsDone(db: Database): Promise<string[]> {
  if (!(await hasTable(db, 'kysely_migration'))) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}
