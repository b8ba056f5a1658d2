import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { placeTiming } from '../../../protocol/place.ts'
import { agreeToPlace } from '../../../server/places/own-places.ts'
import { changePlace, deletePlace, removeMember } from '../../../server/places/place-rows.ts'
import { openRoomPage, partsOf, seatedPage } from '../rooms/room-page.ts'
import { post } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice, type WebSocketDevice } from '../support/websocket-device.ts'
import { addPlace, isOver, visitorAt } from './place-on-server.ts'

const cleo = { username: 'cleo', email: 'cleo@clinic.example', name: 'Cleo Clark', password: '' }

/** A place with members, each of whom has a device with a lease. */
const placeWithDevices = (...people: readonly (typeof ann)[]) =>
  placeWithDevicesOf({ TRUST_PROXY: 'on' }, ...people)

async function placeWithDevicesOf(env: Readonly<Record<string, string>>, ...people: readonly (typeof ann)[]) {
  const server = await startInProcessServer({ env })
  const members = await settle(server, ...people)
  const place = await addPlace(server, { members })
  const devices: WebSocketDevice[] = []
  for (const person of people) devices.push(await reachableDevice(server, person, `${person.username}-1`))
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  // No lease ends because the machine is busy: time passes where a test says so.
  server.clock.standStill()
  return { server, place, members, devices, visitor }
}

/** The device acknowledges the next ring. */
async function rung(device: WebSocketDevice) {
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  return call
}

const missedOf = async (server: InProcessServer, userId: string) =>
  (await server.db())
    .selectFrom('call')
    .select(['state', 'from'])
    .where('userId', '=', userId)
    .where('state', 'in', ['missed', 'cancelled'])
    .where('seenAt', 'is', null)
    .execute()

test('PV3.2 PV3.3 PV3.4 PV3.7 PV3.10 a visit rings all who are available; the first to answer has the visitor, and the others hear that', async () => {
  const { server, members, devices, visitor } = await placeWithDevices(ann, ben)
  const [anns, bens] = devices
  if (!anns || !bens) throw new Error('there are two')
  const visiting = await visitor.visit('Maria')
  expect(visiting.visit.state).toBe('calling')
  expect(visiting.visit.room).toBeNull()
  const [call, other] = [await rung(anns), await rung(bens)]
  expect([call.from, other.from]).toEqual(['Front desk: Maria', 'Front desk: Maria'])
  expect(call.contact).toBeUndefined()
  expect(await visitor.until(visiting, ({ ringing }) => ringing === 2)).toMatchObject({ state: 'calling' })
  bens.send({ type: 'answer', call: other.id })
  const view = await visitor.until(visiting, isOver)
  expect(view.state).toBe('answered')
  expect(view.room).toMatch(/^http:\/\/.+\/rooms\/[\w-]{22}/)
  const answered = await bens.next('over')
  expect(answered).toMatchObject({ call: other.id, outcome: 'answered', here: true })
  const elsewhere = await anns.next('over')
  expect(elsewhere).toMatchObject({ call: call.id, outcome: 'answered', here: false })
  expect(elsewhere.room).toBeUndefined()
  for (const member of members) expect(await missedOf(server, member)).toEqual([])
  // Asked again it is as it was, and with another secret it is nothing.
  expect(await visitor.wait(visiting)).toMatchObject({ state: 'answered', room: view.room })
  await expect(visitor.wait({ ...visiting, secret: 'x'.repeat(43) })).rejects.toThrow('404')
})

