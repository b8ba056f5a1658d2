import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { pino } from 'pino'
import { type Bus, BusLost, type Handler } from '../../../server/bus/bus.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { type LegReport, legsSubject } from '../../../server/bus/leg-report.ts'
import {
  parsePersonMessage,
  parseRingMessage,
  personSubject,
  ringSubject,
} from '../../../server/bus/person-message.ts'
import { type Calls, openCalls, type Placed } from '../../../server/calls/calls.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import { isPostgres } from '../../../server/database/dialect.ts'
import type { Database } from '../../../server/database/tables.ts'
import type { Json } from '../../../server/json.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { type TestClock, testClock } from '../support/test-clock.ts'
import { addAnn, ann as callee } from './ann.ts'

/** The end of a bus that one node has: it may be cut off, lose messages, and stand still with its node. */
export interface BusEnd extends Bus {
  cut(): void
  mend(): void
  /** Which messages it loses that it sends, though it is connected. */
  loses: (subject: string, payload: Json) => boolean
  /** It loses all that it sends without knowing so: requests have no answer until their time is over. */
  hangs: boolean
  /** What comes for it is dropped, as what lay for too long is. */
  deaf: boolean
  /** What comes on a subject waits for so long, as where it is not known yet how long it was under way. */
  waits: (subject: string) => Promise<void> | undefined
  freeze(): void
  thaw(): void
}

