import { expect, test } from 'vitest'
import { measureDraining } from '../soak/nodes/measure-draining.ts'
import { startNodes } from '../support/nodes/start-nodes.ts'

test('J4.1 a rolling restart of three nodes misses no call, and no device leaves green for more than a second', async () => {
  const nodes = await startNodes({ count: 3 })
  const { verdict, missed, longestOff } = await measureDraining(nodes, {
    devices: 60,
    perSecond: 5,
    wait: 500,
  })
  const { lost, doubled, disagreeing } = verdict
  expect({ lost, doubled, disagreeing, missed }).toEqual({
    lost: [],
    doubled: [],
    disagreeing: [],
    missed: 0,
  })
  expect(verdict.calls).toBeGreaterThan(10)
  expect(longestOff).toBeLessThan(1_000)
})
