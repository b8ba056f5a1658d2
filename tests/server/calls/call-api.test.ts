import { expect, test } from 'vitest'
import { createApiKey, revokeApiKey } from '../../../server/accounts/api-keys.ts'
import { callerOf, post } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { followCall } from '../support/state-stream.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const bearer = (key: string | undefined) => ({ authorization: `Bearer ${key}` })

test('C5.1 placing a call needs an API key; without a good one every call route refuses', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const db = await server.db()
  const key = await createApiKey(db, 'Clinic', Date.now())
  const refused = async (headers: Record<string, string>) => {
    for (const [method, path] of [
      ['POST', '/api/calls'],
      ['GET', '/api/calls/x'],
      ['POST', '/api/calls/x/cancel'],
      ['GET', '/api/calls/x/events'],
    ] as const) {
      const response = await fetch(`${server.url}${path}`, { method, headers })
      expect([path, response.status, await response.json()]).toMatchObject([
        path,
        401,
        { error: 'unauthorized' },
      ])
    }
  }
  await refused({})
  await refused(bearer('reachable_wrong'))
  await refused({ authorization: `Basic ${key}` })
  expect((await post(server, '/api/calls', { to: 'ann' }, bearer(key))).status).toBe(201)
  await revokeApiKey(db, 'Clinic')
  await refused(bearer(key))
})

test('C5.2 the caller is shown by the name of the key, or the name that was given', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const key = await createApiKey(await server.db(), 'Clinic North', Date.now())
  const placed = async (body: object) =>
    (await (await post(server, '/api/calls', { to: 'ANN', ...body }, bearer(key))).json()) as object
  expect(await placed({})).toMatchObject({ to: 'ANN', from: 'Clinic North' })
  expect(await placed({ from: ' Dr Bell ' })).toMatchObject({ from: 'Dr Bell' })
})

test('C5.1 a key sees and cancels its own calls, and no others', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const key = await createApiKey(await server.db(), 'Other', Date.now())
  const { id } = await callerOf(server).place('ann')
  for (const [method, path] of [
    ['GET', `/api/calls/${id}`],
    ['GET', `/api/calls/${id}/events`],
    ['POST', `/api/calls/${id}/cancel`],
  ] as const) {
    const response = await fetch(`${server.url}${path}`, { method, headers: bearer(key) })
    expect([response.status, await response.json()]).toMatchObject([404, { error: 'no-such-call' }])
  }
})

test('C5.2 people are called by username or email in any case; a call to nobody is refused', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { place } = callerOf(server)
  expect((await place(' Ann ')).disposition).toBe('unreachable')
  expect((await place('ANN@clinic.example')).disposition).toBe('unreachable')
  const response = await post(server, '/api/calls', { to: 'zoe' }, callerOf(server).authorization)
  expect([response.status, await response.json()]).toMatchObject([404, { error: 'no-such-account' }])
})

test('C5.5 a body that is not right is refused with what is wrong, and nothing is kept', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { authorization } = callerOf(server)
  const bodies: [unknown, number, string][] = [
    ['not json', 400, 'bad-request'],
    [{}, 400, 'bad-request'],
    [{ to: '' }, 400, 'bad-request'],
    [{ to: 7 }, 400, 'bad-request'],
    [{ to: 'ann', from: 'x'.repeat(101) }, 400, 'bad-request'],
    [[], 400, 'bad-request'],
    [{ to: 'x'.repeat(20_000) }, 413, 'too-large'],
  ]
  for (const [body, status, error] of bodies) {
    const response = await post(server, '/api/calls', body, authorization)
    expect([response.status, await response.json()]).toMatchObject([status, { error }])
  }
  const form = await post(server, '/api/calls', 'to=ann', { ...authorization, 'content-type': 'text/plain' })
  expect(form.status).toBe(400)
  const db = await server.db()
  expect(await db.selectFrom('call').select('id').execute()).toEqual([])
})

test('C6.1 the events of a call are its present state, each change, and an end after the last', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann')
  const { call } = await device.next('ring')
  const stream = await followCall(server, call.id)
  expect(await stream.next()).toMatchObject({ state: 'placed', devices: 0 })
  device.send({ type: 'rings', call: call.id })
  expect(await stream.next()).toMatchObject({ state: 'ringing', devices: 1 })
  await placing
  device.send({ type: 'answer', call: call.id })
  const last = await stream.next()
  expect(last).toMatchObject({ state: 'answered' })
  expect(last?.room).toMatch(`${server.url}/rooms/`)
  expect(await stream.next()).toBeUndefined()
})

test('C6.1 the events of a call that is over are that one state', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { id } = await callerOf(server).place('ann')
  const stream = await followCall(server, id)
  expect(await stream.next()).toMatchObject({ state: 'missed', why: 'unreachable' })
  expect(await stream.next()).toBeUndefined()
})

test('C6.1 a server that stops ends the streams, with the state that it left the call in', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  void callerOf(server)
    .place('ann')
    .catch(() => {})
  const { call } = await device.next('ring')
  const stream = await followCall(server, call.id)
  expect(await stream.next()).toMatchObject({ state: 'placed' })
  await server.close()
  expect(await stream.next()).toMatchObject({ state: 'missed', why: 'server-restarted' })
  expect(await stream.next()).toBeUndefined()
})
