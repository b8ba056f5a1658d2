import type { Clock } from '../clock.ts'
import type { Database } from './tables.ts'

/** The database is written to this often only to know that it can be: milliseconds. */
const beatEvery = 2_000
/** A write that succeeded longer ago proves nothing. */
const goodFor = 5_000
/** While writing fails, whoever asks has it tried again, but not oftener than this. */
const retryAfter = 500

/** Whether a call could be written down now, known from writes that were really made. */
export interface Pulse {
  /** A write succeeded lately and none has failed since; where that is not known, one is tried. */
  keeps(): Promise<boolean>
  /** Runs a write that must not fail; when it does, nothing counts as kept from that moment. */
  guard<T>(write: () => Promise<T>): Promise<T>
  /** Called by the shared sweep: writes when it is time to. Never rejects. */
  sweep(): Promise<void>
}

/**
 * @param together what else is written with each pulse, in the same transaction; what it gives back is called
 *   once that is committed, and not at all when it is not.
 * @param onLost told at once each time writing turns out impossible.
 */
export function pulse(
  db: Database,
  clock: Clock,
  together: (db: Database) => Promise<() => void>,
  onLost: (fault: unknown) => void,
): Pulse {
  let goodAt: number | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let writing: Promise<void> | undefined

  const since = (moment: number) => clock.monotonic() - moment
  const fresh = () => goodAt !== undefined && since(goodAt) <= goodFor

  const lost = (fault: unknown) => {
    const kept = goodAt !== undefined
    goodAt = undefined
    if (kept) onLost(fault)
  }

  const write = async () => {
    triedAt = clock.monotonic()
    try {
      const committed = await db.transaction().execute(async (transaction) => {
        const at = clock.wall()
        await transaction
          .insertInto('pulse')
          .values({ id: 1, at })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ at }))
          .execute()
        return together(transaction)
      })
      committed()
      goodAt = clock.monotonic()
    } catch (fault) {
      lost(fault)
    }
  }

  const writeOnce = () => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    async keeps() {
      if (!fresh() && since(triedAt) >= retryAfter) await writeOnce()
      return fresh()
    },
    async guard(guarded) {
      try {
        return await guarded()
      } catch (fault) {
        lost(fault)
        throw fault
      }
    },
    async sweep() {
      if (since(triedAt) >= beatEvery) await writeOnce()
      else if (goodAt !== undefined && !fresh()) lost(new Error('no write has succeeded for too long'))
    },
  }
}

/** When the database was last known to be served, wall-clock ms; undefined on a new one. */
export async function lastPulse(db: Database): Promise<number | undefined> {
  const row = await db.selectFrom('pulse').select('at').where('id', '=', 1).executeTakeFirst()
  return row?.at
}
