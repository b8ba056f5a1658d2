import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import type { MailContent, MailKind } from '../mail/mail-content.ts'
import { enqueueMail } from '../mail/outbox.ts'
import type { Client } from './audit.ts'

/** Mails that let a person, or the operator, notice what somebody else may have done. */

interface Happened {
  /** Wall-clock ms. */
  readonly at: number
  /** What it was done from. Its address is told, and nothing that a browser says of itself. */
  readonly from?: Pick<Client, 'address'> | undefined
}

export type SecurityNews = Happened & {
  readonly userId: string
} & (
    | {
        /** Somebody came with the token of a session of theirs and without its key: nothing was opened. */
        readonly event: 'token-tried'
        /** `device`: what the browser whose session it is called itself when it signed in. */
        readonly detail?: { readonly device?: string | undefined }
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

/**
 * Tells a person by mail. Call it in the transaction of what is told. Nobody is told whose account is deleted, and a
 * tried token is told once an hour: whoever holds one could fill their mailbox with it.
 *
 * @returns whether they are told now.
 */
export async function enqueueSecurityMail(db: Database, news: SecurityNews, now: number): Promise<boolean> {
  const user = await db
    .selectFrom('user')
    .select(['email', 'language'])
    .where('id', '=', news.userId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  if (!user) return false
  if (news.event === 'token-tried' && (await wasTold(db, news.event, news.userId, now))) return false
  const to = { to: user.email, userId: news.userId, language: languageFor(user.language) }
  await enqueueMail(db, { ...to, ...contentOf(news) }, now)
  return true
}

function contentOf(news: SecurityNews): MailContent {
  const cause = { at: news.at, address: news.from?.address }
  switch (news.event) {
    case 'token-tried':
      return { kind: news.event, values: { ...cause, device: news.detail?.device } }
    case 'issuer-linked':
      return { kind: news.event, values: { ...cause, issuer: news.detail.issuer } }
    case 'account-added':
      return { kind: news.event, values: { at: news.at } }
  }
}

const toldEvery = 3_600_000

async function wasTold(db: Database, kind: MailKind, userId: string, now: number): Promise<boolean> {
  const told = await db
    .selectFrom('mail')
    .select('id')
    .where('userId', '=', userId)
    .where('kind', '=', kind)
    .where('madeAt', '>', now - toldEvery)
    // Written before the clock was set back, it would keep them from being told for as long.
    .where('madeAt', '<=', now)
    .limit(1)
    .executeTakeFirst()
  return told !== undefined
}

export type OperatorNews = { readonly at: number } & (
  | {
      readonly event: 'api-key-created'
      /** Its name. */
      readonly key: string
      readonly scope: 'calls' | 'scim' | 'metrics'
    }
  | { readonly event: 'api-key-revoked'; readonly key: string }
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
  news: OperatorNews,
  now: number,
): Promise<void> {
  if (to === undefined) return
  const { event: kind, ...values } = news
  const user = await db.selectFrom('user').select('language').where('email', '=', to).executeTakeFirst()
  const mail = { kind, values } as MailContent
  await enqueueMail(db, { to, language: languageFor(user?.language), ...mail }, now)
}
