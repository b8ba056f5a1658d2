import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { isStorageError } from '../../../server/database/storage-error.ts'
import type { Database } from '../../../server/database/tables.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { callerOf, post } from '../support/api-client.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

function faultOf(act: () => unknown): unknown {
  try {
    act()
  } catch (fault) {
    return fault
  }
  throw new Error('it did not fail')
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (fault) => fault,
  )

function openFile(path = join(temporaryFolder(), 'some.db'), timeout = 0): DatabaseSync {
  const database = new DatabaseSync(path, { timeout })
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  return database
}

/** No file of this database may grow from now on: what a full disk does to it. */
async function fillUp(db: Database): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
  await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(db)
}

/** Writes rows, one by one, until there is no room. */
async function writeOn(db: Database): Promise<never> {
  for (let at = 0; ; at += 1)
    await db
      .insertInto('rateLimited')
      .values({ key: 'x'.repeat(1_000), at })
      .execute()
}

test('D2.3 a disk that is full is a storage error, in a transaction too', async () => {
  const db = await openTestDatabase(temporaryFolder())
  await fillUp(db)
  const alone = await rejection(writeOn(db))
  expect(alone).toMatchObject({ errcode: 13 })
  expect(isStorageError(alone)).toBe(true)
  // SQLite has ended the transaction by itself: what is told must still be why.
  const together = await rejection(db.transaction().execute(writeOn))
  expect(together).toMatchObject({ errcode: 13 })
  expect(isStorageError(together)).toBe(true)
})

test('D2.3 so are a file that is locked, may not be written to, cannot be opened, is damaged or no database', () => {
  const path = join(temporaryFolder(), 'some.db')
  const database = openFile(path)
  database.exec('create table t (x)')
  openFile(path).exec('begin immediate')
  const locked = faultOf(() => database.exec('insert into t values (1)'))

  const unwritable = openFile()
  unwritable.exec('create table t (x); pragma query_only = on')
  const readonly = faultOf(() => unwritable.exec('insert into t values (1)'))

  const elsewhere = faultOf(() => openFile(join(temporaryFolder(), 'no', 'folder', 'some.db')))

  const other = join(temporaryFolder(), 'other.db')
  writeFileSync(other, 'this is no database, but long enough to be looked at'.repeat(20))
  const none = faultOf(() => openFile(other).exec('create table t (x)'))

  const torn = join(temporaryFolder(), 'torn.db')
  const whole = openFile(torn)
  whole.exec('create table t (x)')
  for (let row = 0; row < 100; row += 1) whole.prepare('insert into t values (?)').run('x'.repeat(1_000))
  whole.close()
  const bytes = readFileSync(torn)
  writeFileSync(torn, bytes.fill(0xa5, 4_096))
  const damaged = faultOf(() => openFile(torn).exec('insert into t values (2)'))

  const faults = { locked, readonly, elsewhere, none, damaged }
  const codes = Object.values(faults).map((fault) => (fault as { errcode: number }).errcode & 0xff)
  expect(codes).toEqual([5, 8, 14, 26, 11])
  for (const [name, fault] of Object.entries(faults))
    expect([name, isStorageError(fault)]).toEqual([name, true])
  expect(isStorageError(new Error('a sign-in failed', { cause: locked })), 'told by its cause').toBe(true)
})

test('D2.3 a foreign key, a name that is there already and a wrong statement are none', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const faults = [
    await rejection(sql`insert into reachability values ('nobody', '', 1, null)`.execute(db)),
    await rejection(sql`insert into writeProbe values (1, 1), (1, 2)`.execute(db)),
    await rejection(sql`selct 1`.execute(db)),
    await rejection(sql`insert into reachability ("userId") values ('nobody')`.execute(db)),
    await rejection(
      sql`create trigger no_more before insert on writeProbe begin select raise(abort, 'no'); end`
        .execute(db)
        .then(() => sql`insert into writeProbe values (1, 1)`.execute(db)),
    ),
  ]
  expect(faults.map((fault) => (fault as { errcode: number }).errcode)).toEqual([787, 1555, 1, 1299, 1811])
  for (const fault of [...faults, new Error('disk full'), 'disk full', undefined])
    expect([fault, isStorageError(fault)]).toEqual([fault, false])
})

test('D2.4 a call that breaks a rule of the database fails alone: nobody loses a lease, and it is no storage error', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const db = await server.db()
  await sql`create table later (person text references user (id))`.execute(db)
  await sql`create trigger strange before insert on call when new."from" = 'Nobody'
    begin insert into later values ('nobody'); end`.execute(db)
  const refused = await post(
    server,
    '/api/calls',
    { to: 'ann', from: 'Nobody' },
    callerOf(server).authorization,
  )
  expect([refused.status, await refused.json()]).toMatchObject([500, { error: 'internal' }])
  await device.lease()
  const placing = callerOf(server).place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  expect(await placing).toMatchObject({ state: 'ringing', devices: 1 })
  expect(device.received.filter(({ type }) => type === 'no-lease')).toEqual([])
})
