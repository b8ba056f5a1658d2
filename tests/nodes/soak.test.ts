import { expect, test } from 'vitest'
import { broken, soakNodes } from '../soak/nodes/soak-nodes.ts'

test('J3.2 under random kills of nodes, NATS and PostgreSQL no call is lost or doubled, and all say the same of each', async () => {
  const seed = Date.now() % 1_000_000
  const options = { perSecond: 20, people: 24, wellFor: 1_500, faultFor: 1_500 }
  const soaked = await soakNodes({ calls: 300, seed, ...options })
  expect({ seed, broken: broken(soaked) }).toEqual({ seed, broken: [] })
  expect(soaked.verdict.calls).toBe(300)
})
