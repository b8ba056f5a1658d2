import { expect, test } from 'vitest'
import { openChromiumDevice } from '../support/chromium/open-chromium-device.ts'
import { addPerson } from '../support/server/add-person.ts'
import { signIn } from '../support/sign-in.ts'
import { befriend } from '../support/two-people.ts'
import { openDesktopFixture } from './desktop-fixture.ts'
import type { Desktop } from './open-desktop.ts'
import type { Rectangle } from './open-screen.ts'
import { type Picture, saveSideBySide } from './save-picture.ts'

declare const chrome: {
  readonly extension: { readonly getViews: (of: { type: 'popup' }) => readonly Window[] }
}

/** Where the popup stands on the screen, or null. */
async function popupBox(desktop: Desktop): Promise<Rectangle | null> {
  const watcher = desktop.context.pages().find((page) => page.url().endsWith('manifest.json'))
  if (!watcher) throw new Error('Nobody watches the popup.')
  return await watcher.evaluate(() => {
    const [popup] = chrome.extension.getViews({ type: 'popup' })
    if (!popup?.document.querySelector('main h1')) return null
    const { screenX: x, screenY: y, innerWidth: width, innerHeight: height } = popup
    return { x, y, width, height }
  })
}

/** The real popup, opened by a click on the icon, with the toolbar above it. */
async function openedPopup(desktop: Desktop): Promise<Picture> {
  desktop.clickIcon()
  await expect.poll(() => popupBox(desktop)).not.toBe(null)
  desktop.moveAway()
  // It has grown to its size once the picture has become steady.
  await desktop.shot({ x: 0, y: 0, width: desktop.width, height: 780 })
  const box = await popupBox(desktop)
  if (!box) throw new Error('The popup has closed by itself.')
  const [left, top] = [box.x - 16, 44]
  const width = Math.min(desktop.width - 8, box.x + box.width + 64) - left
  const png = await desktop.shot({ x: left, y: top, width, height: box.y + box.height + 16 - top })
  desktop.press('Escape')
  return { png, width: width * 0.85 }
}

const ben = { username: 'ben', email: 'ben@clinic.example', name: 'Ben Example', password: 'Correct-horse-8' }

/** Ann is logged in, and Ben, who can be reached too. */
async function signedIn(dark: boolean): Promise<Picture> {
  const fixture = await openDesktopFixture({ scale: 2, dark })
  const other = await addPerson(fixture.server, ben)
  await befriend(fixture.server, [{ username: 'ann' }, other])
  await signIn(await openChromiumDevice(), fixture.server, other)
  await fixture.logIn()
  await fixture.missCall()
  return openedPopup(fixture.desktop)
}

test('popup.png', async () => {
  await saveSideBySide('popup', [await signedIn(false), await signedIn(true)])
})

test('log-in.png', async () => {
  const { desktop } = await openDesktopFixture({ scale: 2 })
  await saveSideBySide('log-in', [await openedPopup(desktop)])
})

test('menu.png', async () => {
  const fixture = await openDesktopFixture({ scale: 2 })
  await fixture.logIn()
  fixture.desktop.clickIcon('right')
  const png = await fixture.desktop.shot({ x: 440, y: 44, width: 440, height: 400 })
  await saveSideBySide('menu', [{ png, width: 440 }])
})
