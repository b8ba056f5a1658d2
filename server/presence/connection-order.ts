import { type SqlBool, sql } from 'kysely'
import type { ConnectionOrder } from '../../protocol/connection.ts'
import type { Clock } from '../clock.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import { keptQuery } from '../database/kept-query.ts'
import type { Database } from '../database/tables.ts'
import { every } from '../every.ts'
import type { Log } from '../log.ts'
import type { OtherNodes } from '../nodes/other-nodes.ts'
import { type Claim, type Claimed, countsAsLive, decideClaim, isGrantedUnasked } from './decide-claim.ts'
import { stragglesFor } from './lease-reducer.ts'
import type { PlaceInOrder } from './reachability-record.ts'

/** Which connections are gone is written down this often, in ms. */
const writesEvery = 2_000
/** So many of them in one statement. */
const atOnce = 200
const always = sql<SqlBool>`true`
/** Of a row that another connection takes: whichever node has the older one that may hold a lease still. */
const nodeOfLatest = sql<
  string | null
>`case when "connectionOrder"."goneAt" is null then "connectionOrder"."node"
  else "connectionOrder"."nodeBefore" end`

/** A claim that others keep overtaking ends after so many tries. */
const mostTries = 5

/** A connection whose hello is sound, and that wants to be its device's. */
export interface ConnectionClaim extends Claim {
  readonly userId: string
  readonly device: string
  readonly connection: string
}

/** A connection that is welcomed. */
export type PlacedConnection = Omit<ConnectionClaim, 'takeOver'>

interface PlaceToTake extends ConnectionOrder {
  readonly userId: string
  readonly device: string
  readonly connection: string
}

/** A device's newest connection, and the node where it is. */
export interface NewerElsewhere {
  readonly userId: string
  readonly device: string
  readonly connection: string
  readonly order: ConnectionOrder
  readonly node: string
}

export interface LookAtOrders {
  /** Devices that have a newer connection at another node, which is there as far as is known. */
  readonly newer: readonly NewerElsewhere[]
  /** Devices whose newest connection is gone: an older one may go on. */
  readonly vacant: readonly Pick<ConnectionClaim, 'userId' | 'device'>[]
}

/** Which connection is a device's, in the whole service (T9). */
export interface ConnectionOrders {
  claim(claim: ConnectionClaim): Promise<Claimed>
  /** The connection is no more. */
  gone(claim: Pick<ConnectionClaim, 'userId' | 'device' | 'connection'>): void
  /** Other nodes where a person whose connections are in this order may hold a lease that is not on record yet. */
  nodesOf(order: readonly PlaceInOrder[]): readonly string[]
  /** The same where their order was not read yet. */
  readNodesOf(userId: string): Promise<readonly string[]>
  /** Looks where the connections of these sessions' devices are. */
  look(sessionIds: readonly string[]): Promise<LookAtOrders>
  /**
   * A newer connection of the device was here or elsewhere, and is gone again, before it had a lease: the device is this
   * connection's again, which has been there all along. Older hellos are refused as before.
   */
  resume(connection: PlacedConnection): Promise<void>
  /** Writes down what is gone, and drops what is over. Never rejects. */
  tick(): Promise<void>
  /** Writes down what is gone, whatever the time. */
  flush(): Promise<void>
}

/** Of a server that runs alone: what it remembers of its own connections is all there is. */
export const ordersOfOne: ConnectionOrders = {
  claim: async ({ takeOver }) => ({ kind: 'granted', takeOver }),
  gone() {},
  nodesOf: () => [],
  readNodesOf: async () => [],
  look: async () => ({ newer: [], vacant: [] }),
  async resume() {},
  async tick() {},
  async flush() {},
}

export interface ConnectionOrderDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** The name of this node. */
  readonly node: string
  readonly others: OtherNodes
  /** The names of the others that live. */
  readonly living: () => readonly string[]
  /** Whether the device holds a lease here. */
  readonly isLive: (userId: string, device: string) => boolean
}

/**
 * Of several nodes: one row a device, which a newer connection takes by compare-and-set, in one statement where it need
 * not yield. The older connection is told once the newer one has a lease. So the row names the newest hello,
 * and which connection holds the lease only its node knows: whoever has to know asks the nodes.
 */
