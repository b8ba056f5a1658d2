import { expect, test } from 'vitest'
import { partsOf, seatedPage } from '../server/rooms/room-page.ts'
import { violations } from '../server/support/accessible-page.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import { placeOn } from '../support/pages/place.ts'
import { type MemberDevice, placeWithMember } from '../support/place-with-member.ts'
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
  return { server, device, page, place }
}

test('PV2.5 what is wrong with the name of a caller is read with its field, until it is right', async () => {
  const { device, page, place } = await interceptedPage()
  const field = () =>
    page.evaluate(() => {
      const input = document.getElementById('caller')
      // Described by what is hidden, too.
      const described = document.getElementById(input?.getAttribute('aria-describedby') ?? '')
      const isFocused = document.activeElement === input
      return [described?.textContent, input?.getAttribute('aria-invalid') ?? null, isFocused]
    })
  expect(await field()).toEqual(['', null, false])
  await place.call.click()
  expect(await field()).toEqual(['Enter your name.', 'true', true])
  await place.name.fill('x'.repeat(51))
  await place.call.click()
  const tooLong = 'A name has at most 50 characters here, and no control characters.'
  expect(await field()).toEqual([tooLong, 'true', true])
  await place.name.fill('Maria')
  await place.call.click()
  await device.next('ring')
  expect(await field()).toEqual(['', null, false])
})

/** A member answers the call that rings. @returns their page of its room, before they join. */
async function answerIn(server: { readonly url: string }, device: MemberDevice, call: string) {
  device.send({ type: 'answer', call })
  const { room, ticket } = partsOf((await device.next('over')).room ?? '')
  const state = { joined: false, muted: false, camera: false, sharing: false }
  return seatedPage(server, room, { ticket }, { state })
}

test('PV3.12 PV3.11 who hangs up as a member answers stays on the page, which tells the server until it knows, and the member hears it', async () => {
  const { server, device, page, place } = await interceptedPage()
  const [waits, hangUps] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await place.name.fill('Maria')
  await place.call.click()
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  // The page hears of the answer only once Hang up was pressed, and of that the server hears nothing at first.
  await page.route('**/api/visits/*/wait', async (route) => {
    await waits.promise
    await route.continue()
  })
  let tries = 0
  await page.route('**/api/visits/*/end', async (route) => {
    tries += 1
    if (tries === 1) return route.abort()
    await hangUps.promise
    await route.continue()
  })
  await page.waitForRequest('**/api/visits/*/wait')
  const member = await answerIn(server, device, call.id)
  await place.hangUp.click()
  waits.resolve()
  await place.standing.filter({ hasText: 'You hung up. Should anybody still be called' }).waitFor()
  hangUps.resolve()
  expect(await member.next('ended')).toEqual({ type: 'ended', why: 'otherHungUp' })
  expect(new URL(page.url()).pathname).toBe('/reach/desk')
})

test('PV3.12 who hangs up before the page knows that it rings ends the room too, should a member have answered by then', async () => {
  const { server, device, page, place } = await interceptedPage()
  const answered = Promise.withResolvers<void>()
  await page.route('**/api/places/desk/visits', async (route) => {
    await route.fetch()
    await answered.promise
    // As where the first answer was lost.
    await route.continue()
  })
  await place.name.fill('Maria')
  await place.call.click()
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  const member = await answerIn(server, device, call.id)
  await place.hangUp.click()
  await place.standing.filter({ hasText: 'You hung up.' }).waitFor()
  answered.resolve()
  expect(await member.next('ended')).toEqual({ type: 'ended', why: 'otherHungUp' })
  expect(new URL(page.url()).pathname).toBe('/reach/desk')
})

/** Runs in a page: notes for its tab, whichever page is in it later, how it said that its visitor is gone. */
function noteEnds(): void {
  const native = globalThis.fetch
  globalThis.fetch = (path, options) => {
    if (String(path).endsWith('/end')) sessionStorage.setItem('ended', String(options?.body))
    return native(path, options)
  }
}

test('PV3.12 a page that is left without Hang up says nothing of a room, and one that goes into it says nothing', async () => {
  const { server, device, page, place } = await interceptedPage()
  const ended = () => page.evaluate(() => JSON.parse(sessionStorage.getItem('ended') ?? 'null'))
  const call = async () => {
    await page.evaluate(noteEnds)
    await place.name.fill('Maria')
    await place.call.click()
    const ring = await device.next('ring')
    device.send({ type: 'rings', call: ring.call.id })
    await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
    return ring.call.id
  }
  await call()
  await page.goto(`${server.url}/reach/desk`)
  expect(await ended()).toMatchObject({ hungUp: false })
  expect((await device.next('over')).outcome).toBe('cancelled')
  await page.evaluate(() => sessionStorage.clear())
  await expect.poll(place.isGreen).toBe(true)
  const second = await call()
  device.send({ type: 'answer', call: second })
  await page.waitForURL(/\/rooms\//)
  expect(await ended()).toBeNull()
})

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
