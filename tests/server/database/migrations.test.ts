import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Kysely, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { openDataDirectory } from '../../../server/data-directory.ts'
import { migrate } from '../../../server/database/migrate.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import type { Tables } from '../../../server/database/tables.ts'
import { holdDataDirectory, keepServersOff } from '../../../server/directory-lock.ts'
import { StartupError } from '../../../server/startup-error.ts'
import { runCommand, startCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'

/** better-auth belongs to the server's workspace alone, so it is asked for from there. */
const ofServer = createRequire(inRoot('server', 'package.json'))
const { getMigrations } = ofServer('better-auth/db/migration') as {
  getMigrations(options: unknown): Promise<{ toBeCreated: unknown[]; toBeAdded: unknown[] }>
}
const { username } = ofServer('better-auth/plugins/username') as { username(): unknown }

test('D1.1 our migrations leave better-auth nothing to make', async () => {
  const db = await openTestDatabase(temporaryFolder())
  // For the columns that it adds to `user`.
  const plugins = [username()]
  const { toBeCreated, toBeAdded } = await getMigrations({ database: { db, type: 'sqlite' }, plugins })
  expect([toBeCreated, toBeAdded]).toEqual([[], []])
})

test('D1.2 commands that are first on a new directory, all at once, make its tables once', async () => {
  const folder = temporaryFolder()
  const ends = await Promise.all(
    Array.from({ length: 4 }, (_, n) => runCommand(folder, 'account', 'invite', `p${n}@clinic.example`)),
  )
  for (const { code, err } of ends) {
    expect(code).toBe(0)
    expect(err).toMatch(/^(There was no database in .+, and a new one was made\. .+)?$/)
  }
  expect(ends.some(({ err }) => err !== '')).toBe(true)
  const db = await openTestDatabase(folder)
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['0001-accounts', '0002-calls']))
})