test('PV3.3 of two who answer at one moment one has the visitor, and the other hears that it was answered', async () => {
  const { server, devices, visitor } = await placeWithDevices(ann, ben)
  const [anns, bens] = devices
  if (!anns || !bens) throw new Error('there are two')
  const visiting = await visitor.visit()
  const [call, other] = [await rung(anns), await rung(bens)]
  anns.send({ type: 'answer', call: call.id })
  bens.send({ type: 'answer', call: other.id })
  const ends = [await anns.next('over'), await bens.next('over')]
  expect(ends.map(({ outcome }) => outcome)).toEqual(['answered', 'answered'])
  expect(ends.filter(({ here }) => here)).toHaveLength(1)
  expect(ends.filter(({ room }) => room !== undefined)).toHaveLength(1)
  const view = await visitor.until(visiting, isOver)
  expect(view.state).toBe('answered')
  const visit = await (await server.db()).selectFrom('visit').selectAll().executeTakeFirstOrThrow()
  expect(visit.callId).toBe(ends[0]?.here ? call.id : other.id)
})

test('PV3.7 who all decline have declined, and a visitor who hangs up is missed by all', async () => {
  const { server, members, devices, visitor } = await placeWithDevices(ann, ben)
  const first = await visitor.visit()
  for (const device of devices) {
    const call = await rung(device)
    device.send({ type: 'decline', call: call.id })
  }
  expect((await visitor.until(first, isOver)).state).toBe('declined')
  for (const device of devices) expect((await device.next('over')).outcome).toBe('declined')

  const second = await visitor.visit('Nadia')
  for (const device of devices) await rung(device)
  await visitor.until(second, ({ ringing }) => ringing === 2)
  expect((await visitor.end(second)).state).toBe('cancelled')
  for (const device of devices) expect((await device.next('over')).outcome).toBe('cancelled')
  for (const member of members)
    expect(await missedOf(server, member)).toEqual([{ state: 'cancelled', from: 'Front desk: Nadia' }])
})

test('PV3.6 nobody answers a visitor whose page is gone, and what rings for them stops', async () => {
  const { server, devices, visitor } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const visiting = await visitor.visit()
  const call = await rung(device)
  await visitor.until(visiting, ({ ringing }) => ringing === 1)
  // Answered after the lease, and before anybody has looked.
  const db = await server.db()
  await db.updateTable('visit').set({ leaseUntil: server.clock.wall() }).execute()
  device.send({ type: 'answer', call: call.id })
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'cancelled' })
  expect((await visitor.wait(visiting)).state).toBe('left')

  const second = await visitor.visit()
  await rung(device)
  await visitor.until(second, ({ ringing }) => ringing === 1)
  server.clock.advance(placeTiming.leaseFor)
  expect((await device.next('over')).outcome).toBe('cancelled')
  // What is over stays so, though the page comes back.
  expect((await visitor.wait(second)).state).toBe('left')
})

test('PV3.6 PV5.2 a clock that is set back keeps a visitor who is gone no longer than a lease, and takes nobody who is there', async () => {
  const { server, devices, visitor } = await placeWithDevices(ann, ben)
  const [anns, bens] = devices
  if (!anns || !bens) throw new Error('there are two')
  const gone = await visitor.visit('Gone')
  const [call] = [await rung(anns), await rung(bens)]
  const other = visitorAt(server, '198.51.100.1')
  const stays = await other.visit('Stays')
  for (const device of devices) await rung(device)
  await other.until(stays, ({ ringing }) => ringing === 2)
  const db = await server.db()
  server.clock.setWall(-3_600_000)
  server.clock.advance(1_100)
  const leaseOf = ({ visit }: typeof gone) =>
    db.selectFrom('visit').select('leaseUntil').where('id', '=', visit.id).executeTakeFirstOrThrow()
  await expect
    .poll(async () => (await leaseOf(gone)).leaseUntil)
    .toBeLessThanOrEqual(server.clock.wall() + placeTiming.leaseFor)
  expect(await other.wait(stays)).toMatchObject({ state: 'calling' })
  server.clock.advance(placeTiming.leaseFor - 100)
  expect(await other.wait(stays)).toMatchObject({ state: 'calling' })
  server.clock.advance(1_100)
  expect(await anns.next('over')).toMatchObject({ call: call.id, outcome: 'cancelled' })
  expect(await other.wait(stays)).toMatchObject({ state: 'calling' })
  expect((await visitor.wait(gone)).state).toBe('left')
})

