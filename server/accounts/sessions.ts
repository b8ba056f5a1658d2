import type { Account } from '../../protocol/connection.ts'
import type { Database } from '../database/tables.ts'
import { accountColumns, accountOf } from './find-account.ts'
import { hashOf } from './secrets.ts'
import { lengthenedEvery, lifetimeOf, longestLifeOf, type SessionLifetimes } from './session-lifetimes.ts'
import { deleteSession, lengthenSessions } from './session-rows.ts'

export interface Session {
  readonly id: string
  readonly device: string
  /** The thumbprint of the key that has to be proven with it. */
  readonly jkt: string
  readonly account: Account
}

/** @returns the session of this token; undefined when it is over. Who has its key is not asked here. */
export async function findSession(db: Database, token: string, now: number): Promise<Session | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.id as sessionId', 'session.expiresAt', 'device.device', 'device.key as jkt'])
    .select(accountColumns)
    .where('session.token', '=', hashOf(token))
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row || Date.parse(row.expiresAt) <= now) return undefined
  return { id: row.sessionId, device: row.device, jkt: row.jkt, account: accountOf(row) }
}

/**
 * When sessions end (wall-clock ms) if they are not used again, by their ids; those that are over at `now` are left out.
 * Using one lengthens it, up to its longest life, which is written once an hour at most, for all of them at once; where
 * that cannot be written they end as they would have.
 *
 * @param isUsed whether this one is used now.
 */
export async function readSessionLives(
  db: Database,
  lifetimes: SessionLifetimes,
  sessionIds: readonly string[],
  isUsed: (sessionId: string) => boolean,
  now: number,
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.id', 'session.expiresAt', 'session.createdAt', 'device.seenAt', 'device.staySignedIn'])
    .where('session.id', 'in', sessionIds)
    .where('user.disabledAt', 'is', null)
    .execute()
  const lives = new Map<string, number>()
  const longer: { sessionId: string; until: number }[] = []
  for (const row of rows) {
    const expiresAt = Date.parse(row.expiresAt)
    if (expiresAt <= now) continue
    lives.set(row.id, expiresAt)
    const stays = row.staySignedIn === 1
    const life = lifetimeOf(lifetimes, stays)
    if (!isUsed(row.id) || now - row.seenAt < lengthenedEvery(life, row.id)) continue
    const until = Math.min(now + life, Date.parse(row.createdAt) + longestLifeOf(lifetimes, stays))
    longer.push({ sessionId: row.id, until })
  }
  if (longer.length === 0) return lives
  const isWritten = await lengthenSessions(db, longer, now).then(
    () => true,
    () => false,
  )
  if (isWritten) for (const { sessionId, until } of longer) lives.set(sessionId, until)
  return lives
}

/** How long a session that is used holds from `now` (wall-clock ms) on, in ms, as `readSessionLives` has it; 0 when it is over. */
export async function sessionLifeLeft(
  db: Database,
  lifetimes: SessionLifetimes,
  sessionId: string,
  now: number,
): Promise<number> {
  const lives = await readSessionLives(db, lifetimes, [sessionId], () => true, now)
  return Math.max(0, (lives.get(sessionId) ?? now) - now)
}

/** Whether a session was not ended meanwhile. */
export const hasSession = async (db: Database, sessionId: string): Promise<boolean> =>
  (await db.selectFrom('session').select('id').where('id', '=', sessionId).executeTakeFirst()) !== undefined

export interface EndedSession {
  readonly userId: string
  readonly device: string
  readonly jkt: string
}

/** Whether this token can end a session. */
export const isEndToken = async (db: Database, endToken: string): Promise<boolean> => {
  const device = db.selectFrom('device').select('sessionId').where('endTokenHash', '=', hashOf(endToken))
  return (await device.executeTakeFirst()) !== undefined
}

/** Ends the one session that this token can end. @returns whose it was; undefined when it was over. */
export async function endSession(db: Database, endToken: string): Promise<EndedSession | undefined> {
  const device = await db
    .selectFrom('device')
    .select(['sessionId', 'userId', 'device', 'key as jkt'])
    .where('endTokenHash', '=', hashOf(endToken))
    .executeTakeFirst()
  return device && (await deleteSession(db, device.sessionId)) ? device : undefined
}
