import { expect, test } from 'vitest'
import type { Device } from '../support/device.ts'
import type { Page } from '../support/page.ts'
import { callWindowOn } from '../support/pages/call-window.ts'
import { placedCallOn } from '../support/pages/placed-call.ts'
import { threadOn } from '../support/pages/thread.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { openPeople, twoPeople } from '../support/two-people.ts'

/** The window of the call that this device placed last. */
const placedOn = async (device: Device) => placedCallOn((await device.callWindow()).page)

/** The next window of a call that comes to a device, which shows one of a call that it placed. */
const nextRing = async (device: Device, placed: Page) =>
  callWindowOn(await device.nextPageAt(new URL('call.html?id=', await placed.url()).href))

/** What the list of calls says in a popup, newest first. */
async function pastCalls(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.getByRole('tab', { name: 'Calls' }).click()
  return async () =>
    (await page.locator('.past-call').allInnerTexts()).map((text) =>
      text
        .replaceAll(/[\u2066-\u2069]/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
}

test('PL1.2 PL5.1 PX4.1 PX4.4 PU5.1 a contact is called from their row: on how many devices it rings is told, also by the worker after the one that was killed, and both hear that it was answered', async () => {
  const { server, ann, ben, annDevice, benDevice } = await twoPeople()
  const laptop = await openSignedInDevice(server, ben)
  const people = await openPeople(annDevice, ben)

  await people.call(ben.name).click()

  const placed = await placedOn(annDevice)
  await expect.poll(placed.words).toBe('Ringing on 2 devices')
  expect(await placed.callee.textContent()).toBe(ben.name)
  const atBen = await benDevice.callWindow()
  await expect.poll(() => atBen.caller.textContent()).toBe(ann.name)
  await laptop.toolbar.choose('log-out')
  await expect.poll(placed.words).toBe('Ringing on 1 device')

  const boot = await annDevice.toolbar.boot()
  await annDevice.toolbar.killWorker()
  await expect.poll(async () => [undefined, boot].includes(await annDevice.toolbar.boot())).toBe(false)
  await expect.poll(placed.words).toBe('Ringing on 1 device')
  const rooms = [annDevice, benDevice].map((device) => device.nextPageAt(`${server.url}/`))
  await atBen.answer.click()

  const [hers, his] = await Promise.all(rooms.map(async (room) => new URL(await (await room).url()).pathname))
  expect(hers).toBe(his)
  for (const device of [annDevice, benDevice]) await expect.poll(() => device.callWindowCount()).toBe(0)
  const placedCalls = await pastCalls(people.page)
  await expect.poll(placedCalls).toEqual([expect.stringMatching(/^To Ben Sample .* · answered$/)])
  const received = await pastCalls((await openPeople(benDevice)).page)
  await expect.poll(received).toEqual([expect.stringMatching(/^From Ann Able .* · answered$/)])
})

test('PL1.3 PL3.1 PU4.2 PU5.2 PU5.3 who is busy is not rung and calls back from the missed call; a decline with a ready answer is read at once, and is a message of both', async () => {
  const { ann, ben, annDevice, benDevice } = await twoPeople()
  const bens = await openPeople(benDevice, ann)
  await bens.chooseStatus('Busy…', '1 hour')
  const anns = await openPeople(annDevice)
  await expect.poll(() => anns.shape(ben.name)).toBe('busy')

  await anns.call(ben.name).click()

  const busy = await placedOn(annDevice)
  await expect.poll(busy.words).toMatch(/^Busy until (tomorrow )?\d\d?:\d\d( [AP]M)?: the call is kept$/)
  expect(await benDevice.callWindowCount()).toBe(0)
  await bens.missed.getByText('you were busy, or too many called').waitFor()
  await expect.poll(() => benDevice.toolbar.badge()).toBe('1')
  await bens.chooseStatus('Available')
  await expect.poll(() => anns.shape(ben.name)).toBe('available')

  const ring = nextRing(annDevice, busy.page)
  await bens.missed.getByRole('button', { name: `Call ${ann.name}` }).click()
  const placed = await placedOn(benDevice)
  const atAnn = await ring
  await atAnn.answer.waitFor()
  await expect.poll(placed.words).toBe('Ringing on 1 device')
  await atAnn.page.getByRole('button', { name: 'Decline with an answer' }).click()
  await atAnn.page.getByRole('button', { name: 'In a meeting' }).click()

  await expect.poll(placed.words).toBe('Declined, with an answer:')
  expect(await placed.reply.textContent()).toBe('In a meeting')
  await placed.leaveMessage.click()
  const written = threadOn(placed.page)
  await expect.poll(written.texts).toEqual(['In a meeting'])
  await written.send('Later then')
  await expect.poll(() => annDevice.toolbar.badge()).toBe('1')
  await anns.message(ben.name).click()
  await expect.poll(threadOn(anns.page).texts).toEqual(['In a meeting', 'Later then'])
  await expect.poll(() => annDevice.toolbar.badge()).toBe('')
})

test('PL4.1 PU5.1 PU5.2 who cannot be reached is told so, and rung once they are; a call is taken back by its button and with its window, a message left beside it, and one whose caller’s browser is gone is cancelled', async () => {
  const { ann, ben, annDevice, benDevice } = await twoPeople()
  const anns = await openPeople(annDevice, ben)
  await benDevice.toolbar.killWorker()
  // Of who is gone a server that has just started says that it does not know.
  await expect.poll(() => anns.shape(ben.name)).toMatch(/^(offline|unknown)$/)

  await anns.call(ben.name).click()

  const first = await placedOn(annDevice)
  await expect.poll(first.words).toMatch(/^Not reachable now; trying for \d\d? s more$/)
  const bens = await openPeople(benDevice)
  const rung = await benDevice.callWindow()
  await rung.answer.waitFor()
  await expect.poll(first.words).toBe('Ringing on 1 device')
  await first.cancel.click()
  await expect.poll(() => annDevice.callWindowCount()).toBe(0)
  await expect.poll(() => rung.status.textContent()).toContain('The caller hung up')
  await bens.missed.getByText('hung up').waitFor()
  await expect.poll(() => benDevice.callWindowCount()).toBe(0)

  await anns.call(ben.name).click()
  const second = await placedOn(annDevice)
  await expect.poll(second.words).toBe('Ringing on 1 device')
  await second.leaveMessage.click()
  await threadOn(second.page).send('Call me when you can')
  await expect.poll(second.words).toBe('Ringing on 1 device')
  const atBen = await benDevice.callWindow()
  await bens.page.getByText('1 unread', { exact: false }).first().waitFor()
  await second.page.close()
  await expect.poll(() => atBen.status.textContent()).toContain('The caller hung up')
  await expect.poll(() => benDevice.callWindowCount()).toBe(0)

  await anns.call(ben.name).click()
  await expect.poll(async () => (await placedOn(annDevice)).words()).toBe('Ringing on 1 device')
  const last = await benDevice.callWindow()
  await last.answer.waitFor()
  await annDevice.close()
  const closed = performance.now()
  await expect.poll(() => benDevice.callWindowCount(), { timeout: 60_000 }).toBe(0)
  // 20 s without a lease, and 3 s at most; its window stays for 2.5 s to say so.
  expect(performance.now() - closed).toBeGreaterThan(15_000)
  await expect.poll(async () => bens.missed.getByRole('heading').innerText()).toBe('3 missed calls')
  expect(await bens.missed.getByText(ann.name).first().isVisible()).toBe(true)
})

test('PL2.1 C8.21 two who call each other at one moment have one call, and a further one waits and is shown', async () => {
  const { server, ann, ben, annDevice, benDevice } = await twoPeople()
  const [anns, bens] = await Promise.all([openPeople(annDevice, ben), openPeople(benDevice, ann)])
  const rooms = [annDevice, benDevice].map((device) => device.nextPageAt(`${server.url}/`))

  await Promise.all([anns.call(ben.name).click(), bens.call(ann.name).click()])

  const [hers, his] = await Promise.all(rooms.map(async (room) => new URL(await (await room).url()).pathname))
  expect(hers).toBe(his)
  for (const device of [annDevice, benDevice]) await expect.poll(() => device.callWindowCount()).toBe(0)
  for (const { page } of [anns, bens])
    await expect.poll(await pastCalls(page)).toEqual([expect.stringMatching(/ · answered$/)])

  const clinic = await openCallClient(server)
  const further = await clinic.call(ben.username)
  expect(further.disposition).toBe('ringing')
  const shown = await benDevice.callWindow()
  await expect.poll(() => shown.caller.textContent()).toBe('Dr Bell')
  await shown.decline.click()
  await expect.poll(async () => (await clinic.get(further.id)).state).toBe('declined')
})
