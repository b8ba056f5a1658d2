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

/** The page of a place with a member who is there, in a browser whose requests a test may answer itself. */
async function interceptedPage() {
  const server = await startServer()
  const { device } = await placeWithMember(server)
  const page = await (await launchPlainChromium()).newPage()
  await page.goto(`${server.url}/reach/desk`)
  const place = placeOn(page)
  await expect.poll(place.isGreen).toBe(true)
  return { device, page, place }
}

test('PV3.8 PV3.11 a page whose first answer was lost goes on to ask, whatever refuses that, and its visitor is there for who answers', async () => {
  const { device, page, place } = await interceptedPage()
  let asked = 0
  await page.route('**/api/places/desk/visits', async (route) => {
    asked += 1
    if (asked === 1) {
      await route.fetch()
      return route.abort()
    }
    if (asked === 2)
      return route.fulfill({ status: 429, json: { error: 'too-many-attempts', message: '', retryAfter: 1 } })
    if (asked === 3) return route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' })
    if (asked === 4) return route.fulfill({ status: 404, body: '<h1>Not found</h1>' })
    return route.continue()
  })
  await place.name.fill('Maria')
  await place.call.click()
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  device.send({ type: 'answer', call: call.id })
  await page.waitForURL(/\/rooms\//)
  expect(asked).toBe(5)
})

test('PV2.2 PV2.5 PV5.3 whatever else answers at its address has a page say nothing of its place, and who is blocked is offered no message', async () => {
  const { page, place } = await interceptedPage()
  await page.route('**/api/places/desk/visits', (route) => route.fulfill({ json: { kind: 'blocked' } }))
  await place.name.fill('Mallory')
  await place.call.click()
  await place.standing.filter({ hasText: 'takes no calls from where you are' }).waitFor()
  expect([await place.message.leave.isVisible(), await place.leaveInstead.isVisible()]).toEqual([
    false,
    false,
  ])
  await page.route('**/api/places/desk', (route) =>
    route.fulfill({ status: 404, body: '<h1>Not found</h1>' }),
  )
  await place.sentence.filter({ hasText: 'There is no connection to the server.' }).waitFor()
})
