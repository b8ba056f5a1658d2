import type { Clock } from '../clock.ts'
import { laneOf } from './postgres-database.ts'
import { type Away, noteAway } from './server-away.ts'
import { isStorageError } from './storage-error.ts'
import type { Database } from './tables.ts'

/** The database is written to this often only to know that it can be: milliseconds. */
export const probeEvery = 2_000
/** A write that succeeded longer ago proves nothing. */
export const goodFor = 5_000
/** While writing fails, whoever asks has it tried again, but not oftener than this. */
const retryAfter = 500

/** Whether a call could be written down now, known from writes that were really made. */
export interface WriteProbe {
  /** A write succeeded lately and storage has not failed since; where that is not known, one is tried. */
  isWritable(): boolean | Promise<boolean>
  /**
   * Runs a write, which is done whole or not at all, and again where there is room that there was not. When storage fails
   * in it, nothing counts as kept from that moment; with PostgreSQL, once a write of the probe's own has failed too.
   */
  guard<T>(write: () => Promise<T>): Promise<T>
  /** Called by the shared tick: writes when it is time to. Never rejects. */
  tick(): Promise<void>
}

/** Of the probe's own writes since the server started. */
export interface ProbeCounts {
  /** Those that succeeded. */
  readonly written: number
  /** How long these took together, in ms: how fast the database is. */
  readonly took: number
  readonly failed: number
}

export interface WriteProbeDependencies {
  readonly db: Database
  readonly clock: Clock
  /**
   * What else is written with each probe, in the same transaction; what it gives back is called once that is
   * committed, and not at all when it is not.
   */
  readonly together: (db: Database) => Promise<() => void>
  /** The write itself of one of several nodes, each of which has its row; undefined where the server runs alone. */
  readonly writeNode?: ((db: Database) => Promise<() => void>) | undefined
  /**
   * What a node writes and takes back before each of its own: what changes in place takes no room, and proves none. One
   * that fails may have met somebody's lock; two in a row are no chance.
   */
  readonly rehearse?: ((db: Database) => Promise<void>) | undefined
  /** Told of each storage error. @returns whether what failed may be tried again at once: there is room now. */
  readonly makeRoom: (error: unknown) => boolean
  /** Told at once each time writing turns out impossible. */
  readonly onLost: (error: unknown) => void
  /** Told when it is possible again. */
  readonly onFound?: (() => void) | undefined
  /** Told of a stretch in which no call could be written down, once that is noted. */
  readonly onAway?: ((away: Away) => void) | undefined
  /** Told when what goes along with a probe could not be written, though the database takes writes. */
  readonly onError: (error: unknown) => void
  /** Told when a rehearsal failed and the next is to tell whether it was chance. */
  readonly onDoubt?: ((error: unknown) => void) | undefined
}

