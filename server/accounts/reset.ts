import type { LinkRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { noteAccountEvent } from './account-event.ts'
import type { Auth } from './auth.ts'
import { forgiveNames } from './failed-attempts.ts'
import { type LinkState, linkState } from './link-lifetime.ts'
import { findLink, useLink } from './links.ts'
import { brokenRules, keptPassword, type PasswordRuleName } from './password-rule.ts'
import { endSessionsOf } from './sessions.ts'
import { setPassword } from './set-password.ts'
import { normalLogin } from './username.ts'

/** Why a link does nothing. */
export type DeadLink = Exclude<LinkState, 'good'> | 'unknown'

export type LinkToReset =
  | { readonly kind: 'good'; readonly link: LinkRow; readonly person: PersonToReset }
  | { readonly kind: 'dead'; readonly why: DeadLink }

export interface PersonToReset {
  readonly id: string
  readonly email: string
  /** Null for a person who has only an email address. */
  readonly username: string | null
  readonly language: string | null
}

/** What a mailed link to a new password is worth at `now`. Looking at it changes nothing. */
export async function readReset(db: Database, token: string, now: number): Promise<LinkToReset> {
  const link = await findLink(db, 'reset', token)
  if (!link?.userId) return { kind: 'dead', why: 'unknown' }
  const state = linkState(link, now)
  if (state !== 'good') return { kind: 'dead', why: state }
  const row = await db
    .selectFrom('user')
    .select(['id', 'email', 'username', 'displayUsername', 'language'])
    .where('id', '=', link.userId)
    .where('disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row) return { kind: 'dead', why: 'unknown' }
  const { id, email, language } = row
  // Whoever reads the old mailbox need not be the person any more.
  if (normalLogin(link.email) !== normalLogin(email)) return { kind: 'dead', why: 'address-changed' }
  return {
    kind: 'good',
    link,
    person: { id, email, language, username: row.displayUsername ?? row.username },
  }
}

export type Reset =
  | { readonly kind: 'reset'; readonly userId: string }
  | { readonly kind: 'dead'; readonly why: DeadLink }
  | { readonly kind: 'broken'; readonly rules: readonly PasswordRuleName[] }

export interface ResetAsk {
  readonly token: string
  readonly typed: string
  /** The language to write in to somebody who never chose one. */
  readonly asked: Language
  /** From where. */
  readonly address: string
}

/**
 * Sets a new password by a link and ends every session and every other link of that person, in one stroke.
 * Of two that use the same link at once, one wins. The devices are the caller's to tell.
 */
export async function resetPassword(
  { db, auth }: { readonly db: Database; readonly auth: Auth },
  { token, typed, asked, address }: ResetAsk,
  now: number,
): Promise<Reset> {
  const found = await readReset(db, token, now)
  if (found.kind === 'dead') return found
  const password = keptPassword(typed)
  const rules = brokenRules(password)
  if (rules.length > 0) return { kind: 'broken', rules }
  const context = await auth.$context
  const hash = await context.password.hash(password)
  const userId = found.person.id
  return db.transaction().execute(async (transaction): Promise<Reset> => {
    // Hashing takes its time: the link or the address may be another's by now.
    const again = await readReset(transaction, token, now)
    if (again.kind === 'dead') return again
    await useLink(transaction, again.link.id, now)
    await setPassword(transaction, { userId, hash, asked }, now)
    await endSessionsOf(transaction, userId)
    await noteAccountEvent(transaction, { kind: 'reset-done', userId, address, at: now })
    const { username, email } = again.person
    const names = [email, ...(username === null ? [] : [username])].map(normalLogin)
    await forgiveNames(transaction, names)
    // The link was read in that mailbox.
    await transaction.updateTable('user').set({ emailVerified: 1 }).where('id', '=', userId).execute()
    return { kind: 'reset', userId }
  })
}