test('PV3.5 PV1.1 with one member available the next visitor waits, is told their place, and rings when it is their turn', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const first = await visitor.visit('One')
  await rung(device)
  expect(await visitor.look()).toMatchObject({ state: 'busy', waiting: 0 })
  const others = ['198.51.100.1', '198.51.100.2'].map((address) => visitorAt(server, address))
  const [second, third] = others
  if (!second || !third) throw new Error('there are two')
  const twos = await second.visit('Two')
  expect(twos.visit).toMatchObject({ state: 'queued', position: 1, ringing: 0 })
  server.clock.advance(10)
  const threes = await third.visit('Three')
  expect(threes.visit).toMatchObject({ state: 'queued', position: 2 })
  expect(await visitor.look()).toMatchObject({ state: 'busy', waiting: 2 })
  await visitor.end(first)
  const asking = second.until(twos, ({ ringing }) => ringing === 1)
  const call = await rung(device)
  expect(call.from).toBe('Front desk: Two')
  expect((await asking).state).toBe('calling')
  expect(await third.until(threes, ({ position }) => position === 1)).toMatchObject({ state: 'queued' })
})

/** A visit that rings, and two that wait in line behind it. */
async function lineOfThree() {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const ringing = await visitor.visit('One')
  await rung(device)
  const [second, third] = [visitorAt(server, '198.51.100.1'), visitorAt(server, '198.51.100.2')]
  const [twos, threes] = [await second.visit('Two'), await third.visit('Three')]
  /** The light, and how each of the three is told that it stands. */
  const standings = async () => [
    await visitor.look(),
    await visitor.wait(ringing),
    await second.wait(twos),
    await third.wait(threes),
  ]
  return { server, standings }
}

const asTheyCame = [
  { state: 'busy', waiting: 2 },
  { state: 'calling', position: null },
  { state: 'queued', position: 1 },
  { state: 'queued', position: 2 },
]

test('PV3.5 PV3.6 PV1.1 where the clock is set back nobody is told that they are next who is not, and the place is no greener', async () => {
  const { server, standings } = await lineOfThree()
  expect(await standings()).toMatchObject(asTheyCame)
  // Before anybody has looked for leases that are too long.
  server.clock.setWall(-3_600_000)
  expect(await standings()).toMatchObject(asTheyCame)
})

test('PV3.5 PV3.6 PV3.7 where the clock is set forward nobody loses their place, and nobody keeps one for longer', async () => {
  const { server, standings } = await lineOfThree()
  server.clock.setWall(3_600_000)
  expect(await standings()).toMatchObject(asTheyCame)
  server.clock.advance(1_100)
  expect(await standings()).toMatchObject(asTheyCame)
  server.clock.setWall(8_000)
  server.clock.advance(1_100)
  expect(await standings()).toMatchObject(asTheyCame)
  server.clock.advance(placeTiming.leaseFor)
  expect(await standings()).toMatchObject([{ waiting: 0 }, ...Array(3).fill({ state: 'left' })])
})

test('PV3.5 PV3.7 who waits keeps their place while the last member is gone for a moment, and nobody waits where nobody is left', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  // From then on who is not there is known not to be.
  server.clock.advance(31_000)
  await device.lease()
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  const first = await visitor.visit()
  await rung(device)
  const next = visitorAt(server, '198.51.100.1')
  const waiting = await next.visit()
  expect(waiting.visit).toMatchObject({ state: 'queued', position: 1 })
  const leave = async (one: WebSocketDevice) => {
    one.send({ type: 'goodbye', why: 'exit' })
    await one.closed()
    await expect.poll(async () => (await visitor.look()).why).toBe('nobody')
  }
  /** The page is there all the while. */
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 3) {
      server.clock.advance(3_000)
      expect(await next.wait(waiting)).toMatchObject({ state: 'queued', position: 1 })
    }
  }
  await leave(device)
  await visitor.end(first)
  await pass(27)
  const back = await reachableDevice(server, ann, 'ann-2')
  const asking = next.until(waiting, ({ ringing }) => ringing === 1)
  await rung(back)
  expect((await asking).state).toBe('calling')

  const last = visitorAt(server, '198.51.100.2')
  const others = await last.visit()
  expect(others.visit).toMatchObject({ state: 'queued', position: 1 })
  await leave(back)
  await next.end(waiting)
  expect((await last.wait(others)).state).toBe('queued')
  for (let left = 30; left > 0; left -= 3) {
    server.clock.advance(3_000)
    await last.wait(others)
  }
  expect((await last.wait(others)).state).toBe('unreachable')
})

