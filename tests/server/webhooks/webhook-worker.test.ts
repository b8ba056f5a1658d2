import { pino } from 'pino'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import type { Call } from '../../../protocol/http.ts'
import { createApiKey, revokeApiKey } from '../../../server/accounts/api-keys.ts'
import { claimTry } from '../../../server/database/claim-try.ts'
import type { Database } from '../../../server/database/tables.ts'
import { callCauses } from '../../../server/webhooks/call-causes.ts'
import { deleteOldDeliveries, enqueueWebhooks } from '../../../server/webhooks/webhook-queue.ts'
import {
  createWebhook,
  enableWebhook,
  listWebhooks,
  rotateSecret,
} from '../../../server/webhooks/webhook-rows.ts'
import { openWebhookWorker } from '../../../server/webhooks/webhook-worker.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { testClock } from '../support/test-clock.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const secret = 'a secret of 32 characters or more'
const day = 86_400_000

/** What is on its way, and who takes it there, by a clock that goes on as the test says. */
async function queue() {
  const db = await memoryDatabase()
  const clock = testClock()
  const log = pino({ level: 'silent' })
  const worker = (within = 20_000) =>
    openWebhookWorker({ db, clock, log, secret, isPrivateAllowed: true, within })
  await createApiKey(db, 'Portal', clock.wall(), ['calls', 'webhooks'])
  const key = await db.selectFrom('apiKey').select(['id', 'name']).executeTakeFirstOrThrow()
  const first = worker()
  return {
    ...{ db, clock, key, worker },
    hook: async (receiver: Receiver, events: ('call.answered' | 'call.ended')[] = ['call.ended']) => {
      const made = await createWebhook(db, key, { url: receiver.url, events }, secret, clock.wall())
      if (!made) throw new Error('there is no room')
      return made
    },
    end: (call: Partial<Call> = {}) =>
      db.transaction().execute((trx) => enqueueWebhooks(trx, key.id, callCauses(ended(call)), clock.wall())),
    /** Ticks until that is so, a quarter of a second of the server's each time. */
    until: (isSo: () => boolean | Promise<boolean>, workers = [first]) =>
      expect
        .poll(
          async () => {
            for (const one of workers) one.tick()
            clock.advance(250)
            return isSo()
          },
          { timeout: 30_000, interval: 10 },
        )
        .toBe(true),
    /** What ticks do is done: several of them, a second of the server's apart. */
    settle: async () => {
      let ticks = 0
      const tick = () => {
        clock.advance(1_000)
        first.tick()
        ticks += 1
        return ticks
      }
      await expect.poll(tick, { interval: 30 }).toBeGreaterThan(5)
    },
  }
}

let calls = 0
const ended = (call: Partial<Call>): Call => {
  calls += 1
  return {
    ...{ id: `call-${calls}`, to: 'ann', from: 'Portal', state: 'missed', disposition: 'unreachable' },
    ...{ devices: 0, why: 'unreachable', at: 1, deadline: 2, endedAt: 2, room: null, canRoom: true },
    ...call,
  }
}

const waiting = async (db: Database) =>
  (await db.selectFrom('webhookDelivery').select('id').where('nextAt', 'is not', null).execute()).length

