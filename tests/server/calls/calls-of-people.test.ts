import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { findAnsweredCall, saveCall } from '../../../server/calls/call-rows.ts'
import { endRecord } from '../../../server/calls/people-calls.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import { setStatus as writeStatus } from '../../../server/people/status.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { partsOf } from '../rooms/room-page.ts'
import { callerOf } from '../support/api-client.ts'
import { ann, ben } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'
import type { WebSocketDevice } from '../support/websocket-device.ts'
import { settle } from './calls-of-nodes.ts'
import { addPairs, callsAt, chooseStatus, deviceAt } from './people-of-nodes.ts'
import {
  annAndBen,
  ask,
  call,
  comeBack,
  makeContacts,
  relate,
  standing,
  syncedDevice,
  toldOf,
} from './two-people.ts'

/** Ann calls Ben, whose device shows it. */
async function ringing() {
  const two = await annAndBen()
  const bens = await two.bens()
  const placed = await call(two.anns, two.benId)
  const { call: ring } = await bens.next('ring')
  bens.send({ type: 'rings', call: ring.id })
  const rings = await standing(two.anns, 'ringing')
  return { ...two, bens, placed, ring, rings }
}

const setStatus = async (
  device: WebSocketDevice,
  status: 'available' | 'invisible' | 'busy',
  until: number | null = null,
) => expect(await ask(device, { what: 'set-status', status, until })).toMatchObject({ type: 'done' })

test('PL1.1 PL1.2 a person calls a contact: it rings there with who calls, and each of the caller’s devices hears how it stands; the room is for the two devices that talk', async () => {
  const { server, anns, annId, benId, bens, placed, ring, rings } = await ringing()
  const other = await syncedDevice(server, ann, 'anns-other')
  expect(placed).toMatchObject({
    contact: benId,
    name: 'Ben Baker',
    state: 'placed',
    room: null,
    reply: null,
  })
  expect(ring).toMatchObject({ id: placed.id, from: 'Ann Able', contact: annId })
  expect(rings).toMatchObject({ id: placed.id, key: placed.key, disposition: 'ringing', ringsOn: 1 })
  expect(rings.left).toBeGreaterThan(40_000)
  bens.send({ type: 'answer', call: ring.id })
  const over = await bens.next('over')
  expect(over).toMatchObject({ call: ring.id, outcome: 'answered', here: true })
  const told = await standing(anns, 'answered')
  expect(told).toMatchObject({ id: ring.id, left: 0 })
  expect(partsOf(told.room ?? '').room).toBe(partsOf(over.room ?? '').room)
  expect(await standing(other, 'answered')).toMatchObject({ id: ring.id, room: null })
})

test('PL1.3 a decline says a short reply to the caller, and it is a message of both', async () => {
  const { anns, annId, benId, bens, ring } = await ringing()
  bens.send({ type: 'decline', call: ring.id, reply: 'In ten minutes' })
  expect(await bens.next('over')).toMatchObject({ outcome: 'declined', here: true })
  expect(await standing(anns, 'declined')).toMatchObject({ reply: 'In ten minutes', room: null })
  for (const [device, from, contact] of [
    [anns, 'them', benId],
    [bens, 'me', annId],
  ] as const)
    await expect
      .poll(() =>
        device.received.flatMap((m) => (m.type === 'events' ? m.events.map(({ change }) => change) : [])),
      )
      .toEqual(
        expect.arrayContaining([
          { kind: 'message', message: expect.objectContaining({ from, contact, text: 'In ten minutes' }) },
          { kind: 'calls' },
        ]),
      )
})

test('PL1.3 a reply to who is no contact by then is no message; one to who has blocked its writer is mailed to nobody', async () => {
  const db = await memoryDatabase()
  const [annId = '', benId = ''] = await Promise.all(
    [ann, ben].map(({ username, name, email }) =>
      insertUser(db, { username, name, email, emailVerified: true }, 1),
    ),
  )
  const writeReply = vi.fn(async () => [])
  const end = endRecord(writeReply)
  const row = { id: 'call', userId: benId, callerId: annId, reply: 'Later' } as CallRow
  await end(db, row, 1)
  expect(writeReply).not.toHaveBeenCalled()
  await makeContacts(db, annId, benId)
  await end(db, row, 1)
  const reply = { from: benId, to: annId, text: 'Later', key: 'reply-call' }
  expect(writeReply).toHaveBeenLastCalledWith(db, { ...reply, isBlocked: false }, 1)
  await relate(db, [annId, benId], { relation: 'blocked', before: 'contact' })
  await end(db, row, 1)
  expect(writeReply).toHaveBeenLastCalledWith(db, { ...reply, isBlocked: true }, 1)
  await relate(db, [benId, annId], { relation: 'removed' })
  await end(db, row, 1)
  expect(writeReply).toHaveBeenCalledTimes(2)
})

