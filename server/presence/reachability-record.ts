import { type RawBuilder, sql } from 'kysely'
import type { Gap } from '../../protocol/connection.ts'
import { lastMissed } from '../calls/missed-calls.ts'
import type { Clock } from '../clock.ts'
import { isAmong } from '../database/is-among.ts'
import { wasRecorded } from '../database/server-away.ts'
import type { Database } from '../database/tables.ts'
import { lastWrite, probeEvery } from '../database/write-probe.ts'
import { every } from '../every.ts'
import { gathered } from '../gathered.ts'

/** A shorter gap is told only if a call was missed in it: a worker that restarts is no news. */
const worthTelling = 60_000
/** Of several nodes each writes what has ended this often, in ms, and what has begun as often as it writes that it can. */
const endsEvery = 200
/** So many stretches are written in one statement, and so many in one transaction of the write probe. */
const atOnce = 500
const mostAtOnce = 5_000

/** When calls could reach each person: the record from which gaps are told (L5). Wall-clock ms. */
export interface ReachabilityRecord {
  /** Ends what a server that ran alone and was killed left open: it was alive for certain at its last write probe. */
  recover(): Promise<void>
  /** Ends what a dead node left open, at its last write. */
  endNode(node: { readonly id: string; readonly writtenAt: number }): Promise<void>
  /** @returns since when the person has been unreachable, over every node; undefined if they are, or never were. */
  unreachableSince(userId: string): Promise<Unreachable | undefined>
  /** Whether this server could write down whatever call was made between `from` and `until` (now). */
  recorded(from: number, until: number): Promise<boolean>
  began(userId: string, at: number): void
  ended(userId: string, at: number): void
  /** Whether some stretch ended that is not written yet: another node is to know of it when the person comes back there. */
  hasUnwrittenEnds(): boolean
  /** When the person's last stretch here ended, where that is not written yet. */
  unwrittenEnd(userId: string): number | undefined
  /**
   * Writes what has changed since the last time in a transaction, and keeps it in mind until it is known to be written.
   *
   * @returns what is to be called after the commit.
   */
  flush(transaction: Database): Promise<() => void>
  /** The same in a transaction of its own: one commit, however many people it is about. */
  flushNow(): Promise<void>
}

export interface Unreachable {
  readonly from: number
  /** When the last call was placed that the person has missed and not seen; undefined without any. */
  readonly lastMissed: number | undefined
}

/** What other nodes say of a person's reachability there. */
export interface ReachableElsewhere {
  /** The name of this node. */
  readonly node: string
  /** @returns where a person whose connections are in this order may hold a lease that is not in the record yet. */
  readonly nodesOf: (order: readonly PlaceInOrder[]) => readonly string[]
  /** @returns what the person holds there; undefined when the node does not say. */
  readonly at: (
    node: string,
    userId: string,
  ) => Promise<{ readonly leases: readonly unknown[]; readonly endedAt: number | null } | undefined>
}

/** Where a connection of a person was placed, and when that was gone. */
export interface PlaceInOrder {
  readonly node: string
  /** Where the one before it was, which may have held its lease for longer. */
  readonly nodeBefore: string | null
  readonly goneAt: number | null
}

/** A stretch as it is to be written. It began before the last writing where `from` is null. */
interface Stretch {
  readonly from: number | null
  readonly until: number | null
}

/**
 * @param callsKeptFor ms: of calls before that nobody knows any more.
 * @param elsewhere undefined where the server runs alone.
 */
