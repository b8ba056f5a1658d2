import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { type Auth, openAuth } from '../../../server/accounts/auth.ts'
import { migrate } from '../../../server/database/migrate.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import type { Tables } from '../../../server/database/tables.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'

/** better-auth belongs to the server's workspace alone, so it is asked for from there. */
const { getMigrations } = createRequire(inRoot('server', 'package.json'))('better-auth/db/migration') as {
  getMigrations(options: Auth['options']): Promise<{ toBeCreated: unknown[]; toBeAdded: unknown[] }>
}

test('D1.1 our migrations leave better-auth nothing to make', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const auth = openAuth(db, 'abcdefghijklmnopqrstuvwxyz0123456789', 'http://127.0.0.1')
  const { toBeCreated, toBeAdded } = await getMigrations(auth.options)
  expect([toBeCreated, toBeAdded]).toEqual([[], []])
})

test('D1.2 commands that are first on a new directory, all at once, make its tables once', async () => {
  const folder = temporaryFolder()
  const ends = await Promise.all(Array.from({ length: 4 }, () => runCommand(folder, 'account', 'list')))
  for (const end of ends) expect(end).toMatchObject({ code: 0, err: '' })
  const db = await openTestDatabase(folder)
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['0001-accounts', '0002-calls']))
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
      `insert into call ("id", "userId", "to", "from", "placedBy", "state", "devices", "at", "room", "appearance")
       values ('${id}', 'ann', 'ann', 'x', 'x', '${state}', 0, 1, '${id}', ${appearance})`,
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
