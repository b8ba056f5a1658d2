import type { Database } from '../database/tables.ts'
import { languageFor } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import type { MissedCall } from '../mail/templates.ts'

/** What was missed longer ago is not mailed about any more, ms. */
const staleAfter = 86_400_000

/** A missed call for which no device could be rung, and about which no mail was written yet. Wall-clock ms. */
export interface UnmailedCall {
  readonly id: string
  readonly userId: string
  readonly at: number
  readonly seenAt: number | null
}

/** One person's calls, by their ids. */
export interface DueCalls {
  readonly userId: string
  /** What is settled now, whether it goes into a mail or not. */
  readonly settled: readonly string[]
  /** What the mail is about. */
  readonly mailed: readonly string[]
}

/**
 * Whose calls are to be mailed at `now`: once the first has waited for `wait`, all that came meanwhile go
 * with it, but not what was seen in the meantime.
 *
 * @param calls in order of time.
 */
export function dueCalls(calls: readonly UnmailedCall[], now: number, wait: number): DueCalls[] {
  const people = Map.groupBy(calls, ({ userId }) => userId)
  return [...people]
    .filter(([, [first]]) => first && (now - first.at >= wait || first.at > now))
    .map(([userId, theirs]) => ({
      userId,
      settled: theirs.map(({ id }) => id),
      mailed: theirs.filter(({ seenAt, at }) => seenAt === null && now - at < staleAfter).map(({ id }) => id),
    }))
}

/** Puts a mail into the outbox for each person who has waited long enough. @returns how many mails. */
export async function enqueueMissedCallMails(db: Database, now: number, wait: number): Promise<number> {
  let mails = 0
  for (const { userId, settled, mailed } of dueCalls(await unmailedCalls(db), now, wait))
    await db.transaction().execute(async (transaction) => {
      for (const id of settled)
        await transaction.updateTable('call').set({ mailedAt: now }).where('id', '=', id).execute()
      const user = await transaction
        .selectFrom('user')
        .select(['email', 'language', 'mailMissed'])
        .where('id', '=', userId)
        .executeTakeFirst()
      if (user?.mailMissed !== 1 || mailed.length === 0) return
      const language = languageFor(user.language)
      await enqueueMail(
        transaction,
        { kind: 'missed', values: { calls: [...mailed] }, to: user.email, userId, language },
        now,
      )
      mails += 1
    })
  return mails
}

const unmailedCalls = (db: Database): Promise<UnmailedCall[]> =>
  db
    .selectFrom('call')
    .select(['id', 'userId', 'at', 'seenAt'])
    .where('mailedAt', 'is', null)
    .where('why', '=', 'unreachable')
    .where('state', '=', 'missed')
    .orderBy('at')
    .limit(1_000)
    .execute()

/** What there is to tell about these calls as the mail leaves: nothing once all were seen, or mails are unwanted. */
export async function missedCallsToTell(
  db: Database,
  userId: string,
  calls: readonly string[],
): Promise<MissedCall[]> {
  const user = await db
    .selectFrom('user')
    .select(['mailMissed', 'mailNames'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (user?.mailMissed !== 1 || calls.length === 0) return []
  const rows = await db
    .selectFrom('call')
    .select(['at', 'from'])
    .where('userId', '=', userId)
    .where('id', 'in', calls)
    .where('seenAt', 'is', null)
    .orderBy('at')
    .execute()
  return rows.map(({ at, from }) => (user.mailNames === 1 ? { at, from } : { at }))
}
