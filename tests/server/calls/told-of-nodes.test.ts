import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callerOf } from '../support/api-client.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

let service: InProcessService
beforeAll(async () => {
  service = await openInProcessService()
})
afterAll(() => service?.close())

const lines: string[] = []
const log = pino({ level: 'debug', base: null }, { write: (line) => void lines.push(line) })

/** Somebody of this test alone. */
const somebody = () => {
  const username = `p${randomUUID().slice(0, 8)}`
  return { username, email: `${username}@clinic.example`, name: 'Pat Doe', password: '' }
}

const metricsOf = async ({ url, operatorKey }: InProcessNode) =>
  (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${operatorKey}` } })).text()

test('R9.2 S3.6 a call’s way over nodes is read by its id: placed, rung, acknowledged, taken over, answered, and where', async () => {
  const [one, two] = await Promise.all([service.start({ log }), service.start({ log })])
  const person = somebody()
  await settle(two, person)
  const device = await reachableDevice(two, person, randomUUID())
  const caller = callerOf(one)
  const placing = caller.place(person.username)
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  await one.drain()
  const again = await device.next('ring')
  device.send({ type: 'rings', call: again.call.id })
  await expect.poll(() => lines.filter((line) => line.includes('a device rings'))).toHaveLength(2)
  device.send({ type: 'answer', call: call.id })
  await device.next('over')

  const names = new Map([
    [one.node, 'one'],
    [two.node, 'two'],
  ])
  const told = lines.filter((line) => line.includes(call.id)).map((line) => JSON.parse(line))
  expect(told.map(({ node, msg }) => `${names.get(node)}: ${msg}`)).toEqual([
    'one: a call is placed',
    'two: a device is asked to ring',
    'one: a device rings',
    'one: a call is for another node to drive',
    'two: a call is taken over',
    'two: a device is asked to ring',
    'two: a device rings',
    'two: a call is over',
  ])
  // Once in each line, and in every line.
  for (const line of lines) expect(line.match(/"node":/g), line).toHaveLength(1)
  expect(lines.join('')).not.toContain('Pat Doe')
})

test('R9.3 R9.1 S5.10 a node’s metrics tell which it is and how it stands, and so does whether it is ready; promises are counted where the call is driven', async () => {
  const [one, two] = await Promise.all([service.start(), service.start()])
  const person = somebody()
  await settle(two, person)
  const device = await reachableDevice(two, person, randomUUID())
  const placing = callerOf(one).place(person.username)
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  const [driver, holder] = await Promise.all([metricsOf(one), metricsOf(two)])
  expect(driver).toContain('reachable_promises_total{outcome="kept"} 1\n')
  expect(holder).toContain('reachable_promises_total{outcome="kept"} 0\n')
  for (const ring of ['reachable_rings_sent_total', 'reachable_rings_acknowledged_total']) {
    expect(driver).toContain(`\n${ring} 0\n`)
    expect(holder).toContain(`\n${ring} 1\n`)
  }
  expect(driver).toContain(`reachable_node_info{node="${one.node}"} 1\n`)
  await expect
    .poll(async () => Number(/^reachable_nodes_living (\d+)$/m.exec(await metricsOf(one))?.[1]))
    .toBeGreaterThanOrEqual(2)
  for (const [name, value] of [
    ['bus_connected', 1],
    ['node_draining', 0],
    ['database_writable', 1],
  ] as const)
    expect(driver).toContain(`\nreachable_${name} ${value}\n`)
  expect(driver).toMatch(/^reachable_database_retries_total \d+$/m)
  expect(Number(/^reachable_database_probe_seconds_total (\S+)$/m.exec(driver)?.[1])).toBeGreaterThan(0)
  expect(Number(/^reachable_database_bytes\{file="database"\} (\S+)$/m.exec(driver)?.[1])).toBeGreaterThan(0)
  await one.toNats.close()
  await expect.poll(async () => metricsOf(one)).toContain('\nreachable_bus_connected 0\n')
  const told = async (path: string) => {
    const answer = await fetch(`${one.url}${path}`)
    return [answer.status, await answer.json()]
  }
  expect(await told('/ready')).toEqual([503, { ready: false, why: 'NATS is lost.' }])
  expect(await told('/live')).toEqual([200, { live: true }])
  await two.toNats.close()
  await expect.poll(async () => metricsOf(two)).toContain('\nreachable_bus_connected 0\n')
  device.send({ type: 'heartbeat', n: 1_000 })
  await expect.poll(async () => metricsOf(two)).toContain('heartbeats_refused_total{why="routing"} 1\n')
  const draining = two.drain()
  // It is asked for as long as it drains, and not after that.
  await expect.poll(async () => metricsOf(two)).toContain('\nreachable_node_draining 1\n')
  device.close()
  await draining
})
