import { randomInt } from 'node:crypto'
import type { Account } from '../../protocol/connection.ts'
import { normalizedName } from '../../protocol/display-name.ts'
import type { Database } from '../database/tables.ts'
import { audit } from './audit.ts'
import { insertPassword, putPassword } from './credential-rows.ts'
import { forgivePerson } from './failed-attempts.ts'
import { findAccount, readAccount } from './find-account.ts'
import { noteFirstPassword } from './first-passwords.ts'
import { isEmailAddress, isUsername, loginsOf, normalLogin } from './login-name.ts'
import { nameRule, personErrors } from './new-person.ts'
import { normalizedPassword, passwordError } from './password-rule.ts'
import { namesOf, weaknessOf, weaknessSentences } from './password-strength.ts'
import type { Passwords } from './passwords.ts'
import { forgetProvisioning, provisioningDomainOf } from './scim-owner-rows.ts'
import { enqueueSecurityMail } from './security-mail.ts'
import { deleteSessionsOf } from './session-rows.ts'
import { setPassword } from './set-password.ts'
import { insertUser, setDisabledAt } from './user-rows.ts'

/** Accounts as the operator of this machine makes and sees them. */

export interface NewAccount {
  readonly username: string
  readonly email: string
  readonly name: string
  readonly password: string
  /** It is by `randomPassword`: whether it is easy to guess need not be looked at. */
  readonly isRandom?: boolean
  /** Somebody vouches that the address is theirs: an issuer's account with it may be linked. */
  readonly verified?: boolean
  /** Nobody reads the mail of an account to try out. */
  readonly untold?: boolean
}

/** How the operator gives passwords. */
export interface FirstPasswords {
  /** Milliseconds after which one ends that nobody has signed in with. */
  readonly firstPasswordLifetime: number
  /** Names of the place, which are part of no password. */
  readonly places?: readonly string[]
}

export type Added =
  | { readonly kind: 'added'; readonly account: Account }
  /** One sentence for each thing to correct. */
  | { readonly kind: 'invalid'; readonly errors: readonly string[] }

/**
 * Makes an account that can sign in with its username or email and its password, by the rules of everybody's, until
 * that password ends. The person is told by mail.
 *
 * @param typed as the operator typed it.
 */
export async function addAccount(
  db: Database,
  passwords: Passwords,
  typed: NewAccount,
  { firstPasswordLifetime, places = [] }: FirstPasswords,
  now: number,
): Promise<Added> {
  const account = normalized(typed)
  const errors = [...errorsOf(account), ...(await taken(db, account))]
  const passwordWrong = await firstPasswordError(account, [...namesOf(account), ...places])
  if (passwordWrong !== undefined) errors.push(passwordWrong)
  if (errors.length > 0) return { kind: 'invalid', errors }
  const { username, email, name, password, verified: emailVerified = false } = account
  const hash = await passwords.hash(password)
  return db.transaction().execute(async (transaction): Promise<Added> => {
    // Hashing takes its time: somebody else may have the name by now.
    const errors = await taken(transaction, account)
    if (errors.length > 0) return { kind: 'invalid', errors }
    const userId = await insertUser(transaction, { username, name, email, emailVerified }, now)
    await insertPassword(transaction, userId, hash, now)
    await noteFirstPassword(transaction, userId, now + firstPasswordLifetime)
    const detail = { by: 'operator', verified: emailVerified }
    await audit(transaction, { at: now, what: 'account-added', who: userId, detail })
    if (!account.untold)
      await enqueueSecurityMail(transaction, { userId, event: 'account-added', at: now }, now)
    const added = await readAccount(transaction, userId)
    if (!added) throw new Error(`the account ${username} was not there after it was made`)
    return { kind: 'added', account: added }
  })
}

const normalized = ({ username, email, name, password, ...more }: NewAccount): NewAccount => ({
  ...more,
  username: username.trim(),
  email: normalLogin(email),
  name: normalizedName(name),
  password: normalizedPassword(password),
})

function errorsOf(account: NewAccount): string[] {
  const broken = personErrors(account)
  const errors: string[] = []
  if (broken.username)
    errors.push('A username has 1 to 64 letters, digits and the characters _ . - (and nothing else).')
  if (!isEmailAddress(account.email)) errors.push(`${account.email || 'Nothing'} is no email address.`)
  if (broken.name) errors.push(nameRule)
  return errors
}

async function taken(db: Database, { username, email }: NewAccount): Promise<string[]> {
  const errors: string[] = []
  if (isUsername(username) && (await findAccount(db, username)))
    errors.push(`There is an account ${username} already.`)
  if (isEmailAddress(email) && (await findAccount(db, email)))
    errors.push(`There is an account with the email ${email} already.`)
  return errors
}

/** What is wrong with a first password, in one sentence; undefined when it will do. */
async function firstPasswordError(
  { password, isRandom }: Pick<NewAccount, 'password' | 'isRandom'>,
  own: readonly string[],
): Promise<string | undefined> {
  const error = passwordError(password)
  if (error !== undefined || isRandom) return error
  const weakness = await weaknessOf(password, own)
  return weakness && weaknessSentences[weakness]
}

/** What the operator asks for somebody who has an account. */
export interface AskedPassword {
  readonly account: Account
  /** As it was typed. */
  readonly password: string
  /** By `randomPassword`. */
  readonly isRandom?: boolean
  /** Of this installation. */
  readonly secret: string
}

