import type { Account } from '../../protocol/line.ts'
import type { Database } from '../database/tables.ts'
import { isEmail, normalLogin } from './username.ts'

/** @returns the account with this username or email address, whatever the case it is typed in. */
export async function findAccount(db: Database, login: string): Promise<Account | undefined> {
  const name = normalLogin(login)
  const row = await db
    .selectFrom('user')
    .select(['id', 'name', 'email', 'username', 'displayUsername'])
    .where(isEmail(name) ? 'email' : 'username', '=', name)
    .executeTakeFirst()
  return row && accountOf(row)
}

export const accountOf = (row: {
  id: string
  name: string
  email: string
  username: string | null
  displayUsername: string | null
}): Account => ({
  id: row.id,
  name: row.name,
  email: row.email,
  username: row.displayUsername ?? row.username,
})