export function createConnectionOrders(dependencies: ConnectionOrderDependencies): ConnectionOrders {
  const { db, clock, log, node, others, living, isLive } = dependencies
  let gone: (Pick<ConnectionClaim, 'userId' | 'device' | 'connection'> & { at: number })[] = []

  const read = ({ userId, device }: ConnectionClaim) =>
    db
      .selectFrom('connectionOrder')
      .selectAll()
      .where('userId', '=', userId)
      .where('device', '=', device)
      .executeTakeFirst()

  /** The row is this connection's: there was none, or one of a lower order that `may` be taken. */
  const taking = (db: Database, claim: PlaceToTake, may: ReturnType<typeof sql<SqlBool>>) => {
    const { userId, device, connection, ...order } = claim
    return db
      .insertInto('connectionOrder')
      .values({ userId, device, ...order, connection, node, goneAt: null })
      .onConflict((conflict) =>
        conflict
          .columns(['userId', 'device'])
          .doUpdateSet({ ...order, connection, node, goneAt: null, nodeBefore: nodeOfLatest })
          .where(
            sql<SqlBool>`("connectionOrder"."boot" < ${order.boot}
              or ("connectionOrder"."boot" = ${order.boot} and "connectionOrder"."n" < ${order.n})) and ${may}`,
          ),
      )
      .returning('connection')
  }

  const takingAny = keptQuery(['userId', 'device', 'connection', 'boot', 'n'], (db, claim: PlaceToTake) =>
    taking(db, claim, always),
  )

  /** @returns whether it took it. @param before the one of whose connection the row must be; any if left out. */
  const take = async (claim: ConnectionClaim, before?: { readonly connection: string }): Promise<boolean> => {
    const { userId, device, connection, order } = claim
    const place = { userId, device, connection, boot: order.boot, n: order.n }
    const isStill = sql<SqlBool>`"connectionOrder"."connection" = ${before?.connection ?? ''}`
    const taken = before ? await taking(db, place, isStill).execute() : await takingAny(db, place)
    return taken.length > 0
  }

  const isLiveElsewhere = async (asked: ConnectionClaim, at: string | undefined) => {
    const { userId, device } = asked
    const alive = living()
    const names = new Set(at === undefined || at === node ? alive : [...alive, at])
    const answers = [...names].map(async (name) => {
      const held = await others.leasesAt(name, userId)
      const holds = held?.leases.some((lease) => lease.device === device)
      return countsAsLive(holds, asked, alive.includes(name))
    })
    return (await Promise.all(answers)).includes(true)
  }

  const claim = async (asked: ConnectionClaim): Promise<Claimed> => {
    const { userId, device, takeOver } = asked
    for (let tries = 0; tries < mostTries; tries += 1) {
      if (takeOver && (await take(asked))) return { kind: 'granted', takeOver }
      const row = await read(asked)
      if (isGrantedUnasked(asked, row)) continue
      const at = row?.goneAt === null ? row.node : undefined
      const live = isLive(userId, device) || (await isLiveElsewhere(asked, at))
      const decided = decideClaim(asked, row, live)
      if (decided.kind === 'outranked') return decided
      if (await take(asked, { connection: row?.connection ?? '' })) return decided
    }
    throw new Error('other connections of the device keep coming')
  }

  const nodesOf = (order: readonly PlaceInOrder[]) => {
    const alive = living()
    const before = order.flatMap(({ nodeBefore }) => nodeBefore ?? []).filter((name) => alive.includes(name))
    const newest = order.filter(({ goneAt }) => goneAt === null).map((place) => place.node)
    return [...new Set([...newest, ...before])].filter((name) => name !== node)
  }

  const writeGone = async (batch: typeof gone) => {
    const keys = batch.map((one) => sql`(${one.userId}, ${one.device})`)
    await db
      .updateTable('connectionOrder')
      .set({ goneAt: Math.max(...batch.map(({ at }) => at)) })
      .where(sql<SqlBool>`("userId", "device") in (values ${sql.join(keys)})`)
      .where(
        'connection',
        'in',
        batch.map(({ connection }) => connection),
      )
      .execute()
  }

  const flush = async () => {
    const waiting = gone
    gone = []
    for (let n = 0; n < waiting.length; n += atOnce)
      await writeGone(waiting.slice(n, n + atOnce)).catch((error) => {
        gone = waiting.slice(n).concat(gone)
        throw error
      })
  }

  return {
    claim,
    gone(one) {
      gone.push({ ...one, at: clock.wall() })
    },
    nodesOf,
    async readNodesOf(userId) {
      const places = db.selectFrom('connectionOrder').select(['node', 'nodeBefore', 'goneAt'])
      return nodesOf(await places.where('userId', '=', userId).execute())
    },
    async look(sessionIds) {
      const rows = await db
        .selectFrom('device')
        .leftJoin('connectionOrder', (join) =>
          join
            .onRef('connectionOrder.userId', '=', 'device.userId')
            .onRef('connectionOrder.device', '=', 'device.device'),
        )
        .select(['device.userId', 'device.device'])
        .select(['connectionOrder.connection', 'boot', 'n', 'node', 'goneAt'])
        .where('device.sessionId', 'in', sessionIds)
        .where((e) => e.or([e('node', 'is', null), e('node', '<>', node), e('goneAt', 'is not', null)]))
        .execute()
      const newer: NewerElsewhere[] = []
      const vacant: Pick<ConnectionClaim, 'userId' | 'device'>[] = []
      for (const { userId, device, connection, boot, n, node: at, goneAt } of rows)
        if (goneAt !== null || connection === null || boot === null || n === null || at === null)
          vacant.push({ userId, device })
        else newer.push({ userId, device, connection, order: { boot, n }, node: at })
      return { newer, vacant }
    },
    async resume({ userId, device, connection, order }) {
      await db
        .insertInto('connectionOrder')
        .values({ userId, device, ...order, connection, node, goneAt: null })
        .onConflict((conflict) =>
          conflict
            .columns(['userId', 'device'])
            .doUpdateSet({ connection, node, goneAt: null })
            .where('connectionOrder.goneAt', 'is not', null),
        )
        .execute()
    },
    flush,
    tick: every(clock, writesEvery, () =>
      flush().catch((err) => log.warn({ err }, 'which connections are gone is written down later')),
    ),
  }
}

/** Drops what nobody comes back to: an older hello comes within `stragglesFor` of its device's last connection. */
export const deleteGoneConnections = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'connectionOrder', 'goneAt', now - stragglesFor)

/** The row of a dead node stays for so long, in ms, and what it left in the order of connections. */
const nodesKeptFor = 3_600_000

/** Drops nodes that are long dead, after the connections that they had. @returns whether there may be more. */
export async function deleteDeadNodes(db: Database, now: number): Promise<boolean> {
  const rows = await db
    .selectFrom('node')
    .select('id')
    .where('writtenAt', '<', now - nodesKeptFor)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return false
  const theirs = sql`"node" in (${sql.join(ids)})`
  // A device that comes back takes its row along to where it is now; what is left is of those that did not.
  if (await deleteBatch(db, 'connectionOrder', 'boot', Number.MAX_SAFE_INTEGER, theirs)) return true
  await db.deleteFrom('node').where('id', 'in', ids).execute()
  return false
}
