import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { believedFor, defaultTiming } from '../../../protocol/timing.ts'
import { insertIssuerLink } from '../../../server/accounts/credential-rows.ts'
import { writeMessage } from '../../../server/messages/write-message.ts'
import { launchPlainChromium } from '../../support/chromium/open-plain-chromium.ts'
import { expectAccessible, windows } from '../support/accessible-page.ts'
import { signIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, sessionOf } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { accountLink } from './at-account.ts'

const agent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36'

const cleo = { username: 'cleo', email: 'cleo@clinic.example', name: 'Cleo', password: '' }

async function annAtHome(language: string | null = null) {
  const server = await startInProcessServer()
  const [userId = '', benId = '', cleoId = ''] = await addPeople(server.dataDir, ann, ben, cleo)
  const token = await sessionOf(server, ann, 'device-1')
  const other = await sessionOf(server, ann, 'device-2')
  const db = await server.db()
  await db.updateTable('device').set({ label: agent, address: '2001:db8:85a3::8a2e:370:7334' }).execute()
  await db.updateTable('user').set({ language }).execute()
  await db
    .insertInto('contact')
    .values([
      { userId, id: benId, otherId: benId, relation: 'blocked', before: 'contact', since: 1 },
      { userId, id: cleoId, otherId: cleoId, relation: 'removed', before: null, since: 1 },
    ])
    .execute()
  const message = {
    from: benId,
    to: userId,
    key: 'k',
    text: `Please call ${'x'.repeat(60)}`,
    isBlocked: true,
  }
  await db.transaction().execute((trx) => writeMessage(trx, message, 2))
  await insertIssuerLink(db, { userId, issuer: 'https://accounts.google.com', sub: 'ann-1' }, 1)
  return { server, token, other, link: (await accountLink(server, token)).href }
}

test.each(Object.entries(windows))(
  'W5.1 no page of My account has anything that axe objects to, or is too wide, with faults and without: %s',
  async (name, window) => {
    const { link, server } = await annAtHome(name === 'narrow' ? 'de' : null)
    const page = await (await (await launchPlainChromium()).newContext(window)).newPage()
    await page.setContent(`<a href="${link}">elsewhere</a>`)
    await page.getByRole('link').click()
    await page.locator('form > button').waitFor()
    await expectAccessible(page, `${name} led by another site`, window)
    await page.locator('form > button').click()
    await page.waitForURL(`${server.url}/account`)
    await page.locator('summary').click()
    await expectAccessible(page, `${name} overview`, window)
    await page.locator('form[action="/account/settings"] button').click()
    await page.getByRole('status').waitFor()
    await expectAccessible(page, `${name} done`, window)
    await page.locator('#name').fill('')
    await page.locator('form[action="/account/name"] button').click()
    await page.getByRole('alert').waitFor()
    await expectAccessible(page, `${name} overview with a fault`, window)
    for (const [path, button] of [
      ['/account/password', 'form > button'],
      ['/account/unlink', 'form > button'],
      ['/account/delete/sure', 'form > button'],
    ] as const) {
      await page.goto(server.url + path)
      await expectAccessible(page, `${name} ${path}`, window)
      await page.locator(button).click()
      await page.getByRole('alert').waitFor()
      await expectAccessible(page, `${name} ${path} with faults`, window)
    }
    for (const path of [
      '/account/delete',
      '/account/left',
      '/account/out',
      '/account/deleted',
      '/account/redeem',
    ]) {
      await page.goto(server.url + path)
      await expectAccessible(page, `${name} ${path}`, window)
    }
    await page.context().clearCookies()
    await page.goto(`${server.url}/account`)
    await expectAccessible(page, `${name} closed`, window)
  },
  90_000,
)

