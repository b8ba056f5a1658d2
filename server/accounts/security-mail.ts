import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import type { MailContent } from '../mail/mail-content.ts'
import { enqueueMail, wasMailed } from '../mail/outbox.ts'
import type { Client } from './audit.ts'
import { browserName } from './browser-name.ts'
import { noteTokenTold } from './session-rows.ts'

/** Mails that let a person, or the operator, notice what somebody else may have done. */

interface Happened {
  /** Wall-clock ms. */
  readonly at: number
  /** What it was done from. Its address is told, and nothing that a browser says of itself. */
  readonly from?: Pick<Client, 'address'> | undefined
}

export type SecurityEvent = Happened & {
  readonly userId: string
} & (
    | {
        /** Somebody came with the token of a session of theirs and without its key: nothing was opened. */
        readonly event: 'token-tried'
        readonly sessionId: string
      }
    | {
        /** An account at an issuer can sign in as them from now on. */
        readonly event: 'issuer-linked'
        /** `issuer`: what the configuration calls it. */
        readonly detail: { readonly issuer: string }
      }
    | {
        /** The operator made the account; the mail names the username. */
        readonly event: 'account-added'
        readonly detail?: undefined
      }
  )

/** Whoever holds a token could fill its owner's mailbox with it. */
const tokenToldEvery = { session: 24 * 3_600_000, person: 3_600_000 }

/**
 * Tells a person by mail. Call it in the transaction of what is told. Nobody is told whose account is deleted; and of a
 * tried token a person is told once a day for each session, and once an hour at most.
 *
 * @returns whether they are told now.
 */
export async function enqueueSecurityMail(db: Database, event: SecurityEvent, now: number): Promise<boolean> {
  const content = event.event === 'token-tried' ? await tokenTried(db, event, now) : contentOf(event)
  const user =
    content &&
    (await db
      .selectFrom('user')
      .select(['email', 'language'])
      .where('id', '=', event.userId)
      .where('deletedAt', 'is', null)
      .executeTakeFirst())
  if (!user) return false
  const to = { to: user.email, userId: event.userId, language: languageFor(user.language) }
  await enqueueMail(db, { ...to, ...content }, now)
  return true
}

type TokenTried = Extract<SecurityEvent, { event: 'token-tried' }>

const causeOf = ({ at, from }: SecurityEvent) => ({ at, address: from?.address })

function contentOf(event: Exclude<SecurityEvent, TokenTried>): MailContent {
  if (event.event === 'account-added') return { kind: event.event, values: { at: event.at } }
  return { kind: event.event, values: { ...causeOf(event), issuer: event.detail.issuer } }
}

/** What is told of a tried token, which is noted with its session; undefined when it was told of late. */
async function tokenTried(db: Database, event: TokenTried, now: number): Promise<MailContent | undefined> {
  const { event: kind, sessionId, userId } = event
  const device = await db
    .selectFrom('device')
    .select(['label', 'tokenToldAt'])
    .where('sessionId', '=', sessionId)
    .executeTakeFirst()
  const told = device?.tokenToldAt ?? Number.NEGATIVE_INFINITY
  // What lies in the future was written before the clock was set back.
  if (!device || Math.abs(now - told) < tokenToldEvery.session) return undefined
  if (await wasMailed(db, { kind, userId }, tokenToldEvery.person, now)) return undefined
  await noteTokenTold(db, sessionId, now)
  const { browser, system } = browserName(device.label)
  const name = [browser, system].filter((part) => part !== undefined).join(', ')
  return { kind, values: { ...causeOf(event), device: name || undefined } }
}

export type OperatorEvent = { readonly at: number } & (
  | {
      readonly event: 'api-key-created'
      /** Its name. */
      readonly key: string
      /** Its scopes, with spaces between. */
      readonly scope: string
    }
  | { readonly event: 'api-key-revoked'; readonly key: string }
  /** A key was tried where it is good for nothing. How often that is told is the caller's to say. */
  | { readonly event: 'api-key-misused'; readonly key: string; readonly from: Pick<Client, 'address'> }
  /** So many bytes of the data directory's disk are free. How often that is told is the caller's to say. */
  | { readonly event: 'disk-low'; readonly free: number }
)

/**
 * Tells the operator by mail, in the language of the account with that address or else in English. Call it in the
 * transaction of what is told.
 *
 * @param to OPERATOR_EMAIL; with none nobody is told.
 */
export async function enqueueOperatorMail(
  db: Database,
  to: string | undefined,
  event: OperatorEvent,
  now: number,
): Promise<void> {
  if (to === undefined) return
  const user = await db.selectFrom('user').select('language').where('email', '=', to).executeTakeFirst()
  await enqueueMail(db, { to, language: languageFor(user?.language), ...operatorContentOf(event) }, now)
}

function operatorContentOf(event: OperatorEvent): MailContent {
  const { at } = event
  switch (event.event) {
    case 'api-key-created':
      return { kind: event.event, values: { at, key: event.key, scope: event.scope } }
    case 'api-key-revoked':
      return { kind: event.event, values: { at, key: event.key } }
    case 'api-key-misused':
      return { kind: event.event, values: { at, key: event.key, address: event.from.address } }
    case 'disk-low':
      return { kind: event.event, values: { at, free: event.free } }
  }
}
