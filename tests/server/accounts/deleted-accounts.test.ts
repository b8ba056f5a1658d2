import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  findAccount,
  findAccountToOpen,
  isActive,
  readAccount,
} from '../../../server/accounts/find-account.ts'
import { listAccounts } from '../../../server/accounts/operator-accounts.ts'
import { anonymizeUser, setDisabledAt } from '../../../server/accounts/user-rows.ts'
import * as accounts from '../../../server/database/migrations/0001-accounts.ts'
import * as calls from '../../../server/database/migrations/0002-calls.ts'
import * as keys from '../../../server/database/migrations/0003-keys.ts'
import * as mail from '../../../server/database/migrations/0004-mail.ts'
import * as accountPages from '../../../server/database/migrations/0005-account-pages.ts'
import * as activeCalls from '../../../server/database/migrations/0006-active-calls.ts'
import * as serverAway from '../../../server/database/migrations/0007-server-away.ts'
import * as namesOfTheField from '../../../server/database/migrations/0008-names-of-the-field.ts'
import * as limitsAndRetention from '../../../server/database/migrations/0009-limits-and-retention.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import type { Database } from '../../../server/database/tables.ts'
import { trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, settle } from '../support/people.ts'

const before = [accounts, calls, keys, mail, accountPages, activeCalls, serverAway, namesOfTheField]

test('W11.6 a deleted account is known by its column: nothing finds it, opens it or brings it back', async () => {
  const server = await startInProcessServer()
  const [id = ''] = await settle(server, ann)
  const db = await server.db()
  const at = server.clock.wall()
  await anonymizeUser(db, id, at)
  const row = await db.selectFrom('user').selectAll().executeTakeFirstOrThrow()
  expect(row).toMatchObject({ deletedAt: at, disabledAt: at, username: null, emailVerified: 0 })
  // No address: nobody can be given it, whatever their own system says.
  expect(row.email).not.toContain('@')
  await setDisabledAt(db, id, null)
  expect(await db.selectFrom('user').select('disabledAt').executeTakeFirst()).toEqual({ disabledAt: at })
  // Even one that something else enabled again.
  await db.updateTable('user').set({ disabledAt: null, username: 'ann' }).execute()
  expect(await listAccounts(db)).toEqual([])
  expect(await isActive(db, id)).toBe(false)
  expect(await readAccount(db, id)).toBeUndefined()
  expect(await findAccount(db, 'ann')).toBeUndefined()
  expect(await findAccountToOpen(db, { userId: id })).toBeUndefined()
  expect(await findAccountToOpen(db, { login: 'ann' })).toBeUndefined()
})

test('W11.6 an account that the clinic made with the address of deleted ones is an account: it is listed', async () => {
  const server = await startInProcessServer()
  const odd = { ...ann, email: 'someone@deleted.invalid' }
  await addPeople(server.dataDir, odd)
  expect(await listAccounts(await server.db())).toMatchObject([{ email: odd.email, username: 'ann' }])
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(200)
})

test('W11.6 what an earlier version deleted stays deleted, and nothing else is', async () => {
  const database = new DatabaseSync(':memory:')
  const db = new Kysely<unknown>({ dialect: sqliteDialect(database) })
  for (const { up } of before) await up(db)
  const people = [
    ['A1', 'a1@deleted.invalid', 7],
    // Disabled by the clinic; and enabled, with an address as a deleted account's was.
    ['b2', 'x@deleted.invalid', 8],
    ['c3', 'c3@deleted.invalid', null],
  ] as const
  for (const [id, email, disabledAt] of people)
    await sql`insert into user (id, name, email, "emailVerified", "createdAt", "updatedAt", "disabledAt")
      values (${id}, ${id}, ${email}, 1, '', '', ${disabledAt})`.execute(db)
  await limitsAndRetention.up(db)
  expect((await listAccounts(db as Database)).map(({ id }) => id).sort()).toEqual(['b2', 'c3'])
  await db.destroy()
})
