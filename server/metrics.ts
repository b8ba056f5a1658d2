import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Counter, Gauge, Registry } from 'prom-client'
import type { CallCounts } from './calls/calls.ts'
import type { Database } from './database/tables.ts'
import type { Disk } from './disk.ts'
import type { ConnectionCounts } from './presence/connection-limits.ts'
import type { WebSocketEndpoint } from './presence/websocket-endpoint.ts'

/** What is measured, each at the moment it is asked for. */
export interface Measured {
  readonly db: Database
  /** The path of the database. */
  readonly database: string
  readonly disk: Disk
  readonly isWritable: () => Promise<boolean>
  readonly connections: () => ConnectionCounts
  readonly webSockets: () => Pick<WebSocketEndpoint, 'connections' | 'cutOff'>
  readonly leases: () => number
  readonly calls: () => CallCounts
  readonly responses: () => ReadonlyMap<number, number>
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

interface Metric {
  readonly name: string
  readonly kind: 'gauge' | 'counter'
  readonly help: string
  readonly labels?: readonly string[]
  readonly read: () => Promise<readonly Sample[]> | readonly Sample[]
}

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** The event loop is watched for so long, in ms, before anything is told of it: of nothing, the library says centuries. */
const firstWatchedFor = 100

/** The library counts the processor's time since it was loaded; ours is of the process, as the metric says. */
function addTimeBefore(register: Registry): void {
  const { user, system } = process.cpuUsage()
  for (const [kind, microseconds] of [
    ['user', user],
    ['system', system],
    ['', user + system],
  ] as const) {
    const name = `process_cpu${kind && `_${kind}`}_seconds_total`
    const counter = register.getSingleMetric(name) as Counter | undefined
    counter?.inc(microseconds / 1_000_000)
  }
}

/**
 * What Prometheus asks for: figures of the process and its event loop, and our own, without a name or an address. The
 * library is loaded by the first who asks, and the event loop is watched from then on.
 */
export function createMetrics(measured: Measured): () => Promise<Exposition> {
  const open = async () => {
    const { collectDefaultMetrics, Counter, Gauge, Registry } = await import('prom-client')
    const register = new Registry()
    collectDefaultMetrics({ register })
    addTimeBefore(register)
    await delay(firstWatchedFor)
    for (const { name, kind, help, labels: labelNames = [], read } of metricsOf(measured)) {
      const Kind = kind === 'gauge' ? Gauge : Counter
      const collect = async (metric: Gauge | Counter) => {
        metric.reset()
        for (const [labels, value] of await read()) metric.inc(labels, value)
      }
      new Kind({
        name: `reachable_${name}`,
        help,
        labelNames,
        registers: [register],
        collect() {
          return collect(this)
        },
      })
    }
    return register
  }
  let register: ReturnType<typeof open> | undefined

  return async () => {
    register ??= open()
    const opened = await register
    return { contentType: opened.contentType, text: await opened.metrics() }
  }
}

const one = (value: number | boolean): readonly Sample[] => [[{}, Number(value)]]

function metricsOf(measured: Measured): Metric[] {
  const { db, database, disk, isWritable, connections, webSockets, leases, calls, responses } = measured
  return [
    {
      name: 'connections',
      kind: 'gauge',
      help: 'TCP connections: of strangers, and those whose session or key was proven.',
      labels: ['who'],
      read() {
        const { held, admitted } = connections()
        return [
          [{ who: 'proven' }, admitted],
          [{ who: 'stranger' }, held - admitted],
        ]
      },
    },
    {
      name: 'websockets',
      kind: 'gauge',
      help: 'WebSockets of devices, those that are not welcomed yet among them.',
      read: () => one(webSockets().connections),
    },
    {
      name: 'leases',
      kind: 'gauge',
      help: 'Devices that a call would be routed to now.',
      read: () => one(leases()),
    },
    {
      name: 'calls_active',
      kind: 'gauge',
      help: 'Calls that are not over, by state.',
      labels: ['state'],
      read: () => Object.entries(calls().active).map(([state, count]) => [{ state }, count]),
    },
    {
      name: 'calls_ended_total',
      kind: 'counter',
      help: 'Calls that are over since the start, by how they ended, and why they were missed.',
      labels: ['outcome', 'why'],
      read: () => calls().ended.map(({ outcome, why, count }) => [{ outcome, why: why ?? '' }, count]),
    },
    {
      name: 'refused_total',
      kind: 'counter',
      help: 'What a limit refused or ended since the start.',
      labels: ['limit'],
      read() {
        const { ended, refused } = connections()
        return [
          [{ limit: 'strangers' }, ended],
          [{ limit: 'connections_per_address' }, refused],
          [{ limit: 'frames' }, webSockets().cutOff],
          [{ limit: 'calls' }, calls().refused],
          // Passwords, proofs, keys, links and calls.
          [{ limit: 'attempts' }, responses().get(429) ?? 0],
        ]
      },
    },
    {
      name: 'http_responses_total',
      kind: 'counter',
      help: 'Answers by HTTP since the start, by status.',
      labels: ['status'],
      read: () => [...responses()].map(([status, count]) => [{ status: String(status) }, count]),
    },
    {
      name: 'database_writable',
      kind: 'gauge',
      help: '1 while a call could be written down.',
      read: async () => one(await isWritable()),
    },
    {
      name: 'database_bytes',
      kind: 'gauge',
      help: 'Bytes of the database and of what is written ahead of it.',
      labels: ['file'],
      read: () => [
        [{ file: 'database' }, sizeOf(database)],
        [{ file: 'ahead' }, sizeOf(`${database}-wal`)],
      ],
    },
    {
      name: 'disk_free_bytes',
      kind: 'gauge',
      help: 'Room on the disk of the data directory, at the last look at it.',
      read: () => (disk.room ? one(disk.room.free) : []),
    },
    { name: 'disk_low', kind: 'gauge', help: '1 while that disk runs low.', read: () => one(disk.isLow) },
    {
      name: 'disk_reserve_held',
      kind: 'gauge',
      help: '1 while the server holds its reserve of that disk.',
      read: () => one(disk.isReserveHeld),
    },
    {
      name: 'mails_waiting',
      kind: 'gauge',
      help: 'Mails that have not left yet.',
      async read() {
        const waiting = await db
          .selectFrom('mail')
          .select((expression) => expression.fn.countAll<number>().as('count'))
          .where('nextAt', 'is not', null)
          .executeTakeFirstOrThrow()
        return one(waiting.count)
      },
    },
  ]
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
