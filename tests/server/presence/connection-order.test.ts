import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { defaultTiming } from '../../../protocol/timing.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { insertSession } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { ringSubject } from '../../../server/bus/person-message.ts'
import type { Calls } from '../../../server/calls/calls.ts'
import type { Database } from '../../../server/database/tables.ts'
import type { Log } from '../../../server/log.ts'
import { createOtherNodes, type OtherNodes } from '../../../server/nodes/other-nodes.ts'
import { Connection } from '../../../server/presence/connection.ts'
import { type ConnectionOrders, createConnectionOrders } from '../../../server/presence/connection-order.ts'
import { openPresence } from '../../../server/presence/presence.ts'
import { createReachabilityRecord } from '../../../server/presence/reachability-record.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { type TestClock, testClock } from '../support/test-clock.ts'

/** Nodes of one database, as far as they keep the order of connections, and Ann, who is known to all. */
async function threeNodes() {
  const db = await openTestDatabase(temporaryFolder())
  const clock = testClock()
  const log = pino({ level: 'silent' })
  const user = { name: 'Ann', email: 'ann@example.test', emailVerified: false, username: 'ann' }
  const userId = await insertUser(db, user, clock.wall())
  /** @param at whether Ann's desk holds a lease at a node; undefined where that does not say. */
  const nodeOf = (
    node: string,
    {
      at = () => undefined,
      living = () => [],
    }: { at?: (node: string) => boolean | undefined; living?: () => readonly string[] } = {},
  ) =>
    createConnectionOrders({
      ...{ db, clock, log, node, living, isLive: () => false },
      others: {
        async leasesAt(asked) {
          const isHeld = at(asked)
          const lease = { session: 's', device: 'desk', left: 1 }
          return isHeld === undefined ? undefined : { leases: isHeld ? [lease] : [], endedAt: null }
        },
      },
    })
  const claim = (device: string, connection: string, n: number) => ({
    ...{ userId, device, connection, takeOver: true },
    order: { boot: 1, n },
  })
  return { db, userId, clock, log, nodeOf, claim }
}

interface PresenceOptions {
  readonly db: Database
  readonly clock: TestClock
  readonly log: Log
  readonly userId: string
  readonly orders: ConnectionOrders
  readonly others?: OtherNodes
}

/** The presence of node `one`, and what makes connections of Ann's that are never heard. */
function presenceOf({ db, clock, log, userId, orders, others }: PresenceOptions) {
  const bus = createInProcessBus()
  const calls = { countMissed: async () => 0 } as unknown as Calls
  const presence = openPresence({
    ...{ db, clock, log, bus, calls, orders, timing: defaultTiming, lifetimes: defaultLifetimes },
    record: createReachabilityRecord(db, Number.POSITIVE_INFINITY),
    isWritable: async () => true,
    nodes: { id: 'one', others: others ?? createOtherNodes(bus), living: () => [] },
  })
  const connectionOf = (id: string, { device, sessionId }: { device: string; sessionId: string }) => {
    const socket = new WebSocket('ws://127.0.0.1').on('error', () => {})
    socket.terminate()
    const from = { address: '127.0.0.1', label: 'test' }
    const connection = new Connection(socket, new PassThrough(), { id, at: 0, nonce: 'n', from })
    connection.identity = { userId, device, sessionId }
    return connection
  }
  return { bus, presence, connectionOf }
}

test('R4.1 R4.4 a node finds of which of its sessions the device has a newer connection elsewhere, as long as that is there', async () => {
  const { db, userId, clock, nodeOf, claim } = await threeNodes()
  const sessionOn = async (device: string) => {
    const session = { userId, device, jkt: 'k', staySignedIn: false, label: '', address: '' }
    await insertSession(db, session, defaultLifetimes.transient, clock.wall())
    const row = db.selectFrom('device').select('sessionId').where('device', '=', device)
    return (await row.executeTakeFirstOrThrow()).sessionId
  }
  const sessions = [await sessionOn('moved'), await sessionOn('stayed')]
  const [one, other] = [nodeOf('one'), nodeOf('other')]
  await one.claim(claim('moved', 'first', 1))
  await one.claim(claim('stayed', 'third', 1))
  expect(await one.look(sessions)).toEqual({ newer: [], vacant: [] })
  await other.claim(claim('moved', 'second', 2))
  const newer = { userId, device: 'moved', connection: 'second', order: { boot: 1, n: 2 }, node: 'other' }
  expect(await one.look(sessions)).toEqual({ newer: [newer], vacant: [] })
  expect((await other.look(sessions)).newer).toEqual([expect.objectContaining({ device: 'stayed' })])
  other.gone({ userId, device: 'moved', connection: 'second' })
  await other.flush()
  expect(await one.look(sessions)).toEqual({ newer: [], vacant: [{ userId, device: 'moved' }] })

  // The older one goes on, and one that comes later than it is still refused by the order of the one that is gone.
  await one.resume({ userId, device: 'moved', connection: 'first', order: { boot: 1, n: 1 } })
  expect(await one.look(sessions)).toEqual({ newer: [], vacant: [] })
  expect((await other.look(sessions)).newer).toContainEqual({
    ...{ userId, device: 'moved', connection: 'first', node: 'one' },
    order: { boot: 1, n: 2 },
  })
  expect(await other.claim(claim('moved', 'late', 2))).toMatchObject({ kind: 'outranked' })
  await other.claim(claim('moved', 'newest', 3))
  await one.resume({ userId, device: 'moved', connection: 'first', order: { boot: 1, n: 1 } })
  expect((await one.look(sessions)).newer).toMatchObject([{ connection: 'newest', node: 'other' }])
  // Also where nothing is left of the order.
  await db.deleteFrom('connectionOrder').where('device', '=', 'moved').execute()
  expect((await one.look(sessions)).vacant).toEqual([{ userId, device: 'moved' }])
  await one.resume({ userId, device: 'moved', connection: 'first', order: { boot: 1, n: 1 } })
  expect((await one.look(sessions)).vacant).toEqual([])
})

