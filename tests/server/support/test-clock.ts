import type { Clock } from '../../../server/clock.ts'

/** The real clocks, which a test may set forward, or apart from each other. */
export interface TestClock extends Clock {
  /** Lets time pass on both clocks. */
  advance(ms: number): void
  /** Sets the wall clock, as somebody who changes the time of the machine. */
  setWall(by: number): void
  /** From now on time passes only by `advance`: what has to be within some time is so on a busy machine too. */
  standStill(): void
}

export function testClock(): TestClock {
  let passed = 0
  let set = 0
  let still: { readonly wall: number; readonly monotonic: number } | undefined
  return {
    wall: () => (still?.wall ?? Date.now()) + passed + set,
    monotonic: () => (still?.monotonic ?? performance.now()) + passed,
    advance: (ms) => {
      passed += ms
    },
    setWall: (by) => {
      set += by
    },
    standStill() {
      // Whole: five seconds added to a fraction may be a little less than five seconds later.
      still = { wall: Date.now(), monotonic: Math.ceil(performance.now()) }
    },
  }
}
