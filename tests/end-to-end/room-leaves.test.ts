import { expect, inject, test } from 'vitest'
import { keepBeating, seatedPage } from '../server/rooms/room-page.ts'
import type { Page } from '../support/page.ts'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openRoomChromium } from '../support/room/open-room-chromium.ts'
import { openRoomFirefox } from '../support/room/open-room-firefox.ts'
import { red } from '../support/room/picture-file.ts'

const openBrowser = () =>
  inject('browser') === 'firefox' ? openRoomFirefox() : openRoomChromium({ sees: red })

test('RM2.2 RM12.6 whose tab is closed, or goes elsewhere, has left within three seconds, and whose page is loaded anew is not silent', async () => {
  const { server, room, address } = await answeredRoom()
  const ticket = new URL(address('caller')).hash.replace('#t=', '')
  const caller = await seatedPage(server, room, { ticket })
  keepBeating(caller)
  const browser = await openBrowser()
  /** How often the other one was told to be gone, by why. */
  const gone = (why: 'left' | 'silent') =>
    caller.received.filter((message) => message.type === 'other' && message.why === why).length
  const connection = () => {
    const told = caller.received.findLast((message) => message.type === 'other')
    return told?.type === 'other' ? (told.here?.connection ?? 0) : 0
  }
  const openRoom = async () => {
    const opened = await browser.open(address('callee'))
    await isIn(opened.page)
    await expect.poll(connection).toBeGreaterThan(0)
    return opened
  }
  const isIn = (page: Page) => page.getByText(`${names.caller} is in the room.`).waitFor()

  const { page } = await openRoom()
  const before = connection()
  await page.reload()
  await expect.poll(connection).toBeGreaterThan(before)
  await isIn(page)
  const leftBefore = gone('left')
  await page.goto(`${server.url}/`)
  await expect.poll(() => gone('left'), { timeout: 3_000 }).toBe(leftBefore + 1)

  const other = await openRoom()
  await other.joinWithCamera()
  await other.page.close()
  await expect.poll(() => gone('left'), { timeout: 3_000 }).toBe(leftBefore + 2)
  expect(gone('silent')).toBe(0)
})
