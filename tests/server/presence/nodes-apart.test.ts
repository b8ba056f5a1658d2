import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startNats } from '../../support/nodes/nats.ts'
import { startTcpProxy } from '../../support/nodes/tcp-proxy.ts'
import { callerOf } from '../support/api-client.ts'
import { type InProcessNode, openInProcessService } from '../support/in-process-nodes.ts'
import { somebodyAt } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

/** Two nodes that do not hear one another are felt as such within this, ms. */
const feltWithin = 10_000

/** Nodes of one database, each at the server of NATS that a test says. */
async function openService() {
  const service = await openInProcessService()
  onTestFinished(() => service.close())
  return service
}

const readyOf = async ({ url }: InProcessNode) => {
  const response = await fetch(`${url}/ready`)
  return [response.status, ((await response.json()) as { why?: string }).why]
}

const notHeard = [503, 'Other nodes are not heard over NATS.']

test('J5.1 J5.3 where the link between two NATS servers breaks, one side alone goes on: the other says so, its devices move, and its calls are rung by the first', {
  timeout: 60_000,
}, async () => {
  const service = await openService()
  const here = await startNats()
  const link = await startTcpProxy(() => [here.clusterPort])
  onTestFinished(() => link.close())
  const there = await startNats({ cluster: { ...here, clusterPort: link.port } })
  const one = await service.start({ env: { NATS_URL: here.url } })
  const other = await service.start({ env: { NATS_URL: there.url } })
  const [ann, bo] = [await somebodyAt(one), await somebodyAt(one)]
  const atOne = await connectDevice(one.url, ann.token, ann.device)
  const atOther = await connectDevice(other.url, bo.token, bo.device)
  await Promise.all([atOne.lease(), atOther.lease()])
  const beating = setInterval(() => void atOne.lease(), 5_000)
  onTestFinished(() => clearInterval(beating))
  for (const device of [atOne, atOther])
    void device.next('ring').then(({ call }) => device.send({ type: 'rings', call: call.id }))
  const before = await callerOf(other).place(bo.username)
  expect(before).toMatchObject({ disposition: 'ringing', devices: 1 })

  link.cut()
  const cutAt = performance.now()
  await expect.poll(() => readyOf(other), { timeout: feltWithin, interval: 100 }).toEqual(notHeard)
  expect(await atOther.next('no-lease')).toMatchObject({ why: 'routing' })
  expect(performance.now() - cutAt).toBeLessThan(feltWithin)
  await atOther.next('move')
  expect(await readyOf(one)).toEqual([200, undefined])

  // A caller at the node that is cut off hears of whoever the others can ring.
  expect(await callerOf(other).place(ann.username)).toMatchObject({ disposition: 'ringing', devices: 1 })
  // What it drove is driven by the other, which rings the device that has moved.
  const moved = await connectDevice(one.url, bo.token, bo.device)
  await moved.lease()
  expect(await moved.next('ring')).toMatchObject({ call: { id: before.id } })

  link.mend()
  await expect.poll(() => readyOf(other), { timeout: 15_000, interval: 100 }).toEqual([200, undefined])
  expect(atOne.received.filter(({ type }) => type === 'no-lease' || type === 'move')).toEqual([])
})

test('J5.4 a node that starts at a NATS server which is no cluster with that of the others says so, and is not ready', {
  timeout: 60_000,
}, async () => {
  const service = await openService()
  const alone = await startNats()
  const one = await service.start()
  const lines: string[] = []
  const log = pino(
    { level: 'error' },
    new Writable({
      write(line, _, done) {
        lines.push(String(line))
        done()
      },
    }),
  )
  const other = await service.start({ env: { NATS_URL: alone.url }, log })
  expect(
    lines.filter((line) => line.includes('whether all servers of NATS_URL are one cluster')),
  ).toHaveLength(1)
  const { device, token, username } = await somebodyAt(one)
  const connection = await connectDevice(other.url, token, device)
  connection.send({ type: 'heartbeat', n: 1 })
  expect(await connection.next('no-lease')).toMatchObject({ why: 'routing' })
  const began = performance.now()
  const stays = async () => {
    expect([await readyOf(other), await readyOf(one)]).toEqual([notHeard, [200, undefined]])
    return performance.now() - began
  }
  await expect.poll(stays, { timeout: 2 * feltWithin, interval: 200 }).toBeGreaterThan(feltWithin)
  expect(await callerOf(one).place(username)).toMatchObject({ disposition: 'unreachable' })
})
