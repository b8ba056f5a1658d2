import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { root } from '../../../scripts/root.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { KeyScope } from '../../../server/key-scopes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { joined, openRoomPage, partsOf, seatedPage } from '../rooms/room-page.ts'
import { callerOf, post } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { openConnection, reachableDevice } from '../support/websocket-device.ts'

async function keyFor(
  server: InProcessServer,
  scope: KeyScope,
  name = `a key for ${scope}`,
): Promise<string> {
  return (await createApiKey(await server.db(), name, Date.now(), scope)) ?? ''
}

const ask = ({ url }: InProcessServer, key?: string) =>
  fetch(`${url}/metrics`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })

/** The figures of our own, by name and labels. */
async function figuresOf(server: InProcessServer, key: string): Promise<Record<string, number>> {
  const text = await (await ask(server, key)).text()
  const lines = [...text.matchAll(/^reachable_(\S+(?:\{[^}]*\})?) (\S+)$/gm)]
  return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]))
}

/** In a process of its own: other tests of this one have asked for metrics. */
const whenLoaded = `
  const { createRequire } = await import('node:module')
  const { readConfig } = await import('./server/config.ts')
  const { readOperatorFile } = await import('./server/operator-file.ts')
  const { startService } = await import('./server/service.ts')
  const { cache } = createRequire(process.cwd() + '/here.js')
  const loaded = () => Object.keys(cache).some((path) => path.includes('prom-client'))
  const config = readConfig({ PORT: '0', DATA_DIR: process.argv[1], LOG_LEVEL: 'silent' })
  const server = await startService(config)
  const ask = async (path, headers) => (await fetch(server.url + path, { headers })).status
  const key = readOperatorFile(process.argv[1] + '/operator.json').key
  const seen = [await ask('/health'), await ask('/metrics'), loaded()]
  seen.push(await ask('/metrics', { authorization: 'Bearer ' + key }), loaded())
  console.log(JSON.stringify(seen))
  await server.close()
`

test('S5.9 the library of metrics is loaded by the first who asks for some, and not by the start', async () => {
  const parameters = ['--input-type=module', '-e', whenLoaded, temporaryFolder()]
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: root })
  expect(JSON.parse(stdout)).toEqual([200, 401, false, 200, true])
})

test('S5.9 only a key made for it, or the operator, reads metrics, and it does nothing else', async () => {
  const server = await startInProcessServer()
  const key = await keyFor(server, 'metrics')
  const sentence = 'This needs a key for metrics, sent as "Authorization: Bearer KEY".'
  for (const other of [undefined, 'nonsense', await keyFor(server, 'calls'), await keyFor(server, 'scim')]) {
    const refused = await ask(server, other)
    expect([refused.status, await refused.json()]).toMatchObject([
      401,
      { error: 'unauthorized', message: expect.stringContaining(sentence) },
    ])
  }
  const read = await ask(server, key)
  expect([read.status, read.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
  expect((await ask(server, server.operatorKey)).status).toBe(200)
  expect((await post(server, '/api/calls', { to: 'ann' }, { authorization: `Bearer ${key}` })).status).toBe(
    401,
  )
  expect(
    (await fetch(`${server.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${key}` } })).status,
  ).toBe(403)
})

