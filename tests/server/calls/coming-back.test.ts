import { expect, test } from 'vitest'
import { callerOf } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

async function withAnn() {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const one = await connectDevice(server.url, token, 'device-1')
  await one.lease()
  // What has 3 s has them however busy the machine is.
  server.clock.standStill()
  return { server, token, one, caller: callerOf(server) }
}

test('L4.10 a call placed while a device comes back by a new connection rings there', async () => {
  const { server, token, one, caller } = await withAnn()
  const placing = caller.place('ann')
  const { call } = await one.next('ring')
  const back = await connectDevice(server.url, token, 'device-1')
  expect((await caller.get(call.id)).state).toBe('placed')
  await back.lease()
  expect((await one.closed()).reason).not.toBe('')
  expect((await back.next('ring')).call.id).toBe(call.id)
  back.send({ type: 'rings', call: call.id })
  expect(await placing).toMatchObject({ state: 'ringing', disposition: 'ringing', devices: 1 })
  expect(back.received.filter(({ type }) => type === 'over')).toEqual([])
})

test('L4.10 a device that came back and never says that it rings is waited for no longer than any other', async () => {
  const { server, token, one, caller } = await withAnn()
  const placing = caller.place('ann')
  await one.next('ring')
  const back = await connectDevice(server.url, token, 'device-1')
  server.clock.advance(3_000)
  expect(await placing).toMatchObject({ state: 'missed', disposition: 'unreachable' })
  await back.lease()
  expect(back.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('C3.11 a device that gains its lease late in the round rings on when the round ends with nobody', async () => {
  const { server, one, caller } = await withAnn()
  const placing = caller.place('ann')
  const { call } = await one.next('ring')
  server.clock.advance(2_000)
  const late = await reachableDevice(server, ann, 'device-2')
  await late.next('ring')
  server.clock.advance(1_100)
  expect((await one.closed()).reason).not.toBe('')
  late.send({ type: 'rings', call: call.id })
  expect(await placing).toMatchObject({ state: 'ringing', disposition: 'ringing', devices: 1 })
  expect(late.received.filter(({ type }) => type === 'over')).toEqual([])
})

test('C3.11 the last ring to come back with nobody makes the call missed, and the caller is told something by then', async () => {
  const { server, one, caller } = await withAnn()
  const placing = caller.place('ann')
  const { call } = await one.next('ring')
  server.clock.advance(1_500)
  const late = await reachableDevice(server, ann, 'device-2')
  await late.next('ring')
  server.clock.advance(1_600)
  expect((await one.closed()).reason).toBe('ringUnanswered')
  expect((await caller.get(call.id)).state).toBe('placed')
  server.clock.advance(1_000)
  expect(await placing).toMatchObject({ state: 'placed', disposition: null })
  server.clock.advance(500)
  await expect.poll(() => caller.get(call.id)).toMatchObject({ state: 'missed', why: 'unreachable' })
})
