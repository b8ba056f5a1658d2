import { expect, test } from 'vitest'
import { callee, signedInCallee } from '../support/called-person.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

test('E3.1 Decline ends the call for the caller', async () => {
  const { clinic, person, device } = await signedInCallee()
  const { id } = await clinic.call(person.username)

  await (await device.callWindow()).decline.click()

  await expect.poll(async () => (await clinic.get(id)).state).toBe('declined')
  await expect.poll(() => device.callWindowCount()).toBe(0)
  await expect.poll(() => device.toolbar.light()).toBe('green')
})

test('C3.1 a call that its caller cancels stops ringing and is a missed call', async () => {
  const { clinic, person, device } = await signedInCallee()
  const { id } = await clinic.call(person.username)
  const shown = await device.callWindow()
  await shown.answer.waitFor()

  await clinic.cancel(id)

  await expect.poll(() => shown.status.textContent()).toContain('The caller hung up')
  await expect.poll(() => device.toolbar.badge()).toBe('1')
})

test('P2.3 U4.10 C4.3 a call that nobody answers is missed; marked as seen, it can be brought back', async () => {
  const { clinic, person, device } = await signedInCallee({ RING_FOR: '2' })
  const { id } = await clinic.call(person.username)

  await expect.poll(async () => (await clinic.get(id)).state).toBe('missed')

  await expect.poll(() => device.toolbar.badge()).toBe('1')
  const popup = await device.openPopup()
  await expect.poll(() => popup.missed.textContent()).toMatch(/Dr Bell\s*\d{1,2}:\d\d.*no answer/)
  await popup.missed.getByRole('button', { name: 'Mark as seen' }).click()
  await expect.poll(() => device.toolbar.badge()).toBe('')
  await popup.page.close()

  const again = await device.openPopup()
  await again.missed.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => device.toolbar.badge()).toBe('1')
})

test('T4.3 a call to someone who has no device is unreachable at once, and waits as missed at the next sign-in', async () => {
  const { server, person, clinic } = await callee()

  const placed = performance.now()
  const call = await clinic.call(person.username)

  expect(performance.now() - placed).toBeLessThan(1_000)
  expect(call).toMatchObject({ disposition: 'unreachable', state: 'missed', devices: 0 })
  const device = await openSignedInDevice(server, person, { badge: '1' })
  const popup = await device.openPopup()
  await expect.poll(() => popup.missed.textContent()).toContain('Dr Bell')
})
