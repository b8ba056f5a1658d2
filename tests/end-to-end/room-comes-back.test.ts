import { copyFileSync, existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openRoomChromium, openTwoRoomChromiums } from '../support/room/open-room-chromium.ts'
import { blue, red } from '../support/room/picture-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The addresses that a browser has in its history, as they are on its disk: it holds the file itself locked. */
function historyOf(profile: string): readonly string[] {
  const file = join(profile, 'Default', 'History')
  if (!existsSync(file)) return []
  const copy = join(temporaryFolder(), 'history')
  copyFileSync(file, copy)
  const history = new DatabaseSync(copy)
  try {
    return history
      .prepare('select url from urls')
      .all()
      .map(({ url }) => String(url))
  } catch {
    // It was copied while it was written.
    return []
  } finally {
    history.close()
  }
}

/**
 * Chromium writes what a page keeps some seconds after it was kept, and what is kept after that about a minute later: until
 * then it is lost with the browser. A seat is kept as the page opens, and that one has the camera on as one joins.
 */
function isKeptOnDisk(profile: string): boolean {
  const files = globSync('**/Local Storage/leveldb/*.{log,ldb}', { cwd: profile })
  const kept = files.map((file) => readFileSync(join(profile, file)))
  return ['reachable-room:', '"camera":true'].every((what) => kept.some((bytes) => bytes.includes(what)))
}

test('RM15.4 RM12.1 RM12.3 who is killed in the middle of a call is told of within seconds, comes back by the address in the history of their browser, and both see each other again', async () => {
  const { server, room, address } = await answeredRoom()
  const { callers, callees } = await openTwoRoomChromiums()
  const callee = await callees.open(address('callee'))
  const caller = await callers.open(address('caller'))
  for (const page of [caller, callee]) await page.joinWithCamera()
  await expect.poll(() => caller.sees(blue)).toBe(true)
  const known = `${server.url}/rooms/${room}`
  expect(callee.page.url()).toBe(known)
  await expect.poll(() => isKeptOnDisk(callees.profile), { timeout: 90_000 }).toBe(true)
  await expect.poll(() => historyOf(callees.profile), { timeout: 30_000, interval: 1_000 }).toContain(known)

  await callees.kill()
  // A lease of six seconds; before it is over the way itself is said to be disturbed.
  await expect
    .poll(caller.status, { timeout: 12_000 })
    .toContain(`Nothing is heard of ${names.callee} any more.`)

  const again = await openRoomChromium({ sees: blue, profile: callees.profile })
  const back = await again.open(known)
  await back.page.getByText(`${names.caller} is in the room.`).waitFor()
  await back.join.click()
  await expect.poll(() => back.sees(red)).toBe(true)
  await expect.poll(() => caller.sees(blue)).toBe(true)
  expect(await caller.peers()).toEqual(['closed closed', 'connected stable'])
})

test('RM15.4 RM12.2 a server that is killed and back leaves sound and picture as they are, and says what is so meanwhile', async () => {
  const { server, address } = await answeredRoom()
  const { callers, callees } = await openTwoRoomChromiums()
  const caller = await callers.open(address('caller'))
  const callee = await callees.open(address('callee'))
  for (const page of [caller, callee]) await page.joinWithCamera()
  await expect.poll(() => caller.sees(blue)).toBe(true)

  await server.kill()
  await expect
    .poll(caller.status, { timeout: 10_000 })
    .toBe('The server does not answer, and is tried again. Your call goes on without it.')
  const { frames } = await caller.arrived()
  await server.restart()
  await expect.poll(caller.status, { timeout: 15_000 }).toBe('')
  expect((await caller.arrived()).frames).toBeGreaterThan(frames)
  await expect.poll(caller.peers).toEqual(['connected stable'])
  await caller.hangUp.click()
  await callee.page.getByRole('heading', { name: `${names.caller} hung up` }).waitFor()
})
