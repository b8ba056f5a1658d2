import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startServer } from '../../support/server/start-server.ts'
import { callerOf, post } from '../support/api-client.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { followCall } from '../support/state-stream.ts'
import { connectDevice, type WebSocketDevice } from '../support/websocket-device.ts'

/** A server of its own process, whose files can be kept from growing: what a full disk does, without filling one. */
async function withAnn(env: Record<string, string> = {}) {
  const server = asTestServer(await startServer(env))
  const pid = String(readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0)
  const limit = (bytes: string) =>
    promisify(execFile)('prlimit', ['--pid', pid, `--fsize=${bytes}:unlimited`])
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const connect = async () => {
    const device = await connectDevice(server.url, token, 'device-1')
    await device.lease()
    return device
  }
  const device = await connect()
  return {
    server,
    device,
    connect,
    caller: callerOf(server),
    fill: () => limit('1'),
    async makeRoom() {
      await limit('unlimited')
      await expect.poll(async () => (await fetch(`${server.url}/ready`)).status, { timeout: 5_000 }).toBe(200)
    },
    states: async () => {
      const rows = await (await server.db()).selectFrom('call').select('state').orderBy('at').execute()
      return rows.map(({ state }) => state)
    },
  }
}

const rung = (device: WebSocketDevice) => device.received.filter(({ type }) => type === 'ring')

test('C2.4 a call that cannot be written down is refused and leaves nothing: no row, no ring, and its key is free', async () => {
  const { caller, device, fill, makeRoom, states } = await withAnn()
  await fill()
  const refused = await caller.placeOnce('k', { to: 'ann' })
  expect([refused.status, await refused.json()]).toMatchObject([503, { error: 'storage' }])
  await device.next('no-lease')
  await makeRoom()
  await device.lease()
  expect(await states()).toEqual([])
  expect(rung(device)).toEqual([])

  const again = caller.placeOnce('k', { to: 'ann' })
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  expect([(await again).status, await (await again).json()]).toMatchObject([
    201,
    { state: 'ringing', devices: 1 },
  ])
  expect(rung(device)).toHaveLength(1)
})

test('C2.4 P1.1 a call that was written is not refused when the next write fails: it waits, rings again, and is no reason to be busy', async () => {
  const { server, caller, device, fill, makeRoom, states } = await withAnn()
  const placing = caller.place('ann')
  const { call } = await device.next('ring')
  await fill()
  device.send({ type: 'rings', call: call.id })
  expect((await placing).id).toBe(call.id)
  await device.next('no-lease')
  expect(await caller.get(call.id)).toMatchObject({ state: 'waiting', devices: 0 })
  expect(await states()).toEqual(['placed'])
  const retry = await post(server, '/api/calls', { to: 'ann' }, caller.authorization)
  expect(retry.status).toBe(503)

  const events = await followCall(server, call.id)
  expect(await events.next()).toMatchObject({ state: 'waiting' })
  await makeRoom()
  await expect.poll(states).toEqual(['waiting'])
  await device.lease()
  expect((await device.next('ring')).call.id).toBe(call.id)
  device.send({ type: 'rings', call: call.id })
  expect(await events.next()).toMatchObject({ state: 'ringing', devices: 1 })
  await expect.poll(states).toEqual(['ringing'])
  const second = caller.place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  expect(await second).toMatchObject({ state: 'ringing', disposition: 'ringing' })
})

test('P5.2 an answer and a cancel that cannot be written have not happened; the call goes on and can be answered', async () => {
  const { server, caller, device, connect, fill, makeRoom } = await withAnn()
  const placing = caller.place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  const events = await followCall(server, call.id)
  expect(await events.next()).toMatchObject({ state: 'ringing' })
  await fill()
  device.send({ type: 'answer', call: call.id })
  expect(await device.closed()).toMatchObject({ code: 1006 })
  expect(await events.next()).toMatchObject({ state: 'waiting', devices: 0 })
  const cancel = await caller.cancel(call.id)
  expect([cancel.status, await cancel.json()]).toMatchObject([503, { error: 'storage' }])
  expect(device.received.filter(({ type }) => type === 'over')).toEqual([])

  await makeRoom()
  const back = await connect()
  back.send({ type: 'rings', call: (await back.next('ring')).call.id })
  expect(await events.next()).toMatchObject({ state: 'ringing', devices: 1 })
  back.send({ type: 'answer', call: call.id })
  expect(await back.next('over')).toMatchObject({ outcome: 'answered', here: true })
  expect(await events.next()).toMatchObject({ state: 'answered' })
})

test.each(['answer', 'decline'] as const)(
  'P5.2 a device whose %s fails loses its connection and nothing else, and says it again by the next one',
  async (type) => {
    const server = await startInProcessServer()
    await settle(server, ann)
    const token = await sessionOf(server, ann, 'desk')
    const device = await connectDevice(server.url, token, 'desk')
    await device.lease()
    const placing = callerOf(server).place('ann')
    const { call } = await device.next('ring')
    device.send({ type: 'rings', call: call.id })
    await placing
    const db = await server.db()
    const refuse = `when new.state in ('answered', 'declined') begin select raise(abort, 'no end'); end`
    await sql.raw(`create trigger no_end before update on "call" ${refuse}`).execute(db)
    device.send({ type, call: call.id })
    expect(await device.closed()).toMatchObject({ code: 1006 })
    expect(rung(device)).toHaveLength(1)

    await sql`drop trigger no_end`.execute(db)
    const back = await connectDevice(server.url, token, 'desk')
    expect(back.welcome.ringing).toEqual([call.id])
    back.send({ type, call: call.id })
    const outcome = { answer: 'answered', decline: 'declined' }[type]
    expect(await back.next('over')).toMatchObject({ call: call.id, outcome, here: true })
  },
)

test('P3.2 a call whose time ends while nothing can be written rings nowhere, and is missed as soon as it can be', async () => {
  const { server, caller, device, fill, makeRoom, states } = await withAnn({ RING_FOR: '5' })
  const placing = caller.place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  const events = await followCall(server, call.id)
  expect(await events.next()).toMatchObject({ state: 'ringing' })
  await fill()
  expect(await events.next()).toMatchObject({ state: 'waiting', devices: 0 })
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'missed' })
  expect(await caller.get(call.id)).toMatchObject({ state: 'waiting' })
  expect(await states()).toEqual(['ringing'])

  await makeRoom()
  await device.lease()
  expect(await events.next()).toMatchObject({ state: 'missed', why: 'unreachable' })
  expect(await states()).toEqual(['missed'])
  expect(rung(device)).toHaveLength(1)
})
