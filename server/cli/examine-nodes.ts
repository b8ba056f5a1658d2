import { isMigrationPending } from '../database/migrate.ts'
import { openPostgres } from '../database/open-postgres.ts'
import type { NodeConfig } from '../nodes/node-config.ts'
import { type Finding, look, messageOf, ok, wrong } from './finding.ts'
import { countLivingNodes, openNodesBus } from './nodes-workplace.ts'

/** What all nodes share, looked at beside them: nothing is changed. */
export async function examineNodes({ databaseUrl, nats }: NodeConfig): Promise<Finding[]> {
  const db = await openPostgres(databaseUrl, {
    applicationName: 'reachable doctor',
    connections: 1,
    bringUpToDate: async () => {},
  }).catch((cause) => wrong('database', messageOf(cause)))
  if ('mark' in db) return [db]
  try {
    const pending = await isMigrationPending(db)
    const living = await countLivingNodes(db)
    const nodes = living === 1 ? '1 node is' : `${living} nodes are`
    return [
      ok('database', 'PostgreSQL answers.'),
      pending
        ? look(
            'version',
            'Its tables are those of an older version, or none. The next start brings them up to date.',
          )
        : ok('version', 'Its tables are those of this version.'),
      living > 0 ? ok('nodes', `${nodes} running on it.`) : look('nodes', 'No node is running on it.'),
      await openNodesBus(nats, db).then(
        async (bus) => {
          await bus.close()
          return ok('bus', 'NATS is there, and what is published there comes back.')
        },
        (cause) => wrong('bus', messageOf(cause)),
      ),
    ]
  } catch (cause) {
    return [wrong('database', `PostgreSQL cannot be asked (${messageOf(cause)}).`)]
  } finally {
    await db.destroy()
  }
}
