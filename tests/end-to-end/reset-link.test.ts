import { expect, test } from 'vitest'
import { linkIn, mailTo } from '../support/mail/mail-to.ts'
import { openPlainBrowser } from '../support/open-device.ts'
import { newPasswordOn } from '../support/pages/new-password.ts'
import { addPerson } from '../support/server/add-person.ts'
import { startServerWithMail } from '../support/server/start-server-with-mail.ts'

const changed = 'Your password is changed'
const dead = 'This link does not work any more'
/** The subject of the mail with the link. */
const askedFor = 'Choose a new password'

test.each([true, false])(
  'W3.3 W5.3 a link works once, of two tabs one wins, and the page tells what is missing; scripts: %s',
  async (scripts) => {
    const { mail, server } = await startServerWithMail()
    const person = await addPerson(server)
    const browser = await openPlainBrowser({ scripts })
    const tab = await browser.newPage()
    await tab.goto(`${server.url}/password/forgot`)
    await tab.getByLabel('Email or username').fill(person.email)
    await tab.keyboard.press('Enter')
    await tab.getByRole('heading', { name: 'Look into your mailbox' }).waitFor()
    const link = linkIn(await mailTo(mail, person.email, askedFor))

    const tabs = [newPasswordOn(tab), newPasswordOn(await browser.newPage())] as const
    for (const { page } of tabs) await page.goto(link)
    const [one, two] = tabs
    await one.choose('too simple', 'too simple')
    await one.page.getByRole('alert').waitFor()
    expect(await one.missing()).toHaveLength(2)
    await one.choose('Battery-staple-8', 'Battery-staple-9')
    await expect.poll(() => one.page.getByRole('alert').innerText()).toContain('are not the same')

    await Promise.all([one.choose('Battery-staple-8'), two.choose('Battery-staple-9')])
    const ends = await Promise.all(
      tabs.map(async ({ page }) => {
        await page.getByRole('heading', { name: new RegExp(`${changed}|${dead}`) }).waitFor()
        return page.getByRole('heading', { level: 1 }).innerText()
      }),
    )
    expect([...ends].sort()).toEqual([dead, changed].sort())
    await tab.goto(link)
    await one.heading(dead).waitFor()
    await tab.getByText('It was used already').waitFor()
    const told = await mailTo(mail, person.email, 'Your password was changed')
    expect(told.subject).toBe('Your password was changed')
  },
)
