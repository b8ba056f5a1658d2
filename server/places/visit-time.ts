import { placeTiming } from '../../protocol/place.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { gathered } from '../gathered.ts'
import { keepVisits } from './visit-rows.ts'
import { clocksApart } from './visit-rule.ts'

/**
 * The wall clock, by which all nodes date what becomes of visits. Somebody may set it, by hours, while visitors wait: that
 * is noticed by the monotonic clock, and nobody loses their place by it, or keeps one for longer than another lease; also
 * where the server itself slept or stood still. Nor does anybody lose it since what they were heard by could not be written
 * down.
 */
export interface VisitTime {
  /** @returns wall-clock ms, as of when visits were dated by the clock as it is set now. @throws where they cannot be. */
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
  /** Why something is not: a sweep failed, until the next one has done it; a renewal, until one is written; or nothing was done. */
  const lost = new Set<'renewal' | 'sweep' | 'standstill'>()
  let ran: number | undefined

  /** Pages have asked and were not heard, though nothing failed: whichever comes first afterwards notices. */
  const noticeStill = () => {
    const at = running()
    if (ran === undefined) return
    if (at - ran >= spared) lost.add('standstill')
    ran = at
  }

  const settle = async () => {
    await learn()
    // Also while that was asked for.
    noticeStill()
    const to = apart()
    const set = to - known
    // Less than that the nodes may differ by anyway, and every lease has it to spare.
    const by = Math.abs(set) > clocksApart ? set : 0
    const now = clock.wall()
    const before = now - by
    const was = [...lost]
    if (by !== 0 || (was.length > 0 && before - heard >= spared)) {
      // What is lost while this is written is another matter.
      lost.clear()
      try {
        await keepVisits(db, { now, heard: was.length > 0 ? heard : before, by })
      } catch (error) {
        for (const what of was) lost.add(what)
        throw error
      }
      heard = now
    }
    known = to
    return now
  }
  // Whoever comes while the time is being asked for waits for the next answer.
  const settled = gathered(async (keys) => {
    const now = await settle()
    return new Map(keys.map((key) => [key, now]))
  })

  return {
    async now() {
      return (await settled('')) ?? clock.wall()
    },
    failed(what) {
      lost.add(what)
    },
    renewed() {
      // It may have been sent before the server stood still.
      lost.delete('renewal')
      lost.delete('sweep')
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