export function createReachabilityRecord(
  db: Database,
  callsKeptFor: number,
  elsewhere?: ReachableElsewhere,
): ReachabilityRecord {
  const node = elsewhere?.node ?? ''
  /** What is not written yet; it goes with the next write probe, so that a heartbeat costs no write. */
  const changed = new Map<string, Stretch>()
  /** Those of whom other nodes wrote stretches that have ended. */
  const endedElsewhere = new Set<string>()

  const flushUpTo = async (transaction: Database, most: number) => {
    const written = [...changed].slice(0, most)
    const begun = written.filter(([, { from }]) => from !== null)
    const ended = written.filter(([, { from }]) => from === null)
    for (const batch of batches(begun)) {
      // Whoever can be reached again was told of what lay before: it is of no use any more.
      const old = batch.filter(([userId]) => endedElsewhere.has(userId))
      if (old.length > 0) await dropEndedElsewhere(transaction, old)
      await write(transaction, batch, sql`"from" = excluded."from", "until" = excluded."until"`)
    }
    // What another node ended meanwhile, since it believed this one dead, stays so.
    for (const batch of batches(ended))
      await write(transaction, batch, sql`"until" = excluded."until" where "reachability"."until" is null`)
    return () => {
      for (const [userId, stretch] of written)
        if (changed.get(userId) === stretch) {
          changed.delete(userId)
          endedElsewhere.delete(userId)
        }
    }
  }

  const write = (transaction: Database, batch: readonly [string, Stretch][], update: RawBuilder<unknown>) => {
    const rows = batch.map(
      ([userId, { from, until }]) =>
        sql`(cast(${userId} as text), cast(${from ?? until} as bigint), cast(${until} as bigint))`,
    )
    return sql`with "stretch" ("userId", "from", "until") as (values ${sql.join(rows)})
      insert into "reachability" ("userId", "node", "from", "until")
      select "stretch"."userId", cast(${node} as text), "stretch"."from", "stretch"."until"
      from "stretch" inner join "user" on "user"."id" = "stretch"."userId" where true
      on conflict ("userId", "node") do update set ${update}`.execute(transaction)
  }

  const dropEndedElsewhere = (transaction: Database, batch: readonly [string, Stretch][]) =>
    transaction
      .deleteFrom('reachability')
      .where(
        'userId',
        'in',
        batch.map(([userId]) => userId),
      )
      .where('node', '<>', node)
      .where('until', 'is not', null)
      .execute()

  const endAt = async (name: string, at: number) => {
    await db
      .updateTable('reachability')
      .set({ until: sql<number>`case when "from" > ${at} then "from" else ${at} end` })
      .where('node', '=', name)
      .where('until', 'is', null)
      .execute()
  }

  /** One statement for all of it, and for all who ask meanwhile: whole regions may come back at once. */
  const rowsOf = gathered(async (userIds) => {
    const stretches = db
      .selectFrom('reachability')
      .leftJoin('node', 'node.id', 'reachability.node')
      .select(['reachability.userId', 'reachability.node', 'reachability.from', 'reachability.until as end'])
      .select(['node.writtenAt', sql<string | null>`null`.as('nodeBefore'), sql<number>`1`.as('isStretch')])
      .where(isAmong(db, 'reachability.userId', userIds))
    const places = db
      .selectFrom('connectionOrder')
      .select(['userId', 'node', sql<number>`0`.as('from'), 'goneAt as end'])
      .select([sql<number | null>`0`.as('writtenAt'), 'nodeBefore', sql<number>`0`.as('isStretch')])
      .where(isAmong(db, 'connectionOrder.userId', userIds))
    const missed = db
      .selectFrom(lastMissed(db, userIds).as('last'))
      .select(['userId', sql<string>`''`.as('node'), sql<number>`0`.as('from'), 'at as end'])
      .select([sql<number | null>`0`.as('writtenAt'), sql<string | null>`null`.as('nodeBefore')])
      .select(sql<number>`2`.as('isStretch'))
    const both = stretches.unionAll(missed)
    const rows = await (elsewhere ? both.unionAll(places) : both).execute()
    return Map.groupBy(rows, ({ userId }) => userId)
  })

  const whatIsKnownOf = async (userId: string) => {
    const rows = (await rowsOf(userId)) ?? []
    const of = (kind: number) => rows.filter(({ isStretch }) => isStretch === kind)
    return {
      stretches: of(1).map(({ end, ...row }) => ({ ...row, until: end })),
      order: of(0).map(({ node: at, nodeBefore, end }) => ({ node: at, nodeBefore, goneAt: end })),
      lastMissed: of(2)[0]?.end ?? undefined,
    }
  }

  const unreachableSince = async (userId: string): Promise<Unreachable | undefined> => {
    const { stretches: rows, order, lastMissed } = await whatIsKnownOf(userId)
    const since = (ends: readonly number[]) =>
      ends.length === 0 ? undefined : { from: Math.max(...ends), lastMissed }
    const here = changed.get(userId) ?? rows.find((row) => row.node === node)
    if (here && here.until === null) return undefined
    const ends = here?.until == null ? [] : [here.until]
    const others = new Map(rows.filter((row) => row.node !== node).map((row) => [row.node, row]))
    for (const { until } of others.values()) if (until !== null) ends.push(until)
    if (!elsewhere) return since(ends)
    if (others.size > 0) endedElsewhere.add(userId)
    // What a row does not say yet, or says no more, its node knows.
    const open = [...others.values()].filter(({ until }) => until === null).map((row) => row.node)
    const names = [...new Set([...open, ...elsewhere.nodesOf(order)])]
    const answers = await Promise.all(
      names.map(async (name) => ({ name, held: await elsewhere.at(name, userId) })),
    )
    for (const { name, held } of answers) {
      if (held && held.leases.length > 0) return undefined
      const row = others.get(name)
      if (held?.endedAt != null) ends.push(held.endedAt)
      else if (row?.until === null) ends.push(Math.max(row.from, row.writtenAt ?? row.from))
    }
    return since(ends)
  }

  return {
    async recover() {
      const at = await lastWrite(db)
      if (at !== undefined) await endAt('', at)
    },
    endNode: ({ id, writtenAt }) => endAt(id, writtenAt),
    unreachableSince,
    recorded: (from, until) => wasRecorded(db, { from, until }, callsKeptFor),
    began(userId, at) {
      changed.set(userId, { from: at, until: null })
    },
    ended(userId, at) {
      changed.set(userId, { from: changed.get(userId)?.from ?? null, until: at })
    },
    hasUnwrittenEnds: () => changed.values().some(({ until }) => until !== null),
    unwrittenEnd: (userId) => changed.get(userId)?.until ?? undefined,
    flush: (transaction) => flushUpTo(transaction, mostAtOnce),
    flushNow: async () =>
      (await db.transaction().execute((transaction) => flushUpTo(transaction, changed.size)))(),
  }
}