export function busEnd(shared: Bus): BusEnd {
  let isConnected = true
  let thawed: PromiseWithResolvers<void> | undefined
  const listeners = new Set<(isConnected: boolean) => void>()
  const connect = (now: boolean) => {
    isConnected = now
    for (const listener of listeners) listener(now)
  }
  const through =
    (subject: string, handler: Handler): Handler =>
    async (payload) => {
      const isDropped = end.deaf
      await thawed?.promise
      await end.waits(subject)
      return isConnected && !isDropped ? handler(payload) : undefined
    }
  const end: BusEnd = {
    subscribe: (subject, handler) => shared.subscribe(subject, through(subject, handler)),
    request: (subject, payload, options) =>
      end.hangs ? silence(options) : isConnected ? shared.request(subject, payload, options) : lost(),
    publish(subject, payload) {
      if (isConnected && !end.hangs && !end.loses(subject, payload)) shared.publish(subject, payload)
    },
    flush: shared.flush,
    get isConnected() {
      return isConnected
    },
    onConnection(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
    cut: () => connect(false),
    mend: () => connect(true),
    loses: () => false,
    hangs: false,
    deaf: false,
    waits: () => undefined,
    freeze() {
      thawed ??= Promise.withResolvers<void>()
    },
    thaw() {
      thawed?.resolve()
      thawed = undefined
    },
  }
  return end
}

// biome-ignore lint/correctness/useYield: it has no replies, and ends by time.
async function* silence({ within }: { readonly within: number }): AsyncGenerator<Json> {
  await once(AbortSignal.timeout(within), 'abort')
}

// biome-ignore lint/correctness/useYield: it has no replies, and throws as it is read.
async function* lost(): AsyncGenerator<Json> {
  throw new BusLost()
}

/** A real PostgreSQL is left as it is: what it runs again, a database with plugins would not. */
const failing = (db: Database, fails: () => boolean): Database =>
  db.withPlugin({
    transformQuery({ node }) {
      if (fails()) throw new Error('PostgreSQL cannot be reached')
      return node
    },
    transformResult: async ({ result }) => result,
  })

export interface NodeOfCalls {
  readonly id: string
  readonly calls: Calls
  readonly bus: BusEnd
  /** It is gone without a word; others hear so by the table of nodes only once it is `buried`. */
  kill(): void
  /** It stands still until it is thawed. */
  freeze(): void
  thaw(): void
  /** While PostgreSQL takes none, every write of this node fails. */
  takesWrites: boolean
  /** While PostgreSQL cannot be reached, it reads nothing either. */
  hasDatabase: boolean
}

/** A device of Ann's at a node, with a lease. */
export interface DeviceOfNode {
  readonly rang: string[]
  /** What it was told of each call, each time. */
  readonly over: { readonly call: string; readonly outcome: string; readonly here: boolean }[]
  acknowledge(call: string): void
  gainLease(): void
  lose(): void
}

/** Nodes with one database and one bus, and devices of Ann's. Time passes as the test says. */
export async function callsOfNodes(database?: Database) {
  const db = database ?? (await openTestDatabase(temporaryFolder()))
  const [shared, clock] = [createInProcessBus(), testClock()]
  await addAnn(db)
  const living = new Set<string>()
  const running = new Map<string, { readonly node: NodeOfCalls; frozen: boolean }>()
  const dead = new Set<string>()
  const onLost = new Map<string, () => void>()

  let handsOver = false
  const canDrive = (id: string) => living.has(id) && running.get(id)?.node.bus.isConnected === true

  const start = (id: string): NodeOfCalls => {
    const bus = busEnd(shared)
    const calls = openCalls({
      db: isPostgres(db) ? db : failing(db, () => !node.hasDatabase),
      bus,
      clock,
      log: pino({ level: 'silent' }),
      nodes: {
        id,
        living: async () => [...living],
        onLost: (listener) => onLost.set(id, listener),
        canOthersDrive: () =>
          handsOver && [...running.keys()].some((other) => other !== id && canDrive(other)),
      },
      callRates: { perMinute: 60_000, perMinuteToOne: 60_000 },
      ringFor: 45_000,
      roomAddress: ({ room }) => room,
      // Whatever a dead node was about to write is never written.
      writeProbe: {
        isWritable: async () => true,
        tick: async () => {},
        guard: async (write) => {
          if (dead.has(id)) return new Promise(() => {})
          if (!node.takesWrites || !node.hasDatabase) throw new Error('no write is taken')
          return write()
        },
      },
    })
    const node: NodeOfCalls = {
      id,
      calls,
      bus,
      takesWrites: true,
      hasDatabase: true,
      kill() {
        dead.add(id)
        running.delete(id)
        bus.cut()
      },
      freeze() {
        bus.freeze()
        running.set(id, { node, frozen: true })
      },
      thaw() {
        running.set(id, { node, frozen: false })
        // As in a process that goes on: first the timers, then what came.
        calls.tick()
        bus.thaw()
      },
    }
    living.add(id)
    running.set(id, { node, frozen: false })
    return node
  }

  const device = (at: NodeOfCalls, name: string, acknowledges = true): DeviceOfNode => {
    let connection = `${name}-0`
    let count = 0
    let leased = true
    const report = (what: LegReport) => at.bus.publish(legsSubject('ann'), what)
    const acknowledge = (call: string) => report({ kind: 'acknowledged', call, connection })
    const it: DeviceOfNode = {
      rang: [],
      over: [],
      acknowledge,
      gainLease() {
        count += 1
        connection = `${name}-${count}`
        leased = true
        report({ kind: 'lease-gained', connection })
      },
      lose() {
        leased = false
        report({ kind: 'lost', connection })
      },
    }
    const isHere = () => running.has(at.id)
    at.bus.subscribe(personSubject('ann'), (payload) => {
      const message = parsePersonMessage(payload)
      if (!isHere() || message.kind !== 'over' || (message.connection ?? connection) !== connection)
        return undefined
      const { call, outcome, device: by } = message
      it.over.push({ call, outcome, here: by === name })
      return undefined
    })
    at.bus.subscribe(ringSubject('ann'), (payload) => {
      const message = parseRingMessage(payload)
      if (!isHere() || message.kind !== 'ring' || !leased) return undefined
      if ((message.connection ?? connection) !== connection) return undefined
      const call = message.call.id
      it.rang.push(call)
      report({ kind: 'asked', call, connection, device: name, node: at.id })
      if (acknowledges) acknowledge(call)
      return undefined
    })
    return it
  }

  let placed = 0
  return {
    db,
    clock: clock as TestClock,
    start,
    device,
    /** From now on nodes know by the table which others have the bus. */
    knowWhoHears() {
      handsOver = true
    },
    /** The table of nodes says that it is dead. */
    bury(node: NodeOfCalls) {
      living.delete(node.id)
      for (const [id, tell] of onLost) if (running.get(id)?.frozen === false) tell()
    },
    /** It writes again that it can. */
    revive: (node: NodeOfCalls) => living.add(node.id),
    by: (device: string) => ({ userId: 'ann', device, connection: `${device}-0` }),
    place(node: NodeOfCalls, key: string = randomUUID(), waitFor = 0): Promise<Placed> {
      placed += 1
      return node.calls.place({
        to: 'ann',
        from: 'Dr Bell',
        waitFor,
        placedBy: `caller-${placed % 2}`,
        idempotencyKey: key,
        callee: async () => callee,
      })
    },
    /** Lets time pass, with a tick of each node that runs at its end. */
    pass(ms: number) {
      clock.advance(ms)
      for (const { node, frozen } of running.values()) if (!frozen) node.calls.tick()
    },
    row: (id: string): Promise<CallRow> =>
      db.selectFrom('call').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  }
}

/** The row of a call that was placed. @throws when it was not. */
export function rowOf(placed: Placed): CallRow {
  if (!('row' in placed)) throw new Error(`not placed: ${placed.kind}`)
  return placed.row
}

/** Lets what has begun go on until it waits for time. */
export async function settle() {
  for (let turn = 0; turn < 12; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
