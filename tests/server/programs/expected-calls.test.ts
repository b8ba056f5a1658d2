import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { ExpectedCall } from '../../../protocol/people.ts'
import { announcedCall, announcedCalls } from '../../../protocol/programs.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { type PeopleDevice, peopleDevice } from '../people/people-device.ts'
import { callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { expectNoMailTo, mailsTo } from '../support/mailbox.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { startReceiver } from '../webhooks/receiver.ts'
import { programWith, provisionedBy } from './program.ts'

const minute = 60_000

/** What a device was told of expected calls, in order. */
const expectedOn = ({ received }: Pick<PeopleDevice, 'received'>): ExpectedCall[] =>
  received.flatMap((message) =>
    message.type === 'events'
      ? message.events.flatMap(({ change }) => (change.kind === 'expected' ? [change.expected] : []))
      : [],
  )

const parsed = async (response: Response, status: number) => {
  expect(response.status).toBe(status)
  return v.parse(v.strictObject(announcedCall.entries), await response.json())
}

/** Time passes until that is so: for the server as a test wants it. */
const passing = (server: InProcessServer, what: () => unknown, step = 3_000) =>
  expect.poll(
    () => {
      server.clock.advance(step)
      return what()
    },
    { interval: 300, timeout: 30_000 },
  )

test('PN2.1 PN2.3 a program announces a call once, sees and takes back its own, and no other program does', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const [portal, other, calls] = await Promise.all([
    programWith(server, 'Portal', 'expected-calls'),
    programWith(server, 'Other', 'expected-calls'),
    programWith(server, 'Calls', 'calls'),
  ])
  const device = await peopleDevice(server, ann, 'device-1')
  device.sync(null)
  const at = server.clock.wall() + 60 * minute
  const headers = { 'idempotency-key': 'visit-4711' }
  const body = { to: 'ann', at, from: ' Dr Bell ' }
  const first = await parsed(await portal.post('/api/expected-calls', body, headers), 201)
  expect(first).toMatchObject({ to: 'ann', from: 'Dr Bell', at, state: 'expected', atRisk: false })
  expect(await parsed(await portal.post('/api/expected-calls', body, headers), 200)).toEqual(first)
  const reused = await portal.post('/api/expected-calls', { ...body, at: at + 1 }, headers)
  expect([reused.status, await reused.json()]).toMatchObject([422, { error: 'idempotency-key-reused' }])
  const unnamed = await parsed(await portal.post('/api/expected-calls', { to: ann.email, at: at + 1 }), 201)
  expect(unnamed.from).toBe('Portal')
  await expect
    .poll(() => expectedOn(device))
    .toEqual([
      { id: first.id, at, by: 'Dr Bell', contact: null, gone: false },
      { id: unnamed.id, at: at + 1, by: 'Portal', contact: null, gone: false },
    ])

  const path = `/api/expected-calls/${first.id}`
  const list = async (program: typeof portal) =>
    v.parse(announcedCalls, await (await program.get('/api/expected-calls')).json())
  expect(await list(portal)).toEqual({ expectedCalls: [first, unnamed], more: false })
  expect(await list(other)).toEqual({ expectedCalls: [], more: false })
  const after = await portal.get(`/api/expected-calls?after=${first.id}`)
  expect(await after.json()).toEqual({ expectedCalls: [unnamed], more: false })
  expect((await other.get(path)).status).toBe(404)
  expect((await other.get(`/api/expected-calls?after=${first.id}`)).status).toBe(404)
  expect((await other.delete(path, {})).status).toBe(404)
  expect((await calls.post('/api/expected-calls', body)).status).toBe(401)
  for (let n = 0; n < 2; n += 1) expect((await portal.delete(path, {})).status).toBe(204)
  expect(await parsed(await portal.get(path), 200)).toMatchObject({ state: 'cancelled', atRisk: false })
  await expect.poll(() => expectedOn(device).at(-1)).toMatchObject({ id: first.id, gone: true })
  // Told everything anew it is what is still expected.
  const fresh = await peopleDevice(server, ann, 'device-2')
  fresh.sync(99)
  const reset = await fresh.next('reset')
  expect(reset.items.filter(({ kind }) => kind === 'expected')).toMatchObject([
    { expected: { id: unnamed.id, gone: false } },
  ])
})

test('PN2.2 PN2.1 what is no moment to come, no name, or nobody of the key’s is refused with a sentence', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  await provisionedBy(server, ann, 'north')
  const north = await programWith(server, 'North', 'expected-calls', 'north')
  const now = server.clock.wall()
  const at = now + 60 * minute
  const over = 'at: That moment is over. Choose a later one. It is in milliseconds since 1970.'
  const wrong: [unknown, number, string][] = [
    [{ to: 'ann', at: now - 1 }, 400, over],
    // In seconds.
    [{ to: 'ann', at: Math.round(at / 1_000) }, 400, over],
    [{ to: 'ann', at: now + 367 * 24 * 60 * minute }, 400, 'at: A call is announced a year ahead at most.'],
    [{ to: 'ann', at: '2027-01-01T14:00:00Z' }, 400, 'at: This takes milliseconds since 1970.'],
    [{ to: 'ann', at: at + 0.5 }, 400, 'at: This takes whole milliseconds since 1970.'],
    [{ to: 'ann' }, 400, 'at: '],
    [{ at }, 400, 'to: '],
    [{ to: 'ann', at, from: '\u202eDr' }, 400, 'from: '],
    [{ to: 'ben.b-1', at }, 404, 'There is no account ben.b-1.'],
    [{ to: 'zoe', at }, 404, 'There is no account zoe.'],
    [[], 400, ''],
    [null, 400, ''],
  ]
  for (const [body, status, sentence] of wrong) {
    const response = await north.post('/api/expected-calls', body)
    const { message } = (await response.json()) as { message: string }
    expect([body, response.status, message]).toEqual([body, status, expect.stringContaining(sentence)])
  }
  expect(await (await server.db()).selectFrom('expectedCall').select('id').execute()).toEqual([])
  const statuses: number[] = []
  for (let n = 0; n < 13; n += 1)
    statuses.push((await north.post('/api/expected-calls', { to: 'ann', at: at + n })).status)
  expect(statuses).toEqual([...Array(12).fill(201), 429])
})

