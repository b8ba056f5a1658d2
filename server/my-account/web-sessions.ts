import { hashOf, newSecret } from '../accounts/secrets.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'

/** A code is spent within so long, ms, or never. */
export const codeLifetime = 60_000
/** A web session ends when nothing was asked for so long, ms. */
export const idleFor = 30 * 60_000
/** A use is written down this often at most, ms. */
const useRecordedEvery = 60_000

/** A browser at My account, by way of the session of a device. */
export interface WebSession {
  readonly userId: string
  /** Of the device that opened the pages. */
  readonly sessionId: string
  readonly device: string
  /** When that session began, wall-clock ms. */
  readonly signedInAt: number
}

/** Makes a code that opens the pages once; an older one of the same session is over. */
export async function makeWebSessionCode(db: Database, sessionId: string, now: number): Promise<string> {
  const code = newSecret()
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('webSessionCode').where('sessionId', '=', sessionId).execute()
    await transaction
      .insertInto('webSessionCode')
      .values({ hash: hashOf(code), sessionId, madeAt: now })
      .execute()
  })
  return code
}

/** @returns whose pages a code would open; undefined when it would open none. Looking spends nothing. */
export async function lookAtCode(db: Database, code: string, now: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('webSessionCode')
    .innerJoin('session', 'session.id', 'webSessionCode.sessionId')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['webSessionCode.madeAt', 'session.userId', 'session.expiresAt'])
    .where('webSessionCode.hash', '=', hashOf(code))
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row || Math.abs(now - row.madeAt) > codeLifetime || Date.parse(row.expiresAt) <= now) return undefined
  return row.userId
}

/**
 * Spends a code. A code is over once it was tried, whatever came of it.
 *
 * @param record puts the web session on record, in the transaction in which it begins.
 * @returns the secret of the web session that begins; undefined when the code is none any more.
 */
export const redeemCode = (
  db: Database,
  code: string,
  now: number,
  record: (transaction: Database, webSession: WebSession) => Promise<void>,
): Promise<string | undefined> =>
  db.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('webSessionCode')
      .where('hash', '=', hashOf(code))
      .returning(['sessionId', 'madeAt'])
      .executeTakeFirst()
    if (!row || Math.abs(now - row.madeAt) > codeLifetime) return undefined
    const session = await findDeviceSession(transaction, row.sessionId, now)
    if (!session) return undefined
    const secret = newSecret()
    await transaction
      .insertInto('webSession')
      .values({ hash: hashOf(secret), sessionId: row.sessionId, usedAt: now })
      .execute()
    await record(transaction, session)
    return secret
  })

/** @returns the session of a device as its web sessions have it, while it holds. */
async function findDeviceSession(
  db: Database,
  sessionId: string,
  now: number,
): Promise<WebSession | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.expiresAt', 'session.createdAt', 'session.userId', 'device.device'])
    .where('session.id', '=', sessionId)
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row || Date.parse(row.expiresAt) <= now) return undefined
  const { userId, device, createdAt } = row
  return { userId, sessionId, device, signedInAt: Date.parse(createdAt) }
}

/** @returns the web session of this secret, while it and the session that it came from hold. */
export async function findWebSession(
  db: Database,
  secret: string,
  now: number,
): Promise<WebSession | undefined> {
  const row = await db
    .selectFrom('webSession')
    .select(['sessionId', 'usedAt'])
    .where('hash', '=', hashOf(secret))
    .executeTakeFirst()
  if (!row || now - row.usedAt >= idleFor) return undefined
  const session = await findDeviceSession(db, row.sessionId, now)
  if (session && now - row.usedAt >= useRecordedEvery) await use(db, secret, now)
  return session
}

/** A use that cannot be written down shortens the web session, and nothing else. */
const use = (db: Database, secret: string, now: number) =>
  db
    .updateTable('webSession')
    .set({ usedAt: now })
    .where('hash', '=', hashOf(secret))
    .execute()
    .catch(() => {})

export async function endWebSession(db: Database, secret: string): Promise<void> {
  await db.deleteFrom('webSession').where('hash', '=', hashOf(secret)).execute()
}

/** Drops web sessions that were idle for too long, and codes that were never spent. */
export async function deleteExpiredWebSessions(db: Database, now: number): Promise<boolean> {
  const hourAgo = now - 3_600_000
  const codes = await deleteBatch(db, 'webSessionCode', 'madeAt', hourAgo)
  return (await deleteBatch(db, 'webSession', 'usedAt', hourAgo)) || codes
}
