import type { Gap } from '../../protocol/connection.ts'
import { wasRecorded } from '../database/server-away.ts'
import type { Database } from '../database/tables.ts'
import { lastWrite } from '../database/write-probe.ts'

/** A shorter gap is told only if a call was missed in it: a worker that restarts is no news. */
const worthTelling = 60_000

/** When calls could reach each person: the record from which gaps are told (L5). Wall-clock ms. */
export interface ReachabilityRecord {
  /** Ends what a server that was killed left open: it was alive for certain at its last write probe. */
  recover(): Promise<void>
  /** @returns since when the person has been unreachable; undefined if never reachable before. */
  unreachableSince(userId: string): Promise<number | undefined>
  /** Whether this server could write down whatever call was made between `from` and `until` (now). */
  recorded(from: number, until: number): Promise<boolean>
  began(userId: string, at: number): void
  ended(userId: string, at: number): void
  /**
   * Writes what has changed since the last time in a transaction, and keeps it in mind until it is known to be written.
   *
   * @returns what is to be called after the commit.
   */
  flush(transaction: Database): Promise<() => void>
  /** The same in a transaction of its own: one commit, however many people it is about. */
  flushNow(): Promise<void>
}

/** @param callsKeptFor ms: of calls before that nobody knows any more. */
export function createReachabilityRecord(db: Database, callsKeptFor: number): ReachabilityRecord {
  /** What is not written yet; it goes with the next write probe, so that a heartbeat costs no write. */
  const changed = new Map<string, { from: number; until: number | null }>()

  const flush = async (transaction: Database) => {
    const written = [...changed]
    for (const [userId, stretch] of written) await write(transaction, userId, stretch)
    return () => {
      for (const [userId, stretch] of written) if (changed.get(userId) === stretch) changed.delete(userId)
    }
  }

  return {
    async recover() {
      const at = await lastWrite(db)
      if (at === undefined) return
      await db
        .updateTable('reachability')
        .set((e) => ({ until: e.fn<number>('max', ['from', e.val(at)]) }))
        .where('until', 'is', null)
        .execute()
    },
    async unreachableSince(userId) {
      const recent = changed.get(userId)
      if (recent) return recent.until ?? undefined
      const row = await db
        .selectFrom('reachability')
        .select('until')
        .where('userId', '=', userId)
        .executeTakeFirst()
      return row?.until ?? undefined
    },
    recorded: (from, until) => wasRecorded(db, { from, until }, callsKeptFor),
    began(userId, at) {
      changed.set(userId, { from: at, until: null })
    },
    ended(userId, at) {
      changed.set(userId, { from: changed.get(userId)?.from ?? at, until: at })
    },
    flush,
    flushNow: async () => (await db.transaction().execute(flush))(),
  }
}

async function write(db: Database, userId: string, { from, until }: { from: number; until: number | null }) {
  await db
    .insertInto('reachability')
    .columns(['userId', 'node', 'from', 'until'])
    .expression((e) =>
      e
        .selectFrom('user')
        .select(['user.id', e.val('').as('node'), e.val(from).as('from'), e.val(until).as('until')])
        .where('user.id', '=', userId),
    )
    .onConflict((conflict) =>
      conflict.columns(['userId', 'node']).doUpdateSet(until === null ? { from, until } : { until }),
    )
    .execute()
}

/** What a person is told who can be reached again; undefined when it is not worth telling. */
export const gapToTell = (gap: Gap): Gap | undefined =>
  gap.until > gap.from && (gap.missed > 0 || gap.until - gap.from >= worthTelling) ? gap : undefined
