import type { LinkRow } from '../database/account-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { audit } from './audit.ts'
import { forgivePerson, noteLinkUse } from './failed-attempts.ts'
import { type DeadLink, findLink, linkState, useLink } from './links.ts'
import { loginsOf, normalLogin } from './login-name.ts'
import { namesOf, type Weakness, weaknessOf } from './password-strength.ts'
import type { PasswordDependencies } from './passwords.ts'
import { deleteSessionsOf } from './session-rows.ts'
import { setPassword } from './set-password.ts'
import { changeUser } from './user-rows.ts'

export interface PersonToReset {
  readonly id: string
  readonly email: string
  /** Null for a person who has only an email address. */
  readonly username: string | null
  readonly name: string
  readonly language: string | null
}

export interface GoodResetLink {
  readonly kind: 'good'
  readonly token: string
  readonly link: LinkRow
  readonly person: PersonToReset
}

export type ResetLink = GoodResetLink | { readonly kind: 'dead'; readonly why: DeadLink }

/** What a mailed link to a new password is worth at `now`. Looking at it changes nothing. */
export async function readResetLink(db: Database, token: string, now: number): Promise<ResetLink> {
  const link = await findLink(db, 'reset', token)
  if (!link?.userId) return { kind: 'dead', why: 'unknown' }
  const state = linkState(link, now)
  if (state !== 'good') return { kind: 'dead', why: state }
  const row = await db
    .selectFrom('user')
    .select(['id', 'email', 'name', 'username', 'displayUsername', 'language'])
    .where('id', '=', link.userId)
    .where('disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row) return { kind: 'dead', why: 'unknown' }
  const { id, email, name, language } = row
  // Whoever reads the old mailbox need not be the person any more.
  if (normalLogin(link.email) !== normalLogin(email)) return { kind: 'dead', why: 'address-changed' }
  const person = { id, email, name, language, username: row.displayUsername ?? row.username }
  return { kind: 'good', token, link, person }
}

export interface ResetRequest {
  /** Normalized, and by the rules. */
  readonly password: string
  /** The language to write in to somebody who never chose one. */
  readonly asked: Language
  /** From where. */
  readonly address: string
  /** The server's own, whose names are part of no password. */
  readonly origins: readonly string[]
}

export type Reset =
  | { readonly kind: 'reset'; readonly userId: string }
  | { readonly kind: 'weak'; readonly why: Weakness }
  | { readonly kind: 'dead'; readonly why: DeadLink }

/**
 * Sets a new password by a link and ends every session and every other link of that person, in one stroke.
 * Of two that use the same link at once, one wins. The devices are the caller's to tell.
 *
 * @param found as it was just read: nobody without a good link has a password hashed.
 */
export async function resetPassword(
  { db, passwords, secret }: PasswordDependencies,
  found: GoodResetLink,
  { password, asked, address, origins }: ResetRequest,
  now: number,
): Promise<Reset> {
  const { person } = found
  const weakness = await weaknessOf(password, [...namesOf(person), ...origins])
  if (weakness) return { kind: 'weak', why: weakness }
  const hash = await passwords.hash(password)
  return db.transaction().execute(async (transaction): Promise<Reset> => {
    // Hashing takes its time: the link or the address may be another's by now.
    const again = await readResetLink(transaction, found.token, now)
    if (again.kind === 'dead') return again
    const { id: userId } = again.person
    await useLink(transaction, again.link.id, now)
    await setPassword(transaction, { userId, hash, asked }, now)
    await deleteSessionsOf(transaction, userId, { end: { why: 'passwordChanged', at: now } })
    await audit(transaction, { at: now, what: 'reset-done', who: userId, from: { address, label: '' } })
    const logins = loginsOf(again.person)
    await forgivePerson(transaction, secret, { userId, logins }, now)
    await noteLinkUse(transaction, secret, { logins, address }, now)
    // The link was read in that mailbox.
    await changeUser(transaction, userId, { emailVerified: true }, now)
    return { kind: 'reset', userId }
  })
}