test.each([true, false])(
  'W5.3 everything is done by keyboard alone, and a fault is where one is: scripts %s',
  async (javaScriptEnabled) => {
    const { server, token, other, link } = await annAtHome()
    const here = await connectDevice(server.url, token, 'device-1')
    const there = await connectDevice(server.url, other, 'device-2')
    const page = await (await (await launchPlainChromium()).newContext({ javaScriptEnabled })).newPage()
    await page.goto(link)
    await page.locator('#name').focus()
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await page.title()).toBe('Error: My account – Reachable')
    // Whoever types goes on typing in the field that has to be corrected.
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await page.getByRole('status').waitFor()
    expect((await here.next('account')).account.name).toBe('Anna')
    await page.getByRole('button', { name: 'Log out everywhere else' }).focus()
    await page.keyboard.press('Enter')
    await there.closed()
    await page.getByRole('link', { name: 'Change the password' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('#old:focus').waitFor()
    await page.keyboard.type(ann.password)
    await page.keyboard.press('Tab')
    await page.keyboard.type('Correct horse 9')
    await page.keyboard.press('Tab')
    if (javaScriptEnabled) await page.keyboard.press('Tab')
    await page.keyboard.type('Correct horse 9')
    await page.keyboard.press('Enter')
    await page.getByText('Your password is changed.').waitFor()
    await signIn(server, { username: 'ann', password: 'Correct horse 9' }, 'device-3')
  },
)

/** Ann's page that asks for a new password, in a browser that runs scripts or does not. */
async function atChangePassword(javaScriptEnabled: boolean) {
  const { server, link } = await annAtHome()
  const page = await (await (await launchPlainChromium()).newContext({ javaScriptEnabled })).newPage()
  await page.goto(link)
  await page.goto(`${server.url}/account/password`)
  // What is typed before the page has its cursor goes nowhere.
  await page.locator('#old:focus').waitFor()
  return page
}

test.each([true, false])(
  'W5.5 two new passwords that differ are typed anew in My account, the old one only without scripts: scripts %s',
  async (javaScriptEnabled) => {
    const page = await atChangePassword(javaScriptEnabled)
    await page.keyboard.type(ann.password)
    await page.locator('#password').fill('Correct-horse-9')
    await page.locator('#again').fill('Correct-horse-8')
    await page.keyboard.press('Enter')
    await page.locator('#password-error').getByText('The two passwords are not the same.').waitFor()
    for (const emptied of ['#password', '#again']) expect(await page.locator(emptied).inputValue()).toBe('')
    expect(await page.locator('#old').inputValue()).toBe(javaScriptEnabled ? ann.password : '')
    expect(await page.locator(':focus').getAttribute('id')).toBe(javaScriptEnabled ? 'password' : 'old')
    expect(await page.locator(':focus').getAttribute('aria-describedby')).toMatch(/\bpassword-error\b/)
    expect(await page.title()).toBe('Error: Change the password – Reachable')
    expect(await page.locator('#needs li[data-state="open"]').count()).toBe(5)
    if (!javaScriptEnabled) await page.keyboard.type(ann.password)
    await page.locator('#password').fill('Correct-horse-9')
    await page.locator('#again').fill('Correct-horse-9')
    await page.keyboard.press('Enter')
    await page.getByText('Your password is changed.').waitFor()
  },
)

test.each([true, false])(
  'W5.3 in My account the old password is to be typed anew whatever is wrong, and its field says what is: scripts %s',
  async (javaScriptEnabled) => {
    const page = await atChangePassword(javaScriptEnabled)
    await page.keyboard.type(ann.password)
    for (const field of ['#password', '#again']) await page.locator(field).fill('Password1234!')
    await page.keyboard.press('Enter')
    await page.locator('#password-error').waitFor()
    const described = await page.locator(':focus').getAttribute('aria-describedby')
    expect(await page.locator(':focus').getAttribute('id')).toBe('old')
    expect(described?.split(' ')).toEqual(['old-hint', 'password-error'])
    expect(await page.locator('#old').getAttribute('aria-invalid')).toBeNull()
  },
)

/** Ways in which time passes for a page. */
const passing: readonly (readonly [string, (page: Page, ms: number) => Promise<void>])[] = [
  ['both clocks go on', (page, ms) => page.clock.fastForward(ms)],
  [
    'the wall clock alone does',
    async (page, ms) => {
      await page.clock.setSystemTime(Date.now() + ms)
      await page.clock.runFor(1_000)
    },
  ],
  [
    'the wall clock was set back',
    async (page, ms) => {
      await page.clock.setSystemTime(Date.now() - 3_600_000)
      await page.clock.fastForward(ms)
    },
  ],
]

test.each(passing)(
  'W9.9 “On now” is said for as long as it is proven, and then when it was: %s',
  async (_, pass) => {
    const { server, token, link } = await annAtHome()
    await (await connectDevice(server.url, token, 'device-1')).lease()
    const page = await (await launchPlainChromium()).newPage()
    await page.clock.install({ time: Date.now() })
    await page.goto(link)
    const devices = page.getByRole('region', { name: 'Where you are logged in' }).getByRole('listitem')
    const [here, there] = [
      devices.filter({ hasText: 'This device' }),
      devices.filter({ hasNotText: 'This device' }),
    ]
    await here.getByText('On now').waitFor()
    await there.getByText('Last seen: about').waitFor()
    expect(await page.getByText('On now').count()).toBe(1)
    expect(await here.getByText('On when this page was loaded').isVisible()).toBe(false)
    await pass(page, believedFor(defaultTiming))
    // Sooner than time by itself.
    await here.getByText('On when this page was loaded').waitFor({ timeout: 8_000 })
    expect(await here.getByText('On now').isVisible()).toBe(false)
  },
)

test('W12.4 My account has one thing after another, one primary button each at most, and a way back from its pages', async () => {
  const { server, link } = await annAtHome()
  const page = await (await launchPlainChromium()).newPage()
  await page.goto(link)
  expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
    ...['Who you are', 'Password', 'Where you are logged in', 'Language, mails and messages'],
    ...['Removed and blocked people', 'Sign in with Google'],
  ])
  const sections = page.locator('main > section')
  expect(await sections.last().getAttribute('aria-label')).toBe('Delete my account')
  expect(await page.getByText('Delete my account').count()).toBe(1)
  for (const section of await sections.all())
    expect(await section.locator('.button--primary').count()).toBeLessThanOrEqual(1)
  for (const path of ['/account/password', '/account/unlink', '/account/delete', '/account/delete/sure']) {
    await page.goto(server.url + path)
    expect(await page.getByRole('heading', { level: 1 }).innerText()).not.toBe('My account')
    await page.getByRole('link', { name: 'Back to my account' }).click()
    await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
  }
})

