import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callerOf } from '../support/api-client.ts'
import { type InProcessService, openInProcessService } from '../support/in-process-nodes.ts'
import { sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

let service: InProcessService
beforeAll(async () => {
  service = await openInProcessService()
})
afterAll(() => service?.close())

test('P2.1 a call is told as unreachable at once where devices are connected, at whichever nodes, and none holds a lease', async () => {
  const [one, two] = await Promise.all([service.start(), service.start()])
  const username = `p${randomUUID().slice(0, 8)}`
  const person = { username, email: `${username}@clinic.example`, name: 'Pat Doe', password: '' }
  await settle(two, person)
  for (const node of [one, two]) {
    const device = randomUUID()
    await connectDevice(node.url, await sessionOf(node, person, device), device)
  }
  const caller = callerOf(one)
  const times: number[] = []
  for (let n = 0; n < 3; n += 1) {
    const began = performance.now()
    expect(await caller.place(username)).toMatchObject({ state: 'missed', disposition: 'unreachable' })
    times.push(performance.now() - began)
  }
  // By time alone each would take a second.
  expect(Math.min(...times)).toBeLessThan(900)
  // One that has a lease at the other node rings all the same.
  const device = await reachableDevice(two, person, randomUUID())
  const placing = caller.place(username)
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  expect(await placing).toMatchObject({ state: 'ringing', devices: 1 })
})