/** Opens each of so many new files at the moment at which another thread does. */
const openingThread = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { module, folder, files, shared } = workerData
  const came = new Int32Array(shared)
  void import(module).then(async ({ openDatabase }) => {
    const failed = []
    for (let n = 1; n <= files; n += 1) {
      if (Atomics.add(came, 0, 1) + 1 === n * 2) Atomics.notify(came, 0)
      for (let seen; (seen = Atomics.load(came, 0)) < n * 2; ) Atomics.wait(came, 0, seen, 100)
      await openDatabase(folder + '/' + n + '.db', async () => {}).then(
        (db) => db.destroy(),
        (error) => failed.push(error.message),
      )
    }
    parentPort.postMessage(failed)
  })`

test('D1.2 a server and a command that open a new database at one moment both have it', async () => {
  const module = pathToFileURL(inRoot('server', 'database', 'open-database.ts')).href
  const workerData = { module, folder: temporaryFolder(), files: 300, shared: new SharedArrayBuffer(4) }
  const ofThread = async () => {
    const thread = new Worker(openingThread, { eval: true, workerData })
    onTestFinished(async () => void (await thread.terminate()))
    const [failed] = await once(thread, 'message')
    return failed
  }
  expect(await Promise.all([ofThread(), ofThread()])).toEqual([[], []])
})

test('D1.2 a migration that fails leaves nothing behind', async () => {
  const database = new DatabaseSync(':memory:')
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  await sql`create view "call" as select 1`.execute(db)
  await expect(migrate(db)).rejects.toThrow()
  await sql`drop view "call"`.execute(db)
  const tables = await sql`select name from sqlite_master where name in ('user', 'apiKey')`.execute(db)
  expect(tables.rows).toEqual([])
  await migrate(db)
  await db.destroy()
})

const tablesOf = (path: string): unknown[] => {
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database.prepare('select name from sqlite_master order by name').all()
  database.close()
  return rows.map(({ name }) => name)
}

/** The tables as a server before the names of the field has them. */
async function olderDatabase(folder: string): Promise<void> {
  const db = await openTestDatabase(folder)
  // Of a later version, and it has a name that was another table's then.
  await db.schema.dropTable('visit').execute()
  for (const [now, before] of [
    ['writeProbe', 'pulse'],
    ['failedAttempt', 'attempt'],
    ['rateLimited', 'asked'],
    ['webSession', 'visit'],
    ['webSessionCode', 'visitCode'],
  ] as const)
    await db.schema.alterTable(now).renameTo(before).execute()
  await sql`delete from kysely_migration where name = '0008-names-of-the-field'`.execute(db)
}

test('D1.5 a command changes no table below a server of an older version, and does once none runs', async () => {
  const folder = temporaryFolder()
  await olderDatabase(folder)
  const directory = openDataDirectory(folder)
  const letGo = holdDataDirectory(directory)
  const before = tablesOf(directory.database)
  expect(before).toContain('pulse')
  expect(await runCommand(folder, 'account', 'list')).toEqual({
    code: 1,
    out: '',
    err: 'A server of an older version is running with this data directory: restart the server first. Nothing was changed.',
  })
  expect(tablesOf(directory.database)).toEqual(before)
  letGo()
  expect(await runCommand(folder, 'account', 'list')).toMatchObject({ code: 0, err: '' })
  expect(tablesOf(directory.database)).toContain('writeProbe')
})

test('D1.5 a command that comes while a server makes the tables waits for them', async () => {
  const folder = temporaryFolder()
  const letGo = holdDataDirectory(openDataDirectory(folder))
  const { ended } = startCommand(folder, 'account', 'invite', 'ann@clinic.example')
  const path = openDataDirectory(folder).database
  await expect.poll(() => existsSync(path), { timeout: 5_000, interval: 5 }).toBe(true)
  await openTestDatabase(folder)
  expect(await ended).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^There was no database in .+, and a new one was made\. .+$/),
  })
  letGo()
})

/** A command, in a thread of its own, that needs 200 ms for its migration. */
const migratingCommand = `
  const { parentPort, workerData } = require('node:worker_threads')
  void import(workerData.module).then(({ keepServersOff }) => {
    const letGo = keepServersOff(workerData.directory)
    parentPort.postMessage('migrating')
    setTimeout(letGo, 200)
  })`

test('D1.5 a server that starts while a command migrates waits for it, and commands wait for no other', async () => {
  const directory = openDataDirectory(temporaryFolder())
  const module = pathToFileURL(inRoot('server', 'directory-lock.ts')).href
  const command = new Worker(migratingCommand, { eval: true, workerData: { module, directory } })
  onTestFinished(async () => void (await command.terminate()))
  await once(command, 'message')
  keepServersOff(directory)?.()
  const letGo = holdDataDirectory(directory)
  expect(keepServersOff(directory)).toBeUndefined()
  letGo()
})

test('D1.6 a database of a newer version is left as it is, by the server and by commands, and said to be one', async () => {
  const folder = temporaryFolder()
  const db = await openTestDatabase(folder)
  await sql`insert into kysely_migration values ('0999-of-tomorrow', '2030-01-01')`.execute(db)
  const before = tablesOf(join(folder, 'reachable.db'))
  const sentence =
    'The database was made by a newer version of Reachable (0999-of-tomorrow). Run that one, or put back a copy from before it; nothing was changed.'
  const starting = startInProcessServer({ dataDir: folder })
  await expect(starting).rejects.toThrow(StartupError)
  await expect(starting).rejects.toThrow(sentence)
  const { code, err } = await runCommand(folder, 'account', 'list')
  expect([code, err]).toEqual([2, sentence])
  expect(tablesOf(join(folder, 'reachable.db'))).toEqual(before)
})

test('D1.3 the file is written ahead and synchronised at every commit, and foreign keys hold', async () => {
  const folder = temporaryFolder()
  const db = await openTestDatabase(folder)
  const pragma = async (name: string) =>
    Object.values((await sql.raw(`pragma ${name}`).execute(db)).rows[0] as object)[0]
  expect(await pragma('journal_mode')).toBe('wal')
  expect(await pragma('synchronous')).toBe(2)
  expect(await pragma('foreign_keys')).toBe(1)
  expect(await pragma('busy_timeout')).toBe(2_000)
})

test('D1.4 the database refuses a further call that would ring beside five of one person, whoever writes it', async () => {
  const folder = temporaryFolder()
  await openTestDatabase(folder)
  const database = new DatabaseSync(join(folder, 'reachable.db'))
  const insert = (id: string, state: string, appearance: number | null) =>
    database.exec(
      `insert into call ("id", "userId", "to", "from", "placedBy", "state", "why", "devices", "at", "room", "appearance")
       values ('${id}', 'ann', 'ann', 'x', 'x', '${state}', 'busy', 0, 1, '${id}', ${appearance})`,
    )
  database.exec('pragma foreign_keys = off')
  insert('over', 'missed', 1)
  insert('1', 'ringing', null)
  for (const appearance of [2, 3, 4, 5]) insert(String(appearance), 'waiting', appearance)
  for (const taken of [null, 1, 2, 5]) expect(() => insert('more', 'placed', taken)).toThrow('UNIQUE')
  for (const wrong of [0, 6]) expect(() => insert('more', 'placed', wrong)).toThrow('CHECK')
  insert('answered', 'answered', 1)
  database.close()
})

test('D1.8 the database refuses a call that was missed for no reason, whoever writes it', async () => {
  const folder = temporaryFolder()
  await openTestDatabase(folder)
  const database = new DatabaseSync(join(folder, 'reachable.db'))
  database.exec('pragma foreign_keys = off')
  const insert = (id: string, state: string, why: string) =>
    database.exec(
      `insert into call ("id", "userId", "to", "from", "placedBy", "state", "why", "devices", "at", "room")
       values ('${id}', 'ann', 'ann', 'x', 'x', '${state}', ${why}, 0, 1, '${id}')`,
    )
  for (const state of ['missed', 'cancelled'])
    expect(() => insert(state, state, 'null')).toThrow('a missed call has a reason')
  insert('missed', 'missed', "'busy'")
  insert('answered', 'answered', 'null')
  expect(() => database.exec(`update call set "why" = null where "id" = 'missed'`)).toThrow('has a reason')
  expect(() => database.exec(`update call set "state" = 'missed' where "id" = 'answered'`)).toThrow(
    'has a reason',
  )
  database.close()
})
