import type { Account } from '../../protocol/connection.ts'
import type { Database } from '../database/tables.ts'
import { isEmail, normalLogin } from './username.ts'

/** @returns the account with this username or email address, whatever the case it is typed in. */
export async function findAccount(db: Database, login: string): Promise<Account | undefined> {
  const name = normalLogin(login)
  const row = await db
    .selectFrom('user')
    .select(accountColumns)
    .where(isEmail(name) ? 'email' : 'username', '=', name)
    .executeTakeFirst()
  return row && accountOf(row)
}

/** The same, but nobody who is disabled: for whoever wants something of that person. */
export async function findActiveAccount(db: Database, login: string): Promise<Account | undefined> {
  const account = await findAccount(db, login)
  return account && (await isActive(db, account.id)) ? account : undefined
}

/** Whether a person may sign in and be called. */
export async function isActive(db: Database, userId: string): Promise<boolean> {
  const row = await db.selectFrom('user').select('disabledAt').where('id', '=', userId).executeTakeFirst()
  return row?.disabledAt === null
}

/** @returns the account as devices are told it. */
export async function readAccount(db: Database, userId: string): Promise<Account | undefined> {
  const row = await db.selectFrom('user').select(accountColumns).where('id', '=', userId).executeTakeFirst()
  return row && accountOf(row)
}

/** What `accountOf` needs to know. */
export const accountColumns = [
  'user.id',
  'user.name',
  'user.email',
  'user.username',
  'user.displayUsername',
  'user.image',
  'user.language',
] as const

export const accountOf = (row: {
  id: string
  name: string
  email: string
  username: string | null
  displayUsername: string | null
  image: string | null
  language: string | null
}): Account => ({
  id: row.id,
  name: row.name,
  email: row.email,
  username: row.displayUsername ?? row.username,
  picture: row.image,
  language: row.language,
})
