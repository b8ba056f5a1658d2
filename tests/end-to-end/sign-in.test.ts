import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'
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

test('A1.2 a wrong password and an unknown person are refused in the same words', async () => {
  const server = await startServer()
  await addPerson(server)
  const device = await openDevice()
  const options = await device.openOptions()
  await options.setServer(server.url)
  const popup = await device.openPopup()
  const refusals: string[] = []

  for (const login of [ann.username, 'nobody']) {
    await popup.submit(login, 'Wrong-horse-7')
    await expect.poll(() => popup.alertText()).not.toBe('')
    refusals.push(await popup.alertText())
    await popup.password.fill('')
  }

  expect(refusals[0]).toContain('This username and password do not belong together.')
  expect(refusals[1]).toBe(refusals[0])
  expect(await device.toolbar.light()).toBe('off')
})

test('U2.2 an empty field is named beside it, and nothing is sent', async () => {
  const device = await openDevice()
  const popup = await device.openPopup()

  await popup.submit('', 'x')
  await expect.poll(() => popup.alertText()).toBe('Enter your username or email.')
  await popup.submit('ann', '')
  await expect.poll(() => popup.alertText()).toBe('Enter your password.')
  await expect.poll(() => popup.password.evaluate((field) => field.matches(':focus'))).toBe(true)
})

test('U2.3 a server that is not running is named, with a way to its address', async () => {
  const server = await startServer()
  const device = await openDevice()
  await (await device.openOptions()).setServer(server.url)
  await server.kill()

  const popup = await device.openPopup()
  await popup.submit('ann', 'Correct-horse-7')

  await expect.poll(() => popup.alertText(), { timeout: 15_000 }).toContain(`No answer from ${server.url}.`)
  expect(await popup.page.getByRole('link', { name: 'Check the server address' }).isVisible()).toBe(true)
})

test('A7.3 an address is kept only when a Reachable server answers there', async () => {
  const unrelated = await startUnrelatedServer()
  const device = await openDevice()
  const options = await device.openOptions()
  const before = await options.address.inputValue()

  for (const [typed, refusal] of [
    ['', 'Enter the address of your server.'],
    ['reachable.example', 'Begin the address with https://'],
    [
      'http://reachable.example',
      'Begin the address with https:// — http:// is safe only for a server on this computer.',
    ],
    ['https://', 'This is not a web address.'],
    [unrelated.url, 'Something answers there, but it is not a Reachable server.'],
    ['http://127.0.0.1:9', 'Nothing answers there.'],
  ] as const) {
    await options.tryServer(typed)
    await expect.poll(() => options.alertText(), { timeout: 12_000 }).toContain(refusal)
  }

  await options.page.reload()
  await expect.poll(() => options.address.inputValue()).toBe(before)
})

test('U2.5 what was typed into Username is there again when the popup opens anew, a password never', async () => {
  const device = await openDevice()
  const popup = await device.openPopup()
  await popup.username.fill('ann')
  await popup.password.fill('Correct-horse-7')
  await popup.page.close()

  const again = await device.openPopup()

  await expect.poll(() => again.username.inputValue()).toBe('ann')
  expect(await again.password.inputValue()).toBe('')
})
