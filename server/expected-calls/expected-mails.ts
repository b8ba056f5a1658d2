import { expectedFor } from '../../protocol/people.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import type { ListedCall } from '../mail/templates.ts'

/** A person has one such mail in so long, in ms, whoever announces how many calls. What comes meanwhile goes with the next. */
const mailEvery = 10 * 60_000

/** Who of these had such a mail so short a time ago that there is no other now. @param now wall-clock ms. */
export async function mailedOfLate(
  db: Database,
  userIds: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('expectedCall')
    .select('userId')
    .distinct()
    .where(isAmong(db, 'userId', userIds))
    .where('mailedAt', '>', now - mailEvery)
    // What is of later than now was written down before the clock was set back.
    .where('mailedAt', '<=', now)
    .execute()
  return new Set(rows.map(({ userId }) => userId))
}

/**
 * Puts a mail into the outbox for somebody of whom no device could be reached as these calls were to come. Of each call
 * there is one, whichever node says so first, and of one person one in ten minutes; who wants no such mails, or has no account any more, gets none.
 *
 * @param calls of one person. @returns whether there is a mail.
 */
export async function enqueueExpectedMail(
  trx: Database,
  userId: string,
  calls: readonly string[],
  now: number,
): Promise<boolean> {
  if ((await mailedOfLate(trx, [userId], now)).has(userId)) return false
  const settled = await trx
    .updateTable('expectedCall')
    .set({ mailedAt: now })
    .where('id', 'in', [...calls])
    .where('mailedAt', 'is', null)
    .where('endedAt', 'is', null)
    .returning(['id', 'at'])
    .execute()
  if (settled.length === 0) return false
  const user = await trx
    .selectFrom('user')
    .select(['email', 'language', 'mailMissed'])
    .where('id', '=', userId)
    .where('disabledAt', 'is', null)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  if (user?.mailMissed !== 1) return false
  await enqueueMail(
    trx,
    {
      kind: 'expected',
      values: { calls: settled.map(({ id }) => id) },
      ...{ to: user.email, userId, language: languageFor(user.language) },
      uselessAt: Math.max(...settled.map(({ at }) => at)) + expectedFor,
    },
    now,
  )
  return true
}

/**
 * What there is to tell as the mail leaves: those that are still expected, and who will call where the mail may say so.
 * Nothing once mails are unwanted.
 *
 * @param madeAt when the mail was put into the outbox: what was settled then is its own.
 */
export async function expectedToTell(
  db: Database,
  userId: string,
  calls: readonly string[],
  madeAt: number,
): Promise<ListedCall[]> {
  const rows = await db
    .selectFrom('expectedCall')
    .innerJoin('user as me', 'me.id', 'expectedCall.userId')
    .leftJoin('user as caller', 'caller.id', 'expectedCall.callerId')
    .select(['expectedCall.at', 'expectedCall.from', 'caller.name', 'me.mailNames'])
    .where('expectedCall.userId', '=', userId)
    .where('expectedCall.id', 'in', [...calls])
    .where('expectedCall.mailedAt', '=', madeAt)
    .where('expectedCall.endedAt', 'is', null)
    .where('expectedCall.shown', '=', 1)
    .where('me.mailMissed', '=', 1)
    .orderBy('expectedCall.at')
    .execute()
  return rows.map(({ at, from, name, mailNames }) => {
    const who = from ?? name
    return mailNames === 1 && who !== null ? { at, from: who } : { at }
  })
}