test('S5.9 metrics tell how the server fares, and of nobody by name or address', async () => {
  const server = await startInProcessServer({ env: { CALLS_PER_MINUTE_TO_ONE: '2' } })
  await settle(server, ann, ben)
  const key = await keyFor(server, 'metrics')
  const device = await reachableDevice(server, ann, 'desk')
  await reachableDevice(server, ann, 'laptop')
  const stranger = await openConnection(server.url)
  for (let n = 0; n < 40; n += 1) stranger.socket.ping()
  await stranger.closed()
  await openConnection(server.url)
  const caller = callerOf(server)
  const placing = caller.place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  await placing
  for (let n = 0; n < 3; n += 1) await caller.placeOnce(`to-ben-${n}`, { to: 'ben.b-1' })
  const db = await server.db()
  const mail = { kind: 'reset', userId: null, to: 'zoe@clinic.example', language: 'en', values: '{}' }
  const later = { madeAt: 0, uselessAt: Number.MAX_SAFE_INTEGER, tries: 0, sentAt: null, failed: null }
  const nextAt = Number.MAX_SAFE_INTEGER
  await db
    .insertInto('mail')
    .values({ ...mail, ...later, id: 'later', nextAt })
    .execute()
  await db
    .insertInto('mail')
    .values({ ...mail, ...later, id: 'sent', nextAt: null, sentAt: 1 })
    .execute()
  const now = server.clock.wall()
  const { id: apiKeyId } = await db.selectFrom('apiKey').select('id').executeTakeFirstOrThrow()
  const hook = { apiKeyId, url: 'https://portal.example', events: 'call.ended', secret: '', createdAt: now }
  for (const [id, disabledAt] of [
    ['open', null],
    ['given-up', now],
  ] as const) {
    await db
      .insertInto('webhook')
      .values({ ...hook, id, disabledAt, pausedUntil: now + 3_600_000 })
      .execute()
    await db
      .insertInto('webhookDelivery')
      .values({ id, webhookId: id, event: 'call.ended', body: '{}', madeAt: now, nextAt: now })
      .execute()
  }
  // Who says nothing for so long is let go; the other goes on with its heartbeats.
  for (let n = 0; n < 6; n += 1) {
    server.clock.advance(10_000)
    await device.lease()
  }
  await expect.poll(() => figuresOf(server, key)).toHaveProperty('disk_reserve_held', 1)

  const figures = await figuresOf(server, key)
  expect(figures).toMatchObject({
    'connections{who="proven"}': expect.any(Number),
    leases: 1,
    'calls_active{state="placed"}': 0,
    'calls_ended_total{outcome="missed",why="unreachable"}': 2,
    'refused_total{limit="frames"}': 1,
    'refused_total{limit="calls"}': 1,
    'refused_total{limit="attempts"}': 1,
    'http_responses_total{status="429"}': 1,
    database_writable: 1,
    disk_low: 0,
    mails_waiting: 1,
    webhook_events_waiting: 1,
  })
  for (const name of ['disk_free_bytes', 'database_bytes{file="database"}', 'websockets'])
    expect(figures[name], name).toBeGreaterThan(0)

  const text = await (await ask(server, key)).text()
  for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
    expect(text).toMatch(new RegExp(`^${name} `, 'm'))
  for (const secret of ['ann', 'ben', 'clinic.example', '127.0.0.1', 'Dr Bell', 'desk', 'a key for'])
    expect(text).not.toMatch(new RegExp(`\\b${secret}\\b`))
})

test('S5.9 a figure that the database does not give is told as unknown, and all others as they are', async () => {
  const server = await startInProcessServer()
  const key = await keyFor(server, 'metrics')
  await sql`drop table mail`.execute(await server.db())
  const figures = await figuresOf(server, key)
  expect(figures.mails_waiting).toBeNaN()
  expect(figures).toMatchObject({
    database_writable: 1,
    'database_bytes{file="database"}': expect.any(Number),
  })
})

test('S5.9 whoever read metrics lately goes on to while the database cannot be asked for keys, and nobody else does', async () => {
  const server = await startInProcessServer()
  const [key, other, placing] = await Promise.all([
    keyFor(server, 'metrics'),
    keyFor(server, 'metrics', 'other'),
    keyFor(server, 'calls'),
  ])
  expect([(await ask(server, key)).status, (await ask(server, placing)).status]).toEqual([200, 401])
  await sql`alter table "apiKey" rename to "elsewhere"`.execute(await server.db())
  const answers = await Promise.all([key, other, placing].map((one) => ask(server, one)))
  expect(answers.map(({ status }) => status)).toEqual([200, 500, 500])
})

test('S5.9 the first who asks hears of the whole life of the process, and of an event loop that was watched', async () => {
  const server = await startInProcessServer()
  const text = await (await ask(server, await keyFor(server, 'metrics'))).text()
  const figure = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])
  const { user, system } = process.cpuUsage()
  const used = figure('process_cpu_seconds_total') / ((user + system) / 1_000_000)
  expect(used).toBeGreaterThan(0.8)
  expect(used).toBeLessThan(1.1)
  for (const name of ['min', 'mean', 'p99']) {
    expect(figure(`nodejs_eventloop_lag_${name}_seconds`), name).toBeGreaterThan(0)
    expect(figure(`nodejs_eventloop_lag_${name}_seconds`), name).toBeLessThan(60)
  }
})

