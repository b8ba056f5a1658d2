import { expect, test } from 'vitest'
import { createBuckets } from '../../../server/leaky-bucket.ts'
import { anotherCaller, callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice, type WebSocketDevice } from '../support/websocket-device.ts'

type Caller = ReturnType<typeof callerOf>

let keys = 0

/** Places so many calls, one after the other. @returns how each was answered. */
async function placeMany(caller: Caller, to: string, count: number): Promise<number[]> {
  const statuses: number[] = []
  for (let n = 0; n < count; n += 1) {
    keys += 1
    statuses.push((await caller.placeOnce(`key-${keys}`, { to })).status)
  }
  return statuses
}

const callsKept = async (server: InProcessServer) =>
  (await (await server.db()).selectFrom('call').select('id').execute()).length

test('C5.6 twelve calls of a key to one person at once, then one in five seconds; nobody else is kept waiting', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  // To the second is how long to wait only while nothing has run out yet.
  server.clock.standStill()
  const caller = callerOf(server)
  expect(await placeMany(caller, 'ann', 12)).toEqual(Array(12).fill(201))
  const refused = await caller.placeOnce('thirteenth', { to: 'ANN@clinic.example' })
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    429,
    '5',
    {
      error: 'too-many-attempts',
      message:
        'Too many calls were placed, or too many to ANN@clinic.example: this one is not. Try again in 5 s.',
      retryAfter: 5,
    },
  ])
  expect(await callsKept(server)).toBe(12)
  expect(await placeMany(caller, 'ben.b-1', 1)).toEqual([201])
  expect(await placeMany(await anotherCaller(server), 'ann', 1)).toEqual([201])

  server.clock.advance(5_000)
  // What was refused has left its Idempotency-Key free.
  expect((await caller.placeOnce('thirteenth', { to: 'ANN@clinic.example' })).status).toBe(201)
  expect(await placeMany(caller, 'ann', 1)).toEqual([429])
})

test('C5.6 a sixth of what a key may place in a minute goes at once, to whomever; another key has its own', async () => {
  const server = await startInProcessServer({
    env: { CALLS_PER_MINUTE: '30', CALLS_PER_MINUTE_TO_ONE: '2' },
  })
  await settle(server, ann, ben)
  // To the second is how long to wait only while nothing has run out yet.
  server.clock.standStill()
  const caller = callerOf(server)
  // One that has to wait for its callee counts for no other.
  expect(await placeMany(caller, 'ann', 9)).toEqual([201, 201, ...Array(7).fill(429)])
  // Nor is anybody found by asking on and on.
  expect(await placeMany(caller, 'nobody', 4)).toEqual([404, 404, 404, 429])
  expect(await placeMany(caller, 'ben.b-1', 1)).toEqual([429])
  expect(await placeMany(await anotherCaller(server), 'ben.b-1', 1)).toEqual([201])
  server.clock.advance(2_000)
  expect(await placeMany(caller, 'ben.b-1', 2)).toEqual([201, 429])
  expect(await callsKept(server)).toBe(4)
})

test('C5.6 P4.1 a repetition counts for nothing, also one that comes before the first was written', async () => {
  const server = await startInProcessServer({ env: { CALLS_PER_MINUTE_TO_ONE: '2' } })
  await settle(server, ann)
  server.clock.standStill()
  const caller = callerOf(server)
  const place = () => caller.placeOnce('visit-4711', { to: 'ann' })
  const statuses = (await Promise.all(Array.from({ length: 30 }, place))).map(({ status }) => status)
  expect(statuses.sort()).toEqual([...Array(29).fill(200), 201])
  for (let n = 0; n < 30; n += 1) expect((await place()).status).toBe(200)
  expect(await placeMany(caller, 'ann', 2)).toEqual([201, 429])
})

/** Places a call and acknowledges its ring. */
async function ring(caller: Caller, device: WebSocketDevice) {
  const placing = caller.place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  return placing
}

test('P3.3 of the five calls that may ring one person three are of one key at most, and it is told what is so', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const [caller, other] = [callerOf(server), await anotherCaller(server)]
  const three = [await ring(caller, device), await ring(caller, device), await ring(caller, device)]
  expect(await caller.place('ann')).toMatchObject({ state: 'missed', disposition: 'busy', why: 'busy' })
  for (let n = 0; n < 2; n += 1)
    expect(await ring(other, device)).toMatchObject({ state: 'ringing', disposition: 'ringing' })
  expect(await other.place('ann')).toMatchObject({ state: 'missed', disposition: 'busy' })
  await caller.cancel(three[0]?.id ?? '')
  expect(await ring(caller, device)).toMatchObject({ state: 'ringing' })
})

test('P3.3 P2.4 who waits for somebody with call after call keeps nobody else from them, and is not told busy', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const [caller, other] = [callerOf(server), await anotherCaller(server)]
  for (let minute = 0; minute < 5; minute += 1) {
    for (let n = 0; n < 6; n += 1) {
      const { state, disposition } = await caller.place('ann', 'Dr Bell', { waitFor: 120 })
      expect([state, disposition]).toEqual([disposition === 'busy' ? '' : state, 'unreachable'])
    }
    const waits = await other.place('ann', 'Dr Ball', { waitFor: 20 })
    expect(waits).toMatchObject({ state: 'waiting', disposition: 'unreachable' })
    await other.cancel(waits.id)
    server.clock.advance(60_000)
  }
  const db = await server.db()
  const active = await db.selectFrom('call').select('id').where('state', '=', 'waiting').execute()
  expect(active.length).toBeLessThanOrEqual(3)
})

test('C5.6 what is counted is forgotten once it counts for nothing, and not before', () => {
  const buckets = createBuckets({ atOnce: 2, perSecond: 1 })
  let now = 0
  const kept = () => [buckets.pour('kept', now), buckets.pour('kept', now)]
  expect(kept()).toEqual([0, 0])
  // Many names in a moment take nothing from one that was there.
  for (let n = 0; n < 10_000; n += 1) buckets.pour(`name-${n}`, now)
  expect([buckets.count, buckets.pour('kept', now)]).toEqual([10_001, 1_000])
  for (let n = 0; n < 100_000; n += 1) {
    now += 10
    buckets.pour(`later-${n}`, now)
  }
  // A hundred come in a second, and each is empty after one.
  expect(buckets.count).toBeLessThan(250)
})
