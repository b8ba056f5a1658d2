import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { answeredCall, names } from '../support/room/answered-room.ts'
import { openRoomChromium, type RoomChromium } from '../support/room/open-room-chromium.ts'
import { roomOn } from '../support/room/room-on.ts'
import { withDatabaseOf } from '../support/server/database-of.ts'
import { startServer } from '../support/server/start-server.ts'
import { calleesScene, callersScene, nameDevices } from './room-scenes.ts'
import { saveState } from './save-state.ts'

/** On a machine that does much else, too. */
const patiently = { timeout: 120_000 }
const within = { timeout: 1_500_000 }

/** Eighty characters, and one that is written from the right. */
const longName = 'Dr. med. Wilhelmine-Charlotte Freifrau von Donaudampfschifffahrtsgesellschaft-Maier'.slice(
  0,
  80,
)
const arabicName = 'د. عبد الرحمن بن محمد الأنصاري'

async function rooms() {
  const secret = randomUUID() + randomUUID()
  const server = await startServer({ AUTH_SECRET: secret })
  return {
    server,
    answered: () => answeredCall(server, secret),
    /** How the one who called is called. */
    rename: (room: string, from: string) =>
      withDatabaseOf(server, (db) => db.updateTable('call').set({ from }).where('room', '=', room).execute()),
  }
}

interface PageWith {
  readonly script?: () => void
  readonly language?: string
}

async function openWith({ context }: RoomChromium, address: string, { script, language }: PageWith = {}) {
  const page = await context.newPage()
  page.setDefaultTimeout(patiently.timeout)
  await page.addInitScript(nameDevices)
  if (script) await page.addInitScript(script)
  if (language) await page.setExtraHTTPHeaders({ 'accept-language': language })
  await page.goto(address)
  return roomOn(page)
}

const refusing = (name: string) =>
  `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '${name}') }`
const noDevices = `${refusing('NotFoundError')}; navigator.mediaDevices.enumerateDevices = async () => []`

const scripted = (source: string) => new Function(source) as () => void