/** A visit that a member has answered: where each of the two is to go. */
async function answeredVisit() {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const visiting = await visitor.visit()
  const call = await rung(device)
  device.send({ type: 'answer', call: call.id })
  const { room: anns = '' } = await device.next('over')
  const { room } = await visitor.until(visiting, isOver)
  return { server, visitor, visiting, member: partsOf(anns), own: partsOf(room ?? '') }
}

const inLobby = { joined: false, muted: false, camera: false, sharing: false }

test('PV3.12 who presses Hang up as a member answers ends their room: the member hears there that they hung up, however often it is sent', async () => {
  const { server, visitor, visiting, member, own } = await answeredVisit()
  const page = await seatedPage(server, member.room, { ticket: member.ticket }, { state: inLobby })
  expect((await visitor.hangUp(visiting)).state).toBe('answered')
  expect(await page.next('ended')).toEqual({ type: 'ended', why: 'otherHungUp' })
  expect((await visitor.hangUp(visiting)).state).toBe('answered')
  const late = await openRoomPage(server, own.room)
  late.hello({ ticket: own.ticket })
  expect((await late.next('refused')).why).toBe('over')
})

test('PV3.12 a member who comes to the room only after that is told that the call is over', async () => {
  const { server, visitor, visiting, member } = await answeredVisit()
  await visitor.hangUp(visiting)
  const page = await openRoomPage(server, member.room)
  page.hello({ ticket: member.ticket })
  expect((await page.next('refused')).why).toBe('over')
})

test('PV3.12 a page that goes as it is taken to the room ends nothing: the two meet there', async () => {
  const { server, visitor, visiting, member, own } = await answeredVisit()
  const theirs = await seatedPage(server, member.room, { ticket: member.ticket })
  for (let n = 0; n < 2; n += 1) expect((await visitor.end(visiting)).state).toBe('answered')
  const page = await seatedPage(server, own.room, { ticket: own.ticket })
  await theirs.other(true)
  expect(page.welcome.other).toMatchObject({ state: { joined: true } })
  expect((await visitor.end(visiting)).state).toBe('answered')
  await theirs.beat()
  expect([...theirs.received, ...page.received].filter(({ type }) => type === 'ended')).toEqual([])
})

test('PV3.12 who hangs up while it rings hangs up nobody’s room, whose secret they have not either', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const visiting = await visitor.visit()
  await rung(device)
  await expect(visitor.hangUp({ ...visiting, secret: 'x'.repeat(43) })).rejects.toThrow('404')
  expect((await visitor.hangUp(visiting)).state).toBe('cancelled')
  expect((await device.next('over')).outcome).toBe('cancelled')
  expect(await (await server.db()).selectFrom('room').selectAll().execute()).toEqual([])
})

test('PV3.8 PV5.1 a page that asks again for its visit is told of it, whatever the limits say of another', async () => {
  const { devices, visitor } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const key = 'k'.repeat(32)
  const first = await visitor.visit('Maria', key)
  await rung(device)
  // Each answer was lost.
  for (let n = 0; n < 20; n += 1) expect((await visitor.visit('Maria', key)).visit.id).toBe(first.visit.id)
  await visitor.end(first)
  expect((await visitor.visit('Maria', key)).visit).toMatchObject({ id: first.visit.id, state: 'cancelled' })
})

