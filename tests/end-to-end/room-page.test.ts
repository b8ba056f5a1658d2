import { expect, test } from 'vitest'
import { edgeless, keyboardFaults, tooWide, violations } from '../support/accessibility.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import type { Page } from '../support/page.ts'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openTwoRoomChromiums } from '../support/room/open-room-chromium.ts'
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
