import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { purge } from '../../../server/purge.ts'
import { openAccount } from '../my-account/at-account.ts'
import { callerOf, post } from '../support/api-client.ts'
import { gone } from '../support/connection-places.ts'
import { newKey, proofOf } from '../support/dpop-proofs.ts'
import { textOf } from '../support/html-pages.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { sessionOf, somebodyAt } from '../support/people.ts'
import { connectDevice, openConnection, sayHello, sendHello } from '../support/websocket-device.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  ;[one, other] = await Promise.all([service.start(), service.start()])
})
afterAll(() => service?.close())

const somebody = () => somebodyAt(one)

test('R4.1 T9.1 a newer connection at another node closes the older one, once it has a lease', async () => {
  const { device, token } = await somebody()
  const older = await connectDevice(one.url, token, device)
  await older.lease()
  const newer = await connectDevice(other.url, token, device)
  // Made before the older one breaks.
  await older.lease()
  await newer.lease()
  expect(await older.closed()).toEqual({ code: 4409, reason: 'replaced' })
  await newer.lease()
})

test('R4.1 T9.1 an older connection that arrives at another node is refused, and told whether the newer one lives', async () => {
  const { device, token } = await somebody()
  const newer = await connectDevice(one.url, token, device)
  await newer.lease()
  const overtaken = await openConnection(other.url)
  await sendHello(overtaken, other.url, { token, device, order: { boot: 1, n: 0 } })
  expect(await overtaken.next('outranked')).toEqual({ type: 'outranked', boot: 1, live: true })
  expect(await overtaken.closed()).toEqual({ code: 4411, reason: 'superseded' })
  newer.close()
  await newer.closed()
  await expect
    .poll(async () => {
      const late = await openConnection(other.url)
      await sendHello(late, other.url, { token, device, order: { boot: 1, n: 0 } })
      return late.next('outranked')
    })
    .toMatchObject({ live: false })
})

test('R4.2 T9.2 a copy at another node that is not to take over is refused while the connection holds a lease', async () => {
  const { device, token } = await somebody()
  const first = await connectDevice(one.url, token, device)
  await first.lease()
  const copy = await openConnection(other.url)
  await sendHello(copy, other.url, { token, device, takeOver: false })
  expect(await copy.next('outranked')).toMatchObject({ live: true })
  await first.lease()
  first.close()
  await first.closed()
  await expect
    .poll(async () => {
      const again = await openConnection(other.url)
      await sendHello(again, other.url, { token, device, takeOver: false })
      return Promise.race([again.next('welcome'), again.next('outranked').catch(() => undefined)])
    })
    .toMatchObject({ type: 'welcome' })
})

test('R7.1 T8.1 a person who is reachable at another node has no gap, and one that was at none is told it once', async () => {
  const { person, username, device, token } = await somebody()
  const first = await connectDevice(one.url, token, device)
  expect((await first.lease()).gap).toBeUndefined()
  const second = randomUUID()
  const secondToken = await sessionOf(one, person, second)
  const there = await connectDevice(other.url, secondToken, second)
  expect((await there.lease()).gap, 'reachable at the first').toBeUndefined()
  first.close()
  there.close()
  await Promise.all([gone(service.db, device), gone(service.db, second)])
  expect((await callerOf(one).place(username)).disposition).toBe('unreachable')
  const back = await connectDevice(other.url, token, device)
  expect((await back.lease()).gap).toMatchObject({ missed: 1, recorded: true })
  const alsoBack = await connectDevice(one.url, secondToken, second)
  expect((await alsoBack.lease()).gap, 'told already').toBeUndefined()
})

test('R7.2 how long somebody was reachable is in the record within half a second of its end, however short it was, and the gap after it is told at another node', async () => {
  const took: number[] = []
  for (let n = 0; n < 4; n += 1) {
    const { person, username, device, token } = await somebody()
    const connection = await connectDevice(one.url, token, device)
    await connection.lease()
    connection.close()
    const ended = () =>
      service.db
        .selectFrom('reachability')
        .innerJoin('user', 'user.id', 'reachability.userId')
        .select('until')
        .where('email', '=', person.email)
        .executeTakeFirst()
    const endedAt = performance.now()
    await expect.poll(async () => (await ended())?.until ?? null).not.toBeNull()
    took.push(performance.now() - endedAt)
    await callerOf(other).place(username)
    const back = await connectDevice(other.url, token, device)
    expect((await back.lease()).gap).toMatchObject({ missed: 1 })
  }
  // A busy machine only makes them longer; half of them are those of the rule.
  const [, second] = took.toSorted((one, other) => one - other)
  expect(second).toBeLessThan(800)
})

