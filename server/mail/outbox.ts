import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { deleteBatch } from '../database/delete-batch.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import type { MailContent, MailKind } from './mail-content.ts'
import { type After, longestDelay } from './retry-schedule.ts'

/** A mail makes sense for so long unless it says otherwise, ms. */
const usefulFor = 86_400_000

/** So many mails are dealt with in one round. */
const mostAtOnce = 50

/** What became of a mail is remembered so long, ms. */
const rememberedFor = 30 * 86_400_000

export type NewMail = MailContent & {
  readonly to: string
  readonly language: Language
  /** Whose it is: with the person goes the mail. */
  readonly userId?: string | null
  /** Wall-clock ms. */
  readonly uselessAt?: number
}

/**
 * Puts a mail into the outbox. Call it in the transaction of what causes the mail: then there is neither
 * one without the other, whenever the server dies.
 */
export async function enqueueMail(db: Database, mail: NewMail, now: number): Promise<void> {
  await db
    .insertInto('mail')
    .values({
      id: randomUUID(),
      kind: mail.kind,
      userId: mail.userId ?? null,
      to: mail.to,
      language: mail.language,
      values: JSON.stringify(mail.values),
      madeAt: now,
      uselessAt: mail.uselessAt ?? now + usefulFor,
      tries: 0,
      nextAt: now,
      sentAt: null,
      failed: null,
    })
    .execute()
}

const waiting = (db: Database, now: number) =>
  db
    .selectFrom('mail')
    .selectAll()
    .where('nextAt', 'is not', null)
    // What is to wait longer than it can was written down before the clock was set back.
    .where((e) => e.or([e('nextAt', '<=', now), e('nextAt', '>', now + longestDelay)]))
    .orderBy('nextAt')
    .limit(mostAtOnce)

/**
 * Mails whose turn it is, those first that have waited longest. Behind all others are those that strangers can have sent
 * to any number of mailboxes.
 *
 * @param requests kinds that are no mails yet.
 */
export const dueMails = (db: Database, requests: readonly MailKind[], now: number): Promise<MailRow[]> =>
  waiting(db, now)
    .clearOrderBy()
    .orderBy((e) => e('kind', '=', 'sign-up'))
    .orderBy('nextAt')
    .where('kind', 'not in', requests)
    .execute()

/** Requests for a mail whose turn it is. */
export const dueRequests = (db: Database, requests: readonly MailKind[], now: number): Promise<MailRow[]> =>
  waiting(db, now).where('kind', 'in', requests).execute()

type MailState = After | { readonly kind: 'again'; readonly nextAt: number; readonly why: string | null }

/**
 * Writes down what became of a mail. What it said is forgotten once it will not be said again.
 *
 * @param tries as `claimTry` counted. Who took so long that somebody else has the mail by now writes nothing.
 * @returns whether it was written.
 */
export async function recordDelivery(
  db: Database,
  id: string,
  state: MailState,
  tries: number,
  now: number | null = null,
): Promise<boolean> {
  const over = { nextAt: null, values: null }
  const change =
    state.kind === 'again'
      ? { nextAt: state.nextAt, failed: state.why }
      : state.kind === 'sent'
        ? { ...over, sentAt: now, failed: null }
        : { ...over, failed: state.why }
  const { numUpdatedRows } = await db
    .updateTable('mail')
    .set(change)
    .where('id', '=', id)
    .where('tries', '=', tries)
    .executeTakeFirst()
  return Number(numUpdatedRows) === 1
}

/**
 * Whether a mail of a kind was written within so many ms before `now`, wall-clock ms; to whom is said only where that
 * matters. One of before the clock was set back says nothing.
 */
export async function wasMailed(
  db: Database,
  { kind, userId }: { readonly kind: MailKind; readonly userId?: string },
  within: number,
  now: number,
): Promise<boolean> {
  let mails = db
    .selectFrom('mail')
    .select('id')
    .where('kind', '=', kind)
    .where('madeAt', '>', now - within)
    .where('madeAt', '<=', now)
  if (userId !== undefined) mails = mails.where('userId', '=', userId)
  return (await mails.limit(1).executeTakeFirst()) !== undefined
}

/** Drops mails that were over long ago. @returns whether there may be more of them. */
export const deleteOldMails = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'mail', 'madeAt', now - rememberedFor, sql`"nextAt" is null`)
