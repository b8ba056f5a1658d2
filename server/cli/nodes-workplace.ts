import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import * as v from 'valibot'
import type { Bus } from '../bus/bus.ts'
import { openNatsBus } from '../bus/nats-bus.ts'
import type { NatsConfig } from '../bus/nats-config.ts'
import { personSubject } from '../bus/person-message.ts'
import { CommandError } from '../command-line.ts'
import { databaseNow } from '../database/database-now.ts'
import { isMigrationPending, migrate } from '../database/migrate.ts'
import { openPostgres } from '../database/open-postgres.ts'
import { DatabaseLost, sqlStateOf } from '../database/sql-state.ts'
import type { Database } from '../database/tables.ts'
import type { NodeConfig } from '../nodes/node-config.ts'
import { type ToTell, tellContactChanges } from '../people/contact-changes.ts'
import { StartupError } from '../startup-error.ts'

/** The database of all nodes. @throws StartupError, and CommandError where a node of an older version uses it. */
export const openNodesDatabase = ({ databaseUrl }: NodeConfig): Promise<Database> =>
  openPostgres(databaseUrl, {
    applicationName: 'reachable command',
    connections: 2,
    bringUpToDate: migrateBesideNoNode,
  })

export const isPostgresError = (error: unknown): error is Error =>
  error instanceof DatabaseLost || sqlStateOf(error) !== undefined

/** Nodes that start at this moment are given so long, in ms, to migrate by themselves. */
const nodesMigrateWithin = 2_000

/** Nodes that run would lose their tables to a migration of a newer version's command. */
async function migrateBesideNoNode(db: Database): Promise<void> {
  const until = performance.now() + nodesMigrateWithin
  while (await isMigrationPending(db)) {
    if ((await countLivingNodes(db)) === 0) return migrate(db)
    if (performance.now() > until)
      throw new CommandError(
        'Nodes of an older version are running on this database: restart them first. Nothing was changed.',
      )
    await delay(50)
  }
}

/** A node writes every 2 s; one that has not for so long, in ms, is dead. */
const deadAfter = 10_000

/** A node that can write at this moment, and what its row says of it. */
export interface LivingNode {
  readonly id: string
  readonly draining: boolean
  /** The ids of those that it does not hear over NATS; null: it has lost NATS. */
  readonly unheard: readonly string[] | null
  /** `settingsPrint` of its settings; null where its version says nothing of them. */
  readonly settings: string | null
}

const writtenLately = (db: Database) => sql<boolean>`"writtenAt" > ${databaseNow(db)} - ${sql.lit(deadAfter)}`

/** How many nodes can write at this moment, in a database of whichever version. */
export async function countLivingNodes(db: Database): Promise<number> {
  const { rows: tables } = await sql`select 1 from information_schema.tables
    where table_schema = current_schema() and table_name = 'node'`.execute(db)
  if (tables.length === 0) return 0
  const living = await db.selectFrom('node').select('id').where(writtenLately(db)).execute()
  return living.length
}

/** The nodes that can write at this moment, the oldest first. */
export async function livingNodes(db: Database): Promise<LivingNode[]> {
  const rows = await db
    .selectFrom('node')
    .select(['id', 'drainingSince', 'unheard', 'settings'])
    .where(writtenLately(db))
    .orderBy('startedAt')
    .execute()
  return rows.map(({ id, drainingSince, unheard, settings }) => ({
    id,
    settings,
    draining: drainingSince !== null,
    unheard: unheard === null ? null : v.parse(v.array(v.string()), JSON.parse(unheard)),
  }))
}

/** A way to the devices of all nodes, for as long as a command takes. @throws StartupError when there is none. */
export async function openNodesBus(nats: NatsConfig, db: Database): Promise<Bus> {
  const { rows } = await sql<{ now: number }>`select ${databaseNow(db)} as "now"`.execute(db)
  const ahead = Number(rows[0]?.now) - performance.now()
  return openNatsBus(nats, {
    now: () => performance.now() + ahead,
    onError: () => {},
    log: pino({ level: 'silent' }),
  })
}

/** Has all nodes look up whether sessions of somebody are over, and close their connections. */
export const recheckOnNodes = (nats: NatsConfig, db: Database, userId: string): Promise<void> =>
  tellNodes(nats, db, (bus) => bus.publish(personSubject(userId), { kind: 'sessions-changed' }))

/** Has all nodes tell devices of contacts that were just changed. */
export const tellContactsOnNodes = async (nats: NatsConfig, db: Database, toTell: ToTell): Promise<void> => {
  if (toTell.appended.size > 0) await tellNodes(nats, db, (bus) => tellContactChanges(bus, toTell))
}

async function tellNodes(nats: NatsConfig, db: Database, tell: (bus: Bus) => void): Promise<void> {
  try {
    const bus = await openNodesBus(nats, db)
    tell(bus)
    await bus.close()
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`${error.message} Until then nodes find out by themselves, within 10 s.\n`)
  }
}
