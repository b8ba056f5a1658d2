import type { Clock } from '../clock.ts'
import type { Away } from './server-away.ts'

/** A line at most this often, in ms: a database that fails and works by turns is not to fill the log. */
const tellEvery = 60_000

/** Has the log tell of stretches in which no call could be written down; what comes too soon is counted in the next line. */
export function awayTelling(
  clock: Clock,
  log: { warn(said: object, sentence: string): void },
): (away: Away) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  let untold = 0
  return ({ from, until }) => {
    if (clock.monotonic() - toldAt < tellEvery) {
      untold += 1
      return
    }
    toldAt = clock.monotonic()
    const more = untold > 0 ? { before: untold } : {}
    untold = 0
    log.warn(
      { from: new Date(from).toISOString(), until: new Date(until).toISOString(), ...more },
      'no call could be written down for a while: not running, asleep, or the database took no write',
    )
  }
}
