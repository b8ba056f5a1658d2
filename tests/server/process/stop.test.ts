import { expect, test } from 'vitest'
import { startServer } from '../../support/server/start-server.ts'
import { callerOf } from '../support/api-client.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, openConnection, reachableDevice } from '../support/websocket-device.ts'

test('S4.1 a server told to stop ends what rings, tells every device, and is gone within 2 s', async () => {
  const child = await startServer()
  const server = asTestServer(child)
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const silent = await openConnection(server.url)
  void callerOf(server)
    .place('ann')
    .catch(() => {})
  const { call } = await device.next('ring')
  // It stops reading, as a laptop that sleeps.
  silent.socket.pause()
  const began = performance.now()
  const stopped = child.stop()
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'missed' })
  expect((await device.next('missed')).missed).toMatchObject([{ id: call.id, why: 'server-restarted' }])
  expect(await device.closed()).toEqual({ code: 4503, reason: 'serverStopping' })
  await stopped
  expect(performance.now() - began).toBeLessThan(2_000)
})

test('S4.2 a server killed while it rings loses no call: it is missed at the next welcome', async () => {
  const child = await startServer()
  const server = asTestServer(child)
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  expect((await placing).state).toBe('ringing')
  const token = await sessionOf(server, ann, 'device-2')
  await child.kill()
  await device.closed()
  await child.restart()
  const { welcome } = await connectDevice(server.url, token, 'device-2')
  expect(welcome.ringing).toEqual([])
  expect(welcome.missed).toEqual([{ id: call.id, from: 'Dr Bell', at: call.at, why: 'server-restarted' }])
})

test('L5.5 L5.7 after a server was killed, the gap begins at the last moment it is known to have lived, and was not recorded', async () => {
  const child = await startServer()
  const server = asTestServer(child)
  await settle(server, ann)
  await reachableDevice(server, ann)
  const db = await server.db()
  // The record of this person is written with the next write probe.
  await expect
    .poll(() => db.selectFrom('reachability').select('until').execute(), { timeout: 5_000 })
    .toEqual([{ until: null }])
  const killed = Date.now()
  await child.kill()
  await child.restart()
  await callerOf(asTestServer(child)).place('ann')
  const device = await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2')
  const { gap } = await device.lease()
  expect(gap).toMatchObject({ missed: 1, recorded: false })
  expect(gap?.from).toBeLessThanOrEqual(killed)
  expect(gap?.from).toBeGreaterThan(killed - 4_000)
})
