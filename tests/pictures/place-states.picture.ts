import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright'
import { expect, onTestFinished, test } from 'vitest'
import { type PlaceLight, placeTiming, type VisitAnswer, type VisitView } from '../../protocol/place.ts'
import { changePlace } from '../../server/places/place-rows.ts'
import { accountLink } from '../server/my-account/at-account.ts'
import { addPlace, visitorAt } from '../server/places/place-on-server.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { idOf, sessionOf } from '../server/support/people.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'
import { placeOn } from '../support/pages/place.ts'
import { memberDevice } from '../support/place-with-member.ts'
import { addPerson, ann } from '../support/server/add-person.ts'
import { startServer } from '../support/server/start-server.ts'
import { saveState } from './save-state.ts'

/** On a machine that does much else, too. */
const patiently = { timeout: 120_000 }
const within = { timeout: 1_500_000 }

const ben = { username: 'ben', email: 'ben@clinic.example', name: 'Ben Baker' }

const light: PlaceLight = {
  ...{ slug: 'desk', name: 'Front desk', state: 'reachable', validFor: placeTiming.longestLight },
  ...{ waiting: 0, why: null, opensAt: null, at: 0 },
}

const visit: VisitView = {
  ...{ id: 'v', state: 'calling', position: null, ringing: 0, room: null, standing: 's' },
}

/** What a page of a place is answered from now on: the page is real, and how it stands is said here. */
async function answering(page: Page) {
  let now: Partial<PlaceLight> | 'nothing' | 'gone' = {}
  let answer: VisitAnswer | 'nothing' | 'gone' | 'too-many' = 'nothing'
  let view: Partial<VisitView> = {}
  let name = light.name
  const refusal = (status: number) => ({ status, json: { error: 'not-found', message: '' } })
  await page.route('**/api/places/desk', async (route) => {
    if (now === 'nothing') return route.abort()
    if (now === 'gone') return route.fulfill(refusal(404))
    return route.fulfill({ json: { ...light, name, at: Date.now(), ...now } })
  })
  await page.route('**/api/places/desk/visits', async (route) => {
    // Nothing at all is answered.
    if (answer === 'nothing') return
    if (answer === 'gone') return route.fulfill(refusal(404))
    if (answer === 'too-many')
      return route.fulfill({ status: 429, headers: { 'retry-after': '30' }, body: '' })
    return route.fulfill({ json: answer })
  })
  await page.route('**/api/visits/*/wait', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    await route.fulfill({ json: { ...visit, ...view } }).catch(() => {})
  })
  await page.route('**/api/visits/*/end', (route) =>
    route.fulfill({ json: { ...visit, state: 'cancelled' } }),
  )
  return {
    shows: (next: typeof now) => {
      now = next
    },
    named: (next: string) => {
      name = next
    },
    answers: (next: typeof answer) => {
      answer = next
    },
    stands: (next: typeof view) => {
      view = next
      answer = { kind: 'visiting', secret: 'x', visit: { ...visit, ...next } }
    },
  }
}

async function siteWith(html: string): Promise<string> {
  const style = `body { margin: 32px; font: 16px/1.5 Georgia, serif; color-scheme: light dark }`
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Clinic</title><style>${style}</style><h1>The clinic</h1><p>We are there for you.</p>${html}`,
    )
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  onTestFinished(() => void site.close())
  return `http://localhost:${(site.address() as AddressInfo).port}`
}

async function openPlace(name = light.name, environment: Readonly<Record<string, string>> = {}) {
  const server = await startServer({ TRUST_PROXY: 'on', ...environment })
  const at = asTestServer(server)
  const people = [await addPerson(server), await addPerson(server, ben)]
  const members = await Promise.all(people.map(({ email }) => idOf(at, email)))
  const id = await addPlace(at, { name, members })
  return { server, at, people, members, id }
}

