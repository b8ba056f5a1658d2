import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'
import { openMyAccount } from '../support/pages/my-account.ts'
import { addPerson } from '../support/server/add-person.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { readStoredSession } from '../support/stored-session.ts'

test('A8.1 E17.1 with "Stay signed in" a browser that opens again is reachable again by itself, by a key that cannot be exported', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const device = await openSignedInDevice(server, person, { staySignedIn: true })
  await device.close()

  const reopened = await openDevice({ profile: device.profile })

  await expect.poll(() => reopened.toolbar.light()).toBe('green')
  expect((await readStoredSession(await reopened.open('options.html'))).key).toBe('InvalidAccessError')
})

test('A8.1 A8.14 A8.15 without it the session is gone when the browser closes, which is said, and the name stays', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const device = await openSignedInDevice(server, person)
  await device.close()

  const reopened = await openDevice({ profile: device.profile })

  await expect.poll(() => reopened.toolbar.light()).toBe('off')
  const popup = await reopened.openPopup()
  await popup.logInButton.waitFor()
  await popup.page.getByText('You were logged out because “Stay signed in” was off.').waitFor()
  expect(await popup.username.inputValue()).toBe(person.username)
  await expect.poll(() => popup.password.evaluate((field) => field.matches(':focus'))).toBe(true)
  await popup.password.fill(person.password)
  await popup.logInButton.click()
  await popup.menuButton.waitFor()
})

test('A8.14 A8.16 a computer that was off when it was logged out in My account says so when it is on again, and offers no name', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const left = await openSignedInDevice(server, person, { staySignedIn: true })
  await left.close()
  const desk = await openSignedInDevice(server, person)
  const page = await openMyAccount(desk, server.url)
  await page.getByRole('button', { name: 'Log out everywhere else' }).click()
  await page.getByText('You are logged out everywhere else.').waitFor()

  const reopened = await openDevice({ profile: left.profile })

  const popup = await reopened.openPopup()
  await popup.page.getByText('You were logged out here in My account.').waitFor()
  expect(await popup.username.inputValue()).toBe('')
  expect(await desk.toolbar.light()).toBe('green')
})
