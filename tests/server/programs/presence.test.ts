import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { personPresence } from '../../../protocol/programs.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { peopleDevice } from '../people/people-device.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { startInProcessServer, type TestServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { programWith } from './program.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  ;[one, other] = await Promise.all([service.start(), service.start()])
})
afterAll(() => service?.close())

async function watcher(server: TestServer) {
  const program = await programWith(server, `Board ${randomUUID().slice(0, 8)}`, 'presence')
  return async (name: string) => {
    const response = await program.get(`/api/people/${name}/presence`)
    expect(response.status).toBe(200)
    return v.parse(personPresence, await response.json())
  }
}

test('PP2.2 a program is told what contacts are shown, and for how long it is proven', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const see = await watcher(server)
  const nothing = { validFor: null, until: null }
  expect(await see('ann')).toEqual({ state: 'unknown', ...nothing })
  const device = await peopleDevice(server, ann, 'device-1')
  await device.lease()
  const seen = await see('ann')
  expect(seen).toMatchObject({ state: 'available', until: null })
  expect(seen.validFor).toBeGreaterThan(13_000)
  expect(seen.validFor).toBeLessThanOrEqual(15_000)
  // It is so no longer than that, without another heartbeat.
  server.clock.standStill()
  server.clock.advance(6_000)
  expect((await see('ann@clinic.example')).validFor).toBeLessThanOrEqual((seen.validFor ?? 0) - 6_000)
  await device.lease()
  device.send({ type: 'idle', state: 'locked' })
  await expect.poll(async () => (await see('ann')).state).toBe('away')
  const until = server.clock.wall() + 60_000
  await device.request({ what: 'set-status', status: 'busy', until })
  expect(await see('ann')).toMatchObject({ state: 'busy', until })
  await device.request({ what: 'set-status', status: 'invisible', until: null })
  // As who is not there.
  expect(await see('ann')).toEqual({ state: 'unknown', ...nothing })
  server.clock.advance(5_000)
  await device.lease()
  server.clock.advance(20_000)
  await device.request({ what: 'set-status', status: 'available', until: null })
  server.clock.advance(10_000)
  expect(await see('ann')).toEqual({ state: 'offline', ...nothing })
})

test('PP2.2 who says goodbye is offline at once, and who comes back is seen', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const see = await watcher(server)
  server.clock.advance(31_000)
  expect((await see('ann')).state).toBe('offline')
  const device = await peopleDevice(server, ann, 'device-1')
  await device.lease()
  await expect.poll(async () => (await see('ann')).state).toBe('available')
  device.send({ type: 'goodbye', why: 'exit' })
  await device.closed()
  await expect.poll(async () => (await see('ann')).state, { timeout: 1_000 }).toBe('offline')
})

test('PP2.2 somebody at another node is seen, and who leaves there is not any more', async () => {
  const username = `ann-${randomUUID().slice(0, 8)}`
  const person: NewAccount = { username, email: `${username}@clinic.example`, name: 'Ann', password: '' }
  await settle(one, person)
  const see = await watcher(one)
  const device = await peopleDevice(other, person, randomUUID())
  await device.lease()
  expect(await see(username)).toMatchObject({ state: 'available', validFor: expect.any(Number) })
  await device.request({ what: 'set-status', status: 'away', until: null })
  expect((await see(username)).state).toBe('away')
  device.send({ type: 'goodbye', why: 'exit' })
  await device.closed()
  await expect.poll(async () => ['offline', 'unknown'].includes((await see(username)).state)).toBe(true)
})

test('PP2.2 nobody is told of who is not there; a key asks 300 times at once', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  server.clock.standStill()
  const program = await programWith(server, 'Board', 'presence')
  const missing = await program.get('/api/people/zoe/presence')
  expect([missing.status, await missing.json()]).toMatchObject([404, { error: 'no-such-account' }])
  const statuses = await Promise.all(
    Array.from({ length: 300 }, async () => (await program.get('/api/people/ann/presence')).status),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(299)
  expect(statuses.filter((status) => status === 429)).toHaveLength(1)
})
