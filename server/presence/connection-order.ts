import { type SqlBool, sql } from 'kysely'
import type { ConnectionOrder } from '../../protocol/connection.ts'
import type { Clock } from '../clock.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { every } from '../every.ts'
import type { Log } from '../log.ts'
import type { OtherNodes } from '../nodes/other-nodes.ts'
import { compareOrders, stragglesFor } from './lease-reducer.ts'

/** Which connections are gone is written down this often, in ms. */
const writesEvery = 2_000
/** So many of them in one statement. */
const atOnce = 200
/** A claim that others keep overtaking ends after so many tries. */
const mostTries = 5

/** A connection whose hello is sound, and that wants to be its device's. */
export interface ConnectionClaim {
  readonly userId: string
  readonly device: string
  readonly connection: string
  readonly order: ConnectionOrder
  readonly takeOver: boolean
}

export type Claimed =
  /** It is the newest of its device. With `takeOver` false it still must not replace one here that holds a lease. */
  | { readonly kind: 'granted'; readonly takeOver: boolean }
  /** A newer one was before, or one that is not to be taken over holds a lease. */
  | { readonly kind: 'outranked'; readonly boot: number; readonly live: boolean }

/** A device's newest connection, and the node where it is. */
export interface NewerElsewhere {
  readonly userId: string
  readonly device: string
  readonly connection: string
  readonly order: ConnectionOrder
  readonly node: string
}

/** Which connection is a device's, in the whole service (T9). */
export interface ConnectionOrders {
  claim(claim: ConnectionClaim): Promise<Claimed>
  /** The connection is no more. */
  gone(claim: Pick<ConnectionClaim, 'userId' | 'device' | 'connection'>): void
  /** Other nodes that may have a connection of this person. */
  nodesOf(userId: string): Promise<readonly string[]>
  /** Of these sessions' devices, those that have a newer connection at another node, which is there as far as is known. */
  elsewhere(sessionIds: readonly string[]): Promise<readonly NewerElsewhere[]>
  /** Writes down what is gone, and drops what is over. Never rejects. */
  tick(): Promise<void>
  /** Writes down what is gone, whatever the time. */
  flush(): Promise<void>
}

/** Of a server that runs alone: what it remembers of its own connections is all there is. */
export const ordersOfOne: ConnectionOrders = {
  claim: async ({ takeOver }) => ({ kind: 'granted', takeOver }),
  gone() {},
  nodesOf: async () => [],
  elsewhere: async () => [],
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
  /** Whether the device holds a lease here. */
  readonly isLive: (userId: string, device: string) => boolean
}

/**
 * Of several nodes: one row a device, which a newer connection takes by compare-and-set, in one statement where no other
 * node has the device. The older connection is told once the newer one has a lease.
 */
export function createConnectionOrders(dependencies: ConnectionOrderDependencies): ConnectionOrders {
  const { db, clock, log, node, others, isLive } = dependencies
  let gone: (Pick<ConnectionClaim, 'userId' | 'device' | 'connection'> & { at: number })[] = []

  const read = ({ userId, device }: ConnectionClaim) =>
    db
      .selectFrom('connectionOrder')
      .selectAll()
      .where('userId', '=', userId)
      .where('device', '=', device)
      .executeTakeFirst()

  /** @returns whether the row is this connection's: there was none, or one of a lower order that `may` be taken. */
  const take = async (claim: ConnectionClaim, may: ReturnType<typeof sql<SqlBool>>): Promise<boolean> => {
    const { userId, device, connection, order } = claim
    const taken = await db
      .insertInto('connectionOrder')
      .values({ userId, device, ...order, connection, node, goneAt: null })
      .onConflict((conflict) =>
        conflict
          .columns(['userId', 'device'])
          .doUpdateSet({ ...order, connection, node, goneAt: null })
          .where(
            sql<SqlBool>`("connectionOrder"."boot" < ${order.boot}
              or ("connectionOrder"."boot" = ${order.boot} and "connectionOrder"."n" < ${order.n})) and ${may}`,
          ),
      )
      .returning('connection')
      .executeTakeFirst()
    return taken !== undefined
  }

  const nobodyElse = sql<SqlBool>`("connectionOrder"."node" = ${node} or "connectionOrder"."goneAt" is not null)`

  const liveAt = async (at: string, { userId, device }: ConnectionClaim) => {
    const held = await others.leasesAt(at, userId)
    return held?.leases.some((lease) => lease.device === device) ?? false
  }

  const claim = async (asked: ConnectionClaim): Promise<Claimed> => {
    const { userId, device, order, takeOver } = asked
    for (let tries = 0; tries < mostTries; tries += 1) {
      const liveHere = isLive(userId, device)
      if ((takeOver || !liveHere) && (await take(asked, nobodyElse)))
        return { kind: 'granted', takeOver: true }
      const row = await read(asked)
      if (!row) continue
      const here = row.node === node
      const isNewer = compareOrders(order, row) > 0
      const live =
        row.goneAt === null && (!isNewer || !takeOver) && (here ? liveHere : await liveAt(row.node, asked))
      if (!isNewer || (live && !takeOver)) return { kind: 'outranked', boot: row.boot, live }
      const isStill = sql<SqlBool>`"connectionOrder"."connection" = ${row.connection}`
      if (await take(asked, isStill)) return { kind: 'granted', takeOver: true }
    }
    throw new Error('other connections of the device keep coming')
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
        gone.push(...waiting.slice(n))
        throw error
      })
  }

  return {
    claim,
    gone(one) {
      gone.push({ ...one, at: clock.wall() })
    },
    async nodesOf(userId) {
      const rows = await db
        .selectFrom('connectionOrder')
        .select('node')
        .distinct()
        .where('userId', '=', userId)
        .where('goneAt', 'is', null)
        .where('node', '<>', node)
        .execute()
      return rows.map((row) => row.node)
    },
    async elsewhere(sessionIds) {
      const rows = await db
        .selectFrom('device')
        .innerJoin('connectionOrder', (join) =>
          join
            .onRef('connectionOrder.userId', '=', 'device.userId')
            .onRef('connectionOrder.device', '=', 'device.device'),
        )
        .selectAll('connectionOrder')
        .where('device.sessionId', 'in', sessionIds)
        .where('connectionOrder.node', '<>', node)
        .where('connectionOrder.goneAt', 'is', null)
        .execute()
      return rows.map(({ boot, n, userId, device, connection, node: at }) => ({
        userId,
        device,
        connection,
        order: { boot, n },
        node: at,
      }))
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
