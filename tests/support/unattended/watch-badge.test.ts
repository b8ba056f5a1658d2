import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openCallPath } from './call-path.ts'
import { watchBadge } from './watch-badge.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Watches a badge that stays green for so long (milliseconds) after its server was killed, just after a look. */
async function watchAfterKill(greenFor: number) {
  const act = async () => {}
  const network = { leasedAt: () => performance.now() }
  const path = openCallPath({ server: { kill: act }, network } as Parameters<typeof openCallPath>[0])
  const light = async () => {
    const green = performance.now() < (path.broken()?.since ?? Number.POSITIVE_INFINITY) + greenFor
    await new Promise((looked) => setTimeout(looked, 50))
    return green ? 'green' : 'checking'
  }
  const unattended = { path, badge: { light, boot: async () => 'one' } } as Parameters<typeof watchBadge>[0]
  const watching = watchBadge(unattended, { lasting: 8_000, callEvery: 60_000 })
  await vi.advanceTimersByTimeAsync(1_160)
  await path.inject('server killed')
  await vi.advanceTimersByTimeAsync(8_000)
  return watching
}

test('H7.4 a soak breaks no bound over the time between two looks', async () => {
  const { broken, falseGreen } = await watchAfterKill(970)

  expect(broken).toEqual([])
  expect(falseGreen).toBeLessThan(1_200)
})

test('H7.4 a soak that sees a badge green beyond its bound says so', async () => {
  const { broken } = await watchAfterKill(1_300)

  expect(broken[0]).toMatch(/^server killed: green for 1\.[0-3] s$/)
})
