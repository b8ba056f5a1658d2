import { expect, test } from 'vitest'
import { anotherCaller, callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice, type WebSocketDevice } from '../support/websocket-device.ts'

/** A call that rings on these devices, each of which has acknowledged it. */
async function ringOn(server: InProcessServer, ...devices: readonly WebSocketDevice[]): Promise<string> {
  const placing = callerOf(server).place('ann')
  for (const device of devices) device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  const call = await placing
  expect(call).toMatchObject({
    state: 'ringing',
    disposition: 'ringing',
    devices: devices.length,
    room: null,
  })
  return call.id
}

async function withTwoDevices(env?: Record<string, string>) {
  const server = await startInProcessServer({ ...(env && { env }) })
  await settle(server, ann)
  const one = await reachableDevice(server, ann, 'device-1')
  const two = await reachableDevice(server, ann, 'device-2')
  return { server, one, two, look: callerOf(server).get }
}

test('T4.3 a call to someone without a lease is unreachable at once and kept as missed', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  // At once: no time passes that anything could be waited for.
  server.clock.standStill()
  const call = await callerOf(server).place('ann')
  expect(call).toMatchObject({ state: 'missed', disposition: 'unreachable', why: 'unreachable', devices: 0 })
  const { welcome } = await connectDevice(server.url, await sessionOf(server, ann, 'device-1'), 'device-1')
  expect(welcome.missed).toMatchObject([{ id: call.id, from: 'Dr Bell', why: 'unreachable' }])
})

test('C2.2 a ring tells who calls, when it was placed and how long it will ring', async () => {
  const { server, one, two } = await withTwoDevices({ RING_FOR: '30' })
  const id = await ringOn(server, one, two)
  const ring = one.received.find(({ type }) => type === 'ring')
  expect(ring).toMatchObject({ call: { id, from: 'Dr Bell', at: (await callerOf(server).get(id)).at } })
  expect(ring?.type === 'ring' && ring.call.ringsFor).toBeGreaterThan(29_000)
  expect(ring?.type === 'ring' && ring.call.ringsFor).toBeLessThanOrEqual(30_000)
})

test('T4.2 only devices that acknowledge are counted', async () => {
  const { server, one, two } = await withTwoDevices()
  const placing = callerOf(server).place('ann')
  one.send({ type: 'rings', call: (await one.next('ring')).call.id })
  await two.next('ring')
  await one.lease()
  server.clock.advance(3_000)
  expect(await placing).toMatchObject({ disposition: 'ringing', devices: 1 })
})

test('C2.4 the call is in the database before a device hears of it', async () => {
  const { server, one } = await withTwoDevices()
  void callerOf(server)
    .place('ann')
    .catch(() => {})
  const { call } = await one.next('ring')
  const row = await (await server.db()).selectFrom('call').select('state').where('id', '=', call.id).execute()
  expect(row).toEqual([{ state: 'placed' }])
})

test('C3.1 an answer stops every device and gives the room to the one that answered, and to the caller', async () => {
  const { server, one, two, look } = await withTwoDevices({ ROOM_URL: 'https://meet.example/r/{room}?x=1' })
  const call = await ringOn(server, one, two)
  two.send({ type: 'answer', call })
  const here = await two.next('over')
  expect(here).toMatchObject({ call, outcome: 'answered', here: true })
  expect(here.room).toMatch(/^https:\/\/meet\.example\/r\/[\w-]{22}\?x=1$/)
  expect(await one.next('over')).toEqual({ type: 'over', call, outcome: 'answered', here: false })
  expect(await look(call)).toMatchObject({ state: 'answered', room: here.room })
})

test('P5.1 of two answers at the same moment one wins, and the other learns of it', async () => {
  const { server, one, two } = await withTwoDevices()
  const call = await ringOn(server, one, two)
  one.send({ type: 'answer', call })
  two.send({ type: 'answer', call })
  const told = [await one.next('over'), await two.next('over')]
  expect(told.map(({ outcome }) => outcome)).toEqual(['answered', 'answered'])
  expect(told.filter(({ here }) => here)).toHaveLength(1)
  expect(told.filter(({ room }) => room !== undefined)).toHaveLength(1)
})

