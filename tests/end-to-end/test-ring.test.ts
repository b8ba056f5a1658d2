import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'

test('C8.11 U5.11 a test ring shows all that a call does, and Decline ends it', async () => {
  const device = await openDevice()
  const options = await device.openOptions()

  await options.testRing.click()

  const shown = await device.callWindow()
  await expect.poll(() => shown.status.textContent()).toContain('nobody is calling')
  await expect.poll(() => shown.title()).toBe('Test ring – Reachable')
  await expect.poll(() => device.toolbar.light()).toBe('ringing')
  await shown.decline.click()
  await expect.poll(() => device.toolbar.light()).toBe('off')
  await expect.poll(() => device.callWindowCount()).toBe(0)
})
