import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { type Auth, openAuth } from '../../../server/accounts/auth.ts'
import { migrate } from '../../../server/database/migrate.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/start-service.ts'

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

test('D1.2 a migration that was cut off half-way is finished the next time', async () => {
  const folder = temporaryFolder()
  const db = await openTestDatabase(folder)
  await sql`drop table "call"`.execute(db)
  await sql`drop table "reachability"`.execute(db)
  await sql`delete from kysely_migration where name = '0002-calls'`.execute(db)
  await migrate(db)
  expect(await db.selectFrom('call').selectAll().execute()).toEqual([])
  expect(await db.selectFrom('reachability').selectAll().execute()).toEqual([])
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

test('D1.4 one person can never be rung by two calls, whoever writes them', async () => {
  const folder = temporaryFolder()
  await openTestDatabase(folder)
  const database = new DatabaseSync(join(folder, 'reachable.db'))
  const insert = (id: string, state: string) =>
    database.exec(
      `insert into call ("id", "userId", "to", "from", "placedBy", "state", "devices", "at", "room")
       values ('${id}', 'ann', 'ann', 'x', 'x', '${state}', 0, 1, '${id}')`,
    )
  database.exec('pragma foreign_keys = off')
  insert('1', 'missed')
  insert('2', 'ringing')
  expect(() => insert('3', 'placed')).toThrow('UNIQUE')
  insert('4', 'answered')
  database.close()
})
