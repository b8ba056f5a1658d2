import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAccount } from '../my-account/at-account.ts'
import { callerOf } from '../support/api-client.ts'
import { gone, placeOf } from '../support/connection-places.ts'
import { textOf } from '../support/html-pages.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { sessionOf, somebodyAt } from '../support/people.ts'
import { connectDevice, openConnection, sendHello } from '../support/websocket-device.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode
let third: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  one = await service.start()
  other = await service.start()
  // Started last, it knows the others from its beginning.
  third = await service.start()
})
afterAll(() => service?.close())

const somebody = () => somebodyAt(one)

test('R4.2 R4.5 R8.1 a connection whose newer one came and went without a lease is still its device’s, at whichever node somebody asks', async () => {
  const { person, device, token } = await somebody()
  const stays = await connectDevice(one.url, token, device)
  await stays.lease()
  const failed = await connectDevice(other.url, token, device)
  const second = randomUUID()
  const pages = await openAccount(third, await sessionOf(one, person, second), second)
  const isOn = async () => (await textOf(await pages.getPage())).includes('On when this page was loaded')
  const yields = async () => {
    const copy = await openConnection(third.url)
    await sendHello(copy, third.url, { token, device, takeOver: false })
    expect(await copy.next('outranked')).toMatchObject({ live: true })
  }
  // While the newer one is there, and has no lease yet.
  expect(await isOn()).toBe(true)
  await yields()
  failed.close()
  await gone(service.db, device)
  expect(await isOn()).toBe(true)
  await yields()
  await stays.lease()
  // And its place is its own again.
  await expect
    .poll(() => placeOf(service.db, device), { timeout: 15_000 })
    .toEqual({ node: one.node, goneAt: null })
  const older = await openConnection(third.url)
  await sendHello(older, third.url, { token, device, order: { boot: 1, n: 0 } })
  expect(await older.next('outranked')).toMatchObject({ live: true })
  await stays.lease()
})

test('R7.1 T8.1 a device that is moved on right after its first lease is told its gap once', async () => {
  const { username, device, token } = await somebody()
  const before = await connectDevice(one.url, token, device)
  await before.lease()
  before.close()
  await gone(service.db, device)
  expect((await callerOf(one).place(username)).disposition).toBe('unreachable')
  const first = await connectDevice(other.url, token, device)
  expect((await first.lease()).gap).toMatchObject({ missed: 1 })
  const moved = await connectDevice(third.url, token, device)
  expect((await moved.lease()).gap).toBeUndefined()
})

test('L1.5 B1.10 a call that was missed while a node’s subscriptions are on their way is in the welcome', async () => {
  const { username, device, token } = await somebody()
  const slow = await service.start()
  const connection = await openConnection(slow.url)
  slow.toNats.stall()
  await sendHello(connection, slow.url, { token, device })
  await expect.poll(() => placeOf(service.db, device)).toMatchObject({ node: slow.node })
  const { id } = await callerOf(other).place(username)
  slow.toNats.mend()
  expect((await connection.next('welcome')).missed).toMatchObject([{ id }])
})

test('R4.4 an older connection whose node did not hear of the newer one’s lease is closed within 10 s', async () => {
  const { device, token } = await somebody()
  const deaf = await service.start()
  const older = await connectDevice(deaf.url, token, device)
  await older.lease()
  deaf.toNats.cut()
  await older.next('no-lease')
  const newer = await connectDevice(other.url, token, device)
  await newer.lease()
  deaf.toNats.mend()
  await expect.poll(async () => (await fetch(`${deaf.url}/ready`)).status, { timeout: 10_000 }).toBe(200)
  const began = performance.now()
  // By now it hears, and nothing is said any more.
  expect(older.socket.readyState).toBe(older.socket.OPEN)
  expect(await older.closed()).toEqual({ code: 4409, reason: 'replaced' })
  expect(performance.now() - began).toBeLessThan(11_000)
  await newer.lease()
}, 40_000)

test('R4.3 each node has 5 connections of a device at most', async () => {
  const { device, token } = await somebody()
  const before = await connectDevice(one.url, token, device)
  before.close()
  const nodes = [...Array<InProcessNode>(6).fill(one), ...Array<InProcessNode>(5).fill(other)]
  const all = await Promise.all(
    nodes.map(async ({ url }) => ({ url, connection: await openConnection(url) })),
  )
  const closed: string[] = []
  for (const { connection } of all) void connection.closed().then(({ reason }) => closed.push(reason))
  // Nobody gets its place until this ends: they are all there at once.
  await service.db.transaction().execute(async (transaction) => {
    await transaction.updateTable('connectionOrder').set({ goneAt: 0 }).where('device', '=', device).execute()
    for (const { url, connection } of all) await sendHello(connection, url, { token, device })
    await expect.poll(() => closed, { timeout: 2_000 }).toEqual(['tooManyDevices'])
  })
  await expect.poll(() => closed.length, { timeout: 5_000 }).toBeGreaterThan(2)
  expect(closed.filter((reason) => reason === 'tooManyDevices')).toHaveLength(1)
})

test('R4.3 each node has as many connections of an address as CONNECTIONS_PER_ADDRESS says', async () => {
  const env = { CONNECTIONS_PER_ADDRESS: '2' }
  const nodes = await Promise.all([service.start({ env }), service.start({ env })])
  for (const node of nodes) {
    for (let n = 0; n < 2; n += 1) {
      const { device, token } = await somebody()
      await (await connectDevice(node.url, token, device)).lease()
    }
    await expect(openConnection(node.url)).rejects.toThrow('503')
  }
})
