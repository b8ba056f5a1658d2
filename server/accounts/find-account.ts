import type { Account } from '../../protocol/connection.ts'
import type { Database } from '../database/tables.ts'
import { passwordProvider } from './credential-rows.ts'
import { loginColumn, normalLogin } from './login-name.ts'

/** @returns the account with this username or email address, whatever the case it is typed in. */
export async function findAccount(db: Database, login: string): Promise<Account | undefined> {
  const row = await accountBy(db, login).executeTakeFirst()
  return row && accountOf(row)
}

/** The same, but nobody who is disabled: for whoever wants something of that person. */
export async function findActiveAccount(db: Database, login: string): Promise<Account | undefined> {
  const row = await accountBy(db, login).where('disabledAt', 'is', null).executeTakeFirst()
  return row && accountOf(row)
}

/** A deleted account stands for calls alone: it is nobody's. */
const livingPeople = (db: Database) => db.selectFrom('user').where('user.deletedAt', 'is', null)

const accountBy = (db: Database, login: string) => {
  const name = normalLogin(login)
  return livingPeople(db).select(accountColumns).where(loginColumn(name), '=', name)
}

/** Whether a person may sign in and be called. */
export async function isActive(db: Database, userId: string): Promise<boolean> {
  const row = await livingPeople(db).select('disabledAt').where('id', '=', userId).executeTakeFirst()
  return row?.disabledAt === null
}

/** @returns the account as devices are told it. */
export async function readAccount(db: Database, userId: string): Promise<Account | undefined> {
  const row = await livingPeople(db).select(accountColumns).where('id', '=', userId).executeTakeFirst()
  return row && accountOf(row)
}

/** An account with what decides whether somebody may sign in to it. */
export interface AccountToOpen {
  readonly account: Account
  readonly disabled: boolean
  /** Undefined for whoever has no password. */
  readonly passwordHash: string | undefined
}

/** @param by a login as it is compared, or an id. */
export async function findAccountToOpen(
  db: Database,
  by: { readonly login: string } | { readonly userId: string },
): Promise<AccountToOpen | undefined> {
  const row = await livingPeople(db)
    .leftJoin('account', (on) =>
      on.onRef('account.userId', '=', 'user.id').on('account.providerId', '=', passwordProvider),
    )
    .select(accountColumns)
    .select(['user.disabledAt', 'account.password'])
    .where((e) =>
      'login' in by ? e(`user.${loginColumn(by.login)}`, '=', by.login) : e('user.id', '=', by.userId),
    )
    .executeTakeFirst()
  return (
    row && {
      account: accountOf(row),
      disabled: row.disabledAt !== null,
      passwordHash: row.password ?? undefined,
    }
  )
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