test('W6.13 after the pages were closed "back" shows nothing of them, other cookies stay, and they open anew', async () => {
  const { server, token, link } = await annAtHome()
  const context = await (await launchPlainChromium()).newContext()
  await context.addCookies([
    { name: 'issuer-of-another-window', value: 'x', url: `${server.url}/auth/issuer/` },
  ])
  const page = await context.newPage()
  await page.goto(link)
  await page.evaluate("localStorage.setItem('kept', 'something'); caches.open('kept')")
  await page.getByRole('button', { name: 'Close these pages' }).click()
  await page.getByRole('heading', { name: 'You closed these pages' }).waitFor()
  expect(await page.evaluate("localStorage.getItem('kept')")).toBeNull()
  expect(await page.evaluate('caches.keys().then((names) => names.join())')).toBe('')
  expect((await context.cookies()).map(({ name }) => name)).toEqual(['issuer-of-another-window'])
  await page.goBack()
  await page.getByRole('heading', { name: 'These pages are closed' }).waitFor()
  expect(await page.content()).not.toContain(ann.email)
  await page.goto((await accountLink(server, token)).href)
  await page.getByRole('heading', { name: 'My account', exact: true }).waitFor()
})

test.each([
  ['en-GB', null, /^\d+ \w+ 2026, 18:30$/],
  ['en-US', null, /^\w+ \d+, 2026, 6:30\sPM$/],
  ['en-US', 'de', /^\d\d\.\d\d\.2026, 18:30$/],
  ['de-DE', 'en', /^\d+ \w+ 2026, 18:30$/],
] as const)(
  'W12.3 times are those of the place, by the clock of a browser in %s, in the language %s',
  async (locale, language, wording) => {
    const { server, link } = await annAtHome(language)
    await (await server.db())
      .updateTable('device')
      .set({ seenAt: Date.UTC(2026, 10, 3, 13, 0) })
      .execute()
    const context = await (await launchPlainChromium()).newContext({ timezoneId: 'Asia/Kolkata', locale })
    const page = await context.newPage()
    await page.goto(link)
    expect(await page.locator('time:visible').first().innerText()).toMatch(wording)
  },
)

test('W12.3 no address but the first tells anything', async () => {
  const { server, link } = await annAtHome()
  const context = await (await launchPlainChromium()).newContext({
    timezoneId: 'Asia/Kolkata',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  const asked: string[] = []
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  page.on('request', (request) => asked.push(`${request.url()} ${request.headers().referer ?? ''}`))
  await page.goto(link)
  expect(page.url()).toBe(`${server.url}/account`)
  await page.locator('form[action="/account/settings"] button').click()
  await page.getByRole('status').waitFor()
  const code = new URL(link).searchParams.get('code') ?? ''
  expect(asked.filter((one) => one.includes(code))).toHaveLength(1)
  expect(await context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Lax', path: '/account' }])
  expect(await page.evaluate('document.cookie')).toBe('')
  expect(errors).toEqual([])
})