test('C3.1 C9.8 a decline stops every device and is never a missed call, nor cancelled afterwards', async () => {
  const { server, one, two, look } = await withTwoDevices()
  const call = await ringOn(server, one, two)
  one.send({ type: 'decline', call })
  expect(await one.next('over')).toEqual({ type: 'over', call, outcome: 'declined', here: true })
  expect(await two.next('over')).toEqual({ type: 'over', call, outcome: 'declined', here: false })
  const cancel = await callerOf(server).cancel(call)
  expect([cancel.status, await cancel.json()]).toMatchObject([409, { error: 'already-over' }])
  expect(await look(call)).toMatchObject({ state: 'declined', room: null, why: null })
  const { welcome } = await connectDevice(server.url, await sessionOf(server, ann, 'device-3'), 'device-3')
  expect(welcome.missed).toEqual([])
})

test('C3.1 C9.8 a cancelled call stops every device and is kept as missed; cancelled again, it is answered alike', async () => {
  const { server, one, two } = await withTwoDevices()
  const call = await ringOn(server, one, two)
  const response = await callerOf(server).cancel(call)
  expect(await response.json()).toMatchObject({ state: 'cancelled' })
  for (const device of [one, two]) {
    expect(await device.next('over')).toEqual({ type: 'over', call, outcome: 'cancelled', here: false })
    expect((await device.next('missed')).missed).toMatchObject([{ id: call, why: 'cancelled' }])
  }
  const again = await callerOf(server).cancel(call)
  expect([again.status, await again.json()]).toMatchObject([200, { id: call, state: 'cancelled' }])
})

test('P2.3 a call that nobody answers is missed when it has rung for RING_FOR, by whatever the wall clock says', async () => {
  const { server, one, two, look } = await withTwoDevices({ RING_FOR: '20' })
  const call = await ringOn(server, one, two)
  server.clock.setWall(3_600_000)
  await one.lease()
  expect((await look(call)).state).toBe('ringing')
  server.clock.setWall(-7_200_000)
  server.clock.advance(20_000)
  expect(await one.next('over')).toEqual({ type: 'over', call, outcome: 'missed', here: false })
  expect((await two.next('missed')).missed).toMatchObject([{ id: call, why: 'no-answer' }])
  expect(await look(call)).toMatchObject({ state: 'missed', why: 'no-answer', disposition: 'ringing' })
})

test('P3.1 a second call rings beside the first, on every device; each is answered for itself', async () => {
  const { server, one, two, look } = await withTwoDevices()
  const first = await ringOn(server, one, two)
  const second = await ringOn(server, one, two)
  expect(second).not.toBe(first)
  one.send({ type: 'answer', call: second })
  expect(await one.next('over')).toMatchObject({ call: second, here: true })
  expect(await two.next('over')).toMatchObject({ call: second, outcome: 'answered', here: false })
  expect(await look(first)).toMatchObject({ state: 'ringing', devices: 2 })
})

test('P3.1 of many calls to one person at one moment five ring; the others are told busy and kept', async () => {
  const { server, one, two } = await withTwoDevices()
  const callers = [callerOf(server), await anotherCaller(server)]
  const placing = Array.from({ length: 4 }, () => callers.map((caller) => caller.place('ann'))).flat()
  for (let n = 0; n < 5; n += 1)
    for (const device of [one, two]) device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  const placed = await Promise.all(placing)
  expect(placed.map(({ disposition }) => disposition).sort()).toEqual([
    ...Array(3).fill('busy'),
    ...Array(5).fill('ringing'),
  ])
  const busy = placed.filter(({ disposition }) => disposition === 'busy')
  for (const call of busy) expect(call).toMatchObject({ state: 'missed', why: 'busy', devices: 0 })
  for (const ringing of placed.filter(({ state }) => state === 'ringing')) expect(ringing.devices).toBe(2)
  await expect
    .poll(() => one.received.findLast(({ type }) => type === 'missed'))
    .toMatchObject({
      missed: expect.arrayContaining(busy.map(({ id }) => expect.objectContaining({ id, why: 'busy' }))),
    })
  expect(one.received.filter(({ type }) => type === 'ring')).toHaveLength(5)
  // One that ends makes room for another.
  await callerOf(server).cancel(placed.find(({ state }, n) => state === 'ringing' && n % 2 === 0)?.id ?? '')
  await ringOn(server, one, two)
})

test('C3.8 an answer that comes too late, or to a call that never was, is told the truth', async () => {
  const { server, one, two } = await withTwoDevices()
  const call = await ringOn(server, one, two)
  await callerOf(server).cancel(call)
  await one.next('over')
  one.send({ type: 'answer', call })
  expect(await one.next('over')).toEqual({ type: 'over', call, outcome: 'cancelled', here: false })
  one.send({ type: 'decline', call: 'never-was' })
  expect(await one.next('over')).toMatchObject({ call: 'never-was', here: false })
  await two.lease()
  expect(two.received.filter(({ type }) => type === 'over')).toHaveLength(1)
})

