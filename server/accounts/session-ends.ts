import { sql } from 'kysely'
import type { SessionEndReason } from '../../protocol/close-codes.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { hashOf } from './secrets.ts'

/** A device is told why its session ended for so long (ms): as long as a session may live by itself. */
const keptFor = 365 * 86_400_000

/**
 * And so often: what was said to it may not have been heard, or by a copy of its profile alone. One that does not know
 * the code of the reason comes back each time, and has to hear one that it knows.
 */
const mostTellings = 3

/** Why sessions are ended, and when (wall-clock ms). */
export interface SessionEnd {
  readonly why: SessionEndReason
  readonly at: number
}

/**
 * Keeps for the devices of these sessions of a person why they end, one at most for each device. Call it in the
 * transaction that ends them, before it does.
 *
 * @param which that session alone, or all but that one.
 */
export async function keepSessionEnds(
  db: Database,
  userId: string,
  { why, at }: SessionEnd,
  which: { readonly only?: string; readonly stays?: string | undefined },
): Promise<void> {
  const { only, stays } = which
  await db
    .insertInto('sessionEnd')
    .columns(['userId', 'device', 'sessionId', 'token', 'key', 'why', 'endedAt'])
    .expression((e) =>
      e
        .selectFrom('session')
        .innerJoin('device', 'device.sessionId', 'session.id')
        .select(['session.userId', 'device.device', 'session.id', 'session.token', 'device.key'])
        // PostgreSQL takes a value among what is selected for a text, unless it is told.
        .select([
          sql<SessionEndReason>`cast(${why} as text)`.as('why'),
          sql<number>`cast(${at} as bigint)`.as('endedAt'),
        ])
        .where('session.userId', '=', userId)
        .$if(only !== undefined, (some) => some.where('session.id', '=', only ?? ''))
        .$if(stays !== undefined, (some) => some.where('session.id', '!=', stays ?? '')),
    )
    .onConflict((conflict) =>
      conflict.columns(['userId', 'device']).doUpdateSet((e) => ({
        sessionId: e.ref('excluded.sessionId'),
        token: e.ref('excluded.token'),
        key: e.ref('excluded.key'),
        why: e.ref('excluded.why'),
        endedAt: e.ref('excluded.endedAt'),
        told: 0,
      })),
    )
    .execute()
}

/** Why this session of a person was ended; undefined where nobody says. */
export async function readSessionEnd(
  db: Database,
  { sessionId, userId }: { readonly sessionId: string; readonly userId: string },
): Promise<SessionEndReason | undefined> {
  const row = await db
    .selectFrom('sessionEnd')
    .select('why')
    .where('sessionId', '=', sessionId)
    .executeTakeFirst()
  if (row) return row.why
  const user = await db.selectFrom('user').select('deletedAt').where('id', '=', userId).executeTakeFirst()
  // Of a deleted account nothing is kept for its devices; those that are connected leave no name behind either.
  return typeof user?.deletedAt === 'number' ? 'endedInMyAccount' : undefined
}

/** A session that is over, as its device comes back with its token. */
export interface FoundSessionEnd {
  readonly why: SessionEndReason
  readonly sessionId: string
  /** The thumbprint of the key that the session had. */
  readonly jkt: string
}

/** What became of the session that this device had by this token; undefined where nobody says. */
export async function findSessionEnd(
  db: Database,
  token: string,
  device: string,
): Promise<FoundSessionEnd | undefined> {
  return await db
    .selectFrom('sessionEnd')
    .select(['why', 'sessionId', 'key as jkt'])
    .where('token', '=', hashOf(token))
    .where('device', '=', device)
    .executeTakeFirst()
}

/** The device is told now. */
export async function noteTelling(db: Database, sessionId: string): Promise<void> {
  await db
    .updateTable('sessionEnd')
    .set((e) => ({ told: e('told', '+', 1) }))
    .where('sessionId', '=', sessionId)
    .execute()
  await db
    .deleteFrom('sessionEnd')
    .where('sessionId', '=', sessionId)
    .where('told', '>=', mostTellings)
    .execute()
}

/** Forgets those whose device never came back. */
export const deleteOldSessionEnds = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'sessionEnd', 'endedAt', now - keptFor)