test('PL1.4 placed again with its key it is the same call, and a key of another call is refused', async () => {
  const { anns, benId, db, annId } = await annAndBen()
  const key = randomUUID()
  const [first, second] = [await call(anns, benId, key), await call(anns, benId, key)]
  expect(second.id).toBe(first.id)
  // Whoever has not heard its id cancels it by the key.
  expect(await ask(anns, { what: 'cancel-call', call: key })).toMatchObject({ type: 'done' })
  expect(await call(anns, benId, key)).toMatchObject({ id: first.id, state: 'cancelled' })
  expect(await ask(anns, { what: 'place-call', contact: annId, key })).toMatchObject({
    type: 'refused',
    why: 'bad-request',
  })
  expect(await db.selectFrom('call').select('id').execute()).toHaveLength(1)
})

test('PL1.7 a call that is given up by its key at the moment at which it is placed is cancelled, and rings on nowhere', async () => {
  const { anns, benId, db, ...two } = await annAndBen()
  const bens = await two.bens()
  for (let n = 0; n < 5; n += 1) {
    const key = randomUUID()
    const [placed, cancelled] = await Promise.all([
      ask(anns, { what: 'place-call', contact: benId, key }),
      ask(anns, { what: 'cancel-call', call: key }),
    ])
    expect([placed.type, cancelled.type]).toEqual(['done', 'done'])
  }
  const rows = await db.selectFrom('call').select('state').execute()
  expect(rows).toEqual(Array(5).fill({ state: 'cancelled' }))
  for (const call of bens.received.flatMap((one) => (one.type === 'ring' ? [one.call.id] : [])))
    expect(await bens.next('over')).toMatchObject({ call, outcome: 'cancelled' })
  // One of which nothing was ever asked is none, also under the key of another person.
  const key = randomUUID()
  await call(anns, benId, key)
  expect(await ask(bens, { what: 'cancel-call', call: key })).toMatchObject({
    type: 'refused',
    message: 'There is no such call.',
  })
})

test('PL1.7 a call that answered another’s is over for who gives it up by its key', async () => {
  const { annId, bens } = await ringing()
  const key = randomUUID()
  await call(bens, annId, key)
  expect(await ask(bens, { what: 'cancel-call', call: key })).toMatchObject({
    type: 'refused',
    message: 'This call is over already.',
  })
})

test('PL1.5 one call at a time to a contact, three at once, and none to who is no contact', async () => {
  const { server, anns, db, annId, benId } = await annAndBen()
  const others = ['carl', 'dora', 'emil'].map((id) => ({ id, name: id }))
  for (const { id, name } of others) {
    const at = new Date().toISOString()
    await db
      .insertInto('user')
      .values({
        ...{ id, name, email: `${id}@clinic.example`, username: id, displayUsername: id },
        ...{ emailVerified: 0, image: null, createdAt: at, updatedAt: at },
      })
      .execute()
    if (id !== 'emil') await makeContacts(db, annId, id)
  }
  await call(anns, benId)
  const refusals = [
    await ask(anns, { what: 'place-call', contact: benId, key: 'again' }),
    await ask(anns, { what: 'place-call', contact: 'emil', key: 'stranger' }),
    await ask(anns, { what: 'place-call', contact: 'nobody', key: 'nobody' }),
    await ask(anns, { what: 'place-call', contact: annId, key: 'myself' }),
  ]
  expect(refusals.map((one) => one.type === 'refused' && one.why)).toEqual([
    'bad-request',
    ...Array(3).fill('no-such-contact'),
  ])
  await call(anns, 'carl')
  const third = await call(anns, 'dora')
  await makeContacts(db, annId, 'emil')
  expect(await ask(anns, { what: 'place-call', contact: 'emil', key: 'fourth' })).toMatchObject({
    type: 'refused',
    why: 'bad-request',
  })
  await ask(anns, { what: 'cancel-call', call: third.id })
  await call(anns, 'emil')
  // Nobody cancels another's.
  const bens = await syncedDevice(server, ben, 'bens')
  expect(await ask(bens, { what: 'cancel-call', call: third.id })).toMatchObject({ type: 'refused' })
  // What is cancelled is cancelled, however often that is said.
  expect(await ask(anns, { what: 'cancel-call', call: third.id })).toMatchObject({ type: 'done' })
})

