import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  findAccount,
  findAccountToOpen,
  isActive,
  readAccount,
} from '../../../server/accounts/find-account.ts'
import { listAccounts } from '../../../server/accounts/operator-accounts.ts'
import { anonymizeUser, setDisabledAt } from '../../../server/accounts/user-rows.ts'
import { migrate } from '../../../server/database/migrate.ts'
import type { Database } from '../../../server/database/tables.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { openOlderDatabase } from '../support/older-database.ts'
import { addPeople, ann, settle } from '../support/people.ts'

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
  const db = await openOlderDatabase(temporaryFolder())
  const people = [
    ['A1', 'a1@deleted.invalid', 7],
    // Disabled by the clinic; and enabled, with an address as a deleted account's was.
    ['b2', 'x@deleted.invalid', 8],
    ['c3', 'c3@deleted.invalid', null],
  ] as const
  for (const [id, email, disabledAt] of people)
    await sql`insert into user (id, name, email, "emailVerified", "createdAt", "updatedAt", "disabledAt")
      values (${id}, ${id}, ${email}, 1, '', '', ${disabledAt})`.execute(db)
  await migrate(db as Database)
  expect((await listAccounts(db as Database)).map(({ id }) => id).sort()).toEqual(['b2', 'c3'])
})
