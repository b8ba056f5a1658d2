import * as v from 'valibot'
import { expect, test } from 'vitest'
import { readClocks, rebased, storedInstant } from '../../entrypoints/background/clocks.ts'

test('T1.4 both clocks are read: one that never jumps, and that of the wall', () => {
  const before = { mono: performance.now(), wall: Date.now() }
  const { mono, wall } = readClocks()
  expect(mono).toBeGreaterThanOrEqual(before.mono)
  expect(mono).toBeLessThanOrEqual(performance.now())
  expect(wall).toBeGreaterThanOrEqual(before.wall)
  expect(wall).toBeLessThanOrEqual(Date.now())
})

test('P7.1 what an earlier worker wrote down is as long ago as the wall clock says, and never lies ahead', () => {
  const now = { mono: 500, wall: 10_000 }
  expect(rebased({ mono: 9_000, wall: 7_000 }, now)).toEqual({ mono: -2_500, wall: 7_000 })
  // The clock was set back meanwhile.
  expect(rebased({ mono: 9_000, wall: 12_000 }, now)).toEqual(now)
  expect(v.parse(storedInstant, { mono: 1, wall: 2 })).toEqual({ mono: 1, wall: 2 })
  for (const broken of [{ mono: 1 }, { wall: 2 }, { mono: '1', wall: 2 }])
    expect(v.is(storedInstant, broken)).toBe(false)
})
