import { expect, test } from 'vitest'
import { defaultTiming, ringFor } from '../../../protocol/timing.ts'
import { anotherCaller, callerOf, post } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { followCall, type StateStream } from '../support/state-stream.ts'
import { connectDevice, reachableDevice, type WebSocketDevice } from '../support/websocket-device.ts'

const { leaseFor } = defaultTiming

async function withAnn() {
  const server = await startInProcessServer()
  const [id = ''] = await settle(server, ann)
  return { server, id, caller: callerOf(server) }
}

/** A call that rings on one device of Ann's, and its events after that. */
async function ringing(
  server: InProcessServer,
  device: WebSocketDevice,
): Promise<{ id: string; events: StateStream }> {
  const placing = callerOf(server).place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  const { id } = await placing
  const events = await followCall(server, id)
  expect(await events.next()).toMatchObject({ state: 'ringing', devices: 1 })
  return { id, events }
}

/** Acknowledges the next ring of a device. */
async function acknowledge(device: WebSocketDevice): Promise<void> {
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
}

const endSessions = async (server: InProcessServer, user: string) => {
  await (await server.db()).deleteFrom('session').where('userId', '=', user).execute()
}

test.each<[string, (server: InProcessServer, device: WebSocketDevice, user: string) => unknown]>([
  ['the device logs out', (_, device) => device.send({ type: 'goodbye', why: 'log-out' })],
  ['its browser exits', (_, device) => device.send({ type: 'goodbye', why: 'exit' })],
  ['its socket is cut', (_, device) => device.socket.terminate()],
  [
    'its session is revoked',
    async (server, _, user) => {
      await endSessions(server, user)
      await post(server, '/api/operator/recheck', { user }, callerOf(server).authorization)
    },
  ],
  [
    'a look at its session shows that it is over',
    async (server, device, user) => {
      await endSessions(server, user)
      server.clock.advance(10_000)
      await device.closed()
    },
  ],
  ['its lease runs out', (server) => server.clock.advance(leaseFor)],
])('P1.1 the caller hears within a second that nothing rings any more when %s', async (_, end) => {
  const { server, id: user } = await withAnn()
  const device = await reachableDevice(server, ann)
  const { events } = await ringing(server, device)
  await end(server, device, user)
  const began = performance.now()
  expect(await events.next()).toMatchObject({ state: 'waiting', disposition: 'ringing', devices: 0 })
  expect(performance.now() - began).toBeLessThan(1_000)
})

test('P1.1 one of two devices is gone: it rings on one, and waits once the other is gone too', async () => {
  const { server, caller } = await withAnn()
  const one = await reachableDevice(server, ann, 'device-1')
  const two = await reachableDevice(server, ann, 'device-2')
  const placing = caller.place('ann')
  for (const device of [one, two]) await acknowledge(device)
  const { id } = await placing
  const events = await followCall(server, id)
  expect(await events.next()).toMatchObject({ state: 'ringing', devices: 2 })
  one.close()
  expect(await events.next()).toMatchObject({ state: 'ringing', devices: 1 })
  two.close()
  expect(await events.next()).toMatchObject({ state: 'waiting', devices: 0 })
})

test('P1.1 an acknowledgement that comes without a lease makes nothing ring', async () => {
  const { server, caller } = await withAnn()
  const device = await reachableDevice(server, ann)
  server.clock.advance(leaseFor - 1_500)
  const placing = caller.place('ann')
  const { call } = await device.next('ring')
  server.clock.advance(1_500)
  device.send({ type: 'rings', call: call.id })
  expect((await placing).state).toBe('missed')
})

test('P1.1 P2.2 a device that opens a new connection while it rings is rung again there', async () => {
  const { server } = await withAnn()
  const token = await sessionOf(server, ann, 'device-1')
  const before = await connectDevice(server.url, token, 'device-1')
  await before.lease()
  const { id, events } = await ringing(server, before)
  const after = await connectDevice(server.url, token, 'device-1')
  expect(after.welcome.ringing).toEqual([id])
  // The older one rings until the newer one has a lease of its own (L4.11).
  await after.lease()
  expect(await events.next()).toMatchObject({ state: 'waiting', devices: 0 })
  await acknowledge(after)
  expect(await events.next()).toMatchObject({ state: 'ringing', devices: 1 })
})

test('P2.2 a device that comes back while a call waits rings for what is left of it, and may decline', async () => {
  const { server } = await withAnn()
  const first = await reachableDevice(server, ann)
  const { id, events } = await ringing(server, first)
  first.close()
  expect(await events.next()).toMatchObject({ state: 'waiting' })
  server.clock.advance(31_000)
  const back = await reachableDevice(server, ann, 'device-2')
  const { call } = await back.next('ring')
  expect(call.ringsFor).toBeLessThanOrEqual(ringFor - 31_000)
  back.send({ type: 'rings', call: id })
  expect(await events.next()).toMatchObject({ state: 'ringing', disposition: 'ringing', devices: 1 })
  back.send({ type: 'decline', call: id })
  expect(await back.next('over')).toMatchObject({ call: id, outcome: 'declined', here: true })
  expect(await events.next()).toMatchObject({ state: 'declined', why: null, devices: 0 })
  expect(await events.next()).toBeUndefined()
})

