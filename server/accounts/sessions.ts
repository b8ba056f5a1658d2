import type { Account } from '../../protocol/line.ts'
import type { Database } from '../database/tables.ts'
import { accountOf } from './find-account.ts'
import { hashOf } from './secret-token.ts'
import { lifeOf, useKeptEvery } from './session-life.ts'

export interface Session {
  readonly id: string
  readonly account: Account
}

/** @returns the session that a device may open a line with; undefined when it is over or not that device's. */
export async function findSession(
  db: Database,
  token: string,
  device: string,
  now: number,
): Promise<Session | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.id as sessionId', 'session.expiresAt'])
    .select(['user.id', 'user.name', 'user.email', 'user.username', 'user.displayUsername'])
    .where('session.token', '=', hashOf(token))
    .where('device.device', '=', device)
    .executeTakeFirst()
  if (!row || Date.parse(row.expiresAt) <= now) return undefined
  return { id: row.sessionId, account: accountOf(row) }
}

/**
 * Whether a session holds at `now` (wall-clock ms). Using it lengthens it, written once an hour at most;
 * a write that fails changes nothing about the answer.
 */
export async function sessionHolds(db: Database, sessionId: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .select(['session.expiresAt', 'device.seenAt', 'device.staySignedIn'])
    .where('session.id', '=', sessionId)
    .executeTakeFirst()
  if (!row || Date.parse(row.expiresAt) <= now) return false
  if (now - row.seenAt >= useKeptEvery)
    await lengthen(db, sessionId, row.staySignedIn === 1, now).catch(() => {})
  return true
}

async function lengthen(db: Database, sessionId: string, staySignedIn: boolean, now: number): Promise<void> {
  const expiresAt = new Date(now + lifeOf(staySignedIn)).toISOString()
  await db.transaction().execute(async (transaction) => {
    await transaction.updateTable('session').set({ expiresAt }).where('id', '=', sessionId).execute()
    await transaction.updateTable('device').set({ seenAt: now }).where('sessionId', '=', sessionId).execute()
  })
}

/** Ends the one session that this token can end. @returns whose it was; undefined when it was over. */
export async function endSession(db: Database, endToken: string): Promise<string | undefined> {
  const device = await db
    .selectFrom('device')
    .select(['sessionId', 'userId'])
    .where('endTokenHash', '=', hashOf(endToken))
    .executeTakeFirst()
  if (!device) return undefined
  await db.deleteFrom('session').where('id', '=', device.sessionId).execute()
  return device.userId
}

/** Ends every session of a person. @returns how many there were. */
export async function endSessionsOf(db: Database, userId: string): Promise<number> {
  const result = await db.deleteFrom('session').where('userId', '=', userId).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Drops what ended long since of itself. */
export async function dropOldSessions(db: Database, now: number): Promise<void> {
  await db.deleteFrom('session').where('expiresAt', '<', new Date(now).toISOString()).execute()
  await db
    .deleteFrom('attempt')
    .where('lastAt', '<', now - 86_400_000)
    .execute()
}
