import { expect, test } from 'vitest'
import { openChromiumDevice } from '../support/chromium/open-chromium-device.ts'
import { answeredRoom } from '../support/room/answered-room.ts'
import { openTwoRoomChromiums } from '../support/room/open-room-chromium.ts'
import { blue } from '../support/room/picture-file.ts'
import { type RoomOnPage, roomOn } from '../support/room/room-on.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { signIn } from '../support/sign-in.ts'
import { figuresOf, milliseconds, quantile } from './figure.ts'

/** So many calls are timed: each takes two browsers some seconds. */
const meetings = 20
const answers = 10
const aim = 700

declare global {
  interface Window {
    /** When Join was pressed here, and when the first picture of the other one was on the screen: ms since 1970. */
    joinedAt?: number
    firstPictureAt?: number
  }
}

/** Has the page note both moments by its own clock, which is that of the machine. */
const noteMoments = ({ page }: RoomOnPage) =>
  page.evaluate(() => {
    const now = () => performance.timeOrigin + performance.now()
    const onJoin = () => {
      window.joinedAt = now()
    }
    document.addEventListener('click', onJoin, { once: true, capture: true })
    const look = () => {
      const video = document.querySelector<HTMLVideoElement>('.other video')
      if (!video) return void requestAnimationFrame(look)
      video.requestVideoFrameCallback(() => {
        window.firstPictureAt = now()
      })
    }
    look()
  })

async function momentsOf({ page }: RoomOnPage) {
  const moments = () => page.evaluate(() => ({ joined: window.joinedAt, picture: window.firstPictureAt }))
  await expect.poll(async () => (await moments()).picture, { timeout: 30_000 }).toBeDefined()
  const { joined = Number.NaN, picture = Number.NaN } = await moments()
  return { joined, picture }
}

test(`${meetings} meetings of two Chromiums`, { timeout: 900_000 }, async (context) => {
  const figures = figuresOf(context)
  const { callers, callees } = await openTwoRoomChromiums()
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
    const [here, there] = await Promise.all([momentsOf(caller), momentsOf(callee)])
    expect(await caller.sees(blue)).toBe(true)
    const bothJoined = Math.max(here.joined, there.joined)
    afterJoin.push(here.picture - bothJoined, there.picture - bothJoined)
    await caller.hangUp.click()
    await callee.page.getByRole('heading', { name: /hung up$/ }).waitFor()
    for (const { page } of [caller, callee]) await page.close()
  }
  const of = `of ${afterJoin.length}`
  figures.add(
    `both joined to the other’s first picture, p50 ${of}`,
    quantile(afterJoin, 0.5),
    milliseconds,
    aim,
  )
  figures.add(`both joined to the other’s first picture, p95 ${of}`, quantile(afterJoin, 0.95), milliseconds)
})

test(`${answers} answers in a Chromium`, { timeout: 600_000 }, async (context) => {
  const figures = figuresOf(context)
  const server = await startServer({ CALLS_PER_MINUTE_TO_ONE: '600' })
  const person = await addPerson(server)
  const clinic = await openCallClient(server)
  const device = await openChromiumDevice()
  await signIn(device, server, person)
  const times: number[] = []
  for (let answered = 0; answered < answers; answered += 1) {
    const window = await clinic.call(person.username).then(() => device.callWindow())
    await window.answer.waitFor()
    const opened = device.nextPageAt(`${server.url}/rooms/`)
    const pressed = performance.now()
    await window.answer.click()
    const room = roomOn(await opened)
    await room.join.waitFor()
    times.push(performance.now() - pressed)
    await room.hangUp.click()
    await room.page.getByRole('heading', { name: 'You hung up' }).waitFor()
    await room.page.close()
    await expect.poll(() => device.callWindowCount(), { timeout: 15_000 }).toBe(0)
  }
  const of = `of ${times.length}`
  figures.add(`Answer to a room that can be joined, p50 ${of}`, quantile(times, 0.5), milliseconds)
})