test('the page of a place', within, async () => {
  const { server, at, id, people } = await openPlace()
  for (const person of people) await memberDevice(server, person)
  const chromium = await launchPlainChromium()
  const page = await chromium.newPage()
  page.setDefaultTimeout(patiently.timeout)
  const told = await answering(page)
  const place = placeOn(page)
  const open = async () => {
    await page.goto(`${server.url}/reach/desk`)
    await place.sentence.waitFor()
  }
  const shown = async (name: string, words: RegExp, next: Parameters<typeof told.shows>[0]) => {
    told.shows(next)
    await open()
    await page.locator('#light').filter({ hasText: words }).waitFor(patiently)
    await saveState(name, page)
  }
  await shown('place-reachable', /can be reached now/, {})
  await place.call.click()
  await page.getByText('Enter your name.').waitFor()
  await saveState('place-name-missing', page)
  await place.leaveInstead.click()
  await saveState('place-instead', page)
  await shown('place-busy', /is busy.*2 visitors/s, { state: 'busy', waiting: 2 })
  await shown('place-nobody', /Nobody at/, { state: 'closed', why: 'nobody' })
  await shown('place-hours', /is closed now.*It opens/s, {
    ...{ state: 'closed', why: 'hours', opensAt: Date.UTC(2030, 3, 1, 8, 0) },
  })
  await shown('place-unknown', /is not known at this moment/, { state: 'unknown' })
  await shown('place-no-connection', /no connection to the server/, 'nothing')
  await shown('place-removed', /any more/, 'gone')

  const calls = async (name: string, words: string | RegExp) => {
    told.shows({})
    await open()
    await place.name.fill('Maria')
    await place.call.click()
    await place.standing.filter({ hasText: words }).waitFor(patiently)
    await saveState(name, page)
  }
  told.answers('nothing')
  await calls('place-asking', /Asking|No answer yet/)
  told.stands({ ringing: 2 })
  await calls('place-ringing', 'Ringing two people.')
  await place.hangUp.click()
  await place.standing.filter({ hasText: 'You hung up.' }).waitFor()
  await saveState('place-hung-up', page)
  told.stands({ state: 'queued', position: 2 })
  await calls('place-in-line', 'You are second in line.')
  told.stands({ state: 'declined' })
  await calls('place-declined', 'cannot take your call')
  told.stands({ state: 'unanswered' })
  await calls('place-unanswered', 'Nobody answered.')
  told.stands({ state: 'unreachable' })
  await calls('place-unreachable', 'could be reached after all')
  told.stands({ state: 'left' })
  await calls('place-abandoned', 'heard of this page for too long')
  told.answers({ kind: 'full', light: { ...light, at: Date.now() } })
  await calls('place-full', 'Too many visitors')
  told.answers({ kind: 'blocked' })
  await calls('place-blocked', 'takes no calls from where you are')
  told.answers('too-many')
  await calls('place-too-many', 'too often')
  await place.message.leave.click()
  await page.getByRole('alert').first().waitFor()
  await saveState('place-message-wrong', page)
  await place.message.name.fill('Maria')
  await place.message.wayBack.fill('maria@home.example')
  await place.message.text.fill('Please call me.')
  await place.message.leave.click()
  await page.getByRole('heading', { name: 'Delivered' }).waitFor()
  await saveState('place-delivered', page)
  await page.goto(`${server.url}/reach/nothing-there`)
  await saveState('place-none', page)
  await page.goto(`${server.url}/reach/desk/embedding`)
  await saveState('place-embedding', page)
  const scriptless = await chromium.newPage({ javaScriptEnabled: false })
  scriptless.setDefaultTimeout(patiently.timeout)
  await scriptless.goto(`${server.url}/reach/desk`)
  await saveState('place-scriptless', scriptless)
  await expect.poll(() => scriptless.locator('.light .then').isVisible(), patiently).toBe(true)
  await saveState('place-scriptless-over', scriptless)
  await changePlace(await at.db(), id, { shutAt: Date.now() })
  await page.goto(`${server.url}/reach/desk`)
  await saveState('place-shut', page)
})

