import * as v from 'valibot'
import type { Account } from '../../protocol/connection.ts'
import type { Database } from '../database/tables.ts'
import type { Auth } from './auth.ts'
import { findAccount } from './find-account.ts'
import { formerEmails } from './former-account.ts'
import { passwordProblem } from './password-rule.ts'
import { isUsername } from './username.ts'

export interface NewAccount {
  readonly username: string
  readonly email: string
  readonly name: string
  readonly password: string
  /** Somebody vouches that the address is theirs: an issuer's account with it may be linked. */
  readonly verified?: boolean
}

export type Added =
  | { readonly kind: 'added'; readonly account: Account }
  /** One sentence for each thing to correct. */
  | { readonly kind: 'invalid'; readonly errors: readonly string[] }

/** Makes an account that can sign in with its username or email and its password. */
export async function addAccount(
  db: Database,
  auth: Auth,
  { verified = false, ...account }: NewAccount,
): Promise<Added> {
  const errors = [...errorsOf(account), ...(await taken(db, account))]
  if (errors.length > 0) return { kind: 'invalid', errors }
  const email = account.email.toLowerCase()
  await auth.api.signUpEmail({ body: { ...account, email } })
  const added = await findAccount(db, account.username)
  if (verified) await db.updateTable('user').set({ emailVerified: 1 }).where('email', '=', email).execute()
  if (!added) throw new Error(`the account ${account.username} was not there after it was made`)
  return { kind: 'added', account: added }
}

function errorsOf({ username, email, name, password }: NewAccount): string[] {
  const errors: string[] = []
  if (!isUsername(username))
    errors.push('A username has 1 to 64 letters, digits and the characters _ . - (and nothing else).')
  if (!v.is(v.pipe(v.string(), v.email(), v.maxLength(200)), email))
    errors.push(`${email || 'Nothing'} is no email address.`)
  if (name.trim() === '' || name.length > 100) errors.push('A name has 1 to 100 characters.')
  const error = passwordProblem(password)
  if (error) errors.push(error)
  return errors
}

async function taken(db: Database, { username, email }: NewAccount): Promise<string[]> {
  const errors: string[] = []
  if (isUsername(username) && (await findAccount(db, username)))
    errors.push(`There is an account ${username} already.`)
  if (email.includes('@') && (await findAccount(db, email)))
    errors.push(`There is an account with the email ${email} already.`)
  return errors
}

/** Removes a person with their sessions and calls. */
export async function removeAccount(db: Database, userId: string): Promise<void> {
  await db.deleteFrom('user').where('id', '=', userId).execute()
}

export interface ListedAccount extends Pick<Account, 'id' | 'username' | 'email' | 'name'> {
  readonly sessions: number
}

export async function listAccounts(db: Database): Promise<ListedAccount[]> {
  const rows = await db
    .selectFrom('user')
    .leftJoin('session', 'session.userId', 'user.id')
    .select(['user.id', 'user.name', 'user.email'])
    .select((e) => [
      e.fn.coalesce('user.displayUsername', 'user.username').as('username'),
      e.fn.count<number>('session.id').as('sessions'),
    ])
    .where('user.email', 'not like', formerEmails)
    .groupBy('user.id')
    .orderBy('user.email')
    .execute()
  return rows
}
