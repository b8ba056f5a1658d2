import { randomUUID } from 'node:crypto'
import { onTestFailed, onTestFinished } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { Database } from '../../../server/database/tables.ts'
import { newLoadKey } from '../../bench/load/load-key.ts'
import { addSignedInPerson, type SignedInPerson } from '../../bench/load/signed-in-people.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type Caller, openCaller } from './caller.ts'
import { type FleetDevice, type FleetDeviceOptions, openFleetDevice } from './fleet-device.ts'
import { createNats, type NatsProcess } from './nats.ts'
import { type NodeProcess, newNodeProcess } from './node-process.ts'
import { createDatabase } from './postgres.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** A node with its own ways to the database and to the others, each of which can fail. */
export interface ServiceNode extends NodeProcess {
  readonly toDatabase: TcpProxy
  readonly toNats: TcpProxy
  /** Its own address, past the balancer. */
  readonly url: () => string
}

/** Several real nodes that are one service, behind a balancer. */
export interface Nodes {
  /** The one address of all. */
  readonly url: string
  readonly all: readonly ServiceNode[]
  readonly balancer: Balancer
  readonly nats: NatsProcess
  readonly database: Database
  readonly caller: Caller
  /** The same caller at one node, past the balancer. */
  readonly callerAt: (node: ServiceNode) => Caller
  readonly addPeople: (count: number, devices?: number) => Promise<readonly SignedInPerson[]>
  /** Opens a device that ends with the nodes; at one node, if said, and else wherever the balancer has it. */
  readonly open: (
    person: SignedInPerson,
    options?: Omit<FleetDeviceOptions, 'url' | 'person'> & { readonly at?: ServiceNode },
  ) => FleetDevice
  /** At which node a device is. */
  readonly nodeOf: (device: FleetDevice) => ServiceNode | undefined
  readonly isReady: (node: ServiceNode) => boolean
  /** Every call that is written down, asked where the database is now. */
  readonly rows: () => Promise<readonly CallRow[]>
  readonly close: () => Promise<void>
}

export interface NodesOptions {
  readonly count?: number
  readonly environment?: Readonly<Record<string, string>>
  /** A program that becomes the node of this place, with its words. */
  readonly through?: Readonly<Record<number, readonly string[]>>
  /** The port and the name of a database of the caller's own; else one in the PostgreSQL of the run. */
  readonly database?: { readonly port: () => number; readonly name: string }
  /** Whether nodes reach PostgreSQL and NATS by no way that can fail: what the tests do besides is not in its way then. */
  readonly direct?: boolean
  /** Hears each line that a node prints. */
  readonly onLine?: (node: string, line: string) => void
}

const plenty = { CALLS_PER_MINUTE: '60000', CALLS_PER_MINUTE_TO_ONE: '6000' }

export async function createNodes(options: NodesOptions = {}): Promise<Nodes> {
  const ending: (() => unknown)[] = []
  try {
    return await build(options, ending)
  } catch (error) {
    for (const end of ending.reverse()) await end()
    throw error
  }
}