test('a place shown on another site, shut, with a long name, in other languages, and at an address without https', async () => {
  const long = 'Zentrale Notaufnahme Kreiskrankenhaus Nord'.slice(0, 40)
  const { server, at, people, members } = await openPlace(long, { PUBLIC_URL: 'http://clinic.example' })
  await addPlace(at, { slug: 'rtl', name: 'مكتب الاستقبال الرئيسي في العيادة', members })
  for (const person of people) await memberDevice(server, person)
  const chromium = await launchPlainChromium()
  const page = await chromium.newPage()
  page.setDefaultTimeout(patiently.timeout)
  await page.goto(`${server.url}/reach/desk`)
  await saveState('place-no-room', page)
  await page.goto(`${server.url}/reach/rtl`)
  await saveState('place-rtl', page)
  for (const locale of ['de', 'fr', 'es']) {
    const theirs = await chromium.newPage({ locale })
    theirs.setDefaultTimeout(patiently.timeout)
    const told = await answering(theirs)
    told.named(long)
    await theirs.route('**/reach/desk', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.text()).replace('"canTalk":false', '"canTalk":true')
      await route.fulfill({ response: answer, body })
    })
    await theirs.goto(`${server.url}/reach/desk`)
    await expect.poll(() => theirs.locator('.light[data-state=reachable]').count(), patiently).toBe(1)
    await saveState(`place-reachable-${locale}`, theirs)
    told.stands({ state: 'unreachable' })
    await theirs.locator('#caller').fill('Maria')
    await theirs.locator('#call button').click()
    await theirs.locator('#message').waitFor()
    await saveState(`place-unreachable-${locale}`, theirs)
    await theirs.goto(`${server.url}/reach/desk/embedding`)
    await saveState(`place-embedding-${locale}`, theirs)
  }
})

test('a place in a frame and as an image, and in My account', within, async () => {
  const { server, at, people, members, id } = await openPlace()
  const [annId = ''] = members
  await addPlace(at, { slug: 'alone', name: 'Ann’s practice', members: [annId], agreed: false })
  await addPlace(at, { slug: 'agreed', name: 'Night line', members: [annId] })
  for (const person of people) await memberDevice(server, person)
  const frame = `<iframe src="${server.url}/reach/desk/embed" title="Front desk" width="340" height="220" style="border: 0; max-width: 100%" loading="lazy"></iframe>`
  const origin = await siteWith(
    `${frame}<p><a href="${server.url}/reach/desk"><img src="${server.url}/reach/desk/light.svg" width="240" height="40" alt=""> Front desk</a></p>`,
  )
  const db = await at.db()
  await changePlace(db, id, { origins: JSON.stringify([origin]) })
  const chromium = await launchPlainChromium()
  const page = await chromium.newPage()
  page.setDefaultTimeout(patiently.timeout)
  await page.goto(origin)
  await page.frameLocator('iframe').getByText('can be reached now').waitFor()
  await saveState('place-embedded', page)

  const visitors = [visitorAt(at, '203.0.113.7'), visitorAt(at, '203.0.113.8')]
  for (const [index, visitor] of visitors.entries()) {
    const visiting = await visitor.visit(
      index === 0 ? 'Maria' : 'Dr. Wilhelmine-Charlotte von Donaudampfschiff',
    )
    await visitor.end(visiting)
  }
  const token = await sessionOf(at, { ...ann, password: '' } as never, 'at-account')
  const { href } = await accountLink(at, token, 'at-account')
  const account = await chromium.newPage()
  account.setDefaultTimeout(patiently.timeout)
  await account.goto(href)
  const enter = account.locator('form > button')
  if (!account.url().endsWith('/account')) await enter.first().click()
  await account.waitForURL(`${server.url}/account`)
  await saveState('account-places', account)
  await account.locator('section[aria-labelledby=places] summary').first().click()
  await account
    .getByRole('button', { name: /^Block: / })
    .first()
    .waitFor()
  await saveState('account-places-visitors', account)
  await account
    .getByRole('button', { name: /^Block: / })
    .first()
    .click()
  await account.getByRole('status').first().waitFor()
  for (const summary of await account.locator('section[aria-labelledby=places] summary').all())
    await summary.click()
  await saveState('account-places-blocked', account)
})
