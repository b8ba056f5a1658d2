import type { Page as ChromiumPage } from 'playwright'
import { expect, inject } from 'vitest'
import type { Device } from './device.ts'
import type { Page } from './page.ts'

/**
 * Puts another tab before a page, so that its browser hides it as it does for a person.
 *
 * @returns what brings it to the front again.
 */
export async function hidePage(device: Pick<Device, 'newPage'>, page: Page): Promise<() => Promise<void>> {
  const cover = await device.newPage()
  if (inject('browser') === 'chromium') {
    // Playwright keeps each page believing that it is in front.
    for (const one of [page, cover] as unknown as ChromiumPage[]) {
      const session = await one.context().newCDPSession(one)
      await session.send('Emulation.setFocusEmulationEnabled', { enabled: false })
    }
    await (cover as unknown as ChromiumPage).bringToFront()
  }
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
  return async () => {
    if (inject('browser') === 'chromium') await (page as unknown as ChromiumPage).bringToFront()
    await cover.close()
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('visible')
  }
}
