import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import type { MailContent } from './mail-content.ts'

/** A mail makes sense for so long unless it says otherwise, ms. */
const usefulFor = 86_400_000

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
