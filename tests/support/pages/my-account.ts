import type { Device } from '../device.ts'
import type { Page } from '../page.ts'

/** Opens My account from the menu under the initials. @returns the page, once its person is in. */
export async function openMyAccount(device: Device, server: string): Promise<Page> {
  const popup = await device.openPopup()
  const opened = device.nextPageAt(`${server}/account`).catch(async (error: unknown) => {
    throw new Error(`The popup says: “${await popup.alertText()}”.`, { cause: error })
  })
  await popup.openMyAccount()
  const page = await opened
  if (device.opensPagesCrossSite) await page.getByRole('button', { name: /^Continue as / }).click()
  await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
  return page
}
