import type { Account } from '../../protocol/connection.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import type { MailContent } from '../mail/mail-content.ts'
import { enqueueMail } from '../mail/outbox.ts'
import { noteAccountEvent } from './account-event.ts'
import { findAccount, isActive } from './find-account.ts'
import { linkLifetime } from './link-lifetime.ts'
import { makeLink } from './links.ts'

/** However a person is named, no more reset mails than these in an hour. */
const mostResets = 5
const hour = 3_600_000

/** Whether this row is no mail yet, but a question that was answered before anybody looked for a person. */
export const isAsk = ({ kind }: Pick<MailRow, 'kind'>): boolean =>
  kind === 'reset-asked' || kind === 'sign-up-asked'

/** Finds out who was meant, and puts their mail in the place of the question; or nothing. */
export const settleAsk = (db: Database, row: MailRow, content: MailContent, now: number): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('mail').where('id', '=', row.id).execute()
    if (content.kind !== 'reset-asked' && content.kind !== 'sign-up-asked') return
    const { kind, values } = content
    const account = await findAccount(transaction, kind === 'reset-asked' ? values.login : row.to)
    const event = { kind, userId: account?.id ?? null, address: values.address, at: now }
    await noteAccountEvent(transaction, event)
    if (kind === 'sign-up-asked') await settleSignUp(transaction, account, row, now)
    else if (account) await settleReset(transaction, account, row, now)
  })

async function settleReset(
  db: Database,
  account: Account,
  { language }: MailRow,
  now: number,
): Promise<void> {
  if (!(await isActive(db, account.id)) || (await resetsOf(db, account.id, now)) >= mostResets) return
  const { id: userId, email } = account
  const to = { to: email, userId, language: languageFor(await localeOf(db, userId), language) }
  const link = await makeLink(db, { kind: 'reset', userId, email }, now)
  await enqueueMail(db, { ...to, kind: 'reset', values: { link }, uselessAt: now + linkLifetime.reset }, now)
}

async function settleSignUp(
  db: Database,
  account: Account | undefined,
  { to: email, language }: MailRow,
  now: number,
): Promise<void> {
  if (account) {
    const own = languageFor(await localeOf(db, account.id), language)
    await enqueueMail(db, { kind: 'known', values: {}, to: email, userId: account.id, language: own }, now)
    return
  }
  const to = { to: email, language: languageFor(language) }
  const link = await makeLink(db, { kind: 'sign-up', email, language }, now)
  const uselessAt = now + linkLifetime['sign-up']
  await enqueueMail(db, { ...to, kind: 'sign-up', values: { link }, uselessAt }, now)
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

async function localeOf(db: Database, userId: string): Promise<string | null> {
  const row = await db.selectFrom('user').select('language').where('id', '=', userId).executeTakeFirst()
  return row?.language ?? null
}
