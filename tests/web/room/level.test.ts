import { expect, test } from 'vitest'
import { loudness } from '../../../web/room/level.ts'

const tone = (amplitude: number) =>
  Float32Array.from({ length: 480 }, (_, at) => amplitude * Math.sin(at / 5))

test('RM10.2 how loud it is grows with the sound, as it is heard: from nothing to all', () => {
  const levels = [0, 0.000_1, 0.01, 0.1, 0.5, 1].map((amplitude) => loudness(tone(amplitude)))
  expect(levels).toEqual(levels.toSorted((one, other) => one - other))
  expect(levels[0]).toBe(0)
  expect(levels[1]).toBe(0)
  // A voice is in the middle of the bar, and not at its very beginning.
  expect(levels[3]).toBeGreaterThan(0.5)
  expect(levels.at(-1)).toBeLessThanOrEqual(1)
  expect(loudness(tone(50))).toBe(1)
})
