import { sql } from 'kysely'
import type { AccountChange } from '../../protocol/people.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'
import { otherSide } from './message-rows.ts'

/** Longer than events are kept, in ms. */
const eventsKeptFor = 31 * 86_400_000

/**
 * Drops messages that were sent so many ms ago, read or not. Their threads stay, and with them how far they have counted.
 *
 * @returns whether there may be more of them.
 */
export const deleteOldMessages = (db: Database, now: number, keptFor: number): Promise<boolean> =>
  deleteBatch(db, 'message', 'at', now - keptFor)

/**
 * Forgets all that somebody wrote and was written, for both sides: their account is deleted. From now on it is shown to
 * nobody, and `deleteForgottenMessages` deletes it. Devices that have not heard of
 * it yet are told of nothing in its place, so that no number is missing.
 *
 * @param now wall-clock ms.
 */
export async function deleteMessagesOf(db: Database, userId: string, now: number): Promise<void> {
  const threads = await db
    .selectFrom('thread')
    .innerJoin('message', (on) =>
      on.onRef('message.thread', '=', 'thread.id').onRef('message.n', '=', 'thread.n'),
    )
    .select(['thread.a', 'thread.b', 'message.at'])
    .where((e) => e.or([e('a', '=', userId), e('b', '=', userId)]))
    .execute()
  const others = threads.filter(({ at }) => at > now - eventsKeptFor).map((sides) => otherSide(sides, userId))
  await db
    .updateTable('accountEvent')
    .set({ change: JSON.stringify({ kind: 'calls' } satisfies AccountChange) })
    .where('userId', 'in', others)
    .where('change', 'like', `{"kind":"message",%"contact":"${userId}"%`)
    .execute()
  const theirs = await db
    .updateTable('thread')
    .set({ deletedAt: now })
    .where((e) => e.or([e('a', '=', userId), e('b', '=', userId)]))
    .returning('id')
    .execute()
  const ids = theirs.map(({ id }) => id)
  await db
    .deleteFrom('messageRead')
    .where(isAmong(db, 'thread', ids))
    .execute()
}

/**
 * Deletes messages of threads that are forgotten, a batch at most, and such threads once they are empty: all at once they
 * would hold the whole server for seconds.
 *
 * @returns whether there may be more of them.
 */
export async function deleteForgottenMessages(db: Database): Promise<boolean> {
  const forgotten = sql`"thread" in (select "id" from "thread" where "deletedAt" is not null)`
  const isMore = await deleteBatch(db, 'message', 'n', Number.MAX_SAFE_INTEGER, forgotten)
  await db
    .deleteFrom('thread')
    .where('deletedAt', 'is not', null)
    .where((e) =>
      e.not(
        e.exists(e.selectFrom('message').select('message.id').whereRef('message.thread', '=', 'thread.id')),
      ),
    )
    .execute()
  return isMore
}
