import type { Clock } from '../../../server/clock.ts'

/** The real clocks, which a test may set forward, or apart from each other. */
export interface TestClock extends Clock {
  /** Lets time pass on both clocks. */
  advance(ms: number): void
  /** Sets the wall clock, as somebody who changes the time of the machine. */
  setWall(by: number): void
}

export function testClock(): TestClock {
  let passed = 0
  let set = 0
  return {
    wall: () => Date.now() + passed + set,
    monotonic: () => performance.now() + passed,
    advance: (ms) => {
      passed += ms
    },
    setWall: (by) => {
      set += by
    },
  }
}