export type GivenPassword =
  | { readonly kind: 'given'; readonly sessions: number }
  /** One sentence. */
  | { readonly kind: 'invalid'; readonly error: string }

/**
 * Gives somebody a new first password, whether they lost theirs or let the one end that they had. Their sessions end,
 * the wrong passwords that were tried are forgotten, and they are told by mail. The devices are the caller's to tell.
 */
export async function giveFirstPassword(
  db: Database,
  passwords: Passwords,
  { account, password: typed, isRandom = false, secret }: AskedPassword,
  { firstPasswordLifetime, places = [] }: FirstPasswords,
  now: number,
): Promise<GivenPassword> {
  const password = normalizedPassword(typed)
  const names = namesOf(account)
  const error = await firstPasswordError({ password, isRandom }, [...names, ...places])
  if (error !== undefined) return { kind: 'invalid', error }
  const hash = await passwords.hash(password)
  return db.transaction().execute(async (transaction): Promise<GivenPassword> => {
    const { id: userId } = account
    await setPassword(transaction, { userId, hash, asked: 'en' }, now)
    await noteFirstPassword(transaction, userId, now + firstPasswordLifetime)
    const sessions = await deleteSessionsOf(transaction, userId, { end: { why: 'passwordChanged', at: now } })
    await forgivePerson(transaction, secret, { userId, logins: loginsOf(account) }, now)
    const detail = { ended: sessions, by: 'operator' }
    await audit(transaction, { at: now, what: 'password-changed', who: userId, detail })
    return { kind: 'given', sessions }
  })
}

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** A password that can be read aloud and typed: four groups of random letters and digits (92 bits). */
export function randomPassword(): string {
  for (;;) {
    const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
    const password = [group(), group(), group(), group()].join('-')
    if (passwordError(password) === undefined) return password
  }
}

const demoPeople = [
  { username: 'ann', email: 'ann@reachable.example', name: 'Ann Example' },
  { username: 'ben', email: 'ben@reachable.example', name: 'Ben Example' },
] as const

/**
 * Two people to try a new server with. As long as neither has logged in each start gives them new passwords, since nobody
 * can be told the old ones again.
 *
 * @returns nobody when there is any other account, or one of theirs is in use.
 */
export async function addDemoAccounts(
  db: Database,
  passwords: Passwords,
  given: FirstPasswords,
  now: number,
): Promise<NewAccount[]> {
  const people = demoPeople.map((person) => ({ ...person, password: randomPassword() }))
  const users = await db
    .selectFrom('user')
    .leftJoin('firstPassword', 'firstPassword.userId', 'user.id')
    .select(['user.id', 'user.email', 'firstPassword.endsAt'])
    .limit(people.length + 1)
    .execute()
  if (users.length === 0) {
    for (const person of people)
      await addAccount(db, passwords, { ...person, isRandom: true, untold: true }, given, now)
    return people
  }
  const unused = people.flatMap(({ email, password }) => {
    const user = users.find((one) => one.email === email && one.endsAt !== null)
    return user ? [{ userId: user.id, password }] : []
  })
  if (users.length !== people.length || unused.length !== people.length) return []
  for (const { userId, password } of unused) {
    const hash = await passwords.hash(password)
    await db.transaction().execute(async (transaction) => {
      await putPassword(transaction, userId, hash, now)
      await noteFirstPassword(transaction, userId, now + given.firstPasswordLifetime)
    })
  }
  return people
}

export interface ListedAccount extends Pick<Account, 'id' | 'username' | 'email' | 'name'> {
  readonly sessions: number
  /** Whose they are, of the clinics whose keys are limited to their own people. */
  readonly clinic: string | null
}

/** Everybody who has an account, by address. */
export const listAccounts = (db: Database): Promise<ListedAccount[]> =>
  db
    .selectFrom('user')
    .leftJoin('session', 'session.userId', 'user.id')
    .leftJoin('scimOwner', 'scimOwner.userId', 'user.id')
    .select(['user.id', 'user.name', 'user.email', 'scimOwner.provisioningDomain as clinic'])
    .select((e) => [
      e.fn.coalesce('user.displayUsername', 'user.username').as('username'),
      e.fn.count<number>('session.id').as('sessions'),
    ])
    .where('user.deletedAt', 'is', null)
    .groupBy(['user.id', 'scimOwner.userId'])
    .orderBy('user.email')
    .execute()

/**
 * Takes a person out of a clinic's provisioning, so that its system has no say in their account any more; whom it disabled
 * can sign in again, for nobody else could let them.
 *
 * @returns undefined, with nothing done, for somebody of no clinic's.
 */
export const releaseAccount = (
  db: Database,
  userId: string,
  now: number,
): Promise<{ readonly enabled: boolean } | undefined> =>
  db.transaction().execute(async (transaction) => {
    const provisioningDomain = (await provisioningDomainOf(transaction, userId)) ?? null
    if (!(await forgetProvisioning(transaction, userId))) return undefined
    const { disabledAt } = await transaction
      .selectFrom('user')
      .select('disabledAt')
      .where('id', '=', userId)
      .executeTakeFirstOrThrow()
    const enabled = disabledAt !== null
    if (enabled) await setDisabledAt(transaction, userId, null)
    const detail = { by: 'operator', provisioningDomain, ...(enabled && { enabled }) }
    await audit(transaction, { at: now, what: 'account-released', who: userId, detail })
    return { enabled }
  })
