import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import * as v from 'valibot'
import { databaseNow } from '../database/database-now.ts'
import { laneOf } from '../database/postgres-database.ts'
import type { Database } from '../database/tables.ts'
import { every } from '../every.ts'
import type { Log } from '../log.ts'
import type { DatabaseClock } from './database-clock.ts'
import type { HearingNode } from './main-part.ts'
import { differingSetting, otherSettings } from './node-settings.ts'
import { isDead, nodeTiming } from './node-timing.ts'

export interface OtherNode extends HearingNode {
  /** When it last could write, by the database's clock. */
  readonly writtenAt: number
  readonly draining: boolean
  /** How old its last write was when it was read, ms. */
  readonly age: number
  /** `settingsPrint` of its settings; null where its version says nothing of them. */
  readonly settings: string | null
  /** Whether it tells whoever watches people of their leases: older versions do not. */
  readonly tellsLeases: boolean
}

/** What a look found. */
export interface LookAtNodes {
  /** When this node started, database ms; infinite until it has written. */
  readonly startedAt: number
  readonly others: readonly OtherNode[]
}

const ids = v.array(v.string())

/** This node in the table of all, and the others as they were at the last look. */
export interface NodeRecord {
  readonly id: string
  /** Learns the time, and who else is there. It is written down by the first write probe. @throws when that fails. */
  register(): Promise<void>
  /** Learns the time anew. @throws when that fails. */
  learn(): Promise<void>
  /**
   * Takes this node out again where another that lives has other settings. One that drains takes nobody, and is about to go.
   *
   * @throws StartupError that says which.
   */
  agree(): Promise<void>
  /** For the write probe, in its transaction: this node can write. @returns what is to be called after the commit. */
  write(transaction: Database): Promise<() => void>
  /** Those that are alive, without this one. */
  living(): readonly OtherNode[]
  /** Hears once of each node that was found dead. @returns what ends it. */
  onLost(listener: (node: OtherNode) => void | Promise<void>): () => void
  /** Hears of each look. @returns what ends it. */
  onLook(listener: (look: LookAtNodes) => Promise<void>): () => void
  /** Looks at the others now. @throws when that fails. */
  look(): Promise<void>
  /** The row says that this node does not hear these; null: it has lost the bus. */
  sayUnheard(ids: readonly string[] | null): Promise<void>
  /** From now on the row says that this node takes nobody new. */
  drain(): Promise<void>
  /** Looks at the others when it is time to. Never rejects. */
  tick(): Promise<void>
}

export interface NodeRecordDependencies {
  readonly db: Database
  readonly clock: DatabaseClock
  readonly log: Log
  /** A new name at every start. */
  readonly id?: string
  /** `settingsPrint` of this node's settings. */
  readonly settings?: string | undefined
}

