import { expect, test, vi } from 'vitest'
import { defaultTiming } from '../../protocol/timing.ts'
import { processesOf, signal } from '../support/processes-of.ts'
import { reachablePerson } from '../support/reachable-person.ts'

test('E12.1 a computer that wakes after its lease has ended is not green within 1 s of waking, unless proven anew', async () => {
  const { network, device } = await reachablePerson()
  const asleep = processesOf(device.profile)
  const began = performance.now()

  signal(asleep, 'SIGSTOP')
  network.stall()
  await vi.waitUntil(() => performance.now() - began > defaultTiming.leaseFor, {
    timeout: 2 * defaultTiming.leaseFor,
    interval: 100,
  })
  signal(asleep, 'SIGCONT')
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).not.toContain('green')

  network.restore()
  await expect.poll(() => device.toolbar.light(), { timeout: 40_000 }).toBe('green')
})
