import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openRoomChromium } from '../support/room/open-room-chromium.ts'
import { blue, isColour, red } from '../support/room/picture-file.ts'

/** Chromium writes what a page keeps some seconds after it was kept: until then it is lost with the browser. */
const isKeptOnDisk = (profile: string) =>
  globSync('**/Local Storage/leveldb/*.{log,ldb}', { cwd: profile }).some((file) =>
    readFileSync(join(profile, file)).includes('reachable-room:'),
  )

test('RM15.4 RM12.1 RM12.3 who is killed in the middle of a call is told of within seconds, comes back by the address in the history of their browser, and both see each other again', async () => {
  const { server, room, address } = await answeredRoom()
  const callees = await openRoomChromium({ sees: blue })
  const callers = await openRoomChromium({ sees: red })
  const callee = await callees.open(address('callee'))
  const caller = await callers.open(address('caller'))
  for (const page of [caller, callee]) {
    await page.tryOut.click()
    await page.cameraOff.waitFor()
    await page.join.click()
  }
  await expect.poll(async () => isColour(await caller.theirColour(), blue)).toBe(true)
  await expect.poll(() => isKeptOnDisk(callees.profile), { timeout: 30_000 }).toBe(true)
  const { pathname, hash } = new URL(callee.page.url())
  expect([pathname, hash]).toEqual([`/rooms/${room}`, ''])

  await callees.kill()
  const killed = performance.now()
  // The lease of six seconds; before it is over the way itself says that it is disturbed.
  await expect.poll(caller.status, { timeout: 12_000 }).toContain(`Nothing is heard of ${names.callee} any more.`)
  expect(performance.now() - killed).toBeLessThan(10_000)

  const again = await openRoomChromium({ sees: blue, profile: callees.profile })
  const history = await again.context.newPage()
  await history.goto('chrome://history/')
  await expect
    .poll(() => history.locator('a[href*="/rooms/"]').first().getAttribute('href'))
    .toBe(server.url + pathname)
  const back = await again.open(server.url + pathname)
  await back.page.getByText(`${names.caller} is in the room.`).waitFor()
  await back.join.click()
  await expect.poll(async () => isColour(await back.theirColour(), red)).toBe(true)
  await expect.poll(async () => isColour(await caller.theirColour(), blue)).toBe(true)
  expect(await caller.peers()).toEqual(['closed closed', 'connected stable'])
})

test('RM15.4 RM12.2 a server that is killed and back leaves sound and picture as they are, and says what is so meanwhile', async () => {
  const { server, address } = await answeredRoom()
  const [callers, callees] = await Promise.all([openRoomChromium({ sees: red }), openRoomChromium({ sees: blue })])
  const caller = await callers.open(address('caller'))
  const callee = await callees.open(address('callee'))
  for (const page of [caller, callee]) {
    await page.tryOut.click()
    await page.cameraOff.waitFor()
    await page.join.click()
  }
  await expect.poll(async () => isColour(await caller.theirColour(), blue)).toBe(true)

  await server.kill()
  await expect
    .poll(caller.status, { timeout: 10_000 })
    .toBe('The server does not answer. You still see and hear each other; trying again…')
  const { frames } = await caller.arrived()
  await server.restart()
  await expect.poll(caller.status, { timeout: 15_000 }).toBe('')
  expect((await caller.arrived()).frames).toBeGreaterThan(frames)
  expect(await caller.peers()).toEqual(['connected stable'])
  await caller.hangUp.click()
  await callee.page.getByRole('heading', { name: `${names.caller} hung up` }).waitFor()
})
