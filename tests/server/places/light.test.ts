import { expect, test } from 'vitest'
import { insertCall, saveCall, withEnd } from '../../../server/calls/call-rows.ts'
import type { Database } from '../../../server/database/tables.ts'
import { setStatus } from '../../../server/people/status.ts'
import { openPlaceLights } from '../../../server/places/place-lights.ts'
import { changePlace, insertPlace, removeMember } from '../../../server/places/place-rows.ts'
import { createVisitTime } from '../../../server/places/visit-time.ts'
import { addPairs } from '../calls/people-of-nodes.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { addPlace, visitorAt } from './place-on-server.ts'

const start = () => startInProcessServer({ env: { TRUST_PROXY: 'on' } })

test('PV1.1 PV1.2 PV1.6 a place is reachable while a member holds a lease, for as long as that is proven, and says nothing of who', async () => {
  const server = await start()
  const members = await settle(server, ann, ben)
  await addPlace(server, { members })
  const visitor = visitorAt(server)
  expect(await visitor.look()).toMatchObject({
    state: 'unknown',
    waiting: 0,
    name: 'Front desk',
    slug: 'desk',
  })
  server.clock.advance(31_000)
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'nobody' })
  const device = await reachableDevice(server, ann)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  const { validFor, ...light } = await visitor.look()
  expect(validFor).toBeGreaterThan(8_000)
  expect(validFor).toBeLessThanOrEqual(9_000)
  expect(JSON.stringify(light)).not.toMatch(/Ann|ann@|userId/)
  server.clock.standStill()
  server.clock.advance(10_000)
  expect((await visitor.look()).validFor).toBeLessThanOrEqual(5_000)
  // Silence: nothing of the device is believed fifteen seconds after its last heartbeat.
  server.clock.advance(5_100)
  expect((await visitor.look()).state).not.toBe('reachable')
  await device.lease()
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  device.send({ type: 'goodbye', why: 'exit' })
  await device.closed()
  await expect.poll(async () => (await visitor.look()).state).toBe('closed')
})

test('PV1.3 who is invisible, busy or away makes no place reachable', async () => {
  const server = await start()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  await addPlace(server, { members: [annId, benId] })
  server.clock.advance(31_000)
  const device = await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  const db = await server.db()
  const now = server.clock.wall()
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  const chosen = async (status: 'available' | 'away' | 'busy' | 'invisible', until: number | null = null) => {
    await setStatus(db, annId, { status, until }, now)
    return (await visitor.look()).state
  }
  expect(await chosen('invisible')).toBe('closed')
  expect(await chosen('away')).toBe('closed')
  expect(await chosen('busy', now + 60_000)).toBe('busy')
  expect(await chosen('available')).toBe('reachable')
  device.send({ type: 'idle', state: 'locked' })
  await expect.poll(async () => (await visitor.look()).state).toBe('closed')
})

test('PV1.3 PV1.1 on whom as many calls ring as may makes no place reachable', async () => {
  const server = await start()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  await addPlace(server, { members: [annId, benId] })
  await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  server.clock.standStill()
  const db = await server.db()
  const now = server.clock.wall()
  const call = async (placedBy: string, n: number) => {
    const callee = { ...ann, id: annId, picture: null, language: null }
    const { row } = await insertCall(
      db,
      { callee, to: 'ann', from: 'Dr Bell', placedBy, idempotencyKey: `${n}`, waitFor: 0 },
      { now, deadline: now + 45_000, owner: null, furtherOne: () => 'busy' },
    )
    return row
  }
  const rows = []
  for (const [n, placedBy] of ['a', 'a', 'a', 'b'].entries()) rows.push(await call(placedBy, n))
  expect((await visitor.look()).state).toBe('reachable')
  rows.push(await call('b', 5))
  expect(rows.map(({ state }) => state)).toEqual(Array(5).fill('placed'))
  expect(await visitor.look()).toMatchObject({ state: 'busy', waiting: 0 })
  const [first] = rows
  if (!first) throw new Error('five ring')
  await saveCall(db, withEnd(first, { outcome: 'cancelled', why: 'cancelled', device: null }, now), [], null)
  expect((await visitor.look()).state).toBe('reachable')
})

test('PV1.4 PV1.5 hours and the operator close a place, and one with a single member waits for their yes', async () => {
  const server = await start()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const place = await addPlace(server, { members: [annId, benId], agreed: false })
  await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  const db = await server.db()
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  await changePlace(db, place, { hours: '[]' })
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'hours', opensAt: null })
  await changePlace(db, place, { hours: null, shutAt: 1 })
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'shut' })
  await changePlace(db, place, { shutAt: null })
  expect((await visitor.look()).state).toBe('reachable')
  // Whoever cannot log in is no member that it could be about.
  await db.updateTable('user').set({ disabledAt: 1 }).where('id', '=', benId).execute()
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'shut' })
  await db.updateTable('placeMember').set({ agreedAt: 1 }).where('userId', '=', annId).execute()
  expect((await visitor.look()).state).toBe('reachable')
  await removeMember(db, place, annId)
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'shut' })
})