export function createNodeRecord(dependencies: NodeRecordDependencies): NodeRecord {
  const { db, clock, log, id = randomUUID(), settings } = dependencies
  const listeners = new Set<(node: OtherNode) => void | Promise<void>>()
  /** Told as dead already; those that write again are taken off. */
  const dead = new Set<string>()
  let others: readonly OtherNode[] = []
  /** By node: the last write that was seen, and since when. */
  let writes = new Map<string, { readonly writtenAt: number; readonly since: number }>()
  let draining = false
  const looked = new Set<(look: LookAtNodes) => Promise<void>>()
  /** As the row says, or is to say with the next write. */
  let unheard: string | null = '[]'
  let saidUnheard: string | null = '[]'

  /** One read, outside of every transaction: nodes that write beside one another are not to wait for it. */
  const look = async () => {
    const from = clock.monotonic()
    const rows = await db
      .selectFrom('node')
      .select([
        'id',
        'startedAt',
        'writtenAt',
        'drainingSince',
        'unheard',
        'settings',
        'tellsLeases',
        databaseNow(db).as('now'),
      ])
      .execute()
    const until = clock.monotonic()
    const now = Number(rows[0]?.now)
    if (rows.length > 0) clock.learn(now, { from, until })
    const seen = rows
      .filter((row) => row.id !== id)
      .map((row) => ({
        id: row.id,
        startedAt: Number(row.startedAt),
        writtenAt: Number(row.writtenAt),
        draining: row.drainingSince !== null,
        age: now - Number(row.writtenAt),
        unheard: row.unheard === null ? null : v.parse(ids, JSON.parse(row.unheard)),
        settings: row.settings,
        tellsLeases: row.tellsLeases === 1,
      }))
    const before = writes
    writes = new Map()
    for (const { id: name, writtenAt } of seen) {
      const known = before.get(name)
      writes.set(name, known?.writtenAt === writtenAt ? known : { writtenAt, since: until })
    }
    const were = new Set(others.map((other) => other.id))
    const isLost = ({ id: name, writtenAt }: OtherNode) =>
      isDead({ age: now - writtenAt, unchangedFor: from - (writes.get(name)?.since ?? from) })
    others = seen.filter((other) => !isLost(other))
    for (const other of others) dead.delete(other.id)
    const lost = seen.filter((other) => isLost(other) && !dead.has(other.id))
    for (const node of lost) await tellLost(node, were.has(node.id))
    for (const known of dead) if (!seen.some((row) => row.id === known)) dead.delete(known)
    const startedAt = Number(rows.find((row) => row.id === id)?.startedAt ?? Number.POSITIVE_INFINITY)
    for (const listener of looked) await listener({ startedAt, others })
  }

  const tellLost = async (node: OtherNode, wasThere: boolean) => {
    if (wasThere && !node.draining)
      log.warn({ other: node.id, writtenAt: node.writtenAt }, 'another node is gone')
    try {
      for (const listener of listeners) await listener(node)
      dead.add(node.id)
    } catch (err) {
      log.error({ err, other: node.id }, 'what a node left is put right at the next look')
    }
  }

  const write = async (transaction: Database) => {
    const now = databaseNow(transaction)
    const from = clock.monotonic()
    const { writtenAt } = await transaction
      .insertInto('node')
      .values({
        id,
        startedAt: now,
        writtenAt: now,
        drainingSince: draining ? now : null,
        unheard,
        settings: settings ?? null,
        tellsLeases: 1,
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ writtenAt: now, unheard }))
      .returning('writtenAt')
      .executeTakeFirstOrThrow()
    const until = clock.monotonic()
    return () => clock.learn(Number(writtenAt), { from, until })
  }

  const learn = async () => {
    const from = clock.monotonic()
    // Visits go by it, which no crowd that signs in is to keep from the database.
    const lane = laneOf(db, 'calls')
    const { rows } = await sql<{ now: number }>`select ${databaseNow(db)} as "now"`.execute(lane)
    clock.learn(Number(rows[0]?.now), { from, until: clock.monotonic() })
  }

  const looking = every(clock, nodeTiming.looksEvery, () =>
    look().catch((err) => log.warn({ err }, 'the other nodes could not be looked at')),
  )

  return {
    id,
    async register() {
      await learn()
      await look()
    },
    learn,
    async agree() {
      await look()
      for (const other of others) {
        const setting = settings && differingSetting(settings, other.settings)
        if (!setting || other.draining || other.age > nodeTiming.deadAfter) continue
        await db.deleteFrom('node').where('id', '=', id).execute()
        throw otherSettings(setting, other.id)
      }
    },
    write,
    living: () => others,
    onLost(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onLook(listener) {
      looked.add(listener)
      return () => void looked.delete(listener)
    },
    look,
    async sayUnheard(which) {
      unheard = which && JSON.stringify(which)
      const saying = unheard
      if (saying === saidUnheard) return
      await db.updateTable('node').set({ unheard: saying }).where('id', '=', id).execute()
      saidUnheard = saying
    },
    async drain() {
      draining = true
      await db
        .updateTable('node')
        .set({ drainingSince: databaseNow(db) })
        .where('id', '=', id)
        .execute()
    },
    tick: looking,
  }
}