test('R4.2 one that yields asks every node that lives, and gives way to one that does not answer', async () => {
  const { userId, nodeOf, claim } = await threeNodes()
  const held = new Map<string, boolean | undefined>()
  const at = (node: string) => held.get(node)
  const third = nodeOf('third', { at, living: () => ['one', 'other'] })
  const yields = (n: number) => ({ ...claim('desk', `copy ${n}`, n), takeOver: false })
  // The row is of the other node, and that one is gone: the lease is at a node that it does not name.
  const other = nodeOf('other')
  await other.claim(claim('desk', 'failed', 5))
  other.gone({ userId, device: 'desk', connection: 'failed' })
  await other.flush()
  held.set('other', false).set('one', true)
  expect(await third.claim(yields(6))).toEqual({ kind: 'outranked', boot: 1, live: true })
  held.set('one', undefined)
  expect(await third.claim(yields(6))).toEqual({ kind: 'outranked', boot: 1, live: true })
  held.set('one', false)
  expect(await third.claim(yields(6))).toEqual({ kind: 'granted', takeOver: false })
  // Nobody knows of a node that is dead: it holds nothing.
  const alone = nodeOf('alone', { at: () => undefined, living: () => [] })
  expect(await alone.claim(yields(7))).toEqual({ kind: 'granted', takeOver: false })
})

test('R4.5 R7.1 where the connection before the newest was is known, also after one in between that is gone', async () => {
  const { userId, nodeOf, claim } = await threeNodes()
  const living = () => ['one', 'other', 'third']
  const [one, other, third, fourth] = [
    nodeOf('one'),
    nodeOf('other'),
    nodeOf('third', { living }),
    nodeOf('fourth', { living }),
  ]
  await one.claim(claim('desk', 'first', 1))
  expect(await fourth.readNodesOf(userId)).toEqual(['one'])
  await other.claim(claim('desk', 'second', 2))
  expect(await fourth.readNodesOf(userId)).toEqual(['other', 'one'])
  other.gone({ userId, device: 'desk', connection: 'second' })
  await other.flush()
  expect(await fourth.readNodesOf(userId)).toEqual(['one'])
  await third.claim(claim('desk', 'third', 3))
  expect(await fourth.readNodesOf(userId)).toEqual(['third', 'one'])
  expect(await third.readNodesOf(userId)).toEqual(['one'])
  expect(await nodeOf('fifth').readNodesOf(userId), 'one that is dead holds nothing').toEqual(['third'])
})

test('R1.4 what was claimed for a connection that was gone by then is written down as gone', async () => {
  const { db, userId, clock, log, nodeOf } = await threeNodes()
  const orders = nodeOf('one')
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const { presence, connectionOf } = presenceOf({
    ...{ db, clock, log, userId },
    orders: { ...orders, claim: (asked) => begun.then(() => orders.claim(asked)) },
  })
  const connection = connectionOf('c', { device: 'desk', sessionId: 's' })
  expect(presence.join(connection)).toBe(true)
  const claiming = presence.claim(connection, { boot: 1, n: 1 }, true)
  presence.leave(connection)
  await orders.flush()
  begin()
  expect(await claiming).toMatchObject({ kind: 'granted' })
  await orders.flush()
  const row = db.selectFrom('connectionOrder').select(['connection', 'goneAt'])
  expect(await row.executeTakeFirst()).toEqual({ connection: 'c', goneAt: expect.any(Number) })
})

test('R4.4 all who did not hear of a newer connection are looked at together, however long a node takes to answer', async () => {
  const { db, userId, clock, log, nodeOf, claim } = await threeNodes()
  const devices = ['desk', 'laptop', 'phone']
  let asked = 0
  let answer = () => {}
  const allAsked = new Promise<void>((resolve) => {
    answer = resolve
  })
  const { presence, connectionOf, bus } = presenceOf({
    ...{ db, clock, log, userId, orders: nodeOf('one') },
    others: {
      async leasesAt() {
        asked += 1
        if (asked === devices.length) answer()
        await allAsked
        return { leases: devices.map((device) => ({ session: 's', device, left: 1 })), endedAt: null }
      },
    },
  })
  for (const device of devices) {
    const session = { userId, device, jkt: 'k', staySignedIn: false, label: '', address: '' }
    await insertSession(db, session, defaultLifetimes.transient, clock.wall())
    const row = db.selectFrom('device').select('sessionId').where('device', '=', device)
    const { sessionId } = await row.executeTakeFirstOrThrow()
    const connection = connectionOf(device, { device, sessionId })
    presence.join(connection)
    await presence.claim(connection, { boot: 1, n: 1 }, true)
    presence.welcome(connection, { boot: 1, n: 1 }, true)
    const arrived = clock.monotonic()
    bus.publish(ringSubject(userId), { kind: 'heartbeat', connection: device, n: 1, arrived })
  }
  const live = () => devices.filter((device) => presence.isLive(userId, device))
  await expect.poll(live).toEqual(devices)
  for (const device of devices) await nodeOf('other').claim(claim(device, `newer ${device}`, 2))
  // A look waits for others to go with it, for half a second at most.
  for (const pass of [9_000, 500]) {
    clock.advance(pass)
    presence.tick()
  }
  await expect.poll(live).toEqual([])
})