test('PV3.8 PV5.1 a page whose answer was lost is told of its visit, though others at its address look too often; a key that made none is not', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const key = 'k'.repeat(32)
  const first = await visitor.visit('Maria', key)
  await rung(device)
  const guess = () => post(server, '/api/visits/x/end', { secret: 'x' }, visitor.from)
  while ((await guess()).status !== 429);
  const again = await visitor.visit('Maria', key)
  expect([again.visit.id, again.secret]).toEqual([first.visit.id, first.secret])
  const press = async (other: string) => (await visitor.press({ name: 'Maria', key: other })).status
  expect(await press('l'.repeat(32))).toBe(429)
  const elsewhere = visitorAt(server, '203.0.113.7', 'nowhere')
  expect((await elsewhere.press({ name: 'Maria', key })).status).toBe(429)
  expect((await visitor.press({ name: 'Maria', key: 'short' })).status).toBe(400)
  // Nor is the database asked without end.
  for (let n = 0; n < 30; n += 1) await press('m'.repeat(32))
  expect(await press(key)).toBe(429)
  server.clock.advance(200)
  expect((await visitor.visit('Maria', key)).visit.id).toBe(first.visit.id)
})

test('PV5.1 a press of Call that fails in the server counts for nothing', async () => {
  const { visitor, server } = await placeWithDevices(ann)
  const db = await server.db()
  await sql`create trigger "full" before insert on "visit" begin select raise(abort, 'full'); end`.execute(db)
  for (let n = 0; n < 10; n += 1)
    expect((await visitor.press({ name: 'Maria', key: `${n}`.repeat(32) })).status).toBe(500)
  await sql`drop trigger "full"`.execute(db)
  expect((await visitor.visit()).visit.state).toBe('calling')
})

test('PV3.6 PV3.8 a page that sends its key again is there, and one whose lease was over stays gone', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const key = 'k'.repeat(32)
  const visiting = await visitor.visit('Maria', key)
  await rung(device)
  await visitor.until(visiting, ({ ringing }) => ringing === 1)
  // Each answer was lost.
  for (let n = 0; n < 3; n += 1) {
    server.clock.advance(4_500)
    await device.lease()
    expect((await visitor.visit('Maria', key)).visit.state).toBe('calling')
  }
  server.clock.advance(placeTiming.leaseFor)
  expect((await visitor.visit('Maria', key)).visit.state).toBe('left')
  expect((await visitor.wait(visiting)).state).toBe('left')
})

test('PV5.1 PV3.6 visits at one address keep their own limits: whoever looks there too often ends none of them', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const visiting = await visitor.visit()
  await rung(device)
  await visitor.until(visiting, ({ ringing }) => ringing === 1)
  const path = `/api/visits/${visiting.visit.id}`
  const wrong = async () => (await post(server, `${path}/end`, { secret: 'x' }, visitor.from)).status
  const statuses = new Set<number>()
  // Guesses are limited by the address, as looks are.
  while (!statuses.has(429)) statuses.add(await wrong())
  expect([...statuses]).toEqual([404, 429])
  await expect(visitor.look()).rejects.toThrow('429')
  expect(await visitor.wait(visiting)).toMatchObject({ state: 'calling' })
  expect((await visitor.end(visiting)).state).toBe('cancelled')
  // And a page that asks without end is told how long to wait.
  const asked = await Promise.allSettled(Array.from({ length: 40 }, () => visitor.wait(visiting)))
  const reasons = asked.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  expect(reasons.length).toBeGreaterThan(0)
  for (const reason of reasons) expect(reason).toContain('429')
})

test('PV5.3 who was blocked at the moment at which they called is declined, and what rings for them stops', async () => {
  const { devices, members, visitor, server, place } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const visiting = await visitor.visit()
  await rung(device)
  const db = await server.db()
  const { address } = await db.selectFrom('visit').select('address').executeTakeFirstOrThrow()
  const block = { placeId: place, address, name: 'Maria', by: members[0] ?? '', at: 1 }
  await db.insertInto('placeBlock').values(block).execute()
  server.clock.advance(1_100)
  expect((await device.next('over')).outcome).toBe('cancelled')
  expect((await visitor.wait(visiting)).state).toBe('declined')
})

