import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { paceChanges } from '../../entrypoints/background/paced-changes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const told: number[] = []
  let urgent = ''
  let value = 0
  const changed = paceChanges(
    () => urgent,
    () => told.push(value),
  )
  return {
    told,
    change: () => {
      value += 1
      changed()
    },
    changeUrgent: () => {
      urgent += '!'
      value += 1
      changed()
    },
  }
}

test('U9.9 changes are told at once, and of a flood of them twenty in a second and the last at its end', () => {
  const { told, change } = setUp()
  for (let n = 0; n < 10_000; n += 1) change()
  expect(told).toHaveLength(20)
  vi.advanceTimersByTime(999)
  expect(told).toHaveLength(20)
  vi.advanceTimersByTime(1)
  expect(told.slice(20)).toEqual([10_000])
  vi.advanceTimersByTime(60_000)
  change()
  expect(told.at(-1)).toBe(10_001)
  expect(told).toHaveLength(22)
})

test('U9.9 T3.1 what is urgent is told at once, in a flood too, and takes along what waited', () => {
  const { told, change, changeUrgent } = setUp()
  for (let n = 0; n < 100; n += 1) change()
  changeUrgent()
  expect(told.at(-1)).toBe(101)
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(21)
})
