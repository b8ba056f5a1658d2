import { expect, test } from 'vitest'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

async function signedInCallee(environment: Readonly<Record<string, string>> = {}) {
  const server = await startServer(environment)
  const person = await addPerson(server)
  const clinic = await openCallClient(server)
  return { server, clinic, person, device: await openSignedInDevice(server, person) }
}

test('E3.1 a call opens a window that says who calls, and the light rings', async () => {
  const { clinic, person, device } = await signedInCallee()

  const call = await clinic.call(person.username)

  expect(call).toMatchObject({ disposition: 'ringing', state: 'ringing', devices: 1 })
  const shown = await device.callWindow()
  await expect.poll(() => shown.caller.textContent()).toBe('Dr Bell')
  await shown.answer.waitFor()
  await expect.poll(() => device.toolbar.light()).toBe('ringing')
})

test('E3.1 Answer opens the room of the call and the caller learns where it is', async () => {
  const { server, clinic, person, device } = await signedInCallee()
  const { id } = await clinic.call(person.email)
  const room = device.nextPageAt(server.url)

  await (await device.callWindow()).answer.click()

  const page = await room
  await page.getByText('Dr Bell').first().waitFor()
  await page.getByText('Ann Able').first().waitFor()
  const call = await clinic.get(id)
  expect(call).toMatchObject({ state: 'answered' })
  expect(await page.url()).toBe(call.room)
  await expect.poll(() => device.callWindowCount(), { timeout: 10_000 }).toBe(0)
  await expect.poll(() => device.toolbar.light(), { timeout: 10_000 }).toBe('green')
})

test('E3.1 Decline ends the call for the caller', async () => {
  const { clinic, person, device } = await signedInCallee()
  const { id } = await clinic.call(person.username)

  await (await device.callWindow()).decline.click()

  await expect.poll(async () => (await clinic.get(id)).state).toBe('declined')
  await expect.poll(() => device.callWindowCount(), { timeout: 10_000 }).toBe(0)
  await expect.poll(() => device.toolbar.light(), { timeout: 10_000 }).toBe('green')
})

test('C3.1 a call that its caller cancels stops ringing and is a missed call', async () => {
  const { clinic, person, device } = await signedInCallee()
  const { id } = await clinic.call(person.username)
  const shown = await device.callWindow()
  await shown.answer.waitFor()

  await clinic.cancel(id)

  await expect.poll(() => shown.status.textContent()).toContain('The caller hung up')
  await expect.poll(() => device.toolbar.badge(), { timeout: 10_000 }).toBe('1')
})

test('P2.3 U4.10 C4.3 a call that nobody answers is missed; marked as seen, it can be brought back', async () => {
  const { clinic, person, device } = await signedInCallee({ RING_FOR: '2' })
  const { id } = await clinic.call(person.username)

  await expect.poll(async () => (await clinic.get(id)).state, { timeout: 10_000 }).toBe('missed')

  await expect.poll(() => device.toolbar.badge(), { timeout: 10_000 }).toBe('1')
  const popup = await device.openPopup()
  await expect
    .poll(() => popup.missed.textContent(), { timeout: 10_000 })
    .toMatch(/Dr Bell\s*\d{1,2}:\d\d.*no answer/)
  await popup.missed.getByRole('button', { name: 'Mark as seen' }).click()
  await expect.poll(() => device.toolbar.badge()).toBe('')
  await popup.page.close()

  const again = await device.openPopup()
  await again.missed.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => device.toolbar.badge()).toBe('1')
})

test('T4.3 a call to someone who has no device is unreachable at once, and waits as missed at the next sign-in', async () => {
  const server = await startServer()
  const person = await addPerson(server)
  const clinic = await openCallClient(server)

  const placed = performance.now()
  const call = await clinic.call(person.username)

  expect(performance.now() - placed).toBeLessThan(1_000)
  expect(call).toMatchObject({ disposition: 'unreachable', state: 'missed', devices: 0 })
  const device = await openSignedInDevice(server, person, { badge: '1' })
  const popup = await device.openPopup()
  await expect.poll(() => popup.missed.textContent()).toContain('Dr Bell')
})
