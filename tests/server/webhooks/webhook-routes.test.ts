import { Webhook } from 'standardwebhooks'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { webhooks, webhookWithSecret } from '../../../protocol/programs.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import type { KeyScope } from '../../../server/key-scopes.ts'
import { callerOf, post } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { startReceiver } from './receiver.ts'

const env = { WEBHOOKS_PRIVATE: 'on' }

async function program(server: InProcessServer, name: string, ...scopes: readonly KeyScope[]) {
  const key = (await createApiKey(await server.db(), name, server.clock.wall(), scopes)) ?? ''
  const headers = { authorization: `Bearer ${key}` }
  const ask = (method: string, path: string) => fetch(`${server.url}${path}`, { method, headers })
  return {
    ...{ key, headers, ask },
    caller: callerOf({ url: server.url, operatorKey: key }),
    create: (url: string, ...events: readonly string[]) =>
      post(server, '/api/webhooks', { url, events }, headers),
    list: async () => v.parse(webhooks, await (await ask('GET', '/api/webhooks')).json()).webhooks,
  }
}

const created = async (response: Response) => {
  expect(response.status).toBe(201)
  return v.parse(webhookWithSecret, await response.json())
}

test('PP3.1 each end of a call of a key is told to its webhook, and no other’s: answered, missed, cancelled, busy', async () => {
  const server = await startInProcessServer({ env })
  await settle(server, ann)
  const [receiver, others] = await Promise.all([startReceiver(), startReceiver()])
  const portal = await program(server, 'Portal', 'calls', 'webhooks')
  const other = await program(server, 'Other', 'calls', 'webhooks')
  const { secret } = await created(await portal.create(receiver.url, 'call.answered', 'call.ended'))
  await created(await other.create(others.url, 'call.ended'))
  const missed = await portal.caller.place('ann')
  expect(missed.state).toBe('missed')
  const device = await reachableDevice(server, ann)
  const ring = async () => {
    const placing = portal.caller.place('ann')
    const { call } = await device.next('ring')
    device.send({ type: 'rings', call: call.id })
    return placing
  }
  const answered = await ring()
  device.send({ type: 'answer', call: answered.id })
  await device.next('over')
  const cancelled = await ring()
  await portal.caller.cancel(cancelled.id)
  await device.next('over')
  // More than may ring at once of one key is over as it is written.
  const many = []
  for (let n = 0; n < 3; n += 1) many.push(await ring())
  const busy = await portal.caller.place('ann')
  expect([busy.state, busy.disposition]).toEqual(['missed', 'busy'])
  await expect.poll(() => receiver.received.length).toBe(5)
  const told = receiver.received.map(({ payload }) => [
    payload.type,
    'id' in payload.data ? payload.data.id : '',
    'state' in payload.data ? payload.data.state : '',
  ])
  expect(told.toSorted()).toEqual(
    [
      ['call.ended', missed.id, 'missed'],
      ['call.answered', answered.id, 'answered'],
      ['call.ended', answered.id, 'answered'],
      ['call.ended', cancelled.id, 'cancelled'],
      ['call.ended', busy.id, 'missed'],
    ].toSorted(),
  )
  const room = receiver.received.find(({ payload }) => payload.type === 'call.answered')?.payload.data
  expect(room).toEqual(await portal.caller.get(answered.id))
  for (const { body, headers } of receiver.received)
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeTruthy()
  expect(others.received).toEqual([])
})

test('PP3.5 PP3.6 a key sees, changes and deletes its own webhooks alone; the secret is in no list', async () => {
  const server = await startInProcessServer({ env })
  const portal = await program(server, 'Portal', 'calls', 'webhooks')
  const other = await program(server, 'Other', 'calls', 'webhooks')
  const made = await created(await portal.create('https://portal.example/x', 'call.ended', 'call.ended'))
  const { secret, ...rest } = made
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(rest).toMatchObject({ url: 'https://portal.example/x', events: ['call.ended'], waiting: 0 })
  expect(await portal.list()).toEqual([rest])
  expect(await (await portal.ask('GET', '/api/webhooks')).text()).not.toContain('whsec_')
  expect(await other.list()).toEqual([])
  for (const [method, path] of [
    ['DELETE', `/api/webhooks/${made.id}`],
    ['POST', `/api/webhooks/${made.id}/secret`],
    ['POST', `/api/webhooks/${made.id}/enable`],
  ] as const)
    expect([path, (await other.ask(method, path)).status]).toEqual([path, 404])
  const fresh = v.parse(
    webhookWithSecret,
    await (await portal.ask('POST', `/api/webhooks/${made.id}/secret`)).json(),
  )
  expect(fresh.secret).not.toBe(secret)
  expect((await portal.ask('POST', `/api/webhooks/${made.id}/enable`)).status).toBe(200)
  expect((await portal.ask('DELETE', `/api/webhooks/${made.id}`)).status).toBe(204)
  expect((await portal.ask('DELETE', `/api/webhooks/${made.id}`)).status).toBe(404)
  expect(await portal.list()).toEqual([])
  const db = await server.db()
  const what = await db.selectFrom('audit').select('what').where('what', 'like', 'webhook-%').execute()
  expect(what.map((entry) => entry.what)).toEqual([
    'webhook-created',
    'webhook-secret-changed',
    'webhook-deleted',
  ])
})

test('PP3.6 a key hears of what its scopes allow, and has ten webhooks at most', async () => {
  const server = await startInProcessServer({ env })
  const plain = await program(server, 'Plain', 'webhooks')
  const refused = await plain.create('https://portal.example/x', 'call.ended')
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { error: 'bad-request', message: expect.stringContaining('scope calls') },
  ])
  const calls = await program(server, 'Calls', 'calls')
  expect((await calls.create('https://portal.example/x', 'call.ended')).status).toBe(401)
  expect((await calls.ask('GET', '/api/webhooks')).status).toBe(401)
  const both = await program(server, 'Both', 'calls', 'webhooks')
  for (const events of [[], ['call.rung']])
    expect((await both.create('https://portal.example/x', ...events)).status).toBe(400)
  const statuses = await Promise.all(
    Array.from(
      { length: 12 },
      async (_, n) => (await both.create(`https://portal.example/${n}`, 'call.ended')).status,
    ),
  )
  expect(statuses.toSorted()).toEqual([...Array(10).fill(201), 400, 400])
})

test('PP3.4 without the operator’s word a webhook is at no private address, nor by http', async () => {
  const server = await startInProcessServer()
  const portal = await program(server, 'Portal', 'calls', 'webhooks')
  for (const url of ['http://127.0.0.1:9/x', 'https://10.0.0.1/x', 'http://portal.example/x', 'nonsense']) {
    const response = await portal.create(url, 'call.ended')
    expect([url, response.status, await response.json()]).toMatchObject([
      url,
      400,
      { message: expect.stringMatching(/^url: /) },
    ])
  }
  expect((await portal.create('https://portal.example/x', 'call.ended')).status).toBe(201)
})