test('C3.9 nobody can answer a call to somebody else, or learn of it', async () => {
  const { server, one, two } = await withTwoDevices()
  await settle(server, ben)
  const stranger = await reachableDevice(server, ben, 'stranger')
  const call = await ringOn(server, one, two)
  stranger.send({ type: 'answer', call })
  expect(await stranger.next('over')).toEqual({ type: 'over', call, outcome: 'cancelled', here: false })
  expect((await callerOf(server).get(call)).state).toBe('ringing')
})

test('C4.1 seen calls are told to all devices as the new list, and stay seen', async () => {
  const { server, one, two } = await withTwoDevices()
  await settle(server, ben)
  const missed = []
  for (let n = 0; n < 2; n += 1) {
    missed.push(await ringOn(server, one, two))
    await callerOf(server).cancel(missed.at(-1) ?? '')
    for (const device of [one, two]) await device.next('missed')
  }
  one.send({ type: 'seen', calls: [missed[0] ?? '', 'never-was'] })
  for (const device of [one, two])
    expect((await device.next('missed')).missed.map(({ id }) => id)).toEqual([missed[1]])
  const { welcome } = await connectDevice(server.url, await sessionOf(server, ann, 'device-3'), 'device-3')
  expect(welcome.missed.map(({ id }) => id)).toEqual([missed[1]])
})

/** The ids of the next list of missed calls that a device hears, and what it answers. */
async function nextMissed(device: WebSocketDevice) {
  const { missed, n } = await device.next('missed')
  return { ids: missed.map(({ id }) => id), n }
}

/** Ann's two devices and a call of hers that was missed, of which they have been told. */
async function withMissedCall() {
  const { server, one, two } = await withTwoDevices()
  const call = await ringOn(server, one, two)
  await callerOf(server).cancel(call)
  for (const device of [one, two]) expect((await nextMissed(device)).ids).toEqual([call])
  return { server, one, two, call }
}

test('C4.3 what was marked as seen by mistake is missed again on all devices', async () => {
  const { server, one, two, call } = await withMissedCall()
  one.send({ type: 'seen', calls: [call], n: 1 })
  for (const device of [one, two]) expect((await nextMissed(device)).ids).toEqual([])
  one.send({ type: 'unseen', calls: [call], n: 2 })
  for (const device of [one, two]) expect((await nextMissed(device)).ids).toEqual([call])
  const { welcome } = await connectDevice(server.url, await sessionOf(server, ann, 'device-3'), 'device-3')
  expect(welcome).toMatchObject({ missed: [{ id: call, why: 'cancelled' }], features: ['unseen', 'people'] })
})

test('C4.3 what says an n is answered with it, on that connection alone, also where it changed nothing', async () => {
  const { one, two, call } = await withMissedCall()
  one.send({ type: 'unseen', calls: [call, 'never-was'], n: 7 })
  expect(await nextMissed(one)).toEqual({ ids: [call], n: 7 })
  one.send({ type: 'seen', calls: [call], n: 8 })
  expect(await nextMissed(one)).toEqual({ ids: [], n: 8 })
  expect(await nextMissed(two)).toEqual({ ids: [], n: undefined })
  two.send({ type: 'seen', calls: [call], n: 1 })
  expect(await nextMissed(two)).toEqual({ ids: [], n: 1 })
  // As a device says it that knows of no answers.
  two.send({ type: 'seen', calls: [call] })
  for (const device of [one, two]) await device.lease()
  expect([one, two].map(({ received }) => received.filter(({ type }) => type === 'missed').length)).toEqual([
    3, 3,
  ])
})

test('C3.9 nobody can mark the missed calls of somebody else as seen, or take that back', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const { id } = await callerOf(server).place('ann')
  const stranger = await reachableDevice(server, ben)
  const herMissed = async (device: string) => {
    const hers = await connectDevice(server.url, await sessionOf(server, ann, device), device)
    return { hers, ids: hers.welcome.missed.map((call) => call.id) }
  }
  stranger.send({ type: 'seen', calls: [id], n: 1 })
  expect(await nextMissed(stranger)).toEqual({ ids: [], n: 1 })
  const { hers, ids } = await herMissed('device-1')
  expect(ids).toEqual([id])
  hers.send({ type: 'seen', calls: [id], n: 1 })
  expect(await nextMissed(hers)).toEqual({ ids: [], n: 1 })
  stranger.send({ type: 'unseen', calls: [id], n: 2 })
  expect(await nextMissed(stranger)).toEqual({ ids: [], n: 2 })
  expect((await herMissed('device-2')).ids).toEqual([])
})
