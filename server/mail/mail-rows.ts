import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { After } from './delivery.ts'

const mostAtOnce = 50

/** What became of mails and links is remembered so long, ms. */
const rememberedFor = 30 * 86_400_000

/** Mails that have not left yet, those whose turn comes first at the beginning. */
export const waitingMails = (db: Database): Promise<MailRow[]> =>
  db
    .selectFrom('mail')
    .selectAll()
    .where('nextAt', 'is not', null)
    .orderBy('nextAt')
    .limit(mostAtOnce)
    .execute()

type Written = After | { readonly kind: 'again'; readonly nextAt: number; readonly why: string | null }

/** Writes down what became of a mail. What it said is forgotten once it will not be said again. */
export async function settleMail(
  db: Database,
  id: string,
  after: Written,
  tries: number,
  now: number | null = null,
): Promise<void> {
  const over = { nextAt: null, values: null }
  const change =
    after.kind === 'again'
      ? { nextAt: after.nextAt, failed: after.why }
      : after.kind === 'sent'
        ? { ...over, sentAt: now, failed: null }
        : { ...over, failed: after.why }
  await db
    .updateTable('mail')
    .set({ ...change, tries })
    .where('id', '=', id)
    .execute()
}

/** Drops mails and links that were over long ago, and counts of what was asked. */
export async function forgetOldMails(db: Database, now: number): Promise<void> {
  const old = now - rememberedFor
  await db.deleteFrom('mail').where('nextAt', 'is', null).where('madeAt', '<', old).execute()
  await db.deleteFrom('link').where('diesAt', '<', old).execute()
  await db
    .deleteFrom('rateLimited')
    .where('at', '<', now - 86_400_000)
    .execute()
}
