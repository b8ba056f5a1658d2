import { expect, test } from 'vitest'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

async function signedIn() {
  const server = await startServer()
  const person = await addPerson(server)
  const clinic = await openCallClient(server)
  const device = await openSignedInDevice(server, person, { staySignedIn: true })
  const disposition = async () => (await clinic.call(person.username)).disposition
  return { server, device, disposition }
}

test('E5.1 A8.14 Log out in the initials menu turns the badge off, and calls no longer come here', async () => {
  const { device, disposition } = await signedIn()
  const popup = await device.openPopup()

  await popup.logOut()

  expect(await popup.username.inputValue()).toBe('')
  await expect.poll(() => device.toolbar.light()).toBe('off')
  await expect.poll(disposition).toBe('unreachable')
})

test('E5.1 Log out in the right-click menu does the same', async () => {
  const { device, disposition } = await signedIn()

  await device.toolbar.choose('log-out')

  await expect.poll(() => device.toolbar.light()).toBe('off')
  await expect.poll(disposition).toBe('unreachable')
})

test('E5.1 X1.6 U1.5 after Exit every page is closed, and Reachable stays inert, over a restart of the worker too, until opened again', async () => {
  const { device, disposition } = await signedIn()
  const popup = await device.openPopup()
  const options = await device.openOptions()
  await popup.menuButton.waitFor()
  // A page that opens only then would be one that the person opened after Exit.
  await options.page.getByRole('heading', { level: 1 }).waitFor()

  await device.toolbar.choose('exit')

  await expect.poll(async () => (await popup.page.isClosed()) && (await options.page.isClosed())).toBe(true)
  await expect.poll(() => device.toolbar.light()).toBe('off')
  await expect.poll(disposition).toBe('unreachable')
  await expect.poll(() => device.toolbar.alarms()).toEqual([])
  await device.toolbar.killWorker()
  await expect.poll(() => device.toolbar.workerRuns()).toBe(false)
  expect(await device.toolbar.light()).toBe('off')

  await expect
    .poll(() => device.toolbar.tooltip())
    .toBe('Calls cannot reach you: you chose Exit. Click to come back.')
  const again = await device.openPopup()
  await again.page.getByText('Exit logged you out and kept Reachable quiet until now.').waitFor()
  await expect.poll(() => device.toolbar.tooltip()).toContain('you are not logged in')
})
