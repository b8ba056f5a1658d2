import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { answeredRoom } from '../support/room/answered-room.ts'
import { openRoomChromium } from '../support/room/open-room-chromium.ts'
import { calleesScene, callersScene, nameDevices } from './room-scenes.ts'
import { type Picture, saveSideBySide } from './save-picture.ts'

/** A first picture takes a busy machine seconds. */
const patiently = { timeout: 60_000 }

/** The page in both colour schemes. */
async function inBothSchemes(page: Page, width: number, height: number): Promise<Picture[]> {
  await page.setViewportSize({ width, height })
  const pictures: Picture[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    pictures.push({ png: await page.screenshot({ fullPage: true }), width })
  }
  return pictures
}

test('room.png, room-call.png and room-narrow.png', async () => {
  const { address } = await answeredRoom()
  const callers = await openRoomChromium({ sees: { file: callersScene() } })
  const callees = await openRoomChromium({ sees: { file: calleesScene() } })
  await callers.context.addInitScript(nameDevices)
  const caller = await callers.open(address('caller'))
  const callee = await callees.open(address('callee'))
  await caller.tryOut.click()
  await caller.cameraOff.waitFor()
  await expect.poll(async () => (await caller.ownColour()).length, patiently).toBe(3)
  await saveSideBySide('room', await inBothSchemes(caller.page, 560, 700), 1)

  await caller.join.click()
  await callee.joinWithCamera()
  for (const page of [caller, callee]) {
    await expect.poll(async () => (await page.theirColour()).length, patiently).toBe(3)
    await page.quality.waitFor()
  }
  await saveSideBySide('room-call', await inBothSchemes(caller.page, 760, 560), 1)
  await saveSideBySide('room-narrow', await inBothSchemes(caller.page, 320, 568), 1.5)
})