test('PL1.6 who places calls too fast waits, and nothing is written of those', async () => {
  const { anns, benId, db } = await annAndBen()
  let refused: Awaited<ReturnType<typeof ask>> | undefined
  for (let n = 0; n < 15 && !refused; n += 1) {
    const answer = await ask(anns, { what: 'place-call', contact: benId, key: `key-${n}` })
    if (answer.type === 'refused') refused = answer
    else if (answer.result.what === 'placed')
      await ask(anns, { what: 'cancel-call', call: answer.result.call.id })
  }
  expect(refused).toMatchObject({ why: 'too-many-attempts', retryAfter: expect.any(Number) })
  expect((await db.selectFrom('call').select('id').execute()).length).toBeLessThanOrEqual(12)
})

test('PL2.1 calling back whoever calls is answering: one call, both in its room, and a key that is sent again finds it', async () => {
  const { anns, annId, bens, ring } = await ringing()
  const key = randomUUID()
  const answered = await call(bens, annId, key)
  expect(answered).toMatchObject({ id: ring.id, contact: annId, name: 'Ann Able', key, state: 'answered' })
  const told = await standing(anns, 'answered')
  expect(told.id).toBe(ring.id)
  expect(partsOf(told.room ?? '').room).toBe(partsOf(answered.room ?? '').room)
  expect(await bens.next('over')).toMatchObject({
    call: ring.id,
    outcome: 'answered',
    here: true,
    room: answered.room,
  })
  expect(await call(bens, annId, key)).toEqual(answered)
  expect(anns.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('PL3.1 a call to who chose busy and is there is over as that is found, with until when; a program’s is at once; whom they let through rings', async () => {
  const { server, db, anns, annId, benId, bens: come } = await annAndBen()
  const bens = await come()
  const until = server.clock.wall() + 20_000
  await setStatus(bens, 'busy', until)
  const placed = await call(anns, benId)
  expect(await standing(anns, 'missed')).toMatchObject({
    ...{ id: placed.id, disposition: 'busy', why: 'busy', busyUntil: until, left: 0 },
  })
  expect(toldOf(anns, placed.id).filter((told) => told !== 'placed 0')).toEqual(['missed 0'])
  expect((await bens.next('missed')).missed).toMatchObject([
    { from: 'Ann Able', contact: annId, why: 'busy' },
  ])
  expect(await callerOf(server).place(ben.username)).toMatchObject({ state: 'missed', disposition: 'busy' })
  await relate(db, [benId, annId], { ringsThrough: 1 })
  const through = await call(anns, benId)
  expect((await bens.next('ring')).call.id).toBe(through.id)
  await ask(anns, { what: 'cancel-call', call: through.id })
  await relate(db, [benId, annId], { ringsThrough: 0 })
  // Its end is compared as it is read. Sooner than a lease: a connection that says nothing for a minute is cut.
  server.clock.advance(20_001)
  await Promise.all([anns.lease(), bens.lease()])
  const later = await call(anns, benId)
  expect((await bens.next('ring')).call.id).toBe(later.id)
})

test('PL3.1 PL3.5 of who chose busy and is not there a caller hears what is told of anybody offline, and busy as soon as they are', async () => {
  const { server, db, anns, benId } = await annAndBen()
  const until = server.clock.wall() + 3_600_000
  await db.insertInto('status').values({ userId: benId, status: 'busy', until, revision: 1 }).execute()
  const placed = await call(anns, benId)
  const unreachable = { disposition: 'unreachable', why: null, busyUntil: null, ringsOn: 0 }
  expect(await standing(anns, 'waiting')).toMatchObject({ id: placed.id, ...unreachable })
  server.clock.advance(10_000)
  await anns.lease()
  const bens = await syncedDevice(server, ben, 'bens')
  expect(await standing(anns, 'missed')).toMatchObject({ id: placed.id, why: 'busy', busyUntil: until })
  expect((await bens.next('missed')).missed).toMatchObject([{ id: placed.id, why: 'busy' }])
  expect(bens.received.filter(({ type }) => type === 'ring')).toEqual([])
})

/** Ann's call to Ben, who was busy and is not there, waits; then he has chosen something else, and comes. */
async function chosenWhileItWaits(
  status: 'available' | 'invisible' | 'busy',
  longer: number | null,
  before: 'busy' | 'available' = 'busy',
) {
  const { server, db, anns, annId, benId } = await annAndBen()
  const now = server.clock.wall()
  await chooseStatus({ db, clock: server.clock }, benId, before)
  const { id } = await call(anns, benId)
  await standing(anns, 'waiting')
  const until = longer === null ? null : now + longer
  await writeStatus(db, benId, { status, until }, now)
  return { server, db, anns, annId, id, until, bens: await comeBack(server, ben, 'bens') }
}

test('PL3.1 a call that waits for who was busy rings where they are so no more', async () => {
  const { anns, bens, id } = await chosenWhileItWaits('available', null)
  expect((await bens.next('ring')).call.id).toBe(id)
  bens.send({ type: 'rings', call: id })
  expect(await standing(anns, 'ringing')).toMatchObject({ id, busyUntil: null })
})

test('PL3.1 who is busy for longer by the time they are there is told with that', async () => {
  const { anns, id, until } = await chosenWhileItWaits('busy', 7_200_000)
  expect(await standing(anns, 'missed')).toMatchObject({ id, why: 'busy', busyUntil: until })
})

test('PL3.1 who has chosen busy while a call waits for them is told of as busy, and not rung', async () => {
  const { anns, bens, id, until } = await chosenWhileItWaits('busy', 7_200_000, 'available')
  expect(await standing(anns, 'missed')).toMatchObject({ id, why: 'busy', busyUntil: until })
  expect((await bens.next('missed')).missed).toMatchObject([{ id, why: 'busy' }])
  expect(bens.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('PL3.1 whom they let ring through rings also where they chose busy while the call waited', async () => {
  const { server, db, anns, annId, benId } = await annAndBen()
  const { id } = await call(anns, benId)
  await standing(anns, 'waiting')
  await chooseStatus({ db, clock: server.clock }, benId, 'busy')
  await relate(db, [benId, annId], { ringsThrough: 1 })
  const bens = await comeBack(server, ben, 'bens')
  expect((await bens.next('ring')).call.id).toBe(id)
})

test('PL3.1 PL3.2 who was invisible as a call was placed and comes back busy is not rung, and its caller hears what they hear of who is offline', async () => {
  const { server, db, anns, benId } = await annAndBen()
  await chooseStatus({ db, clock: server.clock }, benId, 'invisible')
  const { id } = await call(anns, benId)
  await standing(anns, 'waiting')
  await chooseStatus({ db, clock: server.clock }, benId, 'busy')
  const bens = await comeBack(server, ben, 'bens')
  server.clock.advance(10_000)
  await Promise.all([anns.lease(), bens.lease()])
  server.clock.advance(35_000)
  const missed = { id, disposition: 'unreachable', why: 'unreachable', busyUntil: null }
  expect(await standing(anns, 'missed')).toMatchObject(missed)
  expect((await bens.next('missed')).missed).toMatchObject([{ id }])
  expect(bens.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('PL3.1 what has rung with who went, and chose busy, rings again as they come back', async () => {
  const { server, db, anns, bens, benId, ring } = await ringing()
  bens.close()
  await standing(anns, 'waiting')
  await chooseStatus({ db, clock: server.clock }, benId, 'busy')
  const back = await comeBack(server, ben, 'bens')
  expect((await back.next('ring')).call.id).toBe(ring.id)
  back.send({ type: 'rings', call: ring.id })
  expect(await standing(anns, 'ringing')).toMatchObject({ id: ring.id, ringsOn: 1 })
})

test('PL3.2 PL3.5 a caller’s device that came back while the call waits hears nothing as it rings unseen', async () => {
  const { server, db, anns, benId } = await annAndBen()
  const { id } = await call(anns, benId)
  await standing(anns, 'waiting')
  anns.close()
  const back = await comeBack(server, ann, 'anns')
  await standing(back, 'waiting')
  await chooseStatus({ db, clock: server.clock }, benId, 'invisible')
  const bens = await comeBack(server, ben, 'bens')
  await bens.next('ring')
  bens.send({ type: 'rings', call: id })
  await expect
    .poll(() => db.selectFrom('call').select('state').executeTakeFirst())
    .toEqual({ state: 'ringing' })
  bens.send({ type: 'decline', call: id })
  await standing(back, 'declined')
  expect(toldOf(back, id)).toEqual(['waiting 0', 'declined 0'])
})

test('PL3.1 a program’s call that waits for who chooses busy is over as that once they are there, and one to who is invisible rings', async () => {
  const { server, db, benId } = await annAndBen()
  const caller = callerOf(server)
  const waits = await caller.place(ben.username, 'Dr Bell', { waitFor: 120 })
  expect(waits).toMatchObject({ state: 'waiting', disposition: 'unreachable' })
  await chooseStatus({ db, clock: server.clock }, benId, 'busy')
  const bens = await comeBack(server, ben, 'bens')
  expect((await bens.next('missed')).missed).toMatchObject([{ id: waits.id, why: 'busy' }])
  expect(await caller.get(waits.id)).toMatchObject({ state: 'missed', why: 'busy' })
  expect(bens.received.filter(({ type }) => type === 'ring')).toEqual([])

  bens.close()
  await chooseStatus({ db, clock: server.clock }, benId, 'invisible')
  const rung = await caller.place(ben.username, 'Dr Bell', { waitFor: 120 })
  const back = await comeBack(server, ben, 'bens')
  expect((await back.next('ring')).call.id).toBe(rung.id)
  back.send({ type: 'rings', call: rung.id })
  await expect.poll(() => caller.get(rung.id)).toMatchObject({ state: 'ringing', devices: 1 })
})

test('PL3.1 what rings as they choose busy rings on, also where another device of theirs comes', async () => {
  const { anns, benId, bens: come, server } = await annAndBen()
  const bens = await come()
  const { id } = await call(anns, benId)
  await bens.next('ring')
  bens.send({ type: 'rings', call: id })
  await standing(anns, 'ringing')
  await setStatus(bens, 'busy', server.clock.wall() + 3_600_000)
  const other = await syncedDevice(server, ben, 'other')
  expect((await other.next('ring')).call.id).toBe(id)
  expect(toldOf(anns, id)).not.toContain('missed 0')
})

for (const before of ['busy', 'available'] as const)
  test(`PL3.2 PL3.5 of who was ${before} and comes back invisible nothing is told while their devices ring, nor as the call ends`, async () => {
    const { server, db, anns, bens, id } = await chosenWhileItWaits('invisible', null, before)
    const { call: ring } = await bens.next('ring')
    expect(ring).toMatchObject({ id })
    expect(ring.ringsFor).toBeLessThanOrEqual(45_000)
    bens.send({ type: 'rings', call: id })
    await expect
      .poll(() => db.selectFrom('call').select(['state', 'hidden']).executeTakeFirst())
      .toEqual({ state: 'ringing', hidden: 'invisible' })
    server.clock.advance(10_000)
    await Promise.all([anns.lease(), bens.lease()])
    server.clock.advance(35_000)
    expect(await standing(anns, 'missed')).toMatchObject({
      ...{ id, disposition: 'unreachable', why: 'unreachable', busyUntil: null, ringsOn: 0 },
    })
    expect(toldOf(anns, id).filter((told) => told !== 'placed 0')).toEqual(['waiting 0', 'missed 0'])
    expect((await bens.next('missed')).missed).toMatchObject([{ id, why: 'no-answer' }])
  })

test('PL3.2 who comes back invisible answers a call that waited for them, and its caller hears that alone', async () => {
  const { db, anns, bens, id } = await chosenWhileItWaits('invisible', null, 'available')
  await bens.next('ring')
  bens.send({ type: 'rings', call: id })
  await expect
    .poll(() => db.selectFrom('call').select('state').executeTakeFirst())
    .toEqual({ state: 'ringing' })
  bens.send({ type: 'answer', call: id })
  expect(await standing(anns, 'answered')).toMatchObject({ id, room: expect.any(String) })
  expect(toldOf(anns, id).filter((told) => told !== 'placed 0')).toEqual(['waiting 0', 'answered 0'])
})

test('PL3.2 PL3.5 of who was rung, went, and comes back invisible a caller hears what is heard of who went', async () => {
  const { server, anns, bens, benId, ring } = await ringing()
  const db = await server.db()
  bens.close()
  expect(await standing(anns, 'waiting')).toMatchObject({ id: ring.id, disposition: 'ringing' })
  await chooseStatus({ db, clock: server.clock }, benId, 'invisible')
  const back = await comeBack(server, ben, 'bens')
  await back.next('ring')
  back.send({ type: 'rings', call: ring.id })
  await expect
    .poll(() => db.selectFrom('call').select(['state', 'hidden']).executeTakeFirst())
    .toEqual({ state: 'ringing', hidden: 'invisible' })
  server.clock.advance(10_000)
  await Promise.all([anns.lease(), back.lease()])
  server.clock.advance(35_000)
  expect(await standing(anns, 'missed')).toMatchObject({
    ...{ id: ring.id, disposition: 'ringing', why: 'unreachable' },
  })
  const told = toldOf(anns, ring.id).filter((one) => one !== 'placed 0')
  expect(told).toEqual(['ringing 1', 'waiting 0', 'missed 0'])
})

test('PL3.2 PL3.4 who comes back invisible and then blocks whoever calls is rung no more', async () => {
  const { db, anns, annId, bens, id } = await chosenWhileItWaits('invisible', null, 'available')
  await bens.next('ring')
  bens.send({ type: 'rings', call: id })
  expect(await ask(bens, { what: 'change-contact', contact: annId, change: 'block' })).toMatchObject({
    type: 'done',
  })
  expect(await bens.next('over')).toMatchObject({ call: id, outcome: 'cancelled' })
  await expect
    .poll(() => db.selectFrom('call').select(['state', 'hidden']).executeTakeFirst())
    .toEqual({ state: 'waiting', hidden: 'blocked' })
  expect(toldOf(anns, id).filter((told) => told !== 'placed 0')).toEqual(['waiting 0'])
})

/** Ann and Ben, each with a device, at a server whose database fails while that is said. */
async function peopleAtDatabase(node?: string) {
  const db = await memoryDatabase()
  await addPairs(db, [['ann', 'ben']])
  const database = { fails: false, failsOncePlaced: false }
  const failing = db.withPlugin({
    transformQuery({ node }) {
      if (database.fails) throw new Error('the database cannot be reached')
      if (database.failsOncePlaced && node.kind === 'InsertQueryNode') database.fails = true
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const [bus, clock] = [createInProcessBus(), testClock()]
  const calls = callsAt({ db: failing, bus, clock, ...(node !== undefined && { node }) })
  const at = { bus, calls: () => calls }
  const [anns, bens] = [deviceAt(at, 'ann', 'anns'), deviceAt(at, 'ben', 'bens')]
  return { db, database, bus, clock, calls, anns, bens }
}

/** The same, where Ben is not there and Ann’s call to him waits. */
async function waitsAtDatabase(node?: string) {
  const people = await peopleAtDatabase(node)
  people.bens.lose()
  await people.calls.placeTo(people.anns.by(), { contact: 'ben', key: 'key' })
  await settle()
  return people
}

test('PL3.2 P2.2 who comes while what they chose cannot be read is rung as soon as it can be', async () => {
  const { database, bens } = await waitsAtDatabase()
  database.fails = true
  bens.gain()
  await settle()
  expect(bens.rang).toEqual([])
  database.fails = false
  await expect.poll(() => bens.rang).toHaveLength(1)
})

test('P6.4 a call that was answered at another node rings nobody, however long what they chose could not be read', async () => {
  const { db, database, bus, clock, calls, bens } = await waitsAtDatabase('one')
  const { id } = await db.selectFrom('call').select('id').executeTakeFirstOrThrow()
  database.fails = true
  bens.gain()
  await settle()
  const two = callsAt({ db, bus, clock, node: 'two' })
  await db.updateTable('call').set({ owner: 'two' }).execute()
  await two.answer({ userId: 'ben', device: 'phone', connection: 'phone-0' }, id)
  expect(await db.selectFrom('call').select('state').execute()).toEqual([{ state: 'answered' }])
  database.fails = false
  await expect.poll(() => calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
  expect(bens.rang).toEqual([])
})

test('PL3.2 what they chose is read again before the first ring too, where that was put off', async () => {
  const { db, database, clock, calls, anns, bens } = await peopleAtDatabase()
  database.failsOncePlaced = true
  // Also that it is placed cannot be said.
  const placed = calls.placeTo(anns.by(), { contact: 'ben', key: 'key' }).catch(() => {})
  await expect.poll(() => database.fails).toBe(true)
  await chooseStatus({ db, clock }, 'ben', 'invisible')
  clock.advance(1_000)
  Object.assign(database, { fails: false, failsOncePlaced: false })
  await placed
  await expect
    .poll(() => db.selectFrom('call').select(['state', 'hidden']).executeTakeFirst())
    .toEqual({ state: 'waiting', hidden: 'invisible' })
  await anns.look()
  const told = [...anns.told.values()].flat().map(({ state }) => state)
  expect([told.includes('ringing'), told.at(-1)]).toEqual([false, 'waiting'])
  expect(bens.rang).toEqual([])
})

test('PL3.4 whoever is blocked stays so, whatever is written of how their call stands', async () => {
  const { db } = await waitsAtDatabase()
  const hidden = async () => (await db.selectFrom('call').select('hidden').executeTakeFirstOrThrow()).hidden
  const row = await db.selectFrom('call').selectAll().executeTakeFirstOrThrow()
  const write = (as: CallRow['hidden']) => saveCall(db, { ...row, hidden: as }, [], null)
  await write(null)
  expect(await hidden()).toBeNull()
  await write('invisible')
  expect(await hidden()).toBe('invisible')
  await db.updateTable('call').set({ hidden: 'blocked' }).execute()
  await write('invisible')
  expect(await hidden()).toBe('blocked')
})

test('PL3.2 who is invisible is rung, and the caller is told as of somebody offline until it is answered', async () => {
  const { server, anns, benId, bens: come } = await annAndBen()
  const bens = await come()
  await setStatus(bens, 'invisible')
  const placed = await call(anns, benId)
  const { call: ring } = await bens.next('ring')
  bens.send({ type: 'rings', call: ring.id })
  await expect
    .poll(async () => (await server.db()).selectFrom('call').select('state').executeTakeFirst())
    .toMatchObject({ state: 'ringing' })
  // A device that comes while it rings is told as the others.
  const other = await comeBack(server, ann, 'anns-other')
  expect(await standing(other, 'waiting')).toMatchObject({
    id: placed.id,
    ringsOn: 0,
    disposition: 'unreachable',
  })
  bens.send({ type: 'answer', call: ring.id })
  expect(await standing(anns, 'answered')).toMatchObject({ id: placed.id, room: expect.any(String) })
  expect(toldOf(anns, placed.id).filter((told) => told !== 'placed 0')).toEqual(['waiting 0', 'answered 0'])
})

test('PL3.2 what rang with somebody invisible and was not answered ends for its caller as one to somebody offline', async () => {
  const { server, anns, benId, bens: come } = await annAndBen()
  const bens = await come()
  await setStatus(bens, 'invisible')
  const placed = await call(anns, benId)
  bens.send({ type: 'rings', call: (await bens.next('ring')).call.id })
  await expect
    .poll(async () => (await server.db()).selectFrom('call').select('state').executeTakeFirst())
    .toMatchObject({ state: 'ringing' })
  server.clock.advance(45_000)
  expect(await standing(anns, 'missed')).toMatchObject({
    id: placed.id,
    why: 'unreachable',
    disposition: 'unreachable',
  })
  expect((await bens.next('missed')).missed).toMatchObject([{ id: placed.id, why: 'no-answer' }])
  const list = await ask(anns, { what: 'calls', before: null })
  expect(list).toMatchObject({ result: { calls: [{ id: placed.id, direction: 'out', why: 'unreachable' }] } })
})

test('PL3.3 who was blocked is told as of somebody offline; it rings nowhere, is missed by nobody, and is in the list of the blocked', async () => {
  const { server, db, anns, annId, benId, bens: come } = await annAndBen()
  const bens = await come()
  expect(await ask(bens, { what: 'change-contact', contact: annId, change: 'block' })).toMatchObject({
    type: 'done',
  })
  const placed = await call(anns, benId)
  expect(await standing(anns, 'waiting')).toMatchObject({ disposition: 'unreachable', ringsOn: 0 })
  // A device of his that comes is not rung either.
  const other = await comeBack(server, ben, 'bens-other')
  expect(other.welcome.ringing).toEqual([])
  server.clock.advance(45_000)
  expect(await standing(anns, 'missed')).toMatchObject({ id: placed.id, why: 'unreachable' })
  for (const device of [bens, other]) {
    await device.lease()
    expect(device.received.filter(({ type }) => ['ring', 'over', 'missed'].includes(type))).toEqual([])
  }
  expect((await comeBack(server, ben, 'bens')).welcome.missed).toEqual([])
  const list = await ask(other, { what: 'calls', before: null })
  expect(list).toMatchObject({
    result: { calls: [{ id: placed.id, direction: 'in', blocked: true, state: 'missed' }] },
  })
  expect(await db.selectFrom('callLeg').selectAll().execute()).toEqual([])
})

test('PL3.4 who is blocked while they call rings nowhere any more, and hears what is heard of somebody whose devices are gone', async () => {
  const { server, anns, annId, bens, ring } = await ringing()
  await ask(bens, { what: 'change-contact', contact: annId, change: 'block' })
  expect(await bens.next('over')).toMatchObject({ call: ring.id, outcome: 'cancelled', here: false })
  expect(await standing(anns, 'waiting')).toMatchObject({ id: ring.id, disposition: 'ringing', ringsOn: 0 })
  bens.send({ type: 'answer', call: ring.id })
  expect(await bens.next('over')).toMatchObject({ call: ring.id, outcome: 'cancelled', here: false })
  server.clock.advance(45_000)
  expect(await standing(anns, 'missed')).toMatchObject({ id: ring.id, why: 'unreachable' })
})

test('PL3.4 whoever blocks or removes whom they call has cancelled, and who is removed while they call is told that nobody can be reached', async () => {
  const { anns, annId, benId, bens, ring } = await ringing()
  await ask(anns, { what: 'change-contact', contact: benId, change: 'block' })
  expect(await standing(anns, 'cancelled')).toMatchObject({ id: ring.id })
  expect(await bens.next('over')).toMatchObject({ call: ring.id, outcome: 'cancelled' })
  await ask(anns, { what: 'change-contact', contact: benId, change: 'unblock' })
  const again = await call(anns, benId)
  const { call: second } = await bens.next('ring')
  bens.send({ type: 'rings', call: second.id })
  await standing(anns, 'ringing')
  await ask(bens, { what: 'change-contact', contact: annId, change: 'remove' })
  expect(await standing(anns, 'missed')).toMatchObject({ id: again.id, why: 'unreachable' })
  expect(await bens.next('over')).toMatchObject({ call: again.id, outcome: 'missed' })
})

test('PL4.1 a call whose caller has had no lease for 20 s is cancelled, and not before', async () => {
  const { server, anns, bens, ring, db } = await ringing()
  anns.close()
  const goneAt = server.clock.wall()
  await expect
    .poll(
      async () => {
        server.clock.advance(200)
        return (await db.selectFrom('call').select('state').executeTakeFirst())?.state
      },
      { timeout: 35_000, interval: 20 },
    )
    .toBe('cancelled')
  const { endedAt } = await db.selectFrom('call').select('endedAt').executeTakeFirstOrThrow()
  expect((endedAt ?? 0) - goneAt).toBeGreaterThanOrEqual(20_000)
  expect((endedAt ?? 0) - goneAt).toBeLessThan(30_000)
  expect(await bens.next('over')).toMatchObject({ call: ring.id, outcome: 'cancelled' })
})

test('PL1.2 a device of the caller that comes back hears how its calls stand, and how those ended that ended of late', async () => {
  const { server, anns, bens, ring } = await ringing()
  anns.close()
  const back = await comeBack(server, ann, 'anns')
  expect(await standing(back, 'ringing')).toMatchObject({ id: ring.id })
  back.close()
  bens.send({ type: 'answer', call: ring.id })
  await bens.next('over')
  const again = await comeBack(server, ann, 'anns')
  expect(await standing(again, 'answered')).toMatchObject({ id: ring.id, room: expect.any(String) })
})

test('PL5.1 the list of calls has what was missed, received and placed, newest first, fifty at a time', async () => {
  const { server, db, anns, annId, benId, ...two } = await annAndBen()
  const bens = await two.bens()
  const placed = await call(anns, benId)
  await bens.next('ring')
  bens.send({ type: 'answer', call: placed.id })
  await bens.next('over')
  const [row] = await db.selectFrom('call').selectAll().execute()
  if (!row) throw new Error('no call')
  for (let n = 1; n <= 120; n += 1) {
    const isIn = n % 2 === 0
    const sides = isIn
      ? { userId: annId, callerId: benId, from: 'Ben Baker' }
      : { userId: benId, callerId: annId }
    await db
      .insertInto('call')
      .values({
        ...row,
        ...sides,
        id: `call-${n}`,
        room: `room-${n}`,
        idempotencyKey: null,
        at: row.at - n * 1_000,
      })
      .execute()
  }
  const seen: string[] = []
  let before: number | null = null
  let more = true
  for (let pages = 1; more; pages += 1) {
    const answer = await ask(anns, { what: 'calls', before })
    if (answer.type !== 'done' || answer.result.what !== 'calls') throw new Error('refused')
    seen.push(...answer.result.calls.map(({ id }) => id))
    before = answer.result.calls.at(-1)?.at ?? null
    more = answer.result.more
    expect(pages).toBeLessThanOrEqual(3)
  }
  expect(seen).toEqual([placed.id, ...Array.from({ length: 120 }, (_, n) => `call-${n + 1}`)])
  const answer = await ask(bens, { what: 'calls', before: null })
  expect(answer).toMatchObject({
    result: {
      more: true,
      calls: expect.arrayContaining([
        {
          ...{
            id: placed.id,
            direction: 'in',
            contact: annId,
            name: 'Ann Able',
            at: row.at,
            endedAt: row.endedAt,
          },
          ...{ state: 'answered', why: null, here: true },
        },
        expect.objectContaining({ id: 'call-2', direction: 'out', contact: annId, here: null }),
      ]),
    },
  })
  await server.close()
})

test('PL5.2 of who removed them since a person sees the name that they had when they were called', async () => {
  const { db, anns, benId, ...two } = await annAndBen()
  const bens = await two.bens()
  const { id } = await call(anns, benId)
  await bens.next('ring')
  bens.send({ type: 'answer', call: id })
  await bens.next('over')
  const { room } = await db.selectFrom('call').select('room').executeTakeFirstOrThrow()
  await db.deleteFrom('contact').execute()
  await db.updateTable('user').set({ name: 'Ben Newname' }).where('id', '=', benId).execute()
  expect(await ask(anns, { what: 'calls', before: null })).toMatchObject({
    result: { calls: [{ id, direction: 'out', contact: benId, name: 'Ben Baker' }] },
  })
  expect(await findAnsweredCall(db, room)).toMatchObject({ from: 'Ann Able', to: 'Ben Baker' })
})
