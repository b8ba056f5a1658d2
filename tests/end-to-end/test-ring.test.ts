import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'

test('C8.11 U5.11 PR4.2 a test ring shows all that a call does, Decline ends it, and what was seen and heard is asked and kept', async () => {
  const device = await openDevice()
  const options = await device.openOptions()

  await options.testRing.click()

  const shown = await device.callWindow()
  await expect.poll(() => shown.status.textContent()).toContain('nobody is calling')
  await expect.poll(() => shown.title()).toBe('Test ring – Reachable')
  await expect.poll(() => device.toolbar.light()).toBe('ringing')
  await shown.decline.click()
  await expect.poll(() => device.toolbar.light()).toBe('off')
  for (const question of [/see the window/, /hear the tone/])
    await shown.page.getByRole('group', { name: question }).getByRole('button', { name: 'Yes' }).click()
  await expect.poll(() => device.callWindowCount()).toBe(0)
  await options.page.getByText('seen and heard').waitFor()
})