test('PN3.1 PN3.3 PN2.1 who cannot be reached is told of to the webhook, and mailed in their language; so is that they are back', async () => {
  const server = await startInProcessServer({ env: { WEBHOOKS_PRIVATE: 'on' } })
  const cat: NewAccount = { username: 'cat', email: 'cat@clinic.example', name: 'Cat', password: '' }
  await settle(server, ann, ben, cat)
  const db = await server.db()
  const set = (email: string, to: { language?: string; mailNames?: number; mailMissed?: number }) =>
    db.updateTable('user').set(to).where('email', '=', email).execute()
  await set(ann.email, { language: 'de', mailNames: 1 })
  await set(cat.email, { mailMissed: 0 })
  const receiver = await startReceiver()
  const portal = await programWith(server, 'Portal', ['expected-calls', 'webhooks'])
  const events = ['expected-call.at-risk', 'expected-call.reachable', 'expected-call.ended']
  expect((await portal.post('/api/webhooks', { url: receiver.url, events })).status).toBe(201)
  const at = server.clock.wall() + 5 * minute
  const made = await parsed(await portal.post('/api/expected-calls', { to: 'ann', at, from: 'Dr Bell' }), 201)
  for (const to of ['ben.b-1', 'cat'])
    await parsed(await portal.post('/api/expected-calls', { to, at, from: 'Dr Bell' }), 201)
  const told = () =>
    receiver.received.flatMap(({ payload }) =>
      'atRisk' in payload.data ? [`${payload.type.replace('expected-call.', '')} ${payload.data.to}`] : [],
    )
  const began = server.clock.monotonic()
  await passing(server, () => told().length).toBe(3)
  // Not before it could be known: what a server that has just started does not know, it does not say.
  expect(server.clock.monotonic() - began).toBeGreaterThan(60_000)
  expect(told().toSorted()).toEqual(['at-risk ann', 'at-risk ben.b-1', 'at-risk cat'])
  expect(receiver.received[0]?.payload.data).toMatchObject({ atRisk: true, state: 'expected' })
  expect(await parsed(await portal.get(`/api/expected-calls/${made.id}`), 200)).toMatchObject({
    atRisk: true,
  })
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('Ein Anruf wird erwartet')
  expect(mail?.text).toContain('Dr Bell')
  const [unnamed] = await mailsTo(server, ben.email)
  expect(unnamed?.subject).toBe('A call is expected')
  expect(`${unnamed?.text}`).not.toMatch(/Bell|Portal/)
  await expectNoMailTo(server, cat.email)
  const desk = await reachableDevice(server, ann, 'desk')
  const toldWhileThere = async () => {
    await desk.lease()
    return told().slice(3)
  }
  await expect.poll(toldWhileThere, { interval: 1_000, timeout: 20_000 }).toEqual(['reachable ann'])
  expect((await portal.delete(`/api/expected-calls/${made.id}`, {})).status).toBe(204)
  // A receiver that a busy machine kept from answering is asked again.
  await expect.poll(() => told().slice(4), { timeout: 30_000 }).toEqual(['ended ann'])
  expect(receiver.received.at(-1)?.payload.data).toMatchObject({ state: 'cancelled', atRisk: false })
}, 90_000)

test('PN4.1 a call of the program that is answered is the one that was expected, and what came cannot be taken back', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const portal = await programWith(server, 'Portal', ['expected-calls', 'calls'])
  const at = server.clock.wall() + 5 * minute
  const { id } = await parsed(await portal.post('/api/expected-calls', { to: 'ann', at }), 201)
  const device = await reachableDevice(server, ann, 'desk')
  const placing = callerOf({ url: server.url, operatorKey: portal.key }).place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  device.send({ type: 'answer', call: call.id })
  await device.next('over')
  const state = async () => (await parsed(await portal.get(`/api/expected-calls/${id}`), 200)).state
  await expect.poll(state).toBe('came')
  const refused = await portal.delete(`/api/expected-calls/${id}`, {})
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: 'already-over' }])
})

test('S5.9 metrics tell how many calls are expected, and of how many a program was told that their person is not there', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const watcher = await programWith(server, 'Prometheus', 'metrics')
  const db = await server.db()
  const at = server.clock.wall() + 60 * minute
  const announced = {
    userId,
    callerId: null,
    apiKeyId: null,
    idempotencyKey: null,
    to: 'ann',
    from: 'Dr Bell',
  }
  for (const [atRisk, endedAt] of [
    [0, null],
    [0, null],
    [1, null],
    [0, 1],
  ] as const)
    await db
      .insertInto('expectedCall')
      .values({
        ...{ ...announced, id: crypto.randomUUID(), at, atRisk, endedAt },
        ...{ state: endedAt === null ? 'expected' : 'passed', shown: 1, madeAt: 1 },
      })
      .execute()
  const text = await (await watcher.get('/metrics')).text()
  const figures = [...text.matchAll(/^reachable_expected_calls\{risk="(\w+)"\} (\d+)$/gm)]
  expect(Object.fromEntries(figures.map(([, risk, many]) => [risk, many]))).toEqual({ told: '1', none: '2' })
  expect(text).not.toMatch(/Bell|ann@/)
})