test('the room before Join, and for whoever is not let in', within, async () => {
  const { server, answered, rename } = await rooms()
  const insecure = '--host-resolver-rules=MAP clinic.example 127.0.0.1'
  const browser = await openRoomChromium({ sees: { file: callersScene() }, flags: [insecure] })

  const first = await answered()
  const lobby = await openWith(browser, first.address('caller'))
  await lobby.page.getByText('is not here yet').waitFor()
  await saveState('room-lobby', lobby.page)
  await lobby.tryOut.click()
  await lobby.cameraOff.waitFor()
  await expect.poll(async () => (await lobby.ownColour()).length, patiently).toBe(3)
  const other = await openWith(browser, first.address('callee'))
  await lobby.page.getByText('has the room open').waitFor()
  await saveState('room-lobby-tried', lobby.page)
  await lobby.mute.click()
  await lobby.cameraOff.click()
  await lobby.cameraOn.waitFor()
  await saveState('room-lobby-off', lobby.page)
  const third = await openWith(browser, first.address('caller').replace(/#.*/, ''))
  await other.page.locator('.ended').waitFor()
  await saveState('room-taken-over', other.page)
  await third.page.close()
  await other.page.close()
  await lobby.page.close()

  for (const [name, source] of [
    ['denied', refusing('NotAllowedError')],
    ['busy', refusing('NotReadableError')],
    ['listener', noDevices],
  ] as const) {
    const { address } = await answered()
    const page = await openWith(browser, address('caller'), { script: scripted(source) })
    await page.tryOut.click()
    await page.page.locator('.troubles p').first().waitFor()
    await saveState(`room-lobby-${name}`, page.page)
    await page.page.close()
  }

  const asking = await openWith(browser, (await answered()).address('caller'), {
    script: scripted('navigator.mediaDevices.getUserMedia = () => new Promise(() => {})'),
  })
  await asking.join.click()
  await asking.page.getByRole('button', { name: 'Join as a listener' }).waitFor()
  await saveState('room-lobby-asking', asking.page)
  await asking.page.close()

  const unable = await openWith(browser, (await answered()).address('caller'), {
    script: scripted('delete globalThis.RTCPeerConnection'),
  })
  await unable.page.locator('.troubles p').first().waitFor()
  await saveState('room-lobby-unable', unable.page)
  await unable.page.close()

  const at = new URL(server.url)
  at.hostname = 'clinic.example'
  const plain = await openWith(browser, (await answered()).address('caller', at.origin))
  await plain.page.locator('.troubles p').first().waitFor()
  await saveState('room-lobby-insecure', plain.page)
  await plain.page.close()

  for (const language of ['de', 'fr', 'es']) {
    const room = await answered()
    await rename(room.room, longName)
    const page = await openWith(browser, room.address('callee'), { language })
    await page.page.locator('.lobby .button').first().click()
    await page.page.locator('.preview').waitFor()
    await saveState(`room-lobby-${language}`, page.page)
    await page.page.close()
  }

  const unknown = await openWith(browser, `${server.url}/rooms/nothing-there`)
  await saveState('room-unknown', unknown.page)
  const stranger = await openWith(browser, (await answered()).address('caller').replace(/#.*/, ''))
  await stranger.page.locator('.ended').waitFor()
  await saveState('room-no-way-in', stranger.page)
  await stranger.page.close()

  const ended = await answered()
  const leaves = await openWith(browser, ended.address('caller'))
  await leaves.hangUp.click()
  await leaves.page.locator('.ended').waitFor()
  await saveState('room-hung-up-lobby', leaves.page)
  await leaves.page.reload()
  await leaves.page.locator('.ended').waitFor()
  await saveState('room-over', leaves.page)
})

test('the room of a call', within, async () => {
  const { server, answered, rename } = await rooms()
  const callers = await openRoomChromium({
    sees: { file: callersScene() },
    flags: ['--auto-select-desktop-capture-source=Entire screen'],
  })
  const callees = await openRoomChromium({ sees: { file: calleesScene() } })

  const { address } = await answered()
  const caller = await openWith(callers, address('caller'))
  await caller.joinWithCamera()
  await expect.poll(caller.status, patiently).toContain('not here yet')
  await saveState('room-waiting', caller.page)
  const callee = await openWith(callees, address('callee'))
  await callee.joinWithCamera()
  for (const page of [caller, callee]) {
    await expect.poll(async () => (await page.theirColour()).length, patiently).toBe(3)
    await page.quality.waitFor()
  }
  await saveState('room-meeting', caller.page)
  const devices = caller.page.getByRole('button', { name: 'Devices' })
  await devices.click()
  await saveState('room-devices', caller.page)
  await devices.click()
  await caller.page.getByRole('button', { name: 'Switch these keys off' }).focus()
  await caller.share.click()
  await caller.page.locator('.badge', { hasText: 'You share your screen' }).waitFor()
  await saveState('room-sharing', caller.page)
  await callee.page.getByText('shares their screen').waitFor()
  await saveState('room-shared', callee.page)
  await caller.stopSharing.click()
  await caller.mute.click()
  await caller.cameraOff.click()
  await callee.mute.click()
  await callee.cameraOff.click()
  await caller.page.getByText(`${names.callee} is muted`).waitFor()
  await saveState('room-off', caller.page)
  await caller.cameraOn.click()
  await callee.cameraOn.click()
  await expect.poll(async () => (await caller.theirColour()).length, patiently).toBe(3)

  const silent = 'The server does not answer'
  server.freeze()
  await caller.page.getByText(silent).waitFor(patiently)
  await saveState('room-server-silent', caller.page)
  server.thaw()
  await caller.page.getByText(silent).waitFor({ ...patiently, state: 'detached' })

  await callee.page.evaluate(() => {
    const page = globalThis as unknown as { readonly watchedPeers: readonly RTCPeerConnection[] }
    page.watchedPeers.at(-1)?.close()
  })
  await expect.poll(caller.status, patiently).toMatch(/broken|disturbed/)
  await saveState('room-broken', caller.page)

  await callee.page.close()
  await expect.poll(caller.status, patiently).toContain('has left')
  await saveState('room-left', caller.page)
  const again = await openWith(callees, address('callee').replace(/#.*/, ''))
  await again.page.locator('.lobby').waitFor()
  await expect.poll(caller.status, patiently).toContain('has not joined')
  await saveState('room-door', caller.page)
  await again.join.click()
  await again.hangUp.click()
  await caller.page.locator('.ended').waitFor()
  await saveState('room-other-hung-up', caller.page)
  await saveState('room-hung-up', again.page)

  for (const [language, name] of [
    ['de', longName],
    ['fr', arabicName],
    ['es', longName],
  ] as const) {
    const next = await answered()
    await rename(next.room, name)
    const hers = await openWith(callers, next.address('caller'))
    const his = await openWith(callees, next.address('callee'), { language })
    await hers.join.click()
    await his.page.locator('.lobby .button--primary').click()
    await his.page.locator('.other').waitFor()
    if (await hers.mute.isVisible()) await hers.mute.click()
    await expect.poll(() => his.page.locator('.badges li').count(), patiently).toBeGreaterThan(0)
    await saveState(`room-meeting-${language}`, his.page)
    if (language === 'de') {
      const stranger = await openRoomChromium({ sees: { file: calleesScene() } })
      const refused = await openWith(stranger, next.address('caller').replace(/#.*/, ''))
      await refused.page.locator('.ended').waitFor()
      await saveState('room-full', refused.page)
    }
    await hers.page.close()
    await his.page.close()
  }
})
