import { expect, test } from 'vitest'
import { defaultTiming } from '../../../protocol/timing.ts'
import { lookedAtWithin } from '../../../server/accounts/known-sessions.ts'
import { callerOf, post } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

const { leaseFor } = defaultTiming

test('T2.1 a heartbeat is answered by a lease of its own number, and then a call rings', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await connectDevice(server.url, await sessionOf(server, ann, 'device-1'), 'device-1')
  expect((await callerOf(server).place('ann')).disposition).toBe('unreachable')
  device.send({ type: 'heartbeat', n: 41 })
  expect(await device.next('lease')).toMatchObject({ type: 'lease', n: 41, leaseFor })
  const placing = callerOf(server).place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  expect(await placing).toMatchObject({ disposition: 'ringing', devices: 1 })
})

test('L4.3 T4.2 when the lease has run out, or the connection has closed, or said goodbye, nothing is rung', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const placed = async () => (await callerOf(server).place('ann')).disposition
  const device = await reachableDevice(server, ann)
  server.clock.advance(leaseFor)
  expect(await placed()).toBe('unreachable')
  await device.lease()
  device.socket.close()
  await device.closed()
  expect(await placed()).toBe('unreachable')
  const second = await reachableDevice(server, ann, 'device-2')
  second.send({ type: 'goodbye', why: 'update' })
  expect(await second.closed()).toMatchObject({ code: 1000 })
  expect(await placed()).toBe('unreachable')
  expect(second.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('L4.4 a heartbeat of a session that was revoked or has expired closes the connection', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const revoked = await reachableDevice(server, ann)
  const expired = await reachableDevice(server, ben)
  const db = await server.db()
  await db
    .deleteFrom('session')
    .where('userId', 'in', db.selectFrom('user').select('id').where('email', '=', ann.email))
    .execute()
  server.clock.advance(lookedAtWithin)
  revoked.send({ type: 'heartbeat', n: 2 })
  expect(await revoked.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  server.clock.setWall(13 * 3_600_000)
  expired.send({ type: 'heartbeat', n: 2 })
  expect(await expired.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
})

test('L4.4 the operator can have revoked sessions closed at once, the others left alone', async () => {
  const server = await startInProcessServer()
  const [id] = await settle(server, ann)
  const one = await reachableDevice(server, ann, 'device-1')
  const two = await reachableDevice(server, ann, 'device-2')
  const db = await server.db()
  const device = db.selectFrom('device').select('sessionId').where('device', '=', 'device-1')
  await db.deleteFrom('session').where('id', 'in', device).execute()
  const authorization = { authorization: `Bearer ${server.operatorKey}` }
  expect((await post(server, '/api/operator/recheck', { user: id }, authorization)).status).toBe(204)
  expect(await one.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  await two.lease()
})

test('T4.2 a ring that is not acknowledged within 3 s ends the lease and closes the connection', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const deaf = await reachableDevice(server, ann, 'deaf')
  const placing = callerOf(server).place('ann')
  await deaf.next('ring')
  server.clock.advance(3_000)
  expect(await placing).toMatchObject({ state: 'missed', disposition: 'unreachable', devices: 0 })
  expect(await deaf.closed()).toEqual({ code: 4410, reason: 'ringUnanswered' })
})

test('P2.2 what rings already is rung on a connection as soon as it holds a lease', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const first = await reachableDevice(server, ann, 'device-1')
  const placing = callerOf(server).place('ann')
  const { call } = await first.next('ring')
  first.send({ type: 'rings', call: call.id })
  expect((await placing).devices).toBe(1)
  server.clock.advance(5_000)
  const late = await reachableDevice(server, ann, 'device-2')
  const again = await late.next('ring')
  expect(again.call).toMatchObject({ id: call.id, from: 'Dr Bell', at: call.at })
  expect(again.call.ringsFor).toBeLessThan(call.ringsFor - 4_900)
  late.send({ type: 'rings', call: call.id })
  await expect.poll(async () => (await callerOf(server).get(call.id)).devices).toBe(2)
  late.send({ type: 'answer', call: call.id })
  expect(await late.next('over')).toMatchObject({ outcome: 'answered', here: true })
  expect(await first.next('over')).toMatchObject({ outcome: 'answered', here: false })
})
