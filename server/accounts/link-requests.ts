import type { Account } from '../../protocol/connection.ts'
import { inLine } from '../database/locking.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import { type Language, languageFor } from '../locales/language.ts'
import { type MailContent, parseContent } from '../mail/mail-content.ts'
import { enqueueMail, type NewMail } from '../mail/outbox.ts'
import { networksOf } from './address-key.ts'
import { audit } from './audit.ts'
import { findAccount, isActive } from './find-account.ts'
import { type Groups, greediest } from './greediest.ts'
import { holdBack } from './held-back.ts'
import { linkLifetime, makeLink } from './links.ts'
import { normalLogin } from './login-name.ts'
import { noteRequest, timeUntilNext } from './request-rate-limit.ts'
import { seal, unseal } from './secrets.ts'

/**
 * What people who are not signed in ask for by mail. Nothing looks for a person while somebody waits for an
 * answer: what was typed is counted and put into the outbox as a request, and the outbox's worker has it settled.
 * So all are answered alike and take alike.
 */

const mostForPerson = 5
const mostForAddress = 20
/** From an IPv6 /48, which has 65,536 of what counts as an address. */
const mostForNetwork = 100
/** So many requests wait to be settled, and no more: a second's work. */
const mostWaiting = 500
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
  /** How long to wait, in ms. */
  | { readonly kind: 'too-often'; readonly wait: number }

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
  readonly mail: NewMail & { readonly kind: LinkRequestKind }
}

async function request(
  db: Database,
  secret: string,
  { key, whom, address, mail }: Request,
  now: number,
): Promise<Requested> {
  // All of them in one line: each looks at how many wait.
  const { requested, dropped } = await inLine(db, ['link requests'], async (transaction) => {
    const [, network, own] = networksOf(address)
    const limits = [
      { key: `${key} for ${whom}`, most: mostForPerson },
      { key: `${key} from ${own}`, most: mostForAddress },
      ...(network.endsWith('/48') ? [{ key: `${key} from ${network}`, most: mostForNetwork }] : []),
    ]
    const wait = await timeUntilNext(transaction, secret, limits, now)
    if (wait > 0) return { requested: { kind: 'too-often', wait } as const, dropped: undefined }
    const dropped = await makeRoom(transaction, { kind: mail.kind, from: networksOf(address) })
    const requested = { kind: 'requested' } as const
    // Whoever is dropped may ask as often as before.
    if (dropped === 'this') return { requested, dropped: mail.kind }
    await noteRequest(transaction, secret, limits, now)
    await enqueueMail(transaction, mail, now)
    return { requested, dropped }
  })
  if (dropped !== undefined) holdBack(db, dropped, { count: 1, since: now })
  return requested
}

export const linkRequestKinds = ['reset-asked', 'sign-up-asked'] as const

type LinkRequestKind = (typeof linkRequestKinds)[number]

/**
 * Where as many requests wait as may, one goes: of whoever asks the most, by lot among those who ask alike. Whoever asks
 * once is the last to go.
 *
 * @returns the kind of one that was dropped, or that it is to be the newcomer; undefined where there is room.
 */
async function makeRoom(
  db: Database,
  newcomer: { readonly kind: LinkRequestKind; readonly from: Groups },
): Promise<LinkRequestKind | 'this' | undefined> {
  const waits = db.selectFrom('mail').where('nextAt', 'is not', null).where('kind', 'in', linkRequestKinds)
  const { count } = await waits.select((e) => e.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  if (count < mostWaiting) return undefined
  const rows = await waits.select(['id', 'kind', 'values']).orderBy('madeAt').execute()
  const waiting = rows.map(({ id, kind, values }) => ({
    id,
    kind,
    from: networksOf(addressIn(parseContent(kind, values))),
  }))
  const most = greediest<{ id?: string; kind: string; from: Groups }>(
    [...waiting, newcomer],
    () => 0,
    Math.random,
  )
  if (most?.id === undefined) return 'this'
  await db.deleteFrom('mail').where('id', '=', most.id).execute()
  return most.kind === 'reset-asked' ? 'reset-asked' : 'sign-up-asked'
}

const addressIn = (content: MailContent): string =>
  content.kind === 'reset-asked' || content.kind === 'sign-up-asked' ? content.values.address : ''

/** Finds out whom requests concern, and puts their mails in their place; or nothing. */
export const settleLinkRequests = (
  { db, secret }: LinkRequestDependencies,
  requests: readonly { readonly row: MailRow; readonly content: MailContent }[],
  now: number,
): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    for (const { row, content } of requests) await settle(transaction, secret, row, content, now)
  })

async function settle(
  db: Database,
  secret: string,
  row: MailRow,
  content: MailContent,
  now: number,
): Promise<void> {
  const gone = await db.deleteFrom('mail').where('id', '=', row.id).executeTakeFirst()
  // It may have been dropped meanwhile.
  if (gone.numDeletedRows === 0n) return
  if (content.kind !== 'reset-asked' && content.kind !== 'sign-up-asked') return
  const { kind, values } = content
  const account = await findAccount(db, kind === 'reset-asked' ? loginIn(secret, values) : row.to)
  const from = { address: values.address, label: '' }
  await audit(db, { at: now, what: kind, who: account?.id, from })
  if (kind === 'sign-up-asked') await settleSignUp(db, account, row, now)
  else if (account) await settleReset(db, account, row, now)
}

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
