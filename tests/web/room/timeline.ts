import type { Instant } from '../../../web/room/clocks.ts'
import type { After } from '../../../web/room/timers.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Time that passes when it is told to, on both clocks of a page. */
export function timeline() {
  let now = 1_000
  let slept = 0
  let timers: Timer[] = []
  const after: After = (milliseconds, run) => {
    const timer = { at: now + milliseconds, run }
    timers.push(timer)
    return () => {
      timers = timers.filter((one) => one !== timer)
    }
  }
  return {
    after,
    now: (): Instant => ({ mono: now, wall: 1_700_000_000_000 + now + slept }),
    pass(milliseconds: number): void {
      const until = now + milliseconds
      for (;;) {
        const due = timers.filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)[0]
        if (!due) break
        timers = timers.filter((one) => one !== due)
        now = Math.max(now, due.at)
        due.run()
      }
      now = until
    },
    /** The machine sleeps: the monotonic clock and all timers stand still. */
    sleep(milliseconds: number): void {
      slept += milliseconds
    },
  }
}
