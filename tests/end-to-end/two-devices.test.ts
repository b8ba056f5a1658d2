import { expect, test } from 'vitest'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'

async function personWithTwoBrowsers() {
  const server = await startServer()
  const person = await addPerson(server)
  const clinic = await openCallClient(server)
  const desk = await openSignedInDevice(server, person)
  const laptop = await openSignedInDevice(server, person)
  return { clinic, person, desk, laptop }
}

test('C3.1 T7.1 both browsers of a person ring; one answers, the other stops and says where', async () => {
  const { clinic, person, desk, laptop } = await personWithTwoBrowsers()
  const call = await clinic.call(person.username)
  expect(call.devices).toBe(2)
  const atDesk = await desk.callWindow()
  const atLaptop = await laptop.callWindow()
  await atLaptop.answer.waitFor()

  await atDesk.answer.click()

  await expect.poll(() => atLaptop.status.textContent()).toContain('Answered on another device')
  expect((await clinic.get(call.id)).state).toBe('answered')
  for (const device of [desk, laptop]) await expect.poll(() => device.toolbar.light()).toBe('green')
})

test('C3.1 a decline on one browser stops the other', async () => {
  const { clinic, person, desk, laptop } = await personWithTwoBrowsers()
  const call = await clinic.call(person.username)
  const atDesk = await desk.callWindow()
  const atLaptop = await laptop.callWindow()
  await atDesk.decline.waitFor()

  await atLaptop.decline.click()

  await expect.poll(() => atDesk.status.textContent()).toContain('Declined on another device')
  expect((await clinic.get(call.id)).state).toBe('declined')
})
