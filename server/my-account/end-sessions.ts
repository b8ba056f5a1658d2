import type { Database } from '../database/tables.ts'
import { type Changing, recordChange } from './account-change.ts'
import type { WebSession } from './web-sessions.ts'

/** Ends every session of a person but that of the device they are at. @returns how many there were. */
export async function endOtherSessions(db: Database, { userId, sessionId }: WebSession): Promise<number> {
  const result = await db
    .deleteFrom('session')
    .where('userId', '=', userId)
    .where('id', '!=', sessionId)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Signs a person out everywhere else. The devices are the caller's to tell. */
export const signOutOthers = (db: Database, changing: Changing): Promise<number> =>
  db.transaction().execute(async (transaction) => {
    const ended = await endOtherSessions(transaction, changing.webSession)
    if (ended > 0) await recordChange(transaction, 'session-ended', changing, { ended })
    return ended
  })

/** Signs one device of a person out, if it is theirs. @returns whether it was signed in. */
export const signOutOne = (db: Database, changing: Changing, sessionId: string): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const device = await transaction
      .selectFrom('device')
      .select('device')
      .where('sessionId', '=', sessionId)
      .where('userId', '=', changing.webSession.userId)
      .executeTakeFirst()
    if (!device) return false
    await transaction.deleteFrom('session').where('id', '=', sessionId).execute()
    await recordChange(transaction, 'session-ended', changing, { ended: device.device })
    return true
  })