test('PV5.1 limits of calls that programs place leave those of visitors alone', async () => {
  const env = { TRUST_PROXY: 'on', CALLS_PER_MINUTE: '1', CALLS_PER_MINUTE_TO_ONE: '1' }
  const { devices, visitor } = await placeWithDevicesOf(env, ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  for (const name of ['One', 'Two', 'Three']) {
    const visiting = await visitor.visit(name)
    expect((await rung(device)).from).toBe(`Front desk: ${name}`)
    await visitor.end(visiting)
    await device.next('over')
  }
})

test('PV3.1 PV3.8 pressing Call proves it again; one key makes one visit', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const key = 'k'.repeat(32)
  const [one, two] = await Promise.all([visitor.visit('Maria', key), visitor.visit('Maria', key)])
  expect([one.visit.id, one.secret]).toEqual([two.visit.id, two.secret])
  await rung(device)
  const calls = await (await server.db()).selectFrom('call').select('id').execute()
  expect(calls).toHaveLength(1)
  await visitor.end(one)
  device.send({ type: 'goodbye', why: 'exit' })
  await device.closed()
  server.clock.advance(31_000)
  expect(await visitor.call()).toMatchObject({ kind: 'not-now', light: { state: 'closed', why: 'nobody' } })
  expect(await (await server.db()).selectFrom('visit').select('id').execute()).toHaveLength(1)
})

test('PV3.1 where browsers give neither camera nor microphone nothing rings, and that is told', async () => {
  const env = { TRUST_PROXY: 'on', PUBLIC_URL: 'http://reachable.clinic.example' }
  const server = await startInProcessServer({ env })
  await addPlace(server, { members: await settle(server, ann, ben) })
  const visitor = visitorAt({ url: server.localUrl })
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'no-room' })
  expect(await visitor.call()).toEqual({ kind: 'no-room' })
  expect(await (await server.db()).selectFrom('visit').select('id').execute()).toEqual([])
})

test('PV6.2 what rings for a place that is removed stops', async () => {
  const { devices, visitor, server, place } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  await visitor.visit()
  await rung(device)
  await deletePlace(await server.db(), place)
  server.clock.advance(1_100)
  expect((await device.next('over')).outcome).toBe('cancelled')
})

test('PV6.2 PV1.5 what rings a member who is removed stops, and so does all that rings for a place that is closed', async () => {
  const { devices, members, visitor, server, place } = await placeWithDevices(ann, ben)
  const [anns, bens] = devices
  if (!anns || !bens) throw new Error('there are two')
  const db = await server.db()
  const first = await visitor.visit()
  for (const device of devices) await rung(device)
  await visitor.until(first, ({ ringing }) => ringing === 2)
  await removeMember(db, place, members[1] ?? '')
  server.clock.advance(1_100)
  expect((await bens.next('over')).outcome).toBe('cancelled')
  expect(await visitor.until(first, ({ ringing }) => ringing === 1)).toMatchObject({ state: 'calling' })
  await changePlace(db, place, { shutAt: server.clock.wall() })
  server.clock.advance(1_100)
  expect((await anns.next('over')).outcome).toBe('cancelled')
  expect((await visitor.until(first, isOver)).state).toBe('unreachable')

  await changePlace(db, place, { shutAt: null })
  const second = await visitor.visit()
  await rung(anns)
  await agreeToPlace(db, members[0] ?? '', place, null)
  server.clock.advance(1_100)
  expect((await anns.next('over')).outcome).toBe('cancelled')
  expect((await visitor.until(second, isOver)).state).toBe('unreachable')
})

