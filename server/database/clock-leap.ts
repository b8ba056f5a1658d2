import type { Database } from './tables.ts'
import { lastWrite } from './write-probe.ts'

const day = 86_400_000
/** A clock that is so much later, in ms, than when the database was last served was more likely set than waited for. */
const leap = 31 * day
/** For so long, in ms, it is not believed in what nothing brings back: somebody may notice and set it right. */
const doubtedFor = day

/**
 * Whether the machine's clock has leapt forward of late, this server or an earlier one running or not: no write probe
 * was there for more than a month. So it is too where the server really was away for that long.
 *
 * @param now wall-clock ms.
 */
export async function hasClockLeapt(db: Database, now: number): Promise<boolean> {
  const last = await lastWrite(db)
  // This server has just started, and not written yet.
  if (last !== undefined && now - last > leap) return true
  const away = await db
    .selectFrom('serverAway')
    .select('until')
    .where('until', '>', now - doubtedFor)
    // What lies in the future is of a clock that was set right since.
    .where('until', '<=', now)
    .where((e) => e(e('until', '-', e.ref('from')), '>', leap))
    .limit(1)
    .executeTakeFirst()
  return away !== undefined
}
