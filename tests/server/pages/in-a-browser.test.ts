import { expect, test } from 'vitest'
import { invite } from '../../../server/accounts/invite.ts'
import { launchPlainChromium } from '../../support/chromium/open-plain-chromium.ts'
import { expectAccessible, windows } from '../support/accessible-page.ts'
import { signIn } from '../support/api-client.ts'
import { sendForm } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo, writtenMails } from '../support/mailbox.ts'
import { ann, settle } from '../support/people.ts'

/** A server with one person and the links to every page. */
async function server() {
  const running = await startInProcessServer({ env: { SIGN_UP: 'on' } })
  await settle(running, ann)
  await invite(
    await running.db(),
    { email: 'zoe@clinic.example', name: 'Zoë', language: 'fr' },
    running.clock.wall(),
  )
  await sendForm(running, '/password/forgot', { login: 'ann' })
  return {
    ...running,
    reset: linkIn(await mailsTo(running, ann.email)),
    invitation: linkIn(await mailsTo(running, 'zoe@clinic.example')),
  }
}

test.each(Object.entries(windows))(
  'W5.1 no page has anything that axe objects to, or is too wide, with faults and without: %s',
  async (name, window) => {
    const { url, dataDir, reset, invitation } = await server()
    const browser = await launchPlainChromium()
    const page = await (await browser.newContext(window)).newPage()
    for (const path of ['/password/forgot', '/sign-up', reset, invitation]) {
      await page.goto(url + path)
      await expectAccessible(page, `${name} ${path}`, window)
      await page.locator('form > button').click()
      await page.getByRole('alert').waitFor()
      await expectAccessible(page, `${name} ${path} with faults`, window)
    }
    for (const path of [
      '/password/forgot/sent',
      '/password/changed',
      '/joined',
      '/password/reset/x',
      '/invitation/x',
    ]) {
      await page.goto(url + path)
      await expectAccessible(page, `${name} ${path}`, window)
    }
    // A page of ours would forbid the mail its styles.
    await page.goto('about:blank')
    for (const { html } of await writtenMails(dataDir)) {
      await page.setContent(String(html))
      await expectAccessible(page, `${name} mail`, window)
    }
  },
  90_000,
)

test('W5.2 the list of what a password needs follows the typing, and the password can be looked at', async () => {
  const { url, reset } = await server()
  const page = await (await launchPlainChromium()).newPage()
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await page.goto(url + reset)
  const states = () =>
    page.locator('.needs li').evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.state))
  expect(await states()).toEqual(Array(5).fill('open'))
  await page.locator('#password').pressSequentially('abC')
  expect(await states()).toEqual(['met', 'met', 'lacking', 'lacking', 'lacking'])
  expect(await page.locator('.needs').innerText()).toContain('a digit, 0–9 (still missing)')
  await page.locator('#password').fill('Aa0😀😀😀😀')
  expect(await states()).toEqual(['met', 'met', 'met', 'met', 'lacking'])
  await page.locator('#password').fill(`Aa0${'😀'.repeat(125)}`)
  expect(await states()).toEqual(Array(5).fill('met'))
  await page.getByRole('button', { name: 'Show the password' }).click()
  expect(await page.locator('#again').getAttribute('type')).toBe('text')
  await page.getByRole('button', { name: 'Hide the password' }).click()
  expect(await page.locator('#password').getAttribute('type')).toBe('password')
  expect(errors).toEqual([])
})

test.each([true, false])(
  'W5.3 a reset is done by keyboard alone, a fault of it being where one is: scripts %s',
  async (javaScriptEnabled) => {
    const running = await server()
    const browser = await launchPlainChromium()
    const page = await (await browser.newContext({ javaScriptEnabled })).newPage()
    await page.goto(`${running.url}${running.reset}`)
    await page.locator('#password:focus').waitFor()
    await page.keyboard.type('too simple')
    await page.keyboard.press('Tab')
    if (javaScriptEnabled) await page.keyboard.press('Tab')
    await page.keyboard.type('too simple')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await page.title()).toBe('Error: Choose a new password – Reachable')
    // Whoever types goes on typing in the field that has to be corrected.
    await page.locator('#password:focus').waitFor()
    await page.keyboard.type('Correct horse 9')
    await page.keyboard.press('Tab')
    if (javaScriptEnabled) await page.keyboard.press('Tab')
    await page.keyboard.type('Correct horse 9')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    const { account } = await signIn(running, { username: 'ann', password: 'Correct horse 9' })
    expect(account.username).toBe('ann')
  },
)

test.each([true, false])(
  'W5.3 a page that asks for something opens with the cursor in its first field to fill in: scripts %s',
  async (javaScriptEnabled) => {
    const { url, reset, invitation } = await server()
    const page = await (await (await launchPlainChromium()).newContext({ javaScriptEnabled })).newPage()
    for (const [path, first] of [
      ['/password/forgot', 'login'],
      ['/sign-up', 'email'],
      [reset, 'password'],
      [invitation, 'username'],
    ] as const) {
      // As a mail opens it: with no page of ours before it.
      await page.goto('about:blank')
      await page.goto(url + path)
      expect([path, await page.locator(':focus').getAttribute('id')]).toEqual([path, first])
    }
  },
)

test.each([true, false])(
  'W5.5 two passwords that differ are typed anew, with all else kept: scripts %s',
  async (javaScriptEnabled) => {
    const { url, reset, invitation } = await server()
    const page = await (await (await launchPlainChromium()).newContext({ javaScriptEnabled })).newPage()
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
    const states = () =>
      page
        .locator('.needs li')
        .evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.state))
    for (const path of [reset, invitation]) {
      await page.goto(url + path)
      if (path === invitation) {
        await page.locator('#username').fill('zoe')
        await page.locator('#name').fill('Zoë Zhu')
      }
      await page.locator('#password').fill('Correct-horse-9')
      await page.locator('#again').fill('Correct-horse-8')
      await page.keyboard.press('Enter')
      await page
        .locator('#password-error')
        .getByText(/not the same|pas identiques/)
        .waitFor()
      expect(await page.locator('#password').inputValue()).toBe('')
      expect(await page.locator('#again').inputValue()).toBe('')
      expect(await states()).toEqual(Array(5).fill('open'))
      expect(await page.locator(':focus').getAttribute('id')).toBe('password')
      expect(await page.locator(':focus').getAttribute('aria-describedby')).toBe('password-error needs')
      const [, tab] = /^Err(?:or|eur ): (.+) – Reachable$/.exec(await page.title()) ?? []
      expect(tab).toBe(await page.locator('h1').innerText())
      // Whoever was told goes on typing.
      await page.keyboard.type('Correct-horse-9')
      await page.locator('#again').fill('Correct-horse-9')
      await page.keyboard.press('Enter')
      await page.waitForURL(/changed|joined/)
    }
    expect(sent).toHaveLength(javaScriptEnabled ? 2 : 4)
  },
)

test('W1.4 a browser tells nobody the address of a page with a token, not even us', async () => {
  const { url, reset } = await server()
  const browser = await launchPlainChromium()
  const page = await browser.newPage()
  const referrers: (string | undefined)[] = []
  page.on('request', (request) => referrers.push(request.headers().referer))
  await page.goto(url + reset)
  await page.locator('#password').fill('Correct-horse-9')
  await page.locator('#again').fill('Correct-horse-9')
  await page.locator('form > button').click()
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
  expect(referrers.length).toBeGreaterThan(3)
  for (const referrer of referrers) expect(referrer ?? '').not.toContain('reset')
})
