import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { moveVisits } from './visit-rows.ts'
import { clocksApart } from './visit-rule.ts'

/**
 * The wall clock, by which all nodes date what becomes of visits. Somebody may set it, by hours, while visitors wait: that
 * is noticed by the monotonic clock, and nobody loses their place by it, or keeps one for longer: what was left of a lease is
 * left of it, also where the server itself slept, which no clock here tells apart.
 */
export interface VisitTime {
  /** @returns wall-clock ms, once visits are dated by the clock as it is set now. @throws where they cannot be. */
  now(): Promise<number>
}

export function createVisitTime({ db, clock }: { readonly db: Database; readonly clock: Clock }): VisitTime {
  const apart = () => Math.round(clock.wall() - clock.monotonic())
  let known = apart()
  let moving: Promise<void> | undefined

  const move = async () => {
    const to = apart()
    const by = to - known
    // Less than that the nodes may differ by anyway, and every lease has it to spare.
    if (Math.abs(by) > clocksApart) await moveVisits(db, clock.wall(), by)
    known = to
  }

  return {
    async now() {
      moving ??= move().finally(() => {
        moving = undefined
      })
      await moving
      return clock.wall()
    },
  }
}
