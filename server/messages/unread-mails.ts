import { clinicThread } from '../../protocol/people.ts'
import type { Database } from '../database/tables.ts'
import { eachForItself } from '../each-for-itself.ts'
import { languageFor } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import type { UnreadThread } from '../mail/templates.ts'
import { otherSide } from './message-rows.ts'

/** What came longer ago is not mailed about any more, ms. */
const staleAfter = 86_400_000

/**
 * Puts a mail into the outbox for each person who has not read a message for `wait` ms: one about all that is unread. Of
 * a thread there is no other before it was read.
 *
 * @param now wall-clock ms. @returns how many mails. @throws once all others
 * have theirs, where one could not be written.
 */
export async function enqueueUnreadMails(db: Database, now: number, wait: number): Promise<number> {
  const due = await db
    .selectFrom('messageRead')
    .select('userId')
    .where('unreadSince', 'is not', null)
    .where('mailedAt', 'is', null)
    // What is of later than now was written down before the clock was set back.
    .where((e) => e.or([e('unreadSince', '<=', now - wait), e('unreadSince', '>', now)]))
    // Whose they are is found here: asked for each once, SQLite reads what everybody ever read.
    .orderBy('unreadSince')
    .limit(1_000)
    .execute()
  return eachForItself(new Set(due.map(({ userId }) => userId)), (userId) =>
    db.transaction().execute((trx) => enqueueMailTo(trx, userId, now)),
  )
}

async function enqueueMailTo(db: Database, userId: string, now: number): Promise<boolean> {
  const threads = await db
    .updateTable('messageRead')
    .set({ mailedAt: now })
    .where('userId', '=', userId)
    .where('unreadSince', 'is not', null)
    .where('mailedAt', 'is', null)
    .returning('unreadSince')
    .execute()
  const user = await db
    .selectFrom('user')
    .select(['email', 'language', 'mailUnread'])
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  const isNews = threads.some(({ unreadSince }) => unreadSince !== null && now - unreadSince < staleAfter)
  if (user?.mailUnread !== 1 || !isNews) return false
  await enqueueMail(
    db,
    { kind: 'unread', values: {}, to: user.email, userId, language: languageFor(user.language) },
    now,
  )
  return true
}

/**
 * What there is to tell as the mail leaves: threads that are still unread, and whose they are where the mail may say so.
 * Nothing once all were read, or mails are unwanted. Whom this person has blocked since, or has no more, is not in it.
 *
 * @param madeAt when the mail was put into the outbox: the threads that were settled then are its own.
 */
export async function unreadToTell(db: Database, userId: string, madeAt: number): Promise<UnreadThread[]> {
  const rows = await db
    .selectFrom('messageRead')
    .innerJoin('thread', 'thread.id', 'messageRead.thread')
    .innerJoin('user as me', 'me.id', 'messageRead.userId')
    .innerJoin('message', (on) =>
      on
        .onRef('message.thread', '=', 'thread.id')
        .onRef('message.n', '>', 'messageRead.until')
        .onRef('message.from', '<>', 'messageRead.userId'),
    )
    .select(['thread.a', 'thread.b', 'me.mailNames'])
    .select((e) => e.fn.countAll<number>().as('messages'))
    .where('messageRead.userId', '=', userId)
    .where('messageRead.mailedAt', '=', madeAt)
    .where('messageRead.unreadSince', 'is not', null)
    .where('me.mailUnread', '=', 1)
    .groupBy(['thread.id', 'thread.a', 'thread.b', 'me.mailNames', 'messageRead.unreadSince'])
    .orderBy('messageRead.unreadSince')
    .execute()
  const names = await namesOfContacts(
    db,
    userId,
    rows.map((row) => otherSide(row, userId)),
  )
  return rows.flatMap((row) => {
    const other = otherSide(row, userId)
    const messages = Number(row.messages)
    if (other === clinicThread) return [{ messages }]
    const from = names.get(other)
    if (from === undefined) return []
    return [row.mailNames === 1 ? { messages, from } : { messages }]
  })
}

async function namesOfContacts(
  db: Database,
  userId: string,
  among: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('contact')
    .innerJoin('user', 'user.id', 'contact.otherId')
    .select(['contact.id', 'user.name'])
    .where('contact.userId', '=', userId)
    .where('contact.id', 'in', [...among])
    .where('contact.relation', '=', 'contact')
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
