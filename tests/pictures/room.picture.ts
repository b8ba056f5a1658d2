import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { answeredRoom } from '../support/room/answered-room.ts'
import { openRoomChromium } from '../support/room/open-room-chromium.ts'
import { type Colour, cameraFile } from '../support/room/picture-file.ts'
import { type Picture, saveSideBySide } from './save-picture.ts'

/** A first picture takes a busy machine seconds. */
const patiently = { timeout: 60_000 }

const scene = { width: 640, height: 360 }
const skin: Colour = [214, 170, 140]
const hair: Colour = [72, 52, 44]

/** Somebody before a wall, as far as plain shapes show it. */
const personFile = (wall: Colour, coat: Colour): string =>
  cameraFile({
    ...scene,
    colourAt: (x, y) => {
      const within = (left: number, top: number, wide: number, high: number) =>
        ((x - left) / wide) ** 2 + ((y - top) / high) ** 2 < 1
      if (within(320, 168, 58, 74)) return within(320, 112, 62, 40) ? hair : skin
      if (within(320, 150, 74, 86)) return hair
      if (within(320, 390, 170, 140)) return coat
      // The light comes from the left.
      return wall.map((part) => Math.round(part * (1 - x / 2_000))) as unknown as Colour
    },
  })

/** Names as devices have them: Chromium calls a camera that is a file by its path. */
const nameDevices = () => {
  const devices = navigator.mediaDevices
  const list = devices.enumerateDevices.bind(devices)
  const names: Readonly<Record<string, string>> = { audioinput: 'Headset', videoinput: 'Webcam' }
  devices.enumerateDevices = async () =>
    (await list()).map((device) => Object.assign(device.toJSON(), { label: names[device.kind] ?? '' }))
}

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
  const callers = await openRoomChromium({ sees: { file: personFile([196, 206, 214], [236, 238, 240]) } })
  const callees = await openRoomChromium({ sees: { file: personFile([206, 188, 168], [70, 96, 128]) } })
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
