import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Counter, Gauge, Registry } from 'prom-client'
import type { CallCounts } from './calls/calls.ts'
import type { Database } from './database/tables.ts'
import type { ProbeCounts } from './database/write-probe.ts'
import type { Disk } from './disk.ts'
import type { PlaceCounts } from './places/place-counts.ts'
import type { ConnectionCounts } from './presence/connection-limits.ts'
import type { PresenceCounts } from './presence/presence-counts.ts'
import type { WebSocketEndpoint } from './presence/websocket-endpoint.ts'
import type { RoomEndpoint } from './rooms/room-endpoint.ts'
import type { Rooms } from './rooms/rooms.ts'

/** What is measured, each at the moment it is asked for. */
export interface Measured {
  readonly db: Database
  /** The path of the database. */
  readonly database: string
  readonly disk: Disk
  readonly isWritable: () => boolean | Promise<boolean>
  readonly connections: () => ConnectionCounts
  readonly webSockets: () => Pick<WebSocketEndpoint, 'connections' | 'cutOff'>
  readonly leases: () => number
  readonly calls: () => CallCounts
  readonly places: PlaceCounts['all']
  /** Undefined where people meet elsewhere. */
  readonly rooms: () => MeasuredRooms | undefined
  readonly presence: PresenceCounts
  readonly probes: ProbeCounts
  readonly conflictRetries: () => number
  /** Undefined where the server runs alone. */
  readonly node: MeasuredNode | undefined
  readonly responses: () => ReadonlyMap<number, number>
}

export interface MeasuredRooms {
  readonly rooms: Pick<Rooms, 'seats' | 'counts'>
  readonly sockets: Pick<RoomEndpoint, 'connections' | 'cutOff'>
}

