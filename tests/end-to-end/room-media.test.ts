import { expect, test } from 'vitest'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openRoomChromium, openTwoRoomChromiums } from '../support/room/open-room-chromium.ts'
import { openRoomFirefox } from '../support/room/open-room-firefox.ts'
import { blue, isColour, red } from '../support/room/picture-file.ts'
import type { RoomOnPage } from '../support/room/room-on.ts'

/** Of silence a decoder makes less than this, and of a beep far more. */
const audible = 0.000_1

/** Something of what arrives goes on growing. */
async function grows(page: RoomOnPage, what: 'frames' | 'energy' | 'bytes'): Promise<void> {
  const { [what]: before } = await page.arrived()
  await expect.poll(async () => (await page.arrived())[what]).toBeGreaterThan(before + audible)
}

/** In so many looks, a tenth of a second or more from one to the next, nothing more of it has arrived. */
const looksAtRest = 15

async function rests(page: RoomOnPage, what: 'frames' | 'energy'): Promise<void> {
  const looks: number[] = []
  await expect
    .poll(async () => {
      looks.push((await page.arrived())[what])
      const last = looks.slice(-looksAtRest)
      return last.length === looksAtRest && Math.max(...last) - Math.min(...last) < audible
    })
    .toBe(true)
}

/** The two of a call, each in a Chromium of their own: the caller's camera sees red, the callee's blue. */
async function twoInRoom() {
  const { server, room, address } = await answeredRoom()
  const { callers, callees } = await openTwoRoomChromiums()
  const caller = await callers.open(address('caller'))
  const callee = await callees.open(address('callee'))
  return { server, room, address, callers, callees, caller, callee }
}

/** Both have joined with their cameras, and see each other. */
async function meeting() {
  const both = await twoInRoom()
  const { caller, callee } = both
  for (const page of [caller, callee]) await page.joinWithCamera()
  await expect.poll(() => caller.sees(blue)).toBe(true)
  await expect.poll(() => callee.sees(red)).toBe(true)
  return both
}

test('RM15.1 RM10.1 RM10.2 RM11.2 two in browsers of their own see the picture of the other’s camera and hear their microphone, over one way, and nothing is captured before it is asked for nor sent before Join', async () => {
  const { caller, callee } = await twoInRoom()
  for (const page of [caller, callee]) {
    await page.join.waitFor()
    expect([await page.captured(), await page.peers()]).toEqual([{ all: 0, live: 0 }, []])
  }
  await caller.tryOut.click()
  await expect.poll(async () => isColour(await caller.ownColour(), red)).toBe(true)
  // Between two beeps it is silent.
  await expect.poll(caller.loudness).toBeGreaterThan(0.1)
  await expect.poll(caller.loudness).toBe(0)
  await callee.page.getByText(`${names.caller} has the room open, and has not joined yet.`).waitFor()
  expect(await caller.peers()).toEqual([])
  await caller.join.click()
  await callee.page.getByText(`${names.caller} is in the room.`).waitFor()
  await expect
    .poll(caller.status)
    .toBe(`You are in. ${names.callee} has the room open, and has not joined yet.`)
  expect(await caller.peers()).toEqual([])

  // The first time without a camera, as it was left: only the caller is seen.
  await callee.join.click()
  await expect.poll(() => callee.sees(red)).toBe(true)
  await caller.page.getByText(`${names.callee} has the camera off`).waitFor()
  await callee.cameraOn.click()
  await expect.poll(() => caller.sees(blue)).toBe(true)
  for (const page of [caller, callee]) {
    await grows(page, 'frames')
    await grows(page, 'energy')
    await page.quality.waitFor()
    expect(await page.peers()).toEqual(['connected stable'])
    await expect.poll(page.status).toBe('')
  }
})

test('RM15.1 RM13.1 RM13.5 who is muted is not heard, and a camera that is off is let go of; both are told, and come back without negotiating; sound that the browser pauses comes back by a button', async () => {
  const { caller, callee } = await meeting()
  await caller.page.keyboard.press('m')
  await callee.page.getByText(`${names.caller} is muted`).waitFor()
  await rests(callee, 'energy')
  await caller.page.keyboard.press('m')
  await grows(callee, 'energy')

  await caller.page.keyboard.press('v')
  await callee.page.getByText(`${names.caller} has the camera off`).waitFor()
  expect(await caller.captured()).toEqual({ all: 2, live: 1 })
  await rests(callee, 'frames')
  await caller.cameraOn.click()
  await expect.poll(() => callee.sees(red)).toBe(true)
  await grows(callee, 'frames')
  expect(await caller.peers()).toEqual(['connected stable'])

  // As Safari does where a headset is unplugged.
  await callee.page.evaluate(() => document.querySelector('audio')?.pause())
  const hear = callee.page.getByRole('button', { name: `Let me hear ${names.caller}` })
  await hear.click()
  await expect.poll(() => hear.count()).toBe(0)
  expect(await callee.page.evaluate(() => document.querySelector('audio')?.paused)).toBe(false)
})

