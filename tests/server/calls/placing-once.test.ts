import * as v from 'valibot'
import { expect, test } from 'vitest'
import { call } from '../../../protocol/http.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { callerOf, post } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

async function withAnn() {
  const server = await startInProcessServer()
  await settle(server, ann)
  return { server, caller: callerOf(server) }
}

const parsed = async (response: Response) => v.parse(call, await response.json())

test('P4.1 the same key makes one call, however often and however simultaneously it is sent', async () => {
  const { server, caller } = await withAnn()
  const device = await reachableDevice(server, ann)
  const sending = Array.from({ length: 20 }, () =>
    caller.placeOnce('webSession-17', { to: 'ann', from: 'Dr Bell' }),
  )
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  const responses = await Promise.all(sending)
  expect(responses.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
  const placed = await Promise.all(responses.map(parsed))
  expect(new Set(placed.map(({ id }) => id)).size).toBe(1)
  for (const one of placed) expect(one).toMatchObject({ state: 'ringing', devices: 1 })
  await device.lease()
  expect(device.received.filter(({ type }) => type === 'ring')).toHaveLength(1)
})

test('P4.1 a repetition is answered with the call as it stands then, long after too, and places nothing', async () => {
  const { server, caller } = await withAnn()
  const first = await parsed(await caller.placeOnce('k', { to: 'ann', waitFor: 30 }))
  expect(first.state).toBe('waiting')
  await caller.cancel(first.id)
  server.clock.setWall(40 * 86_400_000)
  const again = await caller.placeOnce('k', { to: 'ann', waitFor: 30 })
  expect([again.status, await parsed(again)]).toMatchObject([200, { id: first.id, state: 'cancelled' }])
})

test('P4.2 the same key with another body is refused, and nothing is made of it', async () => {
  const { server, caller } = await withAnn()
  await caller.placeOnce('k', { to: 'ann', from: 'Dr Bell' })
  for (const body of [
    { to: 'zoe', from: 'Dr Bell' },
    { to: 'ann', from: 'Dr Ball' },
    { to: 'ann' },
    { to: 'ann', from: 'Dr Bell', waitFor: 1 },
  ]) {
    const response = await caller.placeOnce('k', body)
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { error: 'idempotency-key-reused', message: expect.stringContaining('another body') },
    ])
  }
  const db = await server.db()
  expect(await db.selectFrom('call').select('id').execute()).toHaveLength(1)
})

test('P4.2 a key belongs to its caller: the same one of another caller makes another call', async () => {
  const { server, caller } = await withAnn()
  const other = await createApiKey(await server.db(), 'Other', Date.now())
  const mine = await parsed(await caller.placeOnce('k', { to: 'ann' }))
  const headers = { authorization: `Bearer ${other}`, 'idempotency-key': 'k' }
  const theirs = await post(server, '/api/calls', { to: 'ann' }, headers)
  expect(theirs.status).toBe(201)
  expect((await parsed(theirs)).id).not.toBe(mine.id)
})

test('C5.5 a key is 1 to 255 visible ASCII characters, and a wait 0 to 120 whole seconds', async () => {
  const { caller } = await withAnn()
  for (const key of ['', 'a b', 'x'.repeat(256), 'é'])
    expect((await caller.placeOnce(key, { to: 'ann' })).status, key).toBe(400)
  for (const key of ['x'.repeat(255), '!~', '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
    expect((await caller.placeOnce(key, { to: 'ann' })).status, key).toBe(201)
  for (const waitFor of [-1, 121, 1.5, '5', null])
    expect((await caller.placeOnce('wait', { to: 'ann', waitFor })).status).toBe(400)
})

test('P4.2 a call that was refused leaves its key free', async () => {
  const { server, caller } = await withAnn()
  expect((await caller.placeOnce('k', { to: 'ben' })).status).toBe(404)
  expect((await caller.placeOnce('k', { to: 'ann' })).status).toBe(201)
  const db = await server.db()
  expect(await db.selectFrom('call').select('to').execute()).toEqual([{ to: 'ann' }])
})
