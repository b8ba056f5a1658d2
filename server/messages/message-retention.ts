import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'

/**
 * Drops messages that were sent so many ms ago, read or not. Their threads stay, and with them how far they have counted.
 *
 * @returns whether there may be more of them.
 */
export const deleteOldMessages = (db: Database, now: number, keptFor: number): Promise<boolean> =>
  deleteBatch(db, 'message', 'at', now - keptFor)

/** Forgets all that somebody wrote and was written, for both sides: their account is deleted. */
export async function deleteMessagesOf(db: Database, userId: string): Promise<void> {
  await db
    .deleteFrom('thread')
    .where((e) => e.or([e('a', '=', userId), e('b', '=', userId)]))
    .execute()
}
