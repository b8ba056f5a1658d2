import type { LinkRow } from '../database/account-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { addressKey } from './address-key.ts'
import { audit } from './audit.ts'
import { insertPassword } from './credential-rows.ts'
import { noteLinkUse } from './failed-attempts.ts'
import { findAccount } from './find-account.ts'
import { type DeadLink, findLink, linkState, useLink } from './links.ts'
import { loginsOf } from './login-name.ts'
import { type NewPerson, type PersonErrors, personErrors } from './new-person.ts'
import { namesOf, weaknessOf } from './password-strength.ts'
import type { PasswordDependencies } from './passwords.ts'
import { countRequest } from './request-rate-limit.ts'
import { insertUser } from './user-rows.ts'

/** How often an hour an account may be tried to be made: a link must not tell whose usernames there are. */
const mostByLink = 20
/** Many people of one house may register on the same day. */
const mostFromAddress = 100

/** Which links an account can be made by. */
export type RegistrationLinkKind = Extract<LinkRow['kind'], 'invitation' | 'sign-up'>

export interface GoodRegistrationLink {
  readonly kind: 'good'
  readonly linkKind: RegistrationLinkKind
  readonly token: string
  readonly link: LinkRow
}

export type RegistrationLink =
  | GoodRegistrationLink
  | { readonly kind: 'dead'; readonly why: DeadLink }
  /** Somebody has an account with this address by now. */
  | { readonly kind: 'known' }

/** What a link to a new account is worth at `now`. Looking at it changes nothing. */
export async function readRegistrationLink(
  db: Database,
  linkKind: RegistrationLinkKind,
  token: string,
  now: number,
): Promise<RegistrationLink> {
  const link = await findLink(db, linkKind, token)
  if (!link) return { kind: 'dead', why: 'unknown' }
  const state = linkState(link, now)
  if (state !== 'good') return { kind: 'dead', why: state }
  return (await findAccount(db, link.email)) ? { kind: 'known' } : { kind: 'good', linkKind, token, link }
}

export interface Registration {
  readonly person: NewPerson
  readonly language: Language
  /** From where. */
  readonly address: string
  /** The server's own, whose names are part of no password. */
  readonly origins: readonly string[]
}

export type Registered =
  | { readonly kind: 'registered'; readonly userId: string }
  | { readonly kind: 'invalid'; readonly errors: PersonErrors }
  /** How long to wait, in ms. */
  | { readonly kind: 'too-often'; readonly wait: number }
  | Exclude<RegistrationLink, GoodRegistrationLink>

/**
 * Makes the account that a link is for. Its address counts as verified: the link was read there.
 *
 * The link is one that was just found good: nobody without one is counted, or has a password hashed.
 */
export async function register(
  { db, passwords, secret }: PasswordDependencies,
  { linkKind, token, link }: GoodRegistrationLink,
  { person, language, address, origins }: Registration,
  now: number,
): Promise<Registered> {
  const errors = personErrors(person)
  if (Object.keys(errors).length > 0) return { kind: 'invalid', errors }
  const own = namesOf({ ...person, email: link.email })
  const weakness = await weaknessOf(person.password, [...own, ...origins])
  if (weakness) return { kind: 'invalid', errors: { weakness } }
  const limits = [
    { key: `register by ${link.id}`, most: mostByLink },
    { key: `register from ${addressKey(address)}`, most: mostFromAddress },
  ]
  const wait = await db.transaction().execute((transaction) => countRequest(transaction, secret, limits, now))
  if (wait > 0) return { kind: 'too-often', wait }
  const hash = await passwords.hash(person.password)
  return db.transaction().execute(async (transaction): Promise<Registered> => {
    // Hashing takes its time: the link may be used, and the address or the username had, by now.
    const again = await readRegistrationLink(transaction, linkKind, token, now)
    if (again.kind !== 'good') return again
    if (await findAccount(transaction, person.username))
      return { kind: 'invalid', errors: { username: 'taken' } }
    await useLink(transaction, again.link.id, now)
    const { name, username } = person
    const user = { name, username, email: again.link.email, emailVerified: true, language }
    const userId = await insertUser(transaction, user, now)
    await insertPassword(transaction, userId, hash, now)
    await noteLinkUse(transaction, secret, { logins: loginsOf(user), address }, now)
    await audit(transaction, { at: now, what: 'signed-up', who: userId, from: { address, label: '' } })
    return { kind: 'registered', userId }
  })
}
