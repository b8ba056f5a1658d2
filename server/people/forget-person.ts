import type { AccountChange } from '../../protocol/people.ts'
import { formerName } from '../accounts/user-rows.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'

/**
 * Takes somebody whose account is deleted out of what devices of others have not heard yet: how they were called, and who
 * said that they will call. No event is left out, so that no number is missing; the worker of contacts tells the rest.
 * To be called while it is still known who had them.
 *
 * @param trx the transaction that deletes the account.
 */
export async function forgetInEvents(trx: Database, userId: string): Promise<void> {
  const others = await othersOf(trx, userId)
  if (others.length === 0) return
  await trx
    .updateTable('accountEvent')
    .set({ change: JSON.stringify({ kind: 'contact-gone', id: userId } satisfies AccountChange) })
    .where(isAmong(trx, 'userId', others))
    .where('change', 'like', `{"kind":"contact",%"id":"${userId}"%`)
    .execute()
  const expected = await trx
    .selectFrom('accountEvent')
    .selectAll()
    .where(isAmong(trx, 'userId', others))
    .where('change', 'like', `{"kind":"expected",%"contact":"${userId}"%`)
    .execute()
  for (const { userId: other, seq, change } of expected)
    await trx
      .updateTable('accountEvent')
      .set({ change: JSON.stringify(withoutName(JSON.parse(change))) })
      .where('userId', '=', other)
      .where('seq', '=', seq)
      .execute()
}

const withoutName = (change: AccountChange): AccountChange =>
  change.kind === 'expected' ? { ...change, expected: { ...change.expected, by: formerName } } : change

/** Whose events may name this person: who has them, or had them of late, as far as any row still says. */
async function othersOf(trx: Database, userId: string): Promise<string[]> {
  const having = await trx
    .selectFrom('contact')
    .select('userId as other')
    .where('otherId', '=', userId)
    .execute()
  const had = await trx
    .selectFrom('contact')
    .select('otherId as other')
    .where('userId', '=', userId)
    .execute()
  const expected = await trx
    .selectFrom('expectedCall')
    .select(['userId', 'callerId'])
    .where('callerId', 'is not', null)
    .where((e) => e.or([e('userId', '=', userId), e('callerId', '=', userId)]))
    .execute()
  // Who is no contact any more was told of in these.
  const events = await trx
    .selectFrom('accountEvent')
    .select('change')
    .where('userId', '=', userId)
    .where('change', 'like', '{"kind":"contact%')
    .execute()
  const told = events.flatMap(({ change }) => contactIn(JSON.parse(change)))
  const rows = [...having, ...had].flatMap(({ other }) => other ?? [])
  const announced = expected.flatMap((row) => [row.userId, row.callerId ?? row.userId])
  const all = new Set([...rows, ...announced, ...told])
  all.delete(userId)
  return [...all]
}

function contactIn(change: AccountChange): string[] {
  if (change.kind === 'contact') return [change.contact.id]
  return change.kind === 'contact-gone' ? [change.id] : []
}