export function createWriteProbe({
  db,
  clock,
  together,
  writeNode,
  rehearse = async () => {},
  makeRoom,
  onLost,
  onFound,
  onAway = () => {},
  onError,
  onDoubt = onError,
}: WriteProbeDependencies): WriteProbe & { readonly counts: ProbeCounts } {
  let goodAt: number | undefined
  let losses = 0
  let triedAt = Number.NEGATIVE_INFINITY
  let writing: Promise<void> | undefined
  let failedRehearsals = 0
  const counts = { written: 0, took: 0, failed: 0 }

  const since = (moment: number) => clock.monotonic() - moment
  const fresh = () => goodAt !== undefined && since(goodAt) <= goodFor

  const lost = (error: unknown) => {
    const kept = goodAt !== undefined
    goodAt = undefined
    losses += 1
    if (kept) onLost(error)
  }

  /** @returns what tells of it, once it is committed. */
  const noteSince = async (transaction: Database, from: number, until: number): Promise<() => void> => {
    await noteAway(transaction, { from, until })
    return () => {
      if (from < until) onAway({ from, until })
    }
  }

  const probe = async (transaction: Database) => {
    const at = clock.wall()
    const last = await lastWrite(transaction)
    // Just started, lost, hung or asleep: no call could be written down since the last one.
    const isAway = last !== undefined && (goodAt === undefined || at - last > goodFor)
    const noted = isAway ? await noteSince(transaction, last, at) : () => {}
    await transaction
      .insertInto('writeProbe')
      .values({ id: 1, at })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ at }))
      .execute()
    return noted
  }

  /** Last of all, so that the time in the row is as late as it can be. */
  const probeNode = async (transaction: Database, write: NonNullable<typeof writeNode>) => {
    if (fresh()) return [await write(transaction)]
    const at = clock.wall()
    const last = await lastWrite(transaction)
    // The others could write meanwhile, unless nobody could.
    const isAway = last !== undefined && at - last > goodFor
    const noted = isAway ? await noteSince(transaction, last, at) : () => {}
    return [noted, await write(transaction)]
  }

  const commit = async (more: (db: Database) => Promise<() => void>) => {
    const before = losses
    let began = 0
    const committed = await laneOf(db, 'probe')
      .transaction()
      .execute(async (transaction) => {
        began = clock.monotonic()
        if (!writeNode) {
          const noted = await probe(transaction)
          return [noted, await more(transaction)]
        }
        return [await more(transaction), ...(await probeNode(transaction, writeNode))]
      })
    for (const then of committed) then()
    // What was lost meanwhile is for the next one to find, and to note. It counts from its beginning, since others count
    // from the time in the row.
    if (losses > before) return
    if (goodAt === undefined && losses > 0) onFound?.()
    goodAt = began
  }

  /** Tries once more where a write found no room and there is some now: nobody hears of it. */
  const inRoom = async <T>(attempt: () => Promise<T>): Promise<T> => {
    try {
      return await attempt()
    } catch (error) {
      if (!isStorageError(error) || !makeRoom(error)) throw error
      return attempt()
    }
  }

  /** @returns whether a call could be written, or may be. */
  const isRehearsed = async () => {
    try {
      await rehearse(db)
      failedRehearsals = 0
    } catch (error) {
      failedRehearsals += 1
      if (isStorageError(error)) throw error
      if (failedRehearsals > 1) {
        lost(error)
        return false
      }
      onDoubt(error)
    }
    return true
  }

  const write = async () => {
    triedAt = clock.monotonic()
    try {
      if (!(await isRehearsed())) {
        counts.failed += 1
        return
      }
      await inRoom(() => commit(together)).catch((error) => {
        if (isStorageError(error)) throw error
        onError(error)
        return commit(async () => () => {})
      })
      counts.written += 1
      counts.took += since(triedAt)
    } catch (error) {
      counts.failed += 1
      if (isStorageError(error)) lost(error)
      else onError(error)
    }
  }

  const writeOnce = () => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    counts,
    isWritable() {
      if (fresh() || since(triedAt) < retryAfter) return fresh()
      return writeOnce().then(fresh)
    },
    async guard(guarded) {
      try {
        return await inRoom(guarded)
      } catch (error) {
        // PostgreSQL has many connections, and one that broke says little of the others: a write that begins now tells.
        if (isStorageError(error)) writeNode ? void writeOnce() : lost(error)
        throw error
      }
    },
    async tick() {
      // One that hangs is not waited for: nobody is told that calls get through because it may still succeed.
      if (writing && goodAt !== undefined && !fresh()) lost(new Error('a write has hung for too long'))
      if (since(triedAt) >= probeEvery) await writeOnce()
      else if (goodAt !== undefined && !fresh()) lost(new Error('no write has succeeded for too long'))
    },
  }
}

/** When the database was last known to be served, by whichever node, wall-clock ms; undefined on a new one. */
export async function lastWrite(db: Database): Promise<number | undefined> {
  const alone = await db.selectFrom('writeProbe').select('at').where('id', '=', 1).executeTakeFirst()
  const nodes = await db
    .selectFrom('node')
    .select((e) => e.fn.max('writtenAt').as('at'))
    .executeTakeFirst()
  const known = [alone?.at, nodes?.at].filter((at) => at != null)
  return known.length === 0 ? undefined : Math.max(...known)
}
