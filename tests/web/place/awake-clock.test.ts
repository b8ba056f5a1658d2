import { afterEach, expect, test, vi } from 'vitest'
import { createAwakeClock } from '../../../web/place/awake-clock.ts'

afterEach(() => void vi.restoreAllMocks())

const minute = 60_000

test('PV2.3 of the monotonic and the wall clock that one is believed by which more time has passed, at each look', () => {
  let [monotonic, wall] = [500, performance.timeOrigin + 500]
  vi.spyOn(performance, 'now').mockImplementation(() => monotonic)
  vi.spyOn(Date, 'now').mockImplementation(() => wall)
  const now = createAwakeClock()
  const pass = (byMonotonic: number, byWall: number) => {
    monotonic += byMonotonic
    wall += byWall
    return Math.round(now())
  }
  expect(pass(0, 0)).toBe(500)
  expect(pass(250, 250)).toBe(750)
  // Asleep: the monotonic clock stood still.
  expect(pass(10, 10 * minute)).toBe(750 + 10 * minute)
  // Somebody set the wall clock back, and forward again: nothing comes back that was over.
  expect(pass(250, -60 * minute)).toBe(1_000 + 10 * minute)
  expect(pass(250, 60 * minute)).toBe(1_000 + 70 * minute)
  expect(pass(0, -minute)).toBe(1_000 + 70 * minute)
})

test('PV2.3 what has passed since the page was asked for counts, by whichever clock it is more', () => {
  vi.spyOn(performance, 'now').mockReturnValue(300)
  vi.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin + 5_000)
  expect(Math.round(createAwakeClock()())).toBe(5_000)
  vi.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin - 5_000)
  expect(createAwakeClock()()).toBe(300)
})