export interface MeasuredNode {
  readonly id: string
  /** How many nodes can write now, this one among them. */
  readonly living: () => number
  readonly isBusConnected: () => boolean
  readonly isDraining: () => boolean
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
        // What the database does not tell keeps nothing else from being told.
        for (const [labels, value] of await readOr(read, labelNames.length === 0 ? unknown : []))
          metric.inc(labels, value)
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

/** Of a figure without labels, which the library else tells as 0. */
const unknown: readonly Sample[] = [[{}, Number.NaN]]

async function readOr(read: Metric['read'], otherwise: readonly Sample[]): Promise<readonly Sample[]> {
  try {
    return await read()
  } catch {
    return otherwise
  }
}

const one = (value: number | boolean): readonly Sample[] => [[{}, Number(value)]]

function metricsOf(measured: Measured): Metric[] {
  const { db, database, disk, isWritable, connections, webSockets, leases, calls, responses } = measured
  const { presence, probes, node } = measured
  const rooms = measured.rooms()
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
      name: 'heartbeats_answered_total',
      kind: 'counter',
      help: 'Heartbeats since the start that were answered by a lease.',
      read: () => one(presence.answered),
    },
    {
      name: 'heartbeats_refused_total',
      kind: 'counter',
      help: 'Heartbeats since the start that were not: nothing could be written down (storage), no ring would come through (routing), or the session was over.',
      labels: ['why'],
      read: () => Object.entries(presence.refused).map(([why, count]) => [{ why }, count]),
    },
    {
      name: 'rings_sent_total',
      kind: 'counter',
      help: 'Rings since the start that were sent to devices connected here which held a lease.',
      read: () => one(presence.ringsSent),
    },
    {
      name: 'rings_acknowledged_total',
      kind: 'counter',
      help: 'Acknowledgements of rings since the start by devices connected here which held a lease, late ones too.',
      read: () => one(presence.ringsAcknowledged),
    },
    {
      name: 'promises_total',
      kind: 'counter',
      help: 'Rings since the start to devices that held a lease, of calls that are driven here, by what became of them. kept: acknowledged within 3 s. Broken are unanswered: not acknowledged within 3 s; and lost: the connection, its lease, or the node that has it was gone after the ring and before the acknowledgement, for whatever reason. undecided: the call was over first, or this server could not know (its bus was lost, another node took the call over). kept / (kept + unanswered + lost) is the share of promises kept, and should be 1.',
      labels: ['outcome'],
      read: () => Object.entries(calls().promises).map(([outcome, count]) => [{ outcome }, count]),
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
    ...metricsOfPlaces(measured),
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
          ...(rooms ? ([[{ limit: 'room_frames' }, rooms.sockets.cutOff]] as const) : []),
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
      name: 'database_probes_total',
      kind: 'counter',
      help: 'Writes since the start that only showed whether the database takes any, one in 2 s, by what came of them.',
      labels: ['outcome'],
      read: () => [
        [{ outcome: 'written' }, probes.written],
        [{ outcome: 'failed' }, probes.failed],
      ],
    },
    {
      name: 'database_probe_seconds_total',
      kind: 'counter',
      help: 'How long those that were written took together: by their number, how fast the database is.',
      read: () => one(probes.took / 1_000),
    },
    ...(rooms ? metricsOfRooms(rooms) : []),
    node ? bytesOfPostgres(db) : bytesOf(database),
    ...(node ? metricsOfNode(node, measured) : []),
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
    {
      name: 'expected_calls',
      kind: 'gauge',
      help: 'Calls that were announced and are still expected, and of how many a program was told that their person cannot be reached.',
      labels: ['risk'],
      async read() {
        const { all, risky } = await db
          .selectFrom('expectedCall')
          .select((e) => [e.fn.countAll<number>().as('all'), e.fn.sum<number | null>('atRisk').as('risky')])
          .where('endedAt', 'is', null)
          .executeTakeFirstOrThrow()
        return [
          [{ risk: 'told' }, Number(risky ?? 0)],
          [{ risk: 'none' }, Number(all) - Number(risky ?? 0)],
        ]
      },
    },
    {
      name: 'webhook_events_waiting',
      kind: 'gauge',
      help: 'Events that webhooks of programs have not taken yet, but for those that were given up.',
      async read() {
        const waiting = await db
          .selectFrom('webhookDelivery')
          .innerJoin('webhook', 'webhook.id', 'webhookDelivery.webhookId')
          .select((expression) => expression.fn.countAll<number>().as('count'))
          .where('webhookDelivery.nextAt', 'is not', null)
          .where('webhook.disabledAt', 'is', null)
          .executeTakeFirstOrThrow()
        return one(waiting.count)
      },
    },
  ]
}

const metricsOfPlaces = ({ db, places }: Measured): Metric[] => [
  {
    name: 'visits_open',
    kind: 'gauge',
    help: 'Visits of places that are not over: in line, or ringing. Of all nodes.',
    labels: ['state'],
    async read() {
      const rows = await db
        .selectFrom('visit')
        .select((e) => ['state', e.fn.countAll<number>().as('count')])
        .where('endedAt', 'is', null)
        .groupBy('state')
        .execute()
      return (['queued', 'calling'] as const).map((state) => [
        { state },
        Number(rows.find((row) => row.state === state)?.count ?? 0),
      ])
    },
  },
  {
    name: 'visits_ended_total',
    kind: 'counter',
    help: 'Visits that are over since the start, by how they ended.',
    labels: ['outcome'],
    read: () => [...places().ended].map(([outcome, count]) => [{ outcome }, count]),
  },
  {
    name: 'visits_asked_total',
    kind: 'counter',
    help: 'Presses of Call since the start, by what was answered: visiting (a visit is made, or was), not-now, full, prove (work was asked for), blocked, no-room.',
    labels: ['answer'],
    read: () => [...places().answered].map(([answer, count]) => [{ answer }, count]),
  },
  {
    name: 'places_looked_at_total',
    kind: 'counter',
    help: 'Looks at places since the start, by how the place stood.',
    labels: ['state'],
    read: () => [...places().looked].map(([state, count]) => [{ state }, count]),
  },
  {
    name: 'messages_left_total',
    kind: 'counter',
    help: 'Messages of visitors since the start that were delivered.',
    read: () => one(places().left),
  },
]

