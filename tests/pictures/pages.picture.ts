import { test } from 'vitest'
import { callWindowOn } from '../support/pages/call-window.ts'
import { openDesktopFixture } from './desktop-fixture.ts'
import { savePicture, saveSideBySide } from './save-picture.ts'

test('welcome.png and options.png', async () => {
  const { desktop } = await openDesktopFixture({ scale: 2 })
  for (const name of ['welcome', 'options']) {
    const page = await desktop.open(`${name}.html`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    savePicture(name, await page.screenshot({ fullPage: true }))
    await page.close()
  }
})

test('call.png', async () => {
  const { desktop, logIn, ring } = await openDesktopFixture({ scale: 2 })
  await logIn()
  const window = await ring()
  await callWindowOn(window).answer.waitFor()
  const place = await window.evaluate(() => ({
    x: screenX,
    y: screenY,
    width: outerWidth,
    height: outerHeight,
  }))
  await saveSideBySide('call', [{ png: await desktop.shot(place), width: place.width }])
})
