import { expect, test } from 'vitest'
import { violations } from '../server/support/accessible-page.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import { placeOn } from '../support/pages/place.ts'
import { placeWithMember } from '../support/place-with-member.ts'
import { startServer } from '../support/server/start-server.ts'

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true }

test('PV2.5 a phone’s visitor calls by touch, from a page that fits, and is in the room once somebody answers', async () => {
  const server = await startServer()
  const { device } = await placeWithMember(server)
  const page = await (await launchPlainChromium()).newPage(phone)
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await page.goto(`${server.url}/reach/desk`)
  const place = placeOn(page)
  await expect.poll(place.isGreen).toBe(true)
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  const size = await page.getByRole('button', { name: 'Call' }).boundingBox()
  expect(size?.height).toBeGreaterThanOrEqual(44)
  await page.getByRole('region', { name: 'Call' }).getByLabel('Your name').tap()
  await page.keyboard.type('Maria')
  await page.getByRole('button', { name: 'Call' }).tap()
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  // The press of Call is what a phone wants before anything sounds.
  expect(await page.evaluate(() => navigator.userActivation.hasBeenActive)).toBe(true)
  device.send({ type: 'answer', call: call.id })
  await page.waitForURL(/\/rooms\//)
  expect(errors).toEqual([])
})

test.each([
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 320, height: 480 } }],
] as const)(
  'PV2.5 W5.1 the pages of a place have nothing that axe objects to, and are no wider than their window: %s',
  async (_, window) => {
    const server = await startServer()
    const { device } = await placeWithMember(server)
    const page = await (await launchPlainChromium()).newPage(window)
    for (const path of ['/reach/desk', '/reach/desk/embed', '/reach/desk/embedding']) {
      await page.goto(server.url + path)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      expect(await violations(page), path).toEqual([])
    }
    await page.goto(`${server.url}/reach/desk`)
    const place = placeOn(page)
    await place.call.click()
    await page.getByText('Enter your name.').waitFor()
    expect(await violations(page)).toEqual([])
    await place.name.fill('Maria')
    await place.call.click()
    const { call } = await device.next('ring')
    device.send({ type: 'decline', call: call.id })
    await place.message.title.waitFor()
    expect(await violations(page)).toEqual([])
    await place.message.leave.click()
    await page.getByRole('alert').first().waitFor()
    expect(await violations(page)).toEqual([])
    await place.message.wayBack.fill('maria@home.example')
    await place.message.text.fill('Please call me.')
    await place.message.leave.click()
    await page.getByRole('heading', { name: 'Delivered' }).waitFor()
    expect(await violations(page)).toEqual([])
  },
)
