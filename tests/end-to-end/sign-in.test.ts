import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'
import { optionsOn } from '../support/pages/options.ts'
import { addPerson, ann } from '../support/server/add-person.ts'
import { startServer } from '../support/server/start-server.ts'
import { startUnrelatedServer } from '../support/server/start-unrelated-server.ts'
import { signIn } from '../support/sign-in.ts'

test('E1.1 signing in through the popup turns the badge green and says whom calls can reach', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const device = await openDevice()
  await expect.poll(() => device.toolbar.light()).toBe('off')

  await signIn(device, server, person)

  await expect
    .poll(() => device.toolbar.tooltip())
    .toMatch(/^Calls can reach you, Ann Able\. Confirmed at \d\d?:\d\d:\d\d( [AP]M)?\.$/)
  const popup = await device.openPopup()
  await expect.poll(() => popup.sentence.textContent()).toBe('Calls can reach you, Ann Able.')
})

test('A1.2 U2.13 a wrong password and an unknown person are refused in the same words, and one can look at what was typed', async () => {
  const server = await startServer()
  await addPerson(server)
  const device = await openDevice()
  const options = await device.openOptions()
  await options.setServer(server.url)
  const popup = await device.openPopup()
  await popup.username.fill('ann')
  await popup.password.fill('Wrong-horse-7')
  const type = () => popup.password.getAttribute('type')

  await popup.showPassword.click()
  await expect.poll(type).toBe('text')
  expect(await popup.password.inputValue()).toBe('Wrong-horse-7')
  // The cursor has stayed where it was.
  await popup.page.keyboard.press('Enter')
  await expect.poll(type).toBe('password')
  await expect.poll(() => popup.alertText()).toContain('Wrong username or password.')
  const selected = () =>
    popup.password.evaluate((field) => {
      const { selectionStart, selectionEnd } = field as HTMLInputElement
      return [selectionStart, selectionEnd]
    })
  await expect.poll(selected).toEqual([0, 'Wrong-horse-7'.length])

  const refusals: string[] = []

  for (const login of [ann.username, 'nobody']) {
    await popup.submit(login, 'Wrong-horse-7')
    await expect.poll(() => popup.alertText()).not.toBe('')
    refusals.push(await popup.alertText())
    await popup.password.fill('')
  }

  expect(refusals[0]).toContain('Wrong username or password.')
  expect(refusals[1]).toBe(refusals[0])
  expect(await device.toolbar.light()).toBe('off')
})

test('U2.2 U2.5 an empty field is named beside it, and what was typed into Username is there when the popup opens anew', async () => {
  const device = await openDevice()
  const popup = await device.openPopup()

  await popup.submit('', 'x')
  await expect.poll(() => popup.alertText()).toBe('Enter your username or email.')
  await popup.submit('ann', '')
  await expect.poll(() => popup.alertText()).toBe('Enter your password.')
  await expect.poll(() => popup.password.evaluate((field) => field.matches(':focus'))).toBe(true)

  await popup.username.fill('ann')
  await popup.password.fill('Correct-horse-7')
  await popup.page.close()

  const again = await device.openPopup()

  await expect.poll(() => again.username.inputValue()).toBe('ann')
  expect(await again.password.inputValue()).toBe('')
})

test('U2.3 U2.14 a server that is not running is said to be so on opening and at a log-in, and no longer once it is back', async () => {
  const server = await startServer()
  const device = await openDevice()
  await (await device.openOptions()).setServer(server.url)
  await server.kill()

  const popup = await device.openPopup()
  await expect.poll(() => popup.statusText()).toContain('The server does not answer.')
  await popup.page.getByText(`Its address here is ${server.url}.`).waitFor()
  expect(await popup.alertText()).toBe('')
  await popup.submit('ann', 'Correct-horse-7')

  await expect.poll(() => popup.alertText(), { timeout: 15_000 }).toContain('The server does not answer.')
  expect(await popup.statusText()).toBe('')
  expect(await popup.page.getByRole('link', { name: 'Check the server address' }).isVisible()).toBe(true)

  await server.restart()
  await expect.poll(() => popup.alertText(), { timeout: 15_000 }).toBe('')
  expect(await popup.password.inputValue()).toBe('Correct-horse-7')
})

test('U2.15 A7.1 A7.3 the way to the server’s address leads into its field, where a bare host will do, and only one that answers', async () => {
  const server = await startServer()
  const unrelated = await startUnrelatedServer()
  const device = await openDevice()
  const typedIn = await device.openOptions()
  const before = await typedIn.address.inputValue()

  for (const [typed, refusal] of [
    ['', 'Enter the address of your server.'],
    ['ann@clinic.example', 'This is not a web address.'],
    [
      'http://reachable.example',
      'Begin the address with https:// — http:// is safe only for a server on this computer.',
    ],
    ['https://', 'This is not a web address.'],
    [unrelated.url, 'Something answers there, but not as a Reachable server.'],
    ['http://127.0.0.1:9', 'Nothing answers there.'],
  ] as const) {
    await typedIn.tryServer(typed)
    await expect.poll(() => typedIn.alertText(), { timeout: 12_000 }).toContain(refusal)
  }

  await typedIn.page.reload()
  await expect.poll(() => typedIn.address.inputValue()).toBe(before)

  const popup = await device.openPopup()
  await popup.page.getByRole('link', { name: 'Change server' }).waitFor()
  expect(await popup.page.getByRole('link', { name: 'Change server' }).getAttribute('href')).toBe(
    '/options.html#server-address',
  )
  const options = optionsOn(await device.open('options.html#server-address'))

  await expect.poll(() => options.address.evaluate((field) => field.matches(':focus'))).toBe(true)
  await options.setServer(server.url.replace('http://', ''))
  expect(await options.address.inputValue()).toBe(server.url)
})
