import { pino } from 'pino'
import { expect, test } from 'vitest'
import { ringAckWithin } from '../../../protocol/timing.ts'
import { callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

/** What the operator is told of promises and rings. */
async function figuresOf({ url, operatorKey }: InProcessServer): Promise<Record<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${operatorKey}` } })
  const told = (await answer.text()).matchAll(
    /^reachable_((?:promises|rings|heartbeats)\S+?)(?:\{outcome="(\w+)"\}|\{why="(\w+)"\})? (\d+)$/gm,
  )
  return Object.fromEntries(
    [...told].map(([, name = '', outcome, why, value]) => [outcome ?? why ?? name, Number(value)]),
  )
}

const deviceOf = (server: InProcessServer, device: string) => reachableDevice(server, ann, device)

test('S5.10 a ring to a device that held a lease is a promise: kept when it is acknowledged, broken when not, or when its connection goes first', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const [rings, silent, leaving] = await Promise.all(['a', 'b', 'c'].map((name) => deviceOf(server, name)))
  if (!rings || !silent || !leaving) throw new Error('three devices are there')
  const before = await figuresOf(server)
  expect(before).toMatchObject({
    kept: 0,
    unanswered: 0,
    lost: 0,
    undecided: 0,
    heartbeats_answered_total: 3,
  })
  const placing = callerOf(server).place('ann')
  const { call } = await rings.next('ring')
  await Promise.all([silent.next('ring'), leaving.next('ring')])
  expect(await figuresOf(server)).toMatchObject({ rings_sent_total: 3, kept: 0 })
  rings.send({ type: 'rings', call: call.id })
  leaving.close()
  await expect.poll(() => figuresOf(server)).toMatchObject({ kept: 1, lost: 1, unanswered: 0 })
  server.clock.advance(ringAckWithin)
  await placing
  const late = { kept: 1, lost: 1, unanswered: 1, undecided: 0, rings_acknowledged_total: 1 }
  expect(await figuresOf(server)).toMatchObject(late)
  // What is broken is told of the device too: its connection is closed.
  expect(await silent.closed()).toMatchObject({ reason: 'ringUnanswered' })
})

test('S5.10 of a call that is over first, and of a device whose newer connection rings in place of the older, no promise is broken', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'desk')
  const older = await connectDevice(server.url, token, 'desk')
  await older.lease()
  const laptop = await deviceOf(server, 'laptop')
  const placing = callerOf(server).place('ann')
  const { call } = await older.next('ring')
  await laptop.next('ring')
  const newer = await connectDevice(server.url, token, 'desk')
  await newer.lease()
  await newer.next('ring')
  newer.send({ type: 'rings', call: call.id })
  await expect.poll(() => figuresOf(server)).toMatchObject({ kept: 1, lost: 0, undecided: 0 })
  newer.send({ type: 'answer', call: call.id })
  await placing
  expect(await figuresOf(server)).toMatchObject({ kept: 1, unanswered: 0, lost: 0, undecided: 1 })
})

test('S5.10 heartbeats are counted by whether a lease came of them', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await deviceOf(server, 'desk')
  await device.lease()
  await (await server.db()).schema.dropTable('writeProbe').execute()
  const isReady = async () => (await fetch(`${server.url}/ready`)).status
  server.clock.advance(6_000)
  await expect.poll(isReady).toBe(503)
  device.send({ type: 'heartbeat', n: 1_000 })
  const told = { heartbeats_answered_total: 2, session: 0, storage: 1, routing: 0 }
  await expect.poll(() => figuresOf(server)).toMatchObject(told)
})

test('S3.6 each step of a call is a line of the log with its id, and with nobody’s name', async () => {
  const lines: string[] = []
  const log = pino({ level: 'info', base: null }, { write: (line) => void lines.push(line) })
  const server = await startInProcessServer({ log })
  const [user] = await settle(server, ann)
  const [device, silent] = await Promise.all([deviceOf(server, 'desk'), deviceOf(server, 'laptop')])
  const placing = callerOf(server).place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await silent.next('ring')
  await expect.poll(() => figuresOf(server)).toMatchObject({ kept: 1 })
  server.clock.advance(ringAckWithin)
  await placing
  device.send({ type: 'answer', call: call.id })
  await device.next('over')
  const told = lines.filter((line) => line.includes(call.id))
  expect(told.map((line) => JSON.parse(line).msg)).toEqual([
    'a call is placed',
    'a device is asked to ring',
    'a device is asked to ring',
    'a device rings',
    'a device that was to ring did not say that it does',
    'a call is over',
  ])
  const [first = '', , , , , last = ''] = told
  expect(JSON.parse(first)).toMatchObject({ call: call.id, user })
  expect(JSON.parse(last)).toMatchObject({ call: call.id, outcome: 'answered' })
  for (const name of [ann.name, ann.username, ann.email, 'Dr Bell']) expect(told.join('')).not.toContain(name)
})
