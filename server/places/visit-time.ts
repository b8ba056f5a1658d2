import { placeTiming } from '../../protocol/place.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { gathered } from '../gathered.ts'
import { keepVisits } from './visit-rows.ts'
import { clocksApart } from './visit-rule.ts'

/**
 * The wall clock, by which all nodes date what becomes of visits. Somebody may set it, by hours, while visitors wait: that
 * is noticed by the monotonic clock, and nobody loses their place by it, or keeps one for longer than another lease; also
 * where the server itself slept or stood still. Nor does anybody lose it since what they were heard by
 * could not be written down.
 */
export interface VisitTime {
  /** @returns wall-clock ms, once visits are dated by the clock as it is set now. @throws where they cannot be. */
  now(): Promise<number>
  /** That a page was there could not be written down, or, in a sweep, that leases are over. */
  failed(what: 'renewal' | 'sweep'): void
  /** That a page was there is written down: so it is of every other that asks again in time. */
  renewed(): void
  /** All that pages were heard by until `now`, wall-clock ms, is written down, unless some of that has failed. */
  swept(now: number): void
  /** The server runs: to be told all the time. */
  tick(): void
}

/**
 * For so long, in ms, nothing may be written down and a page still holds its lease, by asking again. What fails now and then
 * is no reason to believe anybody for longer.
 */
const spared = placeTiming.leaseFor - placeTiming.waitWithin - placeTiming.againAfter

export interface VisitTimeDependencies {
  readonly db: Database
  readonly clock: Clock
  /**
   * Has `clock` learn the time anew, which is that of others: whoever goes by one of before, since their machine slept or
   * the other one was set, has visits end that are held by pages at other nodes. Throws where that cannot be asked.
   */
  readonly learn?: () => Promise<void>
  /** Milliseconds by which it is told for how long the server stood still. */
  readonly running?: () => number
}

export function createVisitTime(dependencies: VisitTimeDependencies): VisitTime {
  const { db, clock, learn = async () => {}, running = () => performance.now() } = dependencies
  const apart = () => Math.round(clock.wall() - clock.monotonic())
  let known = apart()
  /** Until when all that was heard of pages is written down. */
  let heard = clock.wall()
  /** Since when something is not, which is a sweep until the next one has done it, and a page's until it is there again. */
  const lost = new Set<'renewal' | 'sweep'>()
  let ran: number | undefined

  /** Pages have asked and were not heard, though nothing failed: whichever comes first afterwards notices. */
  const noticeStill = () => {
    const at = running()
    if (ran !== undefined && at - ran >= spared) lost.add('renewal')
    if (ran !== undefined) ran = at
  }

  const settle = async () => {
    noticeStill()
    await learn()
    const to = apart()
    const set = to - known
    // Less than that the nodes may differ by anyway, and every lease has it to spare.
    const by = Math.abs(set) > clocksApart ? set : 0
    const now = clock.wall()
    const before = now - by
    const isLost = lost.size > 0
    if (by !== 0 || (isLost && before - heard >= spared)) {
      await keepVisits(db, { now, heard: isLost ? heard : before, by })
      heard = now
      lost.clear()
    }
    known = to
  }
  // Whoever comes while the time is being asked for waits for the next answer.
  const settled = gathered(async (keys) => {
    await settle()
    return new Map(keys.map((key) => [key, true]))
  })

  return {
    async now() {
      await settled('')
      return clock.wall()
    },
    failed(what) {
      lost.add(what)
    },
    renewed() {
      lost.clear()
    },
    swept(now) {
      lost.delete('sweep')
      if (lost.size === 0) heard = now
    },
    tick() {
      ran ??= running()
      noticeStill()
    },
  }
}