test('PP3.1 an event is signed as Standard Webhooks says, and each webhook gets what it wants', async () => {
  const { db, hook, end, until } = await queue()
  const [both, answered] = await Promise.all([startReceiver(), startReceiver()])
  const made = await hook(both, ['call.answered', 'call.ended'])
  await hook(answered, ['call.answered'])
  await end()
  await end({ state: 'answered', room: 'https://meet.example/x' })
  await until(() => both.received.length === 3 && answered.received.length === 1)
  expect(both.received.map(({ payload }) => payload.type).toSorted()).toEqual([
    'call.answered',
    'call.ended',
    'call.ended',
  ])
  for (const { headers, body, payload } of both.received) {
    expect(new Webhook(made.secret).verify(body, headers as Record<string, string>)).toEqual(payload)
    expect(() => new Webhook(made.secret).verify(`${body} `, headers as Record<string, string>)).toThrow()
    expect(headers['content-type']).toBe('application/json')
  }
  expect(new Set(both.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  expect(answered.received[0]?.payload).toMatchObject({ type: 'call.answered', data: { state: 'answered' } })
  await until(async () => (await waiting(db)) === 0)
  // What was taken is kept no longer.
  const bodies = await db.selectFrom('webhookDelivery').select('body').execute()
  expect(bodies.every(({ body }) => body === null)).toBe(true)
})

test('PP3.1 what its transaction undoes is sent to nobody', async () => {
  const { db, clock, key, hook, end, until } = await queue()
  const receiver = await startReceiver()
  await hook(receiver)
  await db
    .transaction()
    .execute(async (trx) => {
      await enqueueWebhooks(trx, key.id, callCauses(ended({ id: 'undone' })), clock.wall())
      throw new Error('undone')
    })
    .catch(() => {})
  await end({ id: 'kept' })
  await until(() => receiver.received.length > 0)
  expect(receiver.received.map(({ payload }) => payload.data)).toMatchObject([{ id: 'kept' }])
})

test.each([
  ['replies 500', { status: 500 }, 'it answered 500'],
  [
    'redirects',
    { status: 302, headers: { location: '/elsewhere' } },
    'it answered 302: redirects are not followed',
  ],
  ['never answers', 'never', 'no answer within 0.2 s'],
] as const)(
  'PP3.2 PP3.4 a receiver that %s is sent the same again, with growing delays',
  async (_, how, why) => {
    const { db, clock, key, hook, end, until, worker } = await queue()
    const receiver = await startReceiver()
    receiver.answer(how)
    await hook(receiver)
    await end()
    const workers = [worker(200)]
    const at: number[] = []
    for (let n = 1; n <= 4; n += 1) {
      await until(() => receiver.received.length === n, workers)
      at.push(clock.wall())
      await until(async () => (await listWebhooks(db, key.id))[0]?.lastFailure === why, workers)
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    expect(receiver.received.every(({ path }) => path === '/hook')).toBe(true)
    const waits = at.slice(1).map((time, n) => time - (at[n] ?? 0))
    for (const [n, least] of [5_000, 15_000, 45_000].entries()) {
      expect(waits[n]).toBeGreaterThanOrEqual(least - 1_500)
      expect(waits[n]).toBeLessThan(least + 10_000)
    }
    expect((await listWebhooks(db, key.id))[0]).toMatchObject({
      waiting: 1,
      failingSince: expect.any(Number),
    })
    receiver.answer({ status: 200 })
    clock.advance(135_000)
    await until(async () => (await waiting(db)) === 0, workers)
    expect((await listWebhooks(db, key.id))[0]).toMatchObject({
      waiting: 0,
      failingSince: null,
      lastFailure: null,
    })
  },
)

test('PP3.2 one that is down, and one that never answers, hold up no other', async () => {
  const { hook, end, until, worker } = await queue()
  const [slow, well] = await Promise.all([startReceiver(), startReceiver()])
  slow.answer('never')
  await hook(slow)
  await hook(well)
  for (let n = 0; n < 30; n += 1) await end()
  // It is as long as a test may take until the slow one is given up.
  await until(() => well.received.length === 30, [worker(60_000)])
  expect(slow.received.length).toBe(1)
})

test('PP3.7 however many webhooks of a few keys never answer, those of other keys are sent to', async () => {
  const { db, clock, hook, end, until, worker } = await queue()
  const [slow, well] = await Promise.all([startReceiver(), startReceiver()])
  slow.answer('never')
  for (const name of ['A', 'B', 'C']) {
    await createApiKey(db, name, clock.wall(), ['calls', 'webhooks'])
    const other = await db
      .selectFrom('apiKey')
      .select(['id', 'name'])
      .where('name', '=', name)
      .executeTakeFirst()
    if (!other) throw new Error('there is no key')
    for (let n = 0; n < 10; n += 1)
      await createWebhook(db, other, { url: slow.url, events: ['call.ended'] }, secret, clock.wall())
    await enqueueWebhooks(db, other.id, callCauses(ended({})), clock.wall())
  }
  const patient = [worker(60_000)]
  await until(() => slow.received.length === 12, patient)
  await hook(well)
  await end()
  await until(() => well.received.length === 1, patient)
  // Four at once of each key.
  expect(slow.received.length).toBe(12)
})

test('PP3.2 what a server that stops has under way is sent by the next, and is no failure', async () => {
  const { db, key, hook, end, until, worker } = await queue()
  const receiver = await startReceiver()
  receiver.answer('never')
  await hook(receiver)
  await end()
  const stopping = worker(60_000)
  await until(() => receiver.received.length === 1, [stopping])
  await stopping.stop(10)
  expect((await listWebhooks(db, key.id))[0]).toMatchObject({ waiting: 1, failingSince: null })
  receiver.answer({ status: 204 })
  await until(async () => (await waiting(db)) === 0)
  expect(receiver.received).toHaveLength(2)
})

test('PP3.2 what a server that died had under way is left alone while it may be on its way, and then sent', async () => {
  const { db, clock, hook, end, until, settle } = await queue()
  const receiver = await startReceiver()
  await hook(receiver)
  await end()
  const row = await db.selectFrom('webhookDelivery').selectAll().executeTakeFirstOrThrow()
  // As a server that dies before it writes down what came of it.
  expect(await claimTry(db, 'webhookDelivery', row, clock.wall() + 40_000)).toBe(1)
  expect(await claimTry(db, 'webhookDelivery', row, clock.wall() + 40_000)).toBeUndefined()
  await settle()
  expect(receiver.received).toHaveLength(0)
  clock.advance(40_000)
  await until(async () => (await waiting(db)) === 0)
  expect(receiver.received).toHaveLength(1)
})

test('PP3.3 a webhook that took nothing for five days is given up on record, and taken up again is sent what waits', async () => {
  const { db, clock, key, hook, end, until, settle } = await queue()
  const receiver = await startReceiver()
  receiver.answer({ status: 503 })
  const { webhook } = await hook(receiver)
  await end({ id: 'before' })
  const disabledAt = async () => (await listWebhooks(db, key.id))[0]?.disabledAt ?? null
  const failedAt = async () => (await listWebhooks(db, key.id))[0]?.failingSince ?? null
  await until(async () => (await failedAt()) !== null)
  clock.advance(4.9 * day)
  await until(() => receiver.received.length === 2)
  await settle()
  expect(await disabledAt()).toBeNull()
  clock.advance(day)
  await until(async () => (await disabledAt()) !== null)
  const entries = await db
    .selectFrom('audit')
    .select('detail')
    .where('what', '=', 'webhook-disabled')
    .execute()
  expect(entries.map(({ detail }) => JSON.parse(detail))).toEqual([
    { webhook: webhook.id, host: new URL(receiver.url).host, key: 'Portal', why: 'it answered 503' },
  ])
  const tried = receiver.received.length
  receiver.answer({ status: 204 })
  await end({ id: 'meanwhile' })
  clock.advance(2 * day)
  await settle()
  expect(receiver.received).toHaveLength(tried)
  expect(await enableWebhook(db, key, webhook.id, clock.wall())).toMatchObject({
    disabledAt: null,
    waiting: 1,
  })
  await until(async () => (await waiting(db)) === 0)
  await end({ id: 'after' })
  await until(async () => (await waiting(db)) === 0)
  const ids = receiver.received.slice(tried).map(({ payload }) => 'id' in payload.data && payload.data.id)
  expect(ids).toEqual(['before', 'after'])
})

test('PP3.3 a webhook that says it is gone is given up at once', async () => {
  const { db, key, hook, end, until } = await queue()
  const receiver = await startReceiver()
  receiver.answer({ status: 410 })
  await hook(receiver)
  await end()
  await until(async () => ((await listWebhooks(db, key.id))[0]?.disabledAt ?? null) !== null)
  expect(receiver.received).toHaveLength(1)
})

test('PP3.5 the secret is kept sealed; after a new one both sign for a day, and then the new one alone', async () => {
  const { db, clock, key, hook, end, until } = await queue()
  const receiver = await startReceiver()
  const old = await hook(receiver)
  const fresh = await rotateSecret(db, key, old.webhook.id, secret, clock.wall())
  expect(fresh?.secret).toMatch(/^whsec_/)
  expect(fresh?.secret).not.toBe(old.secret)
  const row = JSON.stringify(await db.selectFrom('webhook').selectAll().execute())
  for (const shown of [old.secret, fresh?.secret ?? '']) expect(row).not.toContain(shown.slice(6))
  await end()
  await until(() => receiver.received.length === 1)
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  for (const shown of [old.secret, fresh?.secret ?? ''])
    expect(new Webhook(shown).verify(body, headers as Record<string, string>)).toBeTruthy()
  // Nothing of the first is under way any more as the day passes.
  await until(async () => (await waiting(db)) === 0)
  clock.advance(day)
  await end()
  await until(() => receiver.received.length === 2)
  expect(String(receiver.received[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1)
})

test('PP3.6 with a key its webhooks go, and what waited for them; what is old goes too', async () => {
  const { db, clock, hook, end, until } = await queue()
  const receiver = await startReceiver()
  await hook(receiver)
  await end()
  await until(async () => (await waiting(db)) === 0)
  expect(await deleteOldDeliveries(db, clock.wall() + 29 * day)).toBe(false)
  expect(await db.selectFrom('webhookDelivery').select('id').execute()).toHaveLength(1)
  await deleteOldDeliveries(db, clock.wall() + 31 * day)
  expect(await db.selectFrom('webhookDelivery').select('id').execute()).toHaveLength(0)
  await end()
  await revokeApiKey(db, 'Portal')
  expect(await db.selectFrom('webhook').select('id').execute()).toHaveLength(0)
  expect(await db.selectFrom('webhookDelivery').select('id').execute()).toHaveLength(0)
})