test('S5.9 calls are counted by how they ended, and those that have not by their state', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const caller = callerOf(server)
  const key = await keyFor(server, 'metrics')
  const ring = async () => {
    const placing = caller.place('ann')
    const { call } = await device.next('ring')
    device.send({ type: 'rings', call: call.id })
    await placing
    return call.id
  }
  device.send({ type: 'answer', call: await ring() })
  await device.next('over')
  device.send({ type: 'decline', call: await ring() })
  await device.next('over')
  await caller.cancel(await ring())
  await ring()
  await ring()
  const figures = await figuresOf(server, key)
  expect(figures).toMatchObject({
    'calls_active{state="ringing"}': 2,
    'calls_ended_total{outcome="answered",why=""}': 1,
    'calls_ended_total{outcome="declined",why=""}': 1,
    'calls_ended_total{outcome="cancelled",why="cancelled"}': 1,
  })
})

test('S5.9 who is in rooms, who came and how they went is counted, where people meet in rooms of the server', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const caller = callerOf(server)
  const key = await keyFor(server, 'metrics')
  const placing = caller.place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  device.send({ type: 'answer', call: call.id })
  const callee = partsOf((await device.next('over')).room ?? '')
  const { ticket } = partsOf((await caller.get(call.id)).room ?? '')
  server.clock.standStill()
  const anns = await seatedPage(server, callee.room, { ticket: callee.ticket })
  const bells = await seatedPage(server, callee.room, { ticket }, { state: { ...joined, joined: false } })
  const third = await openRoomPage(server, callee.room)
  third.hello({ ticket })
  await third.closed()
  expect(await figuresOf(server, key)).toMatchObject({
    'room_seats{state="joined"}': 1,
    'room_seats{state="waiting"}': 1,
    'room_hellos_total{outcome="welcomed"}': 2,
    'room_hellos_total{outcome="full"}': 1,
    'room_hellos_total{outcome="ticket"}': 0,
    'refused_total{limit="room_frames"}': 0,
    room_connections: 2,
    room_signals_total: 0,
  })
  bells.send({ type: 'state', state: joined })
  await anns.other(true)
  await anns.other(true)
  const offer = { description: { type: 'offer' as const, sdp: 'v=0' }, offer: 1 }
  anns.send({ type: 'signal', epoch: bells.welcome.epoch, signal: offer })
  await bells.next('signal')
  anns.send({ type: 'hangUp' })
  await Promise.all([anns.closed(), bells.closed()])
  await expect.poll(async () => (await figuresOf(server, key)).room_connections).toBe(0)
  expect(await figuresOf(server, key)).toMatchObject({
    'room_seats{state="joined"}': 0,
    'room_seats{state="waiting"}': 0,
    'room_seats_ended_total{why="ended"}': 2,
    room_signals_total: 1,
  })
  const elsewhere = await startInProcessServer({ env: { ROOM_URL: 'https://meet.example/{room}' } })
  const figures = await figuresOf(elsewhere, await keyFor(elsewhere, 'metrics'))
  expect(Object.keys(figures).filter((name) => name.startsWith('room_'))).toEqual([])
})

test('S5.9 R9.1 what shows whether the database takes writes is counted, with the time it took, and what failed apart', async () => {
  const server = await startInProcessServer()
  const key = await keyFor(server, 'metrics')
  const before = await figuresOf(server, key)
  expect(before['database_probes_total{outcome="written"}']).toBeGreaterThanOrEqual(1)
  expect(before).toHaveProperty('database_probes_total{outcome="failed"}', 0)
  expect(before.database_probe_seconds_total).toBeGreaterThan(0)
  await (await server.db()).schema.dropTable('writeProbe').execute()
  server.clock.advance(2_000)
  const failed = async () => (await figuresOf(server, key))['database_probes_total{outcome="failed"}']
  await expect.poll(failed).toBeGreaterThanOrEqual(1)
  server.clock.advance(6_000)
  const ready = async () => (await fetch(`${server.url}/ready`)).json()
  await expect.poll(ready).toEqual({ ready: false, why: 'The database cannot be written to.' })
  expect((await fetch(`${server.url}/live`)).status).toBe(200)
})