test('PV1.6 any site may read it, nobody needs a key, and what is no place is not there', async () => {
  const server = await start()
  await addPlace(server, { members: await settle(server, ann, ben) })
  const answer = await fetch(`${server.url}/api/places/desk`, {
    headers: { origin: 'https://clinic.example' },
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(answer.headers.get('cache-control')).toBe('no-store')
  for (const slug of ['nowhere', 'DESK', '..%2Fdesk', 'desk%00', 'x'.repeat(80)])
    expect((await fetch(`${server.url}/api/places/${slug}`)).status, slug).toBe(404)
})

test('PV5.1 whoever looks too often is told how long to wait, and nobody else', async () => {
  const server = await start()
  await addPlace(server, { members: await settle(server, ann, ben) })
  server.clock.standStill()
  const status = async (address: string) =>
    (await fetch(`${server.url}/api/places/desk`, { headers: { 'x-forwarded-for': address } })).status
  const asked = await Promise.all(Array.from({ length: 201 }, () => status('203.0.113.1')))
  expect(asked.filter((one) => one === 429)).toHaveLength(1)
  expect(await status('203.0.113.2')).toBe(200)
  const refused = await fetch(`${server.url}/api/places/desk`, {
    headers: { 'x-forwarded-for': '203.0.113.1' },
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})

const clocks = (db: Database, clock = testClock()) => ({
  clock,
  time: createVisitTime({ db, clock }),
  writeProbe: { isWritable: () => true },
})

test('PV1.6 of a crowd that looks at once the server looks for all together, and tells nobody what was so before', async () => {
  let looked = 0
  let state: 'available' | 'offline' = 'available'
  const db = await memoryDatabase()
  await addPairs(db, [['ann', 'ben']])
  const place = await insertPlace(
    db,
    { slug: 'desk', name: 'Desk', timeZone: 'UTC', members: ['ann', 'ben'] },
    1,
  )
  const lights = openPlaceLights({
    ...{ db, ...clocks(db), canTalk: () => true },
    presenceOf: async () => {
      looked += 1
      return state === 'available'
        ? { state, validFor: 9_000, until: null }
        : { state, validFor: null, until: null }
    },
  })
  const began = performance.now()
  const first = lights.look(place?.id ?? '')
  const crowd = Array.from({ length: 500 }, () => lights.find('desk'))
  expect((await first)?.light.state).toBe('reachable')
  state = 'offline'
  const later = Array.from({ length: 500 }, () => lights.find('desk'))
  await Promise.all(crowd)
  for (const seen of await Promise.all(later)) expect(seen?.light.state).toBe('closed')
  // Two members at each look, of which there are ten in a second, and one at each end.
  expect(looked / 2).toBeLessThanOrEqual(2 + (performance.now() - began) / 100)
})

test('PV1.1 PV1.5 where nobody could talk the place is closed, whoever is available, and nobody can be rung', async () => {
  const db = await memoryDatabase()
  await addPairs(db, [['ann', 'ben']])
  const place = await insertPlace(
    db,
    { slug: 'desk', name: 'Desk', timeZone: 'UTC', members: ['ann', 'ben'] },
    1,
  )
  let canTalk = true
  const lights = openPlaceLights({
    ...{ db, ...clocks(db), canTalk: () => canTalk, lookedAtMostEvery: 0 },
    presenceOf: async () => ({ state: 'available', validFor: 9_000, until: null }),
  })
  const look = () => lights.look(place?.id ?? '')
  expect(await look()).toMatchObject({ light: { state: 'reachable' }, available: ['ann', 'ben'] })
  canTalk = false
  expect(await look()).toMatchObject({ light: { state: 'closed', why: 'no-room' }, available: [] })
})

test('PV1.1 PV4.3 while nothing can be written down a place is shown, and nothing is claimed of it', async () => {
  const db = await memoryDatabase()
  await addPairs(db, [['ann', 'ben']])
  const members = ['ann', 'ben']
  const place = await insertPlace(db, { slug: 'desk', name: 'Desk', timeZone: 'UTC', members }, 1)
  const { clock, time } = clocks(db)
  let isFull = false
  let isAway = false
  const now = async () => {
    if (isAway) throw new Error('the database is away')
    return time.now()
  }
  // Where no visit has to be written down the time is there on a full disk, too.
  const writeProbe = { isWritable: () => !isFull }
  const lights = openPlaceLights({
    ...{ db, clock, writeProbe, time: { ...time, now }, canTalk: () => true, lookedAtMostEvery: 0 },
    presenceOf: async () => ({ state: 'available', validFor: 9_000, until: null }),
  })
  const look = () => lights.look(place?.id ?? '')
  expect(await look()).toMatchObject({ light: { state: 'reachable' }, available: members })
  isAway = true
  expect(await look()).toMatchObject({ light: { state: 'unknown' }, available: [] })
  isAway = false
  isFull = true
  expect(await look()).toMatchObject({ light: { state: 'unknown' }, available: [] })
  isFull = false
  expect(await look()).toMatchObject({ light: { state: 'reachable' }, available: members })
})

test('PV1.2 what is known of one member grows older while another one is waited for', async () => {
  const db = await memoryDatabase()
  await addPairs(db, [['ann', 'ben']])
  const place = await insertPlace(
    db,
    { slug: 'desk', name: 'Desk', timeZone: 'UTC', members: ['ann', 'ben'] },
    1,
  )
  const clock = testClock()
  clock.standStill()
  const lights = openPlaceLights({
    ...{ db, ...clocks(db, clock), canTalk: () => true },
    presenceOf: async (userId) => {
      if (userId === 'ann') return { state: 'available', validFor: 6_000, until: null }
      clock.advance(2_500)
      return { state: 'offline', validFor: null, until: null }
    },
  })
  expect((await lights.look(place?.id ?? ''))?.light).toMatchObject({ state: 'reachable', validFor: 3_500 })
})