test('RM15.3 RM13.1 a screen is seen in the place of the camera until it is shared no longer', async () => {
  const { caller, callee } = await meeting()
  await caller.share.click()
  // Beside the words that a screen reader is told.
  await caller.page.getByRole('main').getByText('You share your screen').waitFor()
  await callee.page.getByText(`${names.caller} shares their screen`).waitFor()
  await callee.page.getByLabel(`The screen of ${names.caller}`).waitFor()
  await expect
    .poll(async () => (await callee.theirColour()).length === 3 && !(await callee.sees(red)))
    .toBe(true)
  await grows(callee, 'frames')

  await caller.stopSharing.click()
  await expect.poll(() => callee.sees(red)).toBe(true)
  expect((await caller.captured()).live).toBe(2)
  await caller.page.keyboard.press('s')
  await callee.page.getByText(`${names.caller} shares their screen`).waitFor()
  // As by the browser's own button, which ends the track.
  await caller.page.evaluate(() => {
    const tracks = (globalThis as typeof globalThis & { watchedTracks: MediaStreamTrack[] }).watchedTracks
    const screen = tracks.at(-1)
    screen?.stop()
    screen?.dispatchEvent(new Event('ended'))
  })
  await expect.poll(() => callee.sees(red)).toBe(true)
})

test('RM15.6 RM12.4 Hang up ends it for both: each hears who it was, and every camera and microphone is free', async () => {
  const { caller, callee } = await meeting()
  await caller.page.keyboard.press('h')
  await caller.page.getByText('Press H again to hang up.').waitFor()
  await caller.page.keyboard.press('h')
  await caller.page.getByRole('heading', { name: 'You hung up' }).waitFor()
  await callee.page.getByRole('heading', { name: `${names.caller} hung up` }).waitFor()
  for (const page of [caller, callee]) {
    expect((await page.captured()).live).toBe(0)
    expect(await page.peers()).toEqual(['closed closed'])
    expect(await page.page.getByText('Camera and microphone are off.').isVisible()).toBe(true)
    expect(await page.page.locator('video').count()).toBe(0)
  }
})

test('RM15.5 RM11.1 another tab of the same person takes over with pictures, and the first sends and shows nothing any more', async () => {
  const { server, room, callers, caller, callee } = await meeting()
  const second = await callers.open(`${server.url}/rooms/${room}`)
  await caller.page.getByRole('heading', { name: 'You are in this call in another window' }).waitFor()
  expect([(await caller.captured()).live, await caller.peers()]).toEqual([0, ['closed closed']])
  await expect.poll(callee.status).toContain(names.caller)
  await second.join.click()
  await expect.poll(() => second.sees(blue)).toBe(true)
  await expect.poll(() => callee.sees(red)).toBe(true)
  expect(await callee.peers()).toEqual(['closed closed', 'connected stable'])
})

test.each(['callee', 'caller'] as const)(
  'RM15.2 RM15.6 Chromium and Firefox, which is the %s, see and hear each other, and Firefox marks no capture before it was asked for and none after the end',
  async (firefoxIs) => {
    const { address } = await answeredRoom()
    const [chromium, firefox] = await Promise.all([openRoomChromium({ sees: red }), openRoomFirefox()])
    const there = await firefox.open(address(firefoxIs))
    const here = await chromium.open(address(firefoxIs === 'callee' ? 'caller' : 'callee'))
    await there.join.waitFor()
    expect(await firefox.marksCapture()).toBe(false)
    await here.joinWithCamera()
    await there.joinWithCamera()
    await expect.poll(firefox.marksCapture).toBe(true)
    await expect.poll(() => there.sees(red)).toBe(true)
    for (const page of [here, there]) {
      await grows(page, 'frames')
      await grows(page, 'bytes')
    }
    await grows(here, 'energy')
    await here.hangUp.click()
    await there.page.getByRole('heading', { name: /hung up$/ }).waitFor()
    await expect.poll(firefox.marksCapture).toBe(false)
  },
)

test('RM15.7 RM10.3 a person without camera and microphone joins as a listener who is told so, and sees and hears the other', async () => {
  const { address } = await answeredRoom()
  const { callers, callees } = await openTwoRoomChromiums()
  const speaks = await callers.open(address('caller'))
  const listens = await callees.open(address('callee'))
  await listens.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('Requested device not found', 'NotFoundError')
    }
  })
  await speaks.tryOut.click()
  await speaks.join.click()
  await listens.join.click()
  await listens.page.getByText('you are a listener').first().waitFor()
  await speaks.page.getByText(`${names.callee} is muted`).waitFor()
  await expect.poll(() => listens.sees(red)).toBe(true)
  await grows(listens, 'energy')
  expect((await listens.captured()).all).toBe(0)
})
