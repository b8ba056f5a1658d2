import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { onTestFailed, onTestFinished } from 'vitest'
import { findNats, findPostgres } from '../../../scripts/nodes/ensure-node-services.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { Database } from '../../../server/database/tables.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { type NodeProcess, newNodeProcess } from '../../support/nodes/node-process.ts'
import { startPostgres } from '../../support/nodes/postgres.ts'
import { processesOf } from '../../support/processes-of.ts'
import { launchProcess } from './launch-process.ts'
import { newLoadKey } from './load-key.ts'
import { addSignedInPerson, type SignedInPerson } from './signed-in-people.ts'

export interface LoadNode extends NodeProcess {
  /** Its own address, past the balancer. */
  readonly url: string
}

/** Nodes as they run in earnest: PostgreSQL writes to its disk, and nothing that fails stands between them. */
export interface LoadNodes {
  /** The address of all, at a balancer that passes over who is not ready. */
  readonly url: string
  readonly all: readonly LoadNode[]
  readonly apiKey: string
  readonly addPeople: (count: number) => Promise<readonly SignedInPerson[]>
  /** Asks PostgreSQL itself, for as long as it takes. */
  readonly query: (statement: string) => Promise<readonly Record<string, unknown>[]>
  /** What PostgreSQL and NATS are made of. */
  readonly processes: { readonly postgres: () => readonly number[]; readonly nats: () => readonly number[] }
}

/** What is missing here of what nodes run on; undefined where nothing is. */
export function missingForNodes(): string | undefined {
  if (!findPostgres()) return 'PostgreSQL is not installed (Debian: apt-get install postgresql).'
  if (!findNats()) return 'NATS is not installed (Debian: apt-get install nats-server).'
  return undefined
}

/** Fewer than an idle transaction has time for. */
const peopleAtOnce = 200

/** They end with the test. */
export async function startLoadNodes(count: number): Promise<LoadNodes> {
  const [postgres, nats] = await Promise.all([
    startPostgres({ fsync: true, settings: { shared_buffers: '256MB', max_wal_size: '1GB' } }),
    startNats(),
  ])
  await postgres.query('create database reachable')
  const databaseUrl = postgres.url('reachable')
  const balancer = launchProcess('load', 'balancer-process.ts')
  const url = `http://127.0.0.1:${await balancer.ask([])}`
  const environment = {
    ...{
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      AUTH_SECRET: randomUUID() + randomUUID(),
      PUBLIC_URL: url,
    },
    ...{ DATABASE_URL: databaseUrl, NATS_URL: nats.url },
    // More in a minute than one key may place by default.
    ...{ CALLS_PER_MINUTE: '60000', CALLS_PER_MINUTE_TO_ONE: '6000' },
  }
  const all: LoadNode[] = []
  onTestFailed(() => {
    for (const { name, output } of all) console.log(`${name}:\n${output().slice(-20).join('\n')}`)
  })
  for (let n = 0; n < count; n += 1) {
    const node = newNodeProcess({ name: `n${n + 1}`, environment })
    onTestFinished(() => node.remove())
    await node.start()
    all.push({ ...node, url: `http://127.0.0.1:${node.port()}` })
  }
  await balancer.ask(all.map((node) => node.port()))

  const db = await openPostgres(databaseUrl, { applicationName: 'bench', connections: 4 })
  onTestFinished(() => db.destroy().catch(() => {}))
  const apiKey = (await createApiKey(db, 'bench', Date.now())) ?? ''
  const key = await newLoadKey()
  const addSome = (some: number) =>
    db.transaction().execute(async (transaction: Database) => {
      const people: SignedInPerson[] = []
      for (let n = 0; n < some; n += 1) people.push(...(await addSignedInPerson(transaction, key)))
      return people
    })

  return {
    url,
    all,
    apiKey,
    async addPeople(wanted) {
      const people: SignedInPerson[] = []
      while (people.length < wanted)
        people.push(...(await addSome(Math.min(peopleAtOnce, wanted - people.length))))
      return people
    },
    query: (statement) => postgres.query(statement, 'reachable'),
    processes: {
      postgres: () => processesOf(postgres.folder),
      nats: () => processesOf(dirname(nats.credsFile)),
    },
  }
}
