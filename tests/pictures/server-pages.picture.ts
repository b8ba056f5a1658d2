import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import { placeOn } from '../support/pages/place.ts'
import { popupOn } from '../support/pages/popup.ts'
import { placeWithMember } from '../support/place-with-member.ts'
import { startServer } from '../support/server/start-server.ts'
import { openDesktopFixture } from './desktop-fixture.ts'
import { type Picture, saveSideBySide } from './save-picture.ts'

const width = 520

/** The same page in both colour schemes. */
async function inBothSchemes(page: Page): Promise<Picture[]> {
  await page.setViewportSize({ width, height: 700 })
  const pictures: Picture[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    pictures.push({ png: await page.screenshot({ fullPage: true }), width })
  }
  return pictures
}

/** The link in the newest mail of the outbox. */
function mailedLink(outbox: string): string | undefined {
  const [newest] = readdirSync(outbox).sort().reverse()
  const mail =
    newest &&
    readFileSync(join(outbox, newest), 'utf8')
      .replace(/=\r?\n/g, '')
      .replace(/=3D/g, '=')
  return mail ? /https?:\/\/\S+\/password\/reset\/[\w-]+/.exec(mail)?.[0] : undefined
}

test('forgot.png, reset.png and sign-up.png', async () => {
  const { server, desktop } = await openDesktopFixture({ scale: 2 })
  const page = await desktop.context.newPage()
  await page.goto(`${server.url}/password/forgot`)
  await saveSideBySide('forgot', await inBothSchemes(page))
  await page.getByRole('textbox').first().fill('ann')
  await page.getByRole('button').first().click()
  const outbox = join(server.dataDir, 'outbox')
  await expect.poll(() => mailedLink(outbox), { timeout: 15_000 }).toBeDefined()
  await page.goto(mailedLink(outbox) ?? '')
  await saveSideBySide('reset', await inBothSchemes(page), 1.5)
  await page.goto(`${server.url}/sign-up`)
  await saveSideBySide('sign-up', await inBothSchemes(page))
})

test('account.png', async () => {
  const { server, desktop, logIn } = await openDesktopFixture({ scale: 2 })
  await logIn()
  await popupOn(await desktop.open('popup.html')).openMyAccount()
  const atAccount = () =>
    desktop.context.pages().find((page) => new URL(page.url()).href === `${server.url}/account`)
  await expect.poll(atAccount, { timeout: 15_000 }).toBeDefined()
  const page = atAccount()
  if (page) await saveSideBySide('account', await inBothSchemes(page), 1)
})

test('place.png', async () => {
  const server = await startServer()
  const { device } = await placeWithMember(server)
  const page = await (await launchPlainChromium()).newPage({ deviceScaleFactor: 2 })
  await page.goto(`${server.url}/reach/desk`)
  const place = placeOn(page)
  await expect.poll(place.isGreen).toBe(true)
  const pictures = await inBothSchemes(page)
  await place.name.fill('Maria')
  await place.call.click()
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  await saveSideBySide('place', [...pictures, ...(await inBothSchemes(page)).slice(0, 1)], 1)
})
