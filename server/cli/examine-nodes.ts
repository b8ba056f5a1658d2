import { isMigrationPending } from '../database/migrate.ts'
import { openPostgres } from '../database/open-postgres.ts'
import type { NodeConfig } from '../nodes/node-config.ts'
import { differingSetting, type SharedSettings, settingsPrint } from '../nodes/node-settings.ts'
import { type Finding, look, messageOf, ok, wrong } from './finding.ts'
import { type LivingNode, livingNodes, openNodesBus } from './nodes-workplace.ts'
import { writesFinding } from './writes-finding.ts'

export interface ExaminedNodes {
  readonly findings: readonly Finding[]
  /** How many run, on whichever machine. */
  readonly living: number
}

/** What all nodes share, looked at beside them: nothing is changed. */
export async function examineNodes({
  databaseUrl,
  nats,
  ...shared
}: NodeConfig & SharedSettings): Promise<ExaminedNodes> {
  const db = await openPostgres(databaseUrl, {
    applicationName: 'reachable doctor',
    connections: 1,
    bringUpToDate: async () => {},
  }).catch((cause) => wrong('database', messageOf(cause)))
  if ('mark' in db) return { findings: [db], living: 0 }
  try {
    const isPending = await isMigrationPending(db)
    const version = isPending
      ? look(
          'version',
          'Its tables are those of an older version, or none. The next start brings them up to date.',
        )
      : ok('version', 'Its tables are those of this version.')
    const nodes = isPending ? [] : await livingNodes(db)
    const writes = isPending ? [] : [await writesFinding(db, Date.now())]
    const bus = await openNodesBus(nats, db).then(
      async (opened) => {
        await opened.close()
        return ok('bus', 'NATS is there, and what is published there comes back.')
      },
      (cause) => wrong('bus', messageOf(cause)),
    )
    const database = ok('database', 'PostgreSQL answers.')
    return {
      findings: [
        database,
        version,
        ...writes,
        bus,
        ...nodeFindings(nodes),
        ...settingsFindings(nodes, settingsPrint(shared)),
      ],
      living: nodes.length,
    }
  } catch (cause) {
    return { findings: [wrong('database', `PostgreSQL cannot be asked (${messageOf(cause)}).`)], living: 0 }
  } finally {
    await db.destroy()
  }
}

/** Nodes are told apart by the beginning of their id, with which their logs have it too. */
const nameOf = ({ id }: Pick<LivingNode, 'id'>) => `node ${id.slice(0, 8)}`

/** How many run, and whether they hear one another. */
function nodeFindings(nodes: readonly LivingNode[]): Finding[] {
  const findings = nodes.flatMap((node): Finding[] => {
    const name = `The ${nameOf(node)}`
    if (node.unheard === null)
      return [wrong('nodes', `${name} has no NATS: nobody is reachable by it. Its log says why.`)]
    const deaf = nodes.filter(({ id }) => node.unheard?.includes(id))
    if (deaf.length > 0) {
      const others = deaf.map(nameOf).join(', ')
      return [
        wrong('nodes', `${name} does not hear ${others}: let their NATS_URL name servers of one cluster.`),
      ]
    }
    return node.draining
      ? [look('nodes', `${name} drains: its devices move to the others, then it ends.`)]
      : []
  })
  const serving = nodes.filter(({ draining }) => !draining).length
  if (serving === 0)
    return [
      wrong('nodes', 'No node is running on it: nobody is reachable. Start one with these settings.'),
      ...findings,
    ]
  const count = serving === 1 ? '1 node is running on it' : `${serving} nodes are running on it`
  const hear = serving > 1 && findings.every(({ mark }) => mark !== 'wrong') ? ', and hear one another' : ''
  return [ok('nodes', `${count}${hear}.`), ...findings]
}

/** Which nodes have not the settings that are set here; or, where these are set wrongly, all of them. */
const settingsFindings = (nodes: readonly LivingNode[], here: string): Finding[] =>
  nodes.flatMap((node) => {
    const setting = differingSetting(here, node.settings)
    return setting
      ? [
          wrong(
            'nodes',
            `The ${nameOf(node)} has another ${setting} than the one set here: all nodes, and this, need the same.`,
          ),
        ]
      : []
  })
