import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createConnectedPeople } from '../../../server/presence/connected-people.ts'
import { Connection } from '../../../server/presence/connection.ts'
import { createReachabilityRecord } from '../../../server/presence/reachability-record.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

/** The people of a server, and connections of Ann's that are never heard. */
async function silentConnections() {
  const people = createConnectedPeople({
    clock: testClock(),
    record: createReachabilityRecord(await openTestDatabase(temporaryFolder()), Number.POSITIVE_INFINITY),
    onArrival: () => () => {},
    report: () => {},
    onLeases: () => {},
  })
  const socket = new WebSocket('ws://127.0.0.1').on('error', () => {})
  socket.terminate()
  let connections = 0
  const add = (device: string) => {
    connections += 1
    const from = { address: '127.0.0.1', label: 'test' }
    const connection = new Connection(socket, new PassThrough(), {
      id: `connection-${connections}`,
      at: 0,
      nonce: 'n',
      from,
    })
    connection.identity = { userId: 'ann', device, sessionId: device }
    return { connection, added: people.add('ann', connection) }
  }
  return { people, add }
}

test('L1.7 of one device at most 5 connections are there at once, however few devices the person has', async () => {
  const { people, add } = await silentConnections()
  const five = Array.from({ length: 5 }, () => add('desk'))
  expect(five.map(({ added }) => added)).toEqual(Array(5).fill(true))
  expect(add('desk').added).toBe(false)
  expect(add('laptop').added).toBe(true)
  const [first] = five
  if (first) people.remove('ann', first.connection)
  expect(add('desk').added).toBe(true)
})

test('L1.7 each of 20 devices can come back, and no other comes in', async () => {
  const { add } = await silentConnections()
  const devices = Array.from({ length: 20 }, (_, n) => `device-${n}`)
  for (const device of [...devices, ...devices]) expect(add(device).added).toBe(true)
  expect(add('one-too-many').added).toBe(false)
})

test('S4.7 T1.1 once the server stops, no heartbeat is granted a lease and no connection is opened to one', async () => {
  const { people, add } = await silentConnections()
  const [held, late] = [add('desk').connection.id, add('laptop').connection.id]
  const open = (connection: string, device: string) =>
    people.dispatch('ann', { kind: 'opened', connection, device, order: { boot: 1, n: 1 }, takeOver: true })
  const heartbeat = (connection: string, n: number) =>
    people.dispatch('ann', {
      kind: 'heartbeat',
      connection,
      n,
      arrived: performance.now(),
      leaseFor: 25_000,
    })
  open(held, 'desk')
  expect(heartbeat(held, 1)).toMatchObject([{ kind: 'grant' }])
  people.stopGranting()
  expect(heartbeat(held, 2)).toEqual([])
  expect(open(late, 'laptop')).toEqual([{ kind: 'close', connection: late, why: 'serverStopping' }])
  expect(heartbeat(late, 1)).toEqual([])
  people.dispatch('ann', { kind: 'closed', connection: held })
  expect(people.live('ann')).toEqual([])
})
