import { expect, test } from 'vitest'
import { edgeless, keyboardFaults, tooWide, violations } from '../support/accessibility.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import { startTcpProxy } from '../support/nodes/tcp-proxy.ts'
import type { Page } from '../support/page.ts'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openRoomChromium, openTwoRoomChromiums } from '../support/room/open-room-chromium.ts'
import { blue, isColour, red } from '../support/room/picture-file.ts'

const faultsOf = async (page: Page) => [
  ...(await violations(page)),
  ...(await edgeless(page)),
  ...(await tooWide(page)),
  ...(await keyboardFaults(page)),
]

test('RM14.1 E20.2 E20.4 neither the room before Join, nor with both in it, nor after its end has anything that axe objects to, is too wide, or is out of the reach of keys', async () => {
  const { address } = await answeredRoom()
  const { callers, callees } = await openTwoRoomChromiums()
  const caller = await callers.open(address('caller'))
  await caller.join.waitFor()
  expect(await faultsOf(caller.page)).toEqual([])
  await caller.tryOut.click()
  await caller.cameraOff.waitFor()
  await caller.page.getByRole('combobox', { name: 'Microphone' }).waitFor()
  // What moves with the sound would never rest.
  await caller.mute.click()
  await caller.unmute.waitFor()
  expect(await faultsOf(caller.page)).toEqual([])

  await caller.join.click()
  await expect.poll(caller.status).toBe(`You are in. ${names.callee} is not here yet.`)
  expect(await faultsOf(caller.page)).toEqual([])

  const callee = await callees.open(address('callee'))
  await callee.tryOut.click()
  await callee.cameraOff.waitFor()
  await callee.join.click()
  await expect.poll(() => caller.sees(blue)).toBe(true)
  await caller.page.getByRole('button', { name: 'Devices' }).click()
  await caller.page.getByRole('combobox', { name: 'Camera' }).waitFor()
  expect(await faultsOf(caller.page)).toEqual([])

  await caller.hangUp.click()
  await caller.page.getByRole('heading', { name: 'You hung up' }).waitFor()
  expect(await faultsOf(caller.page)).toEqual([])
})

test('RM14.1 in a window of 320 px by 480 both pictures are seen, and every button can be pressed', async () => {
  const { address } = await answeredRoom()
  const { callers, callees } = await openTwoRoomChromiums()
  const caller = await callers.open(address('caller'))
  await caller.page.setViewportSize({ width: 320, height: 480 })
  const callee = await callees.open(address('callee'))
  for (const page of [caller, callee]) await page.joinWithCamera()
  await expect.poll(() => caller.sees(blue)).toBe(true)
  expect(isColour(await caller.ownColour(), red)).toBe(true)
  for (const button of [caller.mute, caller.cameraOff]) await button.click()
  await caller.cameraOn.waitFor()
  const cutOff = await caller.page.evaluate(() => {
    const own = document.querySelector('.self')?.getBoundingClientRect()
    const said = [...document.querySelectorAll('.self p')].map((one) => ({
      words: one.textContent,
      box: one.getBoundingClientRect(),
    }))
    return said
      .filter(({ box }) => !own || box.top < own.top || box.bottom > own.bottom)
      .map(({ words }) => words)
  })
  expect(cutOff).toEqual([])
  for (const button of [caller.unmute, caller.cameraOn, caller.hangUp]) await button.click()
  await callee.page.getByRole('heading', { name: `${names.caller} hung up` }).waitFor()
})

test('RM14.2 RM14.3 RM7.1 the page speaks the language that the browser asks for, loads nothing but the server’s own, and keeps to its policy', async () => {
  const { server, address } = await answeredRoom()
  const page = await (await launchPlainChromium()).newPage({ locale: 'de-AT' })
  const asked: string[] = []
  page.on('request', (request) => void asked.push(request.url()))
  const said: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && said.push(message.text())))
  page.on('pageerror', (error) => void said.push(error.message))
  await page.goto(address('callee'))
  await page.getByRole('heading', { name: `Ihr Anruf mit ${names.caller}` }).waitFor()
  await page.getByRole('button', { name: 'Kamera und Mikrofon ausprobieren' }).waitFor()
  expect(asked.length).toBeGreaterThan(2)
  expect(asked.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([])
  expect(said).toEqual([])
  expect(new URL(page.url()).hash).toBe('')
})

test('RM14.3 without scripts the page says what it is for, and what to do', async () => {
  const { address } = await answeredRoom()
  const page = await (await launchPlainChromium()).newPage({ javaScriptEnabled: false })
  await page.goto(address('callee'))
  const words = page.locator('noscript p')
  await words.waitFor()
  expect(await words.textContent()).toContain('which a browser does by scripts only')
})

const atPlainAddress = 'it has to begin with https'

test('RM10.3 at an address without https whoever comes joins as a listener, and is told that it is the address', async () => {
  const targets: number[] = []
  const proxy = await startTcpProxy(() => targets)
  const plain = `http://clinic.example:${proxy.port}`
  const { server, address } = await answeredRoom({ PUBLIC_URL: plain })
  targets.push(Number(new URL(server.url).port))
  const browser = await openRoomChromium({
    sees: red,
    flags: ['--host-resolver-rules=MAP clinic.example 127.0.0.1'],
  })
  const { page, join, tryOut, status } = await browser.open(address('callee', plain))
  await page.getByText(atPlainAddress).waitFor()
  expect(await tryOut.count()).toBe(0)
  await join.click()
  await expect.poll(status).toBe(`You are in. ${names.caller} is not here yet.`)
  expect(await page.getByText(atPlainAddress).isVisible()).toBe(true)
  expect(await page.getByText('You are muted').first().isVisible()).toBe(true)
})

test('RM10.3 whose browser gives devices to no page at all is not told that it is the address', async () => {
  const { address } = await answeredRoom()
  const browser = await openRoomChromium({ sees: red })
  await browser.context.addInitScript(() => {
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined })
  })
  const { page, join } = await browser.open(address('callee'))
  await join.click()
  await page.getByText('Your browser gives this page no microphone, so you are a listener.').waitFor()
  expect(await page.getByText(atPlainAddress).count()).toBe(0)
})

test('RM1.1 a page that is loaded anew before it heard that it was let in is let in all the same', async () => {
  const { address } = await answeredRoom()
  const { context, open } = await openRoomChromium({ sees: red })
  const lost: string[] = []
  let isLost = true
  await context.routeWebSocket(/\/socket$/, (page) => {
    page.connectToServer().onMessage((message) => {
      if (isLost) lost.push(String(message))
      else page.send(message)
    })
  })
  const callee = await open(address('callee'))
  await expect.poll(() => lost.at(0)).toContain('"type":"welcome"')
  isLost = false
  await callee.page.reload()
  await callee.page.getByText(`${names.caller} is not here yet.`).waitFor()
  await callee.join.waitFor()
})

test('RM12.3 who has both sides in tabs of one browser comes back in each as whom it was', async () => {
  const { address } = await answeredRoom()
  const { open } = await openRoomChromium({ sees: red })
  const [caller, callee] = [await open(address('caller')), await open(address('callee'))]
  const both = [
    [caller, names.callee],
    [callee, names.caller],
  ] as const
  const see = async () => {
    for (const [{ page }, other] of both)
      await page.getByText(`${other} has the room open, and has not joined yet.`).waitFor()
  }
  await see()
  for (const [{ page }] of both) await page.reload()
  await see()
})