test('P2.2 a device that comes while another rings already is asked alone', async () => {
  const { server, caller } = await withAnn()
  const one = await reachableDevice(server, ann, 'device-1')
  const { id } = await ringing(server, one)
  const two = await reachableDevice(server, ann, 'device-2')
  await acknowledge(two)
  await expect.poll(() => caller.get(id)).toMatchObject({ state: 'ringing', devices: 2 })
  await one.lease()
  for (const device of [one, two])
    expect(device.received.filter(({ type }) => type === 'ring')).toHaveLength(1)
})

test('P2.1 a call to somebody unreachable is told so at once, waits, and rings its full time on whoever comes', async () => {
  const { server, caller } = await withAnn()
  const began = performance.now()
  const placed = await caller.place('ann', 'Dr Bell', { waitFor: 120 })
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(placed).toMatchObject({ state: 'waiting', disposition: 'unreachable', why: null, endedAt: null })
  expect(placed.deadline - placed.at).toBeGreaterThan(119_000)
  expect(placed.deadline - placed.at).toBeLessThan(121_000)
  const events = await followCall(server, placed.id)
  await events.next()
  server.clock.standStill()
  server.clock.advance(100_000)
  const device = await reachableDevice(server, ann)
  expect((await device.next('ring')).call.ringsFor).toBe(ringFor)
  device.send({ type: 'rings', call: placed.id })
  expect(await events.next()).toMatchObject({ state: 'ringing', disposition: 'unreachable', devices: 1 })
  // In steps that are shorter than a lease: who looks at it between a longer one and the heartbeat would find it over.
  for (let left = ringFor - 1_000; left > 0; left -= 4_000) {
    server.clock.advance(4_000)
    await device.lease()
  }
  device.send({ type: 'answer', call: placed.id })
  expect(await events.next()).toMatchObject({ state: 'answered' })
})

test('P2.1 P2.3 a call that nobody came for is missed as unreachable when its time is over, and rings on nobody then', async () => {
  const { server, caller } = await withAnn()
  const { id } = await caller.place('ann', 'Dr Bell', { waitFor: 20 })
  server.clock.advance(19_000)
  expect((await caller.get(id)).state).toBe('waiting')
  server.clock.advance(1_000)
  const device = await reachableDevice(server, ann)
  await expect.poll(() => caller.get(id)).toMatchObject({ state: 'missed', why: 'unreachable' })
  await device.lease()
  expect(device.received.filter(({ type }) => type === 'ring')).toEqual([])
  expect(device.welcome.missed.length + device.received.filter(({ type }) => type === 'missed').length).toBe(
    1,
  )
})

test('P2.3 a call that rang, and whose device never came back, is missed as unreachable at its own deadline', async () => {
  const { server, caller } = await withAnn()
  const device = await reachableDevice(server, ann)
  const { id, events } = await ringing(server, device)
  device.close()
  expect(await events.next()).toMatchObject({ state: 'waiting' })
  server.clock.advance(ringFor - 2_000)
  expect((await caller.get(id)).state).toBe('waiting')
  server.clock.advance(2_000)
  expect(await events.next()).toMatchObject({ state: 'missed', why: 'unreachable', disposition: 'ringing' })
  const { welcome } = await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2')
  expect(welcome.missed).toMatchObject([{ id, why: 'unreachable' }])
})

test('P2.4 a further caller is told what is so now: never busy about somebody who signed out', async () => {
  const { server, caller } = await withAnn()
  const device = await reachableDevice(server, ann)
  const other = await anotherCaller(server)
  const placing = [caller, caller, caller, other, other].map((who) => who.place('ann'))
  for (let n = 0; n < 5; n += 1) await acknowledge(device)
  await Promise.all(placing)
  expect(await caller.place('ann')).toMatchObject({ state: 'missed', disposition: 'busy' })
  const events = await followCall(server, (await Promise.all(placing))[0]?.id ?? '')
  await events.next()
  device.send({ type: 'goodbye', why: 'log-out' })
  expect(await events.next()).toMatchObject({ state: 'waiting' })
  expect(await caller.place('ann')).toMatchObject({
    state: 'missed',
    disposition: 'unreachable',
    why: 'unreachable',
  })
})

test('C9.8 a call can be cancelled in each of its states, and is then over for everybody', async () => {
  const { server, caller } = await withAnn()
  const over = async (id: string) => {
    const response = await caller.cancel(id)
    expect(await response.json()).toMatchObject({ state: 'cancelled', why: 'cancelled', devices: 0 })
    expect((await caller.cancel(id)).status).toBe(200)
  }
  const { id: unreachable } = await caller.place('ann', 'Dr Bell', { waitFor: 60 })
  await over(unreachable)
  const device = await reachableDevice(server, ann)
  expect(device.received.filter(({ type }) => type === 'ring')).toEqual([])

  const placing = caller.place('ann')
  const { call } = await device.next('ring')
  expect((await caller.get(call.id)).state).toBe('placed')
  await over(call.id)
  expect(await placing).toMatchObject({ id: call.id, state: 'cancelled' })
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'cancelled' })

  await over((await ringing(server, device)).id)
  const waiting = await ringing(server, device)
  device.close()
  expect(await waiting.events.next()).toMatchObject({ state: 'waiting' })
  await over(waiting.id)
  const back = await reachableDevice(server, ann, 'device-2')
  await back.lease()
  expect(back.received.filter(({ type }) => type === 'ring')).toEqual([])
})