test('R2.1 R9.1 a node that loses the bus ends every lease at once and says why, and gives new ones once it is back', async () => {
  const { device, token } = await somebody()
  const third = await service.start()
  const connection = await connectDevice(third.url, token, device)
  await connection.lease()
  third.toNats.cut()
  expect(await connection.next('no-lease')).toMatchObject({ why: 'routing' })
  connection.send({ type: 'heartbeat', n: 7 })
  expect(await connection.next('no-lease')).toMatchObject({ n: 7, why: 'routing' })
  expect((await fetch(`${third.url}/ready`)).status).toBe(503)
  third.toNats.mend()
  await expect.poll(async () => (await fetch(`${third.url}/ready`)).status, { timeout: 10_000 }).toBe(200)
  await connection.lease()
})

test('B4.2 what changed while a node alone had lost the bus its devices hear once it is back', async () => {
  const { device, token, username } = await somebody()
  const third = await service.start()
  const connection = await connectDevice(third.url, token, device)
  await connection.lease()
  third.toNats.cut()
  await connection.next('no-lease')
  await service.db.updateTable('user').set({ name: 'Renamed' }).where('username', '=', username).execute()
  third.toNats.mend()
  expect(await connection.next('account')).toMatchObject({ account: { name: 'Renamed' } })
  expect(await connection.next('missed')).toMatchObject({ missed: [] })
})

test('R6.1 R9.1 a node that drains is not ready, takes nobody new, and has its devices move before it closes', async () => {
  const { device, token } = await somebody()
  const stays = await somebody()
  const leaving = await service.start()
  const old = await connectDevice(leaving.url, token, device)
  const slow = await connectDevice(leaving.url, stays.token, stays.device)
  await Promise.all([old.lease(), slow.lease()])
  const drained = leaving.drain()
  await Promise.all([old.next('move'), slow.next('move')])
  const ready = await fetch(`${leaving.url}/ready`)
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, why: 'draining' }])
  expect((await fetch(`${leaving.url}/live`)).status).toBe(200)
  await expect(openConnection(leaving.url)).rejects.toThrow('503')
  await old.lease()
  const moved = await connectDevice(other.url, token, device)
  await moved.lease()
  expect(await old.closed()).toMatchObject({ reason: 'replaced' })
  await drained
  await leaving.close()
  expect(await slow.closed()).toMatchObject({ reason: 'serverStopping' })
  const row = service.db
    .selectFrom('node')
    .select('drainingSince')
    .where('id', '=', leaving.node ?? '')
  expect((await row.executeTakeFirst())?.drainingSince).toBeTypeOf('number')
})

test('R6.1 a device whose hello comes while its node drains is told to move too', async () => {
  const { device, token } = await somebody()
  const leaving = await service.start()
  const late = await openConnection(leaving.url)
  const drained = leaving.drain()
  await expect.poll(async () => (await fetch(`${leaving.url}/ready`)).status).toBe(503)
  await sendHello(late, leaving.url, { token, device, order: { boot: 1, n: 1 } })
  await late.next('welcome')
  await late.next('move')
  late.close()
  await drained
  await leaving.close()
})

test('R6.1 a node that drains places calls, which others ring, and answers what it was asked before it closes', async () => {
  const { username, device, token } = await somebody()
  const leaving = await service.start()
  const elsewhere = await connectDevice(other.url, token, device)
  await elsewhere.lease()
  const drained = leaving.drain()
  await expect.poll(async () => (await fetch(`${leaving.url}/ready`)).status).toBe(503)
  const rung = callerOf(leaving).place(username)
  const { call } = await elsewhere.next('ring')
  elsewhere.send({ type: 'rings', call: call.id })
  expect(await rung).toMatchObject({ state: 'ringing', devices: 1 })
  await callerOf(other).cancel(call.id)

  // Nobody says that this one rings: its caller is told so after seconds.
  const { authorization } = callerOf(leaving)
  const under = post(leaving, '/api/calls', { to: username, from: 'Dr Bell' }, authorization)
  await elsewhere.next('ring')
  await drained
  await leaving.close()
  const answered = await under
  expect([answered.status, answered.headers.get('connection')]).toEqual([201, 'close'])
  await expect(fetch(`${leaving.url}/live`)).rejects.toThrow()
  elsewhere.close()
})

test('R7.1 a dead node’s stretches end at its last write: before it is believed dead for whoever comes back, and in the record after', async () => {
  const { person, username, device, token } = await somebody()
  const [{ id: userId } = { id: '' }] = await service.db
    .selectFrom('user')
    .select('id')
    .where('email', '=', person.email)
    .execute()
  const node = randomUUID()
  const writtenAt = Date.now() - 90_000
  const times = { startedAt: writtenAt - 1_000, writtenAt, drainingSince: null }
  await service.db
    .insertInto('node')
    .values({ id: node, ...times })
    .execute()
  const stretch = { userId, node, from: writtenAt - 500, until: null }
  await service.db.insertInto('reachability').values(stretch).execute()
  await callerOf(one).place(username)
  const back = await connectDevice(other.url, token, device)
  expect((await back.lease()).gap).toMatchObject({ from: writtenAt, missed: 1 })
  const row = () =>
    service.db.selectFrom('reachability').select('until').where('node', '=', node).executeTakeFirst()
  // It goes once the person is reachable again, or ends there.
  await expect.poll(async () => (await row())?.until ?? 'open', { timeout: 15_000 }).not.toBe('open')
})