/** @returns for the shared tick of one of several nodes: writes what is due, one write at a time. Rejects as that does. */
export function writesOfNode(
  clock: Clock,
  record: Pick<ReachabilityRecord, 'hasUnwrittenEnds' | 'flushNow'>,
): () => Promise<void> {
  let writing: Promise<void> | undefined
  const write = () => {
    writing ??= record.flushNow().finally(() => {
      writing = undefined
    })
    return writing
  }
  const all = every(clock, probeEvery, write)
  const ends = every(clock, endsEvery, async () => {
    if (record.hasUnwrittenEnds()) await write()
  })
  return async () => {
    await all()
    await ends()
  }
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let n = 0; n < all.length; n += atOnce) yield all.slice(n, n + atOnce)
}

/** What a person is told who can be reached again; undefined when it is not worth telling. */
export const gapToTell = (gap: Gap): Gap | undefined =>
  gap.until > gap.from && (gap.missed > 0 || gap.until - gap.from >= worthTelling) ? gap : undefined

/** Whether the gap that ends at `until` (wall-clock ms) may be worth telling: mostly it need not be asked what was missed. */
export const mayBeTold = ({ from, lastMissed }: Unreachable, until: number): boolean =>
  until - from >= worthTelling || (lastMissed !== undefined && lastMissed >= from)
