import { test } from 'vitest'
import { answeredRoom } from '../support/room/answered-room.ts'
import { openRoomChromium } from '../support/room/open-room-chromium.ts'
import { blue, isColour, red } from '../support/room/picture-file.ts'
import type { RoomOnPage } from '../support/room/room-on.ts'
import { twoPeople } from '../support/two-people.ts'
import { openPeople } from '../support/two-people.ts'
import { figuresOf, milliseconds } from './figure.ts'

/** So many calls are timed: each takes two browsers some seconds. */
const meetings = 20

declare global {
  interface Window {
    /** When the first picture of the other one was drawn, and when Join was pressed: by the page's own clock, in ms since 1970. */
    firstPictureAt?: number
    joinedAt?: number
  }
}

/** Notes in the page itself when Join is pressed and when the first picture of the other one is there. */
const noteMoments = (page: RoomOnPage) =>
  page.page.evaluate(() => {
    const wall = () => performance.timeOrigin + performance.now()
    document.addEventListener('click', () => (window.joinedAt ??= wall()), { once: true, capture: true })
    const look = () => {
      const video = document.querySelector<HTMLVideoElement>('.other video')
      if (!video) return void requestAnimationFrame(look)
      video.requestVideoFrameCallback(() => {
        window.firstPictureAt ??= wall()
      })
    }
    look()
  })

const momentsOf = (page: RoomOnPage) =>
  page.page.evaluate(() => ({ joined: window.joinedAt ?? 0, picture: window.firstPictureAt ?? 0 }))

/** Polls as a benchmark does, where a test would wait by its own means. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

test(`${meetings} meetings of two Chromiums on this machine`, { timeout: 900_000 }, async (context) => {
  const figures = figuresOf(context)
  const [callers, callees] = await Promise.all([openRoomChromium({ sees: red }), openRoomChromium({ sees: blue })])
  const afterJoin: number[] = []
  for (let meeting = 0; meeting < meetings; meeting += 1) {
    const { address } = await answeredRoom()
    const caller = await callers.open(address('caller'))
    const callee = await callees.open(address('callee'))
    for (const page of [caller, callee]) {
      await page.tryOut.click()
      await page.cameraOff.waitFor()
      await noteMoments(page)
    }
    await caller.join.click()
    await caller.hangUp.waitFor()
    await callee.join.click()
    await until(async () => isColour(await caller.theirColour(), blue))
    await until(async () => isColour(await callee.theirColour(), red))
    const [at, there] = await Promise.all([momentsOf(caller), momentsOf(callee)])
    const bothJoined = Math.max(at.joined, there.joined)
    afterJoin.push(...[at, there].map(({ picture }) => picture - bothJoined))
    await caller.hangUp.click()
    await callee.page.getByRole('heading', { name: /hung up$/ }).waitFor()
    for (const page of [caller, callee]) await page.page.close()
  }
  const middle = afterJoin.toSorted((one, other) => one - other)[Math.floor(afterJoin.length / 2)] ?? Number.NaN
  figures.add(`both joined to the first picture, p50 of ${afterJoin.length}, on loopback`, middle, milliseconds, 700)
  figures.addSpread('both joined to the first picture, on loopback', afterJoin, 3_000)
})
