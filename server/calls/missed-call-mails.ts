import type { Database } from '../database/tables.ts'
import { eachForItself } from '../each-for-itself.ts'
import { languageFor } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import type { ListedCall } from '../mail/templates.ts'

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
  /** What is settled now, whether it goes into a mail or is too old for one. */
  readonly settled: readonly string[]
  /** What the mail is about. */
  readonly mailed: readonly string[]
}

const isStale = ({ at }: { readonly at: number }, now: number) => now - at >= staleAfter

/**
 * Whose calls are to be mailed at `now`: once the first has waited for `wait`, all that came meanwhile go with it. What
 * was seen in the meantime does not, and is not settled either: it may turn out to be no such thing (C4.3).
 *
 * @param calls in order of time.
 */
export function dueCalls(calls: readonly UnmailedCall[], now: number, wait: number): DueCalls[] {
  const people = Map.groupBy(calls, ({ userId }) => userId)
  return [...people]
    .map(([userId, theirs]) => {
      const unseen = theirs.filter(({ seenAt }) => seenAt === null)
      const [first] = unseen
      const due = first && (now - first.at >= wait || first.at > now)
      const mailed = due ? unseen.filter((call) => !isStale(call, now)) : []
      const settled = theirs.filter((call) => mailed.includes(call) || isStale(call, now))
      return { userId, settled: settled.map(({ id }) => id), mailed: mailed.map(({ id }) => id) }
    })
    .filter(({ settled }) => settled.length > 0)
}

/**
 * Puts a mail into the outbox for each person who has waited long enough. @returns how many mails. @throws once all others
 * have theirs, where one could not be written.
 */
export async function enqueueMissedCallMails(db: Database, now: number, wait: number): Promise<number> {
  return eachForItself(dueCalls(await unmailedCalls(db, now), now, wait), (due) =>
    db.transaction().execute((transaction) => enqueueMailAbout(transaction, due, now)),
  )
}

/** @returns whether there is a mail. Of what another node has settled since the look, there is none. */
async function enqueueMailAbout(
  db: Database,
  { userId, settled, mailed }: DueCalls,
  now: number,
): Promise<boolean> {
  const rows = await db
    .updateTable('call')
    .set({ mailedAt: now })
    .where('id', 'in', settled)
    .where('mailedAt', 'is', null)
    .returning('id')
    .execute()
  const own = new Set(rows.map(({ id }) => id))
  const calls = mailed.filter((id) => own.has(id))
  const user = await db
    .selectFrom('user')
    .select(['email', 'language', 'mailMissed'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (user?.mailMissed !== 1 || calls.length === 0) return false
  const language = languageFor(user.language)
  await enqueueMail(db, { kind: 'missed', values: { calls }, to: user.email, userId, language }, now)
  return true
}

/** But for those that were seen of late: they are no mail now, and many of them would leave no room for others. */
const unmailedCalls = (db: Database, now: number): Promise<UnmailedCall[]> =>
  db
    .selectFrom('call')
    .select(['id', 'userId', 'at', 'seenAt'])
    .where('mailedAt', 'is', null)
    .where('why', '=', 'unreachable')
    .where('state', '=', 'missed')
    .where((e) => e.or([e('hidden', 'is', null), e('hidden', '<>', 'blocked')]))
    .where((e) => e.or([e('seenAt', 'is', null), e('at', '<=', now - staleAfter)]))
    .orderBy('at')
    .limit(1_000)
    .execute()

/**
 * What there is to tell about these calls as the mail leaves: nothing once all were seen, or mails are unwanted. What was
 * seen is in this mail no more, and waits for another in case it is taken back.
 *
 * @param madeAt when the mail was put into the outbox: those that were settled then are its own.
 */
export async function missedCallsToTell(
  db: Database,
  userId: string,
  calls: readonly string[],
  madeAt: number,
): Promise<ListedCall[]> {
  const user = await db
    .selectFrom('user')
    .select(['mailMissed', 'mailNames'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (user?.mailMissed !== 1 || calls.length === 0) return []
  await db
    .updateTable('call')
    .set({ mailedAt: null })
    .where('userId', '=', userId)
    .where('id', 'in', calls)
    .where('mailedAt', '=', madeAt)
    .where('seenAt', 'is not', null)
    .execute()
  const rows = await db
    .selectFrom('call')
    .select(['at', 'from'])
    .where('userId', '=', userId)
    .where('id', 'in', calls)
    .where('mailedAt', '=', madeAt)
    .where('seenAt', 'is', null)
    // A colleague may have answered meanwhile, of a visitor.
    .where('state', '=', 'missed')
    .orderBy('at')
    .execute()
  return rows.map(({ at, from }) => (user.mailNames === 1 ? { at, from } : { at }))
}
