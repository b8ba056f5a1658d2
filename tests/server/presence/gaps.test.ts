import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { up } from '../../../server/database/migrations/0007-server-away.ts'
import { noteAway, wasRecorded } from '../../../server/database/server-away.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import type { Tables } from '../../../server/database/tables.ts'
import { purge } from '../../../server/purge.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { callerOf } from '../support/api-client.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

const minute = 60_000

/** Opens a connection and tells what the first lease says of a gap. */
async function gapOn(server: Awaited<ReturnType<typeof startInProcessServer>>, device: string) {
  const connection = await connectDevice(server.url, await sessionOf(server, ann, device), device)
  return { connection, gap: (await connection.lease()).gap }
}

test('T8.1 the first lease after a stretch without any tells from when to when, and the calls missed in it', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const first = await gapOn(server, 'device-1')
  expect(first.gap, 'nobody was reachable before').toBeUndefined()
  first.connection.socket.close()
  await first.connection.closed()
  const from = server.clock.wall()
  server.clock.advance(minute)
  await callerOf(server).place('ann')
  server.clock.advance(11 * minute)
  const { connection, gap } = await gapOn(server, 'device-2')
  const until = server.clock.wall()
  expect(gap?.missed).toBe(1)
  expect(Math.abs((gap?.from ?? 0) - from)).toBeLessThan(2_000)
  expect(Math.abs((gap?.until ?? 0) - until)).toBeLessThan(2_000)
  expect((await connection.lease()).gap, 'it is told once').toBeUndefined()
})

test('L5.2 a gap begins when the last lease ran out, not when that was noticed', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { connection } = await gapOn(server, 'device-1')
  const granted = server.clock.wall()
  connection.socket.pause()
  server.clock.advance(10 * minute)
  const { gap } = await gapOn(server, 'device-2')
  expect(Math.abs((gap?.from ?? 0) - granted - 25_000)).toBeLessThan(2_000)
})

test('L5.2 there is no gap while another device can be rung', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const stays = await reachableDevice(server, ann, 'stays')
  const goes = await gapOn(server, 'goes')
  goes.connection.socket.close()
  await goes.connection.closed()
  for (let n = 0; n < 12; n += 1) {
    server.clock.advance(10_000)
    await stays.lease()
  }
  expect((await gapOn(server, 'goes-2')).gap).toBeUndefined()
})

test('L5.4 a gap of less than a minute is told only when a call was missed in it', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const leave = async (device: string) => {
    const { connection, gap } = await gapOn(server, device)
    connection.socket.close()
    await connection.closed()
    await expect.poll(async () => (await callerOf(server).place('ann')).disposition).toBe('unreachable')
    return gap
  }
  const db = await server.db()
  await leave('device-1')
  await db.deleteFrom('call').execute()
  server.clock.advance(minute - 10_000)
  expect(await leave('device-2')).toBeUndefined()
  server.clock.advance(1_000)
  expect((await leave('device-3'))?.missed).toBe(1)
})

test('L5.5 a server that stopped tells the gap from then on, whatever time it is by', async () => {
  const before = await startInProcessServer()
  await settle(before, ann)
  await reachableDevice(before, ann)
  await before.close()
  const stopped = before.clock.wall()
  before.clock.advance(20 * minute)
  const server = await startInProcessServer({ dataDir: before.dataDir, clock: before.clock })
  const { gap } = await gapOn(server, 'device-2')
  expect(Math.abs((gap?.from ?? 0) - stopped)).toBeLessThan(2_000)
})

test('L5.7 a gap in which the server was there says so: what was missed in it is all there was', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { connection } = await gapOn(server, 'device-1')
  connection.socket.close()
  await connection.closed()
  await expect.poll(async () => (await callerOf(server).place('ann')).state).toBe('missed')
  server.clock.advance(1_000)
  expect((await gapOn(server, 'device-2')).gap).toMatchObject({ missed: 1, recorded: true })
})

test('L5.7 a gap in which the server was stopped says that calls could not be recorded', async () => {
  const before = await startInProcessServer()
  await settle(before, ann)
  await reachableDevice(before, ann)
  await before.close()
  before.clock.advance(2 * minute)
  const server = await startInProcessServer({ dataDir: before.dataDir, clock: before.clock })
  // Long after it came back: it was away for a part of the gap.
  server.clock.advance(minute)
  await callerOf(server).place('ann')
  const { connection, gap } = await gapOn(server, 'device-2')
  expect(gap).toMatchObject({ missed: 1, recorded: false })

  // What came after that is another gap.
  connection.socket.close()
  await connection.closed()
  await expect.poll(async () => (await callerOf(server).place('ann')).state).toBe('missed')
  server.clock.advance(1_000)
  expect((await gapOn(server, 'device-3')).gap).toMatchObject({ missed: 1, recorded: true })
})

test('L5.7 of the time before there was such a record nothing is said to be recorded', async () => {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  const before = new Kysely<unknown>({ dialect: sqliteDialect(database) })
  await sql`create table pulse ("id" integer, "at" integer)`.execute(before)
  await sql`insert into pulse values (1, 1000)`.execute(before)
  await up(before)
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  const always = Number.POSITIVE_INFINITY
  expect(await wasRecorded(db, { from: 999, until: 2_000 }, always)).toBe(false)
  expect(await wasRecorded(db, { from: 1_000, until: 2_000 }, always)).toBe(true)
})

test('L5.7 what is not known any more is not said to be recorded', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const day = 86_400_000
  const now = 2_000_000_000_000
  await noteAway(db, { from: now - 400 * day, until: now - 399 * day })
  await noteAway(db, { from: now - 10 * day, until: now - 9 * day })
  const recorded = (from: number, until: number) => wasRecorded(db, { from, until }, 400 * day)
  expect(await recorded(now - 9 * day, now), 'it began as the server came back').toBe(true)
  expect(await recorded(now - 9 * day - 1, now)).toBe(false)
  expect(await recorded(now - 12 * day, now)).toBe(false)
  expect(await recorded(now - 9.5 * day, now - 9.4 * day)).toBe(false)
  expect(await recorded(now - 12 * day, now - 10 * day), 'it ended as the server went').toBe(true)
  await purge(db, now, { auditKeptFor: 400 * day, callsKeptFor: 400 * day, messagesKeptFor: 400 * day })
  expect(await db.selectFrom('serverAway').select('until').execute()).toEqual([{ until: now - 9 * day }])
  expect(await recorded(now - 500 * day, now - 11 * day), 'longer ago than is kept').toBe(false)
  const week = 7 * day
  expect(await wasRecorded(db, { from: now - week + 1, until: now }, week)).toBe(true)
  expect(await wasRecorded(db, { from: now - week - 1, until: now }, week), 'calls are kept no longer').toBe(
    false,
  )
  // A clock that was set back while the server was away.
  await noteAway(db, { from: now, until: now - day })
  expect(await recorded(now - day, now)).toBe(true)
})
