import { randomUUID } from 'node:crypto'
import { batchSize } from '../database/delete-batch.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import type { MailContent } from './mail-content.ts'
import type { After } from './retry-schedule.ts'

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

/** Mails that have not left yet, those whose turn comes first at the beginning. */
export const waitingMails = (db: Database): Promise<MailRow[]> =>
  db
    .selectFrom('mail')
    .selectAll()
    .where('nextAt', 'is not', null)
    .orderBy('nextAt')
    .limit(mostAtOnce)
    .execute()

type MailState = After | { readonly kind: 'again'; readonly nextAt: number; readonly why: string | null }

/** Writes down what became of a mail. What it said is forgotten once it will not be said again. */
export async function recordDelivery(
  db: Database,
  id: string,
  state: MailState,
  tries: number,
  now: number | null = null,
): Promise<void> {
  const over = { nextAt: null, values: null }
  const change =
    state.kind === 'again'
      ? { nextAt: state.nextAt, failed: state.why }
      : state.kind === 'sent'
        ? { ...over, sentAt: now, failed: null }
        : { ...over, failed: state.why }
  await db
    .updateTable('mail')
    .set({ ...change, tries })
    .where('id', '=', id)
    .execute()
}

/** Drops mails that were over long ago. @returns whether there may be more of them. */
export async function dropOldMails(db: Database, now: number): Promise<boolean> {
  const old = db
    .selectFrom('mail')
    .select('id')
    .where('nextAt', 'is', null)
    .where('madeAt', '<', now - rememberedFor)
    .limit(batchSize)
  const { numDeletedRows } = await db.deleteFrom('mail').where('id', 'in', old).executeTakeFirstOrThrow()
  return Number(numDeletedRows) === batchSize
}
