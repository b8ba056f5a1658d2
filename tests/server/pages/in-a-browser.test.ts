import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { expect, onTestFinished, test } from 'vitest'
import { findBrowser } from '../../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../../scripts/browsers/launch-chromium.ts'
import { invite } from '../../../server/accounts/invite.ts'
import { signIn } from '../support/ask.ts'
import { linkIn, mailsTo, writtenMails } from '../support/mailbox.ts'
import { send } from '../support/page.ts'
import { ann, settle } from '../support/people.ts'
import { startService } from '../support/start-service.ts'

async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser('chromium')
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: [...sandboxFlags],
  })
  onTestFinished(() => browser.close())
  return browser
}

/** A server with one person and the links to every page. */
async function server() {
  const running = await startService({ env: { SIGN_UP: 'on' } })
  await settle(running, ann)
  await invite(
    await running.db(),
    { email: 'zoe@clinic.example', name: 'Zoë', language: 'fr' },
    running.clock.wall(),
  )
  await send(running, '/password/forgot', { login: 'ann' })
  return {
    ...running,
    reset: linkIn(await mailsTo(running, ann.email)),
    invitation: linkIn(await mailsTo(running, 'zoe@clinic.example')),
  }
}

const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light', viewport: { width: 1_000, height: 700 } },
  dark: { colorScheme: 'dark', viewport: { width: 1_000, height: 700 } },
  narrow: { viewport: { width: 320, height: 480 } },
  zoomed: { viewport: { width: 500, height: 350 }, deviceScaleFactor: 2 },
}

/** Contrast is not a matter of width: axe, which takes its time, looks at each colour scheme once. */
async function expectSound(page: Page, where: string, look: BrowserContextOptions) {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), where).toBe(true)
  if (!look.colorScheme) return
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id }) => `${where} ${id}`)).toEqual([])
}

test.each(Object.entries(looks))(
  'W5.1 no page has anything that axe objects to, or is too wide, with faults and without: %s',
  async (name, look) => {
    const { url, dataDir, reset, invitation } = await server()
    const browser = await openBrowser()
    const page = await (await browser.newContext(look)).newPage()
    for (const path of ['/password/forgot', '/sign-up', reset, invitation]) {
      await page.goto(url + path)
      await expectSound(page, `${name} ${path}`, look)
      await page.locator('form > button').click()
      await page.getByRole('alert').waitFor()
      await expectSound(page, `${name} ${path} with faults`, look)
    }
    for (const path of [
      '/password/forgot/sent',
      '/password/changed',
      '/joined',
      '/password/reset/x',
      '/invitation/x',
    ]) {
      await page.goto(url + path)
      await expectSound(page, `${name} ${path}`, look)
    }
    // A page of ours would forbid the mail its styles.
    await page.goto('about:blank')
    for (const { html } of await writtenMails(dataDir)) {
      await page.setContent(String(html))
      await expectSound(page, `${name} mail`, look)
    }
  },
  90_000,
)

test('W5.2 the list of what a password needs follows the typing, and the password can be looked at', async () => {
  const { url, reset } = await server()
  const page = await (await openBrowser()).newPage()
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
    const browser = await openBrowser()
    const page = await (await browser.newContext({ javaScriptEnabled })).newPage()
    await page.goto(`${running.url}${running.reset}`)
    await page.locator('#username').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.type('too simple')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await page.title()).toBe('Error: Choose a new password – Reachable')
    // Whoever types goes on typing in the field that has to be corrected.
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

test('W1.4 a browser tells nobody the address of a page with a token, not even us', async () => {
  const { url, reset } = await server()
  const browser = await openBrowser()
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
