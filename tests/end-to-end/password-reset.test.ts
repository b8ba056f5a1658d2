import { expect, test } from 'vitest'
import { linkIn, mailTo } from '../support/mail/mail-to.ts'
import { newPasswordOn } from '../support/pages/new-password.ts'
import { addPerson } from '../support/server/add-person.ts'
import { startServerWithMail } from '../support/server/start-server-with-mail.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

const changed = 'Your password is changed'
/** The subject of the mail with the link. */
const askedFor = 'Choose a new password'

test('E16.1 A8.16 W2.1 W3.1 W3.2 W5.2 a forgotten password is reset from the popup, and the other device is told, is off within 1 s, and signs in anew', async () => {
  const { mail, server } = await startServerWithMail()
  const person = await addPerson(server)
  const desk = await openSignedInDevice(server, person, { staySignedIn: true })
  const laptop = await openSignedInDevice(server, person)
  await (await laptop.openPopup()).logOut()

  const popup = await laptop.openPopup()
  const opened = laptop.nextPageAt(server.url)
  await popup.forgot.click()
  const forgot = await opened
  await forgot.getByText('Please enter your email or username.').waitFor()
  await forgot.getByLabel('Email or username').fill(` ${person.username.toUpperCase()} `)
  await forgot.getByRole('button', { name: 'Send me a link' }).click()
  await forgot.getByRole('status').waitFor()

  const resetMail = await mailTo(mail, person.email, askedFor)
  expect(resetMail.text).toContain(person.username)
  expect(resetMail.text).toContain('24 hours')
  const page = newPasswordOn(forgot)
  await forgot.goto(linkIn(resetMail))
  expect(await page.username.inputValue()).toBe(person.username)
  await page.first.pressSequentially('abC')
  expect(await page.missing()).toHaveLength(3)
  await page.first.fill('Battery-staple-8')
  expect([await page.missing(), await page.done()]).toEqual([[], 5])
  expect(await desk.toolbar.light()).toBe('green')
  await page.choose('Battery-staple-8')
  // How long the server takes to judge and hash a password is no part of the second.
  await page.heading(changed).waitFor()
  await expect.poll(() => desk.toolbar.light(), { timeout: 1_000, interval: 25 }).toBe('off')

  const there = await desk.openPopup()
  await there.page.getByText('You were logged out because your password was changed.').waitFor()
  expect(await there.username.inputValue()).toBe(person.username)
  await there.submit(person.username, person.password)
  await expect.poll(() => there.alertText()).toContain('Wrong username or password.')
  await there.logIn({ ...person, password: 'Battery-staple-8' })
  await expect.poll(() => desk.toolbar.light()).toBe('green')
})
