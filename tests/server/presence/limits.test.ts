import { expect, test } from 'vitest'
import { maxBoot, maxFrame, parseServerMessage } from '../../../protocol/connection.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, openConnection, reachableDevice, sendHello } from '../support/websocket-device.ts'

test('L2.1 garbage, a message without a type, a wrong field and a binary frame close the connection', async () => {
  const server = await startInProcessServer()
  const frames = [
    'not json',
    '',
    '[]',
    '42',
    'null',
    '{}',
    '{"type":7}',
    '{"type":"hello","protocol":"1"}',
    '{"type":"heartbeat","n":-1}',
    Buffer.from([1, 2, 3]),
  ]
  for (const frame of frames) {
    const connection = await openConnection(server.url)
    connection.sendRaw(frame)
    expect(await connection.closed(), String(frame)).toEqual({ code: 4400, reason: 'malformed' })
  }
})

test('L2.1 a frame over the limit closes the connection before it is read', async () => {
  const server = await startInProcessServer()
  const connection = await openConnection(server.url)
  connection.sendRaw(`{"type":"hello","token":"${'x'.repeat(maxFrame)}"}`)
  expect(await connection.closed()).toMatchObject({ code: 1009 })
})

test('L2.3 more than 30 messages in 10 s close the connection, pings counted too', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  for (let n = 0; n < 40; n += 1) device.send({ type: 'heartbeat', n })
  expect(await device.closed()).toEqual({ code: 4429, reason: 'tooMany' })

  const pinging = await openConnection(server.url)
  for (let n = 0; n < 40; n += 1) pinging.socket.ping()
  expect(await pinging.closed()).toEqual({ code: 4429, reason: 'tooMany' })
})

test('L2.3 the usual heartbeats of ten minutes are never too many', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  for (let n = 0; n < 60; n += 1) {
    server.clock.advance(10_000)
    await device.lease()
  }
})

test('L2.3 messages of unknown types are passed over, until the twentieth', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  for (let n = 0; n < 19; n += 1) device.sendRaw('{"type":"from-the-future"}')
  await device.lease()
  server.clock.advance(10_000)
  device.sendRaw('{"type":"from-the-future"}')
  expect(await device.closed()).toEqual({ code: 4429, reason: 'tooMany' })
})

test('L2.5 a device that does not read is cut off', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const device = await connectDevice(server.url, token, 'device-1')
  const db = await server.db()
  const user = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  // Of today: an older call would be dropped meanwhile.
  const at = server.clock.wall()
  const long = {
    userId: user.id,
    to: 'ann',
    placedBy: 'x',
    state: 'missed',
    why: 'busy',
    devices: 0,
    at,
  } as const
  for (let n = 0; n < 200; n += 1)
    await db
      .insertInto('call')
      .values({ ...long, id: `${n}`.padEnd(64, 'i'), from: 'f'.repeat(200), room: String(n) })
      .execute()
  device.socket.pause()
  // Each of these is answered with some 70 kB of missed calls that nobody takes.
  for (let n = 0; n < 120; n += 1) {
    device.send({ type: 'seen', calls: [`${n}`.padEnd(64, 'i')], n })
    // Often: a busy machine takes many at once, which are still too few to be too many.
    if (n % 5 === 4) server.clock.advance(10_000)
    // The server, which is in this process, reads what came.
    await new Promise((resolve) => setImmediate(resolve))
    await db.updateTable('call').set({ seenAt: null }).where('id', '=', `${n}`.padEnd(64, 'i')).execute()
  }
  device.socket.resume()
  expect(await device.closed()).toMatchObject({ code: 1006 })
})

test('L2.5 a connection that has not been heard for a minute is cut off', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  server.clock.advance(60_000)
  expect(await device.closed()).toMatchObject({ code: 1006 })
})

test('L2.7 only /socket takes connections, and only from the extension or what is no browser', async () => {
  const server = await startInProcessServer({ env: { EXTENSION_ORIGINS: 'chrome-extension://other' } })
  const own = 'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd'
  const firefox = 'moz-extension://0a1b2c3d-0000-4000-8000-0123456789ab'
  for (const origin of [own, firefox, 'chrome-extension://other'])
    await openConnection(server.url, { origin })
  for (const origin of ['https://evil.example', 'null', 'moz-extension://x', `${own}.evil.example`])
    await expect(openConnection(server.url, { origin }), origin).rejects.toThrow('403')
  await expect(openConnection(`${server.url}/elsewhere`)).rejects.toThrow('404')
})

test('L2.8 keys that mean something to the language change nothing', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  device.sendRaw(
    '{"type":"heartbeat","n":7,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  )
  expect((await device.next('lease')).n).toBe(7)
  expect('polluted' in {}).toBe(false)
  device.sendRaw('{"type":"__proto__"}')
  device.sendRaw('{"type":"constructor"}')
  await device.lease()
})

test('T9.6 a boot number that leaves no room to count on is taken of no device and of no server', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'desk')
  const hello = async (boot: number) => {
    const connection = await openConnection(server.url)
    await sendHello(connection, server.url, { token, device: 'desk', order: { boot, n: 1 } })
    return connection
  }
  const told = (boot: number) =>
    parseServerMessage(JSON.stringify({ type: 'outranked', boot, live: true })).kind
  for (const boot of [maxBoot + 1, Number.MAX_SAFE_INTEGER]) {
    expect(await (await hello(boot)).closed()).toEqual({ code: 4400, reason: 'malformed' })
    expect(told(boot)).toBe('malformed')
  }
  await (await hello(maxBoot)).next('welcome')
  expect(told(maxBoot)).toBe('message')
})