test('PV3.2 who becomes available while it rings is rung too', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann, ben)
  const [anns, bens] = devices
  if (!anns || !bens) throw new Error('there are two')
  bens.send({ type: 'goodbye', why: 'exit' })
  await bens.closed()
  const visiting = await visitor.visit()
  await rung(anns)
  await visitor.until(visiting, ({ ringing }) => ringing === 1)
  const back = await reachableDevice(server, ben, 'ben-2')
  const asking = visitor.until(visiting, ({ ringing }) => ringing === 2)
  await rung(back)
  expect((await asking).state).toBe('calling')
})

test('PV1.3 PV3.5 who has just answered a visitor is not rung for the next one at once', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann)
  const [device] = devices
  if (!device) throw new Error('there is one')
  const first = await visitor.visit('One')
  const call = await rung(device)
  const next = visitorAt(server, '198.51.100.1')
  const waiting = await next.visit('Two')
  device.send({ type: 'answer', call: call.id })
  await visitor.until(first, isOver)
  expect(await next.wait(waiting)).toMatchObject({ state: 'queued', position: 1 })
  expect(await visitor.look()).toMatchObject({ state: 'busy', waiting: 1 })
})

test('PV3.3 a member who has missed a visitor hears that they have not, once a colleague answers', async () => {
  const { devices, visitor, server } = await placeWithDevices(ann, ben)
  const [anns, bens] = devices
  if (!anns || !bens) throw new Error('there are two')
  bens.send({ type: 'goodbye', why: 'exit' })
  await bens.closed()
  const visiting = await visitor.visit()
  const call = await rung(anns)
  await visitor.until(visiting, ({ ringing }) => ringing === 1)
  const there = [anns]
  /** Visitor and members say that they are there. */
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 2) {
      server.clock.advance(2_000)
      for (const device of there) await device.lease()
      await visitor.wait(visiting)
    }
  }
  await pass(30)
  // Who comes now rings for longer.
  const back = await reachableDevice(server, ben, 'ben-2')
  there.push(back)
  const late = visitor.until(visiting, ({ ringing }) => ringing === 2)
  const bensCall = await rung(back)
  await late
  await pass(16)
  expect(await anns.next('over')).toMatchObject({ call: call.id, outcome: 'missed' })
  expect((await anns.next('missed')).missed).toMatchObject([{ id: call.id, why: 'no-answer' }])
  back.send({ type: 'answer', call: bensCall.id })
  expect((await visitor.until(visiting, isOver)).state).toBe('answered')
  // Changes of one person are told once in a second.
  server.clock.advance(1_000)
  expect((await anns.next('missed')).missed).toEqual([])
})

test('PV3.2 a colleague’s calls are read as answered, in their lists too', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: 'on' } })
  const members = await settle(server, ann, ben, cleo)
  await addPlace(server, { members })
  const [anns, bens, cleos] = [
    await reachableDevice(server, ann, 'a'),
    await reachableDevice(server, ben, 'b'),
    await reachableDevice(server, cleo, 'c'),
  ]
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  await visitor.visit()
  const [call] = [await rung(anns), await rung(bens), await rung(cleos)]
  // Whoever declined has, though a colleague answers after that.
  bens.send({ type: 'decline', call: (await callOf(server, members[1])).id })
  expect((await bens.next('over')).outcome).toBe('declined')
  anns.send({ type: 'answer', call: call.id })
  expect(await cleos.next('over')).toMatchObject({ outcome: 'answered', here: false })
  const states = await (await server.db())
    .selectFrom('call')
    .select(['userId', 'state', 'byDevice'])
    .execute()
  expect(Object.fromEntries(states.map(({ userId, state }) => [userId, state]))).toEqual({
    [members[0] ?? '']: 'answered',
    [members[1] ?? '']: 'declined',
    [members[2] ?? '']: 'answered',
  })
})

const callOf = async (server: InProcessServer, userId = '') =>
  (await server.db()).selectFrom('call').select('id').where('userId', '=', userId).executeTakeFirstOrThrow()
