import { expect, test } from 'vitest'
import { ringFor } from '../../../protocol/timing.ts'
import { callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { followCall } from '../support/state-stream.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

const legsOf = async (server: InProcessServer, call: string) =>
  (await server.db())
    .selectFrom('callLeg')
    .select(['device', 'state', 'askedAt', 'acknowledgedAt'])
    .where('call', '=', call)
    .orderBy('device')
    .execute()

const rowOf = async (server: InProcessServer, call: string) =>
  (await server.db()).selectFrom('call').selectAll().where('id', '=', call).executeTakeFirstOrThrow()

test('P6.1 T7.1 one row is the record of a call, and one of each device: what it was asked, and did', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const one = await reachableDevice(server, ann, 'device-1')
  const token = await sessionOf(server, ann, 'device-2')
  const two = await connectDevice(server.url, token, 'device-2')
  await two.lease()
  const deaf = await reachableDevice(server, ann, 'device-3')
  const placing = callerOf(server).place('ann')
  for (const device of [one, two]) device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  await deaf.next('ring')
  for (const device of [one, two]) await device.lease()
  server.clock.advance(3_000)
  const { id, at } = await placing
  two.close()
  await expect.poll(() => callerOf(server).get(id)).toMatchObject({ devices: 1 })
  // The same device by another connection: still one row.
  const back = await connectDevice(server.url, token, 'device-2')
  await back.lease()
  back.send({ type: 'rings', call: (await back.next('ring')).call.id })
  await expect.poll(() => callerOf(server).get(id)).toMatchObject({ devices: 2 })
  one.send({ type: 'answer', call: id })
  await one.next('over')

  const legs = await legsOf(server, id)
  expect(legs).toMatchObject([
    { device: 'device-1', state: 'answered' },
    { device: 'device-2', state: 'acknowledged' },
    { device: 'device-3', state: 'unanswered', acknowledgedAt: null },
  ])
  for (const { askedAt } of legs) expect(askedAt).toBeGreaterThanOrEqual(at)
  for (const { askedAt, acknowledgedAt } of legs.slice(0, 2))
    expect(acknowledgedAt).toBeGreaterThanOrEqual(askedAt)
  expect(await rowOf(server, id)).toMatchObject({ state: 'answered', byDevice: 'device-1', devices: 0 })
})

test('P6.1 the row says while a call lasts how it stands and when it ends by itself', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { id: waiting } = await callerOf(server).place('ann', 'Dr Bell', { waitFor: 60 })
  expect(await rowOf(server, waiting)).toMatchObject({
    state: 'waiting',
    disposition: 'unreachable',
    waitFor: 60,
  })
  const device = await reachableDevice(server, ann)
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  await expect.poll(() => rowOf(server, waiting)).toMatchObject({ state: 'ringing', devices: 1 })
  const { deadline } = await rowOf(server, waiting)
  expect(Math.abs(deadline - server.clock.wall() - ringFor)).toBeLessThan(2_000)
})

test('P5.1 a call that was ended in the record by somebody else has ended so for everybody, whatever is pressed here', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  const { id } = await placing
  const ended = { state: 'declined', byDevice: 'elsewhere', endedAt: 1, devices: 0 } as const
  await (await server.db()).updateTable('call').set(ended).where('id', '=', id).execute()
  device.send({ type: 'answer', call: id })
  expect(await device.next('over')).toEqual({ type: 'over', call: id, outcome: 'declined', here: false })
  expect(await callerOf(server).get(id)).toMatchObject({ state: 'declined', room: null })
  expect(await rowOf(server, id)).toMatchObject(ended)
})

test('P5.1 every device and the caller hear the outcome that the row says, whatever happens at one moment', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const caller = callerOf(server)
  const one = await reachableDevice(server, ann, 'device-1')
  const two = await reachableDevice(server, ann, 'device-2')
  for (let n = 0; n < 8; n += 1) {
    const placing = caller.place('ann')
    for (const device of [one, two]) device.send({ type: 'rings', call: (await device.next('ring')).call.id })
    const { id } = await placing
    const events = await followCall(server, id)
    await events.next()
    const all: (() => unknown)[] = [
      () => one.send({ type: 'answer', call: id }),
      () => two.send({ type: 'decline', call: id }),
      () => caller.cancel(id),
    ]
    // Each comes first now and then.
    for (let k = 0; k < all.length; k += 1) void all[(n + k) % all.length]?.()
    const told = (await events.next())?.state
    expect(await events.next()).toBeUndefined()
    expect((await rowOf(server, id)).state).toBe(told)
    for (const device of [one, two]) {
      await device.lease()
      // Whoever came too late may be told twice, but not two things.
      const outcomes = device.received.flatMap((m) => (m.type === 'over' && m.call === id ? [m.outcome] : []))
      expect([...new Set(outcomes)]).toEqual([told])
    }
  }
})