/** What only a server has in whose rooms people meet. */
const metricsOfRooms = ({ rooms, sockets }: MeasuredRooms): Metric[] => [
  {
    name: 'room_connections',
    kind: 'gauge',
    help: 'WebSockets of the pages of rooms, those that are not welcomed yet among them.',
    read: () => one(sockets.connections),
  },
  {
    name: 'room_seats',
    kind: 'gauge',
    help: 'Seats of rooms that are held here: of people who have joined, and of those who have the page open only.',
    labels: ['state'],
    read: () => Object.entries(rooms.seats()).map(([state, count]) => [{ state }, count]),
  },
  {
    name: 'room_hellos_total',
    kind: 'counter',
    help: 'Pages of rooms that asked to be let in since the start, by what became of it. unavailable: the database or the bus could not be asked, and the page comes again; tooMany: by one seat or ticket more came than a page does.',
    labels: ['outcome'],
    read: () => Object.entries(rooms.counts.hellos).map(([outcome, count]) => [{ outcome }, count]),
  },
  {
    name: 'room_seats_ended_total',
    kind: 'counter',
    help: 'Seats of rooms that are held here no more since the start. ended: somebody hung up, or the room was over; left: the page was closed; silent: no beat came for 6 s; lost: the connection was, or the bus; replaced and superseded: another page or connection of the same person has it.',
    labels: ['why'],
    read: () => [...rooms.counts.ends].map(([why, count]) => [{ why }, count]),
  },
  {
    name: 'room_signals_total',
    kind: 'counter',
    help: 'What pages of rooms told each other on their way to a connection, as far as it was passed on to pages connected here, since the start.',
    read: () => one(rooms.counts.signals),
  },
]

/** What only one of several nodes has. */
const metricsOfNode = (node: MeasuredNode, { conflictRetries }: Measured): Metric[] => [
  {
    name: 'node_info',
    kind: 'gauge',
    help: 'The name of this node, a new one at every start; always 1.',
    labels: ['node'],
    read: () => [[{ node: node.id }, 1]],
  },
  {
    name: 'nodes_living',
    kind: 'gauge',
    help: 'Nodes of the service that can write, as far as this one knows, itself among them.',
    read: () => one(node.living()),
  },
  {
    name: 'node_draining',
    kind: 'gauge',
    help: '1 while this node stops, and takes nobody new.',
    read: () => one(node.isDraining()),
  },
  {
    name: 'bus_connected',
    kind: 'gauge',
    help: '1 while messages get through to other nodes: NATS is there.',
    read: () => one(node.isBusConnected()),
  },
  {
    name: 'database_retries_total',
    kind: 'counter',
    help: 'How often since the start PostgreSQL undid what came between what others did, so that it was done again.',
    read: () => one(conflictRetries()),
  },
]

const bytesOf = (database: string): Metric => ({
  name: 'database_bytes',
  kind: 'gauge',
  help: 'Bytes of the database and of what is written ahead of it.',
  labels: ['file'],
  read: () => [
    [{ file: 'database' }, sizeOf(database)],
    [{ file: 'ahead' }, sizeOf(`${database}-wal`)],
  ],
})

const bytesOfPostgres = (db: Database): Metric => ({
  name: 'database_bytes',
  kind: 'gauge',
  help: 'Bytes of the database, of which all nodes tell the same.',
  labels: ['file'],
  async read() {
    const { rows } = await sql<{
      bytes: number
    }>`select pg_database_size(current_database()) as bytes`.execute(db)
    return rows.map(({ bytes }) => [{ file: 'database' }, bytes])
  },
})

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
