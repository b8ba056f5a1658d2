import { expect, test } from 'vitest'
import { protocolVersion } from '../../../protocol/connection.ts'
import { defaultTiming, helloWithin } from '../../../protocol/timing.ts'
import { callerOf, signIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, sessionOf, settle } from '../support/people.ts'
import {
  connectDevice,
  nextOrder,
  openConnection,
  reachableDevice,
  sendHello,
} from '../support/websocket-device.ts'

test('L1.1 a connection whose hello does not come within 5 s is closed', async () => {
  const server = await startInProcessServer()
  const connection = await openConnection(server.url)
  server.clock.advance(helloWithin)
  expect(await connection.closed()).toEqual({ code: 4408, reason: 'helloLate' })
})

test('L1.1 whatever is said before hello closes the connection, and so does a second hello', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const early = await openConnection(server.url)
  early.send({ type: 'heartbeat', n: 1 })
  expect(await early.closed()).toMatchObject({ code: 4400 })

  const token = await sessionOf(server, ann, 'device-1')
  const device = await connectDevice(server.url, token, 'device-1')
  const hello = { protocol: protocolVersion, token, device: 'device-1', order: nextOrder(), takeOver: true }
  device.send({ type: 'hello', ...hello, proof: 'x' })
  expect(await device.closed()).toMatchObject({ code: 4400 })
})

test.each([
  ['a newer version', protocolVersion + 1],
  ['version 1, whose heartbeats were called otherwise', 1],
])('L1.3 a hello of %s closes the connection', async (_, protocol) => {
  const server = await startInProcessServer()
  const connection = await openConnection(server.url)
  await sendHello(connection, server.url, { protocol, token: 'x', device: 'd' })
  expect(await connection.closed()).toEqual({ code: 4426, reason: 'protocolUnknown' })
})

test('L1.3 a token that is made up, of another device, expired or revoked is told that its session ended', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { token, endToken } = await signIn(server, ann)
  const hello = async (spoken: string, device = 'device-1') => {
    const connection = await openConnection(server.url)
    await sendHello(connection, server.url, { token: spoken, device })
    return connection.closed()
  }
  const ended = { code: 4401, reason: 'sessionEnded' }
  expect(await hello('made-up')).toEqual(ended)
  expect(await hello(token, 'device-2')).toEqual(ended)
  expect(await hello(endToken)).toEqual(ended)
  server.clock.setWall(13 * 3_600_000)
  expect(await hello(token)).toEqual(ended)
  server.clock.setWall(-13 * 3_600_000)
  await (await server.db()).deleteFrom('session').execute()
  expect(await hello(token)).toEqual(ended)
})

test('L1.5 L1.8 the welcome tells the timing, who it is, what was missed and what rings', async () => {
  const server = await startInProcessServer()
  const [id] = await settle(server, ann)
  const missed = await callerOf(server).place('ann', 'Dr Early')
  const first = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann', 'Dr Now')
  const { call } = await first.next('ring')
  const token = await sessionOf(server, ann, 'device-2')
  const { welcome } = await connectDevice(server.url, token, 'device-2')
  first.send({ type: 'rings', call: call.id })
  await placing
  expect(welcome).toEqual({
    type: 'welcome',
    protocol: protocolVersion,
    timing: defaultTiming,
    account: { id, username: 'ann', email: ann.email, name: ann.name, picture: null, language: null },
    missed: [{ id: missed.id, from: 'Dr Early', at: missed.at, why: 'unreachable' }],
    ringing: [call.id],
    features: ['unseen', 'people'],
  })
})

test('T9.1 a newer connection of the same device takes the place of the older one', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const older = await connectDevice(server.url, token, 'device-1')
  await older.lease()
  const newer = await connectDevice(server.url, token, 'device-1')
  // Made before the older one breaks.
  await older.lease()
  await newer.lease()
  expect(await older.closed()).toEqual({ code: 4409, reason: 'replaced' })
})

test('T9.1 a hello that was overtaken by a newer one of its device is refused, and the newer connection stays', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const overtaken = await openConnection(server.url)
  const newer = await connectDevice(server.url, token, 'device-1')
  await newer.lease()
  await sendHello(overtaken, server.url, { token, device: 'device-1', order: { boot: 1, n: 0 } })
  expect(await overtaken.next('outranked')).toEqual({ type: 'outranked', boot: 1, live: true })
  expect(await overtaken.closed()).toEqual({ code: 4411, reason: 'superseded' })
  await newer.lease()
  newer.close()
  await newer.closed()
  const late = await openConnection(server.url)
  await sendHello(late, server.url, { token, device: 'device-1', order: { boot: 1, n: 0 } })
  expect(await late.closed()).toEqual({ code: 4411, reason: 'superseded' })
})

test('T9.2 a connection that is not to be taken over is kept while it holds a lease, and given away after', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const one = await connectDevice(server.url, token, 'device-1')
  await one.lease()
  const ask = async () => {
    const connection = await openConnection(server.url)
    await sendHello(connection, server.url, { token, device: 'device-1', takeOver: false })
    return connection
  }
  const copy = await ask()
  expect(await copy.next('outranked')).toMatchObject({ live: true })
  await one.lease()
  server.clock.advance(defaultTiming.leaseFor)
  const again = await ask()
  await again.next('welcome')
  expect(await one.next('outranked')).toMatchObject({ live: false })
  expect(await one.closed()).toEqual({ code: 4409, reason: 'replaced' })
})

test('L1.7 a person has connections of at most 20 devices at once, and a device that comes back is not one too many', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const first = await sessionOf(server, ann, 'device-0')
  const silent = await connectDevice(server.url, first, 'device-0')
  // Its network is gone, and the server does not know.
  silent.socket.pause()
  for (let n = 1; n < 20; n += 1) {
    const token = await sessionOf(server, ann, `device-${n}`)
    await connectDevice(server.url, token, `device-${n}`)
  }
  const back = await connectDevice(server.url, first, 'device-0')
  const token = await sessionOf(server, ann, 'one-too-many')
  const connection = await openConnection(server.url)
  await sendHello(connection, server.url, { token, device: 'one-too-many' })
  expect(await connection.closed()).toEqual({ code: 4412, reason: 'tooManyDevices' })
  await back.lease()
})
