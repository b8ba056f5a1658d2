import type { LinkRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { noteAccountEvent } from './account-event.ts'
import { addressKey } from './address-key.ts'
import type { Auth } from './auth.ts'
import { findAccount } from './find-account.ts'
import { linkState } from './link-lifetime.ts'
import { findLink, useLink } from './links.ts'
import { type NewPerson, type PersonErrors, personErrors } from './new-person.ts'
import { insertPerson } from './person-rows.ts'
import { countRequest } from './rate-limit.ts'
import type { DeadLink } from './reset.ts'
import { insertPassword } from './set-password.ts'

/** How often an hour an account may be tried to be made: a link must not tell whose usernames there are. */
const mostByLink = 20
/** Many people of one house may join on the same day. */
const mostFromAddress = 100

export type JoinLink = Extract<LinkRow['kind'], 'invitation' | 'sign-up'>

export type LinkToJoin =
  | { readonly kind: 'good'; readonly link: LinkRow }
  | { readonly kind: 'dead'; readonly why: DeadLink }
  /** Somebody has an account with this address by now. */
  | { readonly kind: 'known' }

/** What a link to a new account is worth at `now`. Looking at it changes nothing. */
export async function readJoin(
  db: Database,
  kind: JoinLink,
  token: string,
  now: number,
): Promise<LinkToJoin> {
  const link = await findLink(db, kind, token)
  if (!link) return { kind: 'dead', why: 'unknown' }
  const state = linkState(link, now)
  if (state !== 'good') return { kind: 'dead', why: state }
  return (await findAccount(db, link.email)) ? { kind: 'known' } : { kind: 'good', link }
}

export type Joined =
  | { readonly kind: 'joined'; readonly userId: string }
  | { readonly kind: 'invalid'; readonly errors: PersonErrors }
  /** Seconds. */
  | { readonly kind: 'too-often'; readonly retryAfter: number }
  | Exclude<LinkToJoin, { readonly kind: 'good' }>

export interface Joining {
  readonly kind: JoinLink
  readonly token: string
  readonly person: NewPerson
  readonly language: Language
  /** From where. */
  readonly address: string
}

/** Makes the account that a link is for. Its address counts as verified: the link was read there. */
export async function join(
  { db, auth }: { readonly db: Database; readonly auth: Auth },
  { kind, token, person, language, address }: Joining,
  now: number,
): Promise<Joined> {
  const found = await readJoin(db, kind, token, now)
  if (found.kind !== 'good') return found
  const errors = personErrors(person)
  if (Object.keys(errors).length > 0) return { kind: 'invalid', errors }
  const limits = [
    { key: `join by ${found.link.id}`, most: mostByLink },
    { key: `join from ${addressKey(address)}`, most: mostFromAddress },
  ]
  const wait = await db.transaction().execute((transaction) => countRequest(transaction, limits, now))
  if (wait > 0) return { kind: 'too-often', retryAfter: Math.ceil(wait / 1_000) }
  const context = await auth.$context
  const hash = await context.password.hash(person.password)
  return db.transaction().execute(async (transaction): Promise<Joined> => {
    const again = await readJoin(transaction, kind, token, now)
    if (again.kind !== 'good') return again
    if (await findAccount(transaction, person.username))
      return { kind: 'invalid', errors: { username: 'taken' } }
    await useLink(transaction, again.link.id, now)
    const { name, username } = person
    const { email } = again.link
    const row = { name, username, email, emailVerified: true, picture: null, language }
    const userId = await insertPerson(transaction, row, now)
    await insertPassword(transaction, userId, hash, now)
    await noteAccountEvent(transaction, { kind: 'signed-up', userId, address, at: now })
    return { kind: 'joined', userId }
  })
}
