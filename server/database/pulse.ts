import type { Clock } from '../clock.ts'
import type { Database } from './tables.ts'

/** The database is written to this often only to know that it can be: milliseconds. */
const beatEvery = 2_000
/** A write that succeeded longer ago proves nothing. */
const goodFor = 5_000

/** Whether a call could be written down now, known from writes that were really made. */
export interface Pulse {
  /** A write succeeded lately and none has failed since. */
  keeps(): boolean
  /** Runs a write that must not fail; when it does, nothing counts as kept from that moment. */
  guard<T>(write: () => Promise<T>): Promise<T>
  /** Called by the shared sweep: writes when it is time to, and notices that it has been too long. */
  sweep(): Promise<void>
}

/**
 * @param together what else is written with each pulse, in the same transaction.
 * @param onLost told at once each time writing turns out impossible.
 */
export function pulse(
  db: Database,
  clock: Clock,
  together: (db: Database) => Promise<void>,
  onLost: (fault: unknown) => void,
): Pulse {
  let goodAt: number | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let writing = false

  const keeps = () => goodAt !== undefined && clock.monotonic() - goodAt <= goodFor

  const lost = (fault: unknown) => {
    const kept = goodAt !== undefined
    goodAt = undefined
    if (kept) onLost(fault)
  }

  return {
    keeps,
    async guard(write) {
      try {
        return await write()
      } catch (fault) {
        lost(fault)
        throw fault
      }
    },
    async sweep() {
      const now = clock.monotonic()
      if (goodAt !== undefined && !keeps()) lost(new Error('no write succeeded for too long'))
      if (writing || now - triedAt < beatEvery) return
      writing = true
      triedAt = now
      try {
        await db.transaction().execute(async (transaction) => {
          const at = clock.wall()
          await transaction
            .insertInto('pulse')
            .values({ id: 1, at })
            .onConflict((conflict) => conflict.column('id').doUpdateSet({ at }))
            .execute()
          await together(transaction)
        })
        goodAt = clock.monotonic()
      } catch (fault) {
        lost(fault)
      } finally {
        writing = false
      }
    },
  }
}

/** When the database was last known to be served, wall-clock ms; undefined on a new one. */
export async function lastPulse(db: Database): Promise<number | undefined> {
  const row = await db.selectFrom('pulse').select('at').where('id', '=', 1).executeTakeFirst()
  return row?.at
}
