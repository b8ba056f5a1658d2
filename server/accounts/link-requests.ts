import type { Account } from '../../protocol/connection.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import { type Language, languageFor } from '../locales/language.ts'
import type { MailContent } from '../mail/mail-content.ts'
import { enqueueMail, type NewMail } from '../mail/outbox.ts'
import { addressKey } from './address-key.ts'
import { audit } from './audit.ts'
import { findAccount, isActive } from './find-account.ts'
import { linkLifetime, makeLink } from './links.ts'
import { normalLogin } from './login-name.ts'
import { countRequest } from './request-rate-limit.ts'
import { seal, unseal } from './secrets.ts'

/**
 * What people who are not signed in ask for by mail. Nothing looks for a person while somebody waits for an
 * answer: what was typed is counted and put into the outbox as a request, and the outbox's worker has it settled.
 * So all are answered alike and take alike.
 */

const mostForPerson = 5
const mostForAddress = 20
/** However a person is named, no more reset mails than these in an hour. */
const mostResets = 5
const hour = 3_600_000

const sealedFor = 'reset-asked'

/** Who asks: from which address, and in which language if we do not know better. */
export interface Requester {
  readonly address: string
  readonly language: Language
}

export interface LinkRequestDependencies {
  readonly db: Database
  /** Of this installation. */
  readonly secret: string
}

export type Requested =
  | { readonly kind: 'requested' }
  /** Seconds. */
  | { readonly kind: 'too-often'; readonly retryAfter: number }

/** Somebody forgot a password. */
export const requestReset = (
  { db, secret }: LinkRequestDependencies,
  typed: string,
  { address, language }: Requester,
  now: number,
): Promise<Requested> => {
  const login = normalLogin(typed)
  const sealedLogin = seal(secret, sealedFor, login)
  const mail = { kind: 'reset-asked', values: { sealedLogin, address }, to: '', language } as const
  return request(db, secret, { key: 'reset', whom: login, address, mail }, now)
}

/** Somebody wants an account with this address. */
export const requestSignUp = (
  { db, secret }: LinkRequestDependencies,
  typed: string,
  { address, language }: Requester,
  now: number,
): Promise<Requested> => {
  const to = normalLogin(typed)
  const mail = { kind: 'sign-up-asked', values: { address }, to, language } as const
  return request(db, secret, { key: 'sign-up', whom: to, address, mail }, now)
}

interface Request {
  readonly key: string
  readonly whom: string
  readonly address: string
  readonly mail: NewMail
}

const request = (
  db: Database,
  secret: string,
  { key, whom, address, mail }: Request,
  now: number,
): Promise<Requested> =>
  db.transaction().execute(async (transaction) => {
    const limits = [
      { key: `${key} for ${whom}`, most: mostForPerson },
      { key: `${key} from ${addressKey(address)}`, most: mostForAddress },
    ]
    const wait = await countRequest(transaction, secret, limits, now)
    if (wait > 0) return { kind: 'too-often', retryAfter: Math.ceil(wait / 1_000) }
    await enqueueMail(transaction, mail, now)
    return { kind: 'requested' }
  })

/** Whether a row of the outbox is no mail yet, but a request to be settled. */
export const isLinkRequest = ({ kind }: Pick<MailRow, 'kind'>): boolean =>
  kind === 'reset-asked' || kind === 'sign-up-asked'

/**
 * Finds out whom a request concerns, and puts their mail in its place; or nothing.
 *
 * @param content of the row.
 */
export const settleLinkRequest = (
  { db, secret }: LinkRequestDependencies,
  row: MailRow,
  content: MailContent,
  now: number,
): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('mail').where('id', '=', row.id).execute()
    if (content.kind !== 'reset-asked' && content.kind !== 'sign-up-asked') return
    const { kind, values } = content
    const account = await findAccount(transaction, kind === 'reset-asked' ? loginIn(secret, values) : row.to)
    const from = { address: values.address, label: '' }
    await audit(transaction, { at: now, what: kind, who: account?.id, from })
    if (kind === 'sign-up-asked') await settleSignUp(transaction, account, row, now)
    else if (account) await settleReset(transaction, account, row, now)
  })

const loginIn = (secret: string, values: (MailContent & { kind: 'reset-asked' })['values']) =>
  'login' in values ? values.login : unseal(secret, sealedFor, values.sealedLogin)

async function settleReset(
  db: Database,
  { id: userId, email, language: chosen }: Account,
  { language }: MailRow,
  now: number,
): Promise<void> {
  if (!(await isActive(db, userId)) || (await resetsOf(db, userId, now)) >= mostResets) return
  const link = await makeLink(db, { kind: 'reset', userId, email }, now)
  const uselessAt = now + linkLifetime.reset
  const to = { to: email, userId, language: languageFor(chosen, language), uselessAt }
  await enqueueMail(db, { ...to, kind: 'reset', values: { link } }, now)
}

async function settleSignUp(
  db: Database,
  account: Account | undefined,
  { to: email, language }: MailRow,
  now: number,
): Promise<void> {
  if (account) {
    const to = { to: email, userId: account.id, language: languageFor(account.language, language) }
    return enqueueMail(db, { ...to, kind: 'known', values: {} }, now)
  }
  const link = await makeLink(db, { kind: 'sign-up', email, language }, now)
  const to = { to: email, language: languageFor(language), uselessAt: now + linkLifetime['sign-up'] }
  await enqueueMail(db, { ...to, kind: 'sign-up', values: { link } }, now)
}

async function resetsOf(db: Database, userId: string, now: number): Promise<number> {
  const { count } = await db
    .selectFrom('link')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('userId', '=', userId)
    .where('kind', '=', 'reset')
    .where('madeAt', '>', now - hour)
    .executeTakeFirstOrThrow()
  return count
}