test('R8.1 My account says of a device at another node that it is on', async () => {
  const { person, device, token } = await somebody()
  const second = randomUUID()
  const there = await connectDevice(other.url, await sessionOf(one, person, second), second)
  const pages = await openAccount(one, token, device)
  const on = async () =>
    (await textOf(await pages.getPage())).match(/On when this page was loaded/g)?.length ?? 0
  expect(await on()).toBe(0)
  await there.lease()
  expect(await on()).toBe(1)
})

test('R4.3 each node has 20 devices of a person at most', async () => {
  const { person } = await somebody()
  const connect = async (node: InProcessNode) => {
    const device = randomUUID()
    const connection = await openConnection(node.url)
    await sendHello(connection, node.url, { token: await sessionOf(one, person, device), device })
    return Promise.race([connection.next('welcome').catch(() => undefined), connection.closed()])
  }
  for (let n = 0; n < 20; n += 1) expect(await connect(one)).toMatchObject({ type: 'welcome' })
  expect(await connect(one)).toMatchObject({ reason: 'tooManyDevices' })
  expect(await connect(other)).toMatchObject({ type: 'welcome' })
})

test('R1.4 what long dead nodes left is dropped, and the place of a device that is long gone; what is there stays', async () => {
  const { device, token } = await somebody()
  const stays = await connectDevice(one.url, token, device)
  const dead = randomUUID()
  const users = await Promise.all([somebody(), somebody()])
  const [left, gone] = await Promise.all(
    users.map(({ person }) =>
      service.db.selectFrom('user').select('id').where('email', '=', person.email).executeTakeFirstOrThrow(),
    ),
  )
  const at = Date.now() - 3_700_000
  await service.db
    .insertInto('node')
    .values({ id: dead, startedAt: at, writtenAt: at, drainingSince: null })
    .execute()
  const place = { device, boot: 1, n: 1, connection: 'c' }
  await service.db
    .insertInto('connectionOrder')
    .values([
      { ...place, userId: left?.id ?? '', node: dead, goneAt: null },
      { ...place, userId: gone?.id ?? '', node: one.node ?? '', goneAt: Date.now() - 61_000 },
    ])
    .execute()
  const count = async () => {
    const places = await service.db
      .selectFrom('connectionOrder')
      .select('node')
      .where('device', '=', device)
      .execute()
    return places.map(({ node }) => node)
  }
  expect(await count()).toHaveLength(3)
  await purge(service.db, Date.now(), { auditKeptFor: 1e12, callsKeptFor: 1e12, messagesKeptFor: 1e12 })
  expect(await count()).toEqual([one.node])
  const nodes = await service.db.selectFrom('node').select('id').execute()
  expect(nodes.map(({ id }) => id)).not.toContain(dead)
  expect(nodes.map(({ id }) => id)).toContain(one.node)
  await stays.lease()
})

test('R4.8 K2.10 hellos with somebody’s token and another key are refused at once though that cannot be written yet, and keep no hello waiting', async () => {
  const owner = await somebody()
  const thief = await newKey()
  /** A crowd of thieves of somebody's token: all are there, and have made their proofs. @returns has them say hello. */
  const crowd = async () => {
    const { device, token } = await somebody()
    const begin = Promise.withResolvers<void>()
    const prove = async (nonce: string) => {
      const proof = await proofOf(thief, { url: `${one.url}/socket`, method: 'GET', token, nonce })
      await begin.promise
      return proof
    }
    const stolen = await Promise.all(Array.from({ length: 55 }, () => openConnection(one.url)))
    const said = stolen.map((connection) => sayHello(connection, { token, device }, prove))
    const areRefused = async () => {
      begin.resolve()
      await Promise.all(said)
      for (const connection of stolen)
        expect(await connection.closed()).toMatchObject({ reason: 'proofRefused' })
    }
    const recorded = () =>
      service.db
        .selectFrom('audit')
        .selectAll()
        .where('what', '=', 'proof-refused')
        .where('device', '=', device)
        .execute()
    return { areRefused, recorded }
  }
  // What the first crowd of a process takes is no matter of waiting.
  await (await crowd()).areRefused()
  const { areRefused, recorded } = await crowd()
  await service.db.transaction().execute(async (transaction) => {
    await sql`lock table "audit" in share mode`.execute(transaction)
    const began = performance.now()
    await areRefused()
    await connectDevice(one.url, owner.token, owner.device)
    expect(performance.now() - began).toBeLessThan(2_400)
  })
  await expect.poll(recorded, { timeout: 10_000 }).toHaveLength(3)
})
