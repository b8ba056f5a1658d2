import { expect, test } from 'vitest'
import { readClocks } from '../../entrypoints/background/clocks.ts'

test('T1.4 both clocks are read: one that never jumps, and that of the wall', () => {
  const before = { mono: performance.now(), wall: Date.now() }
  const { mono, wall } = readClocks()
  expect(mono).toBeGreaterThanOrEqual(before.mono)
  expect(mono).toBeLessThanOrEqual(performance.now())
  expect(wall).toBeGreaterThanOrEqual(before.wall)
  expect(wall).toBeLessThanOrEqual(Date.now())
})
