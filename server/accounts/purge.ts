import { dropOldAway } from '../database/server-away.ts'
import type { Database } from '../database/tables.ts'
import { deleteExpiredSessions } from './session-rows.ts'

const hour = 3_600_000

/** Drops what ended long since of itself. Safe at any time; called now and then. */
export async function purge(db: Database, now: number): Promise<void> {
  await deleteExpiredSessions(db, now)
  await db
    .deleteFrom('failedAttempt')
    .where('lastAt', '<', now - 24 * hour)
    .execute()
  await db.deleteFrom('proof').where('until', '<', now).execute()
  await db
    .deleteFrom('signInCode')
    .where('madeAt', '<', now - hour)
    .execute()
  await db
    .deleteFrom('webSessionCode')
    .where('madeAt', '<', now - hour)
    .execute()
  await db
    .deleteFrom('webSession')
    .where('usedAt', '<', now - hour)
    .execute()
  await db
    .deleteFrom('link')
    .where('diesAt', '<', now - 30 * 24 * hour)
    .execute()
  await db
    .deleteFrom('rateLimited')
    .where('at', '<', now - 24 * hour)
    .execute()
  await dropOldAway(db, now)
  // For an hour more than they can be used, so that whoever comes late is told what happened.
  await db
    .deleteFrom('issuerFlow')
    .where('madeAt', '<', now - hour)
    .execute()
}
