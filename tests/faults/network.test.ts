import { expect, test } from 'vitest'
import { reachablePerson } from '../support/reachable-person.ts'

test('E7.1 a computer that goes offline turns the badge off within 1 s, and green again when it is back', async () => {
  const { device, setOffline } = await reachablePerson()

  await setOffline(true)
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).not.toContain('green')
  const popup = await device.openPopup()
  await expect.poll(() => popup.sentence.textContent()).toContain('this computer is offline')

  await setOffline(false)
  await expect.poll(() => device.toolbar.light(), { timeout: 40_000 }).toBe('green')
})

test('E7.2 packets that are lost without a word leave the badge green for no more than 15 s', async () => {
  const { network, device } = await reachablePerson()

  network.stall()
  await expect.poll(() => device.toolbar.light(), { timeout: 15_000, interval: 50 }).not.toContain('green')

  network.restore()
  await expect.poll(() => device.toolbar.light(), { timeout: 40_000 }).toBe('green')
})