async function build(
  { count = 2, environment = {}, through = {}, database, direct = false, onLine }: NodesOptions,
  ending: (() => unknown)[],
): Promise<Nodes> {
  const nats = await createNats({ asDeployed: true })
  ending.push(() => nats.remove())
  const own = database ? undefined : await createDatabase()
  if (own) ending.push(own.drop)
  const databasePort = database?.port ?? (() => Number(new URL(own?.url ?? '').port))
  const databaseName = database?.name ?? new URL(own?.url ?? '').pathname.slice(1)
  const secret = randomUUID() + randomUUID()

  const all: ServiceNode[] = []
  const balancer = await startBalancer(all)
  ending.push(() => balancer.close())
  const url = `http://127.0.0.1:${balancer.port}`
  const urlBy = (port: number) => `postgres://postgres@127.0.0.1:${port}/${databaseName}`

  for (let n = 0; n < count; n += 1) {
    const toDatabase = await startTcpProxy(() => [databasePort()])
    const toNats = await startTcpProxy(() => [nats.port])
    const name = `n${n + 1}`
    const node = newNodeProcess({
      name,
      environment: {
        ...{ NODE_ENV: 'production', LOG_LEVEL: 'info', AUTH_SECRET: secret, PUBLIC_URL: url },
        DATABASE_URL: urlBy(direct ? databasePort() : toDatabase.port),
        NATS_URL: `nats://127.0.0.1:${direct ? nats.port : toNats.port}`,
        ...plenty,
        ...environment,
      },
      through: through[n] ?? [],
      onLine: onLine && ((line) => onLine(name, line)),
    })
    all.push({ ...node, toDatabase, toNats, url: () => `http://127.0.0.1:${node.port()}` })
    ending.push(async () => {
      await node.remove()
      await Promise.all([toDatabase.close(), toNats.close()])
    })
  }
  await Promise.all(all.map((node) => node.start()))
  await until('all are ready', () => all.every(balancer.isReady))

  const db = await openPostgres(urlBy(databasePort()), { applicationName: 'tests', connections: 4 })
  ending.push(() => db.destroy().catch(() => {}))
  const apiKey = (await createApiKey(db, 'clinic', Date.now())) ?? ''
  const key = await newLoadKey()

  const devices: FleetDevice[] = []
  ending.push(() => {
    for (const device of devices) device.close()
  })

  async function addPeople(count: number, each = 1): Promise<readonly SignedInPerson[]> {
    return db.transaction().execute(async (transaction) => {
      const people: SignedInPerson[] = []
      for (let n = 0; n < count; n += 1) people.push(...(await addSignedInPerson(transaction, key, each)))
      return people
    })
  }

  const byPort = (port: number | undefined) =>
    port === undefined ? undefined : all.find((node) => node.port() === port)

  return {
    url,
    all,
    balancer,
    nats,
    database: db,
    caller: openCaller(url, apiKey),
    callerAt: (node) => openCaller(node.url(), apiKey),
    addPeople,
    open(person, { at, ...more } = {}) {
      const device = openFleetDevice({ url: at?.url() ?? url, person, ...more })
      devices.push(device)
      return device
    },
    nodeOf: (device) => byPort(balancer.targetOf(device.port() ?? 0)),
    isReady: (node) => balancer.isReady(all.find(({ name }) => name === node.name) ?? node),
    async rows() {
      const now = await openPostgres(urlBy(databasePort()), { applicationName: 'tests', connections: 1 })
      return now
        .selectFrom('call')
        .selectAll()
        .execute()
        .finally(() => now.destroy())
    },
    async close() {
      for (const end of ending.splice(0).reverse()) await end()
    },
  }
}

/** The same for one test, with which they end; what they printed is shown where it failed. */
export async function startNodes(options: NodesOptions = {}): Promise<Nodes> {
  const nodes = await createNodes(options)
  onTestFailed(() => {
    for (const { name, output } of nodes.all) console.log(`${name}:\n${output().slice(-60).join('\n')}`)
  })
  onTestFinished(() => nodes.close())
  return nodes
}

/**
 * As what supervises nodes does: one that ends while it starts is started again, since what it needs may be away.
 *
 * @throws when it never listens.
 */
export async function startAgain(node: NodeProcess, tries = 20): Promise<void> {
  for (let n = 1; ; n += 1) {
    try {
      return await node.start()
    } catch (error) {
      if (n >= tries) throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

/** Waits until something is so. @throws when it is not after `within` ms. */
export async function until(
  what: string,
  is: () => boolean | Promise<boolean>,
  within = 30_000,
): Promise<number> {
  const began = performance.now()
  while (!(await is())) {
    if (performance.now() - began > within) throw new Error(`Not after ${within} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return performance.now() - began
}
