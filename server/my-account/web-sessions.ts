import { hashOf, newSecret } from '../accounts/secret-token.ts'
import type { Database } from '../database/tables.ts'

/** A code is spent within so long, ms, or never. */
export const codeLife = 60_000
/** A visit ends when nothing was asked for so long, ms. */
export const idleFor = 30 * 60_000
/** A use is written down this often at most, ms. */
const useKeptEvery = 60_000

/** A browser at the account pages, by way of the session of a device. */
export interface Visit {
  readonly userId: string
  /** Of the device that opened the pages. */
  readonly sessionId: string
  readonly device: string
  /** When that session began, wall-clock ms. */
  readonly signedInAt: number
}

/** Makes a code that opens the pages once; an older one of the same session is over. */
export async function makeVisitCode(db: Database, sessionId: string, now: number): Promise<string> {
  const code = newSecret()
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('visitCode').where('sessionId', '=', sessionId).execute()
    await transaction
      .insertInto('visitCode')
      .values({ hash: hashOf(code), sessionId, madeAt: now })
      .execute()
  })
  return code
}

/** @returns whose pages a code would open; undefined when it would open none. Looking spends nothing. */
export async function lookAtCode(db: Database, code: string, now: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('visitCode')
    .innerJoin('session', 'session.id', 'visitCode.sessionId')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['visitCode.madeAt', 'session.userId', 'session.expiresAt'])
    .where('visitCode.hash', '=', hashOf(code))
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row || Math.abs(now - row.madeAt) > codeLife || Date.parse(row.expiresAt) <= now) return undefined
  return row.userId
}

/**
 * Spends a code. A code is over once it was tried, whatever came of it.
 *
 * @param record puts the visit on record, in the transaction in which it begins.
 * @returns the secret of the visit that begins; undefined when the code is none any more.
 */
export const enter = (
  db: Database,
  code: string,
  now: number,
  record: (transaction: Database, visit: Visit) => Promise<void>,
): Promise<string | undefined> =>
  db.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('visitCode')
      .where('hash', '=', hashOf(code))
      .returning(['sessionId', 'madeAt'])
      .executeTakeFirst()
    if (!row || Math.abs(now - row.madeAt) > codeLife) return undefined
    const secret = newSecret()
    await transaction
      .insertInto('visit')
      .values({ hash: hashOf(secret), sessionId: row.sessionId, usedAt: now })
      .execute()
    const visit = await findVisit(transaction, secret, now)
    if (!visit) return undefined
    await record(transaction, visit)
    return secret
  })

/** @returns the visit of this secret, while it and the session that it came from hold. */
export async function findVisit(db: Database, secret: string, now: number): Promise<Visit | undefined> {
  const row = await db
    .selectFrom('visit')
    .innerJoin('session', 'session.id', 'visit.sessionId')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['visit.usedAt', 'session.id as sessionId', 'session.expiresAt', 'session.createdAt'])
    .select(['device.device', 'session.userId'])
    .where('visit.hash', '=', hashOf(secret))
    .where('user.disabledAt', 'is', null)
    .executeTakeFirst()
  if (!row || Date.parse(row.expiresAt) <= now || now - row.usedAt >= idleFor) return undefined
  if (now - row.usedAt >= useKeptEvery) await use(db, secret, now)
  const { userId, sessionId, device } = row
  return { userId, sessionId, device, signedInAt: Date.parse(row.createdAt) }
}

/** A use that cannot be written down shortens the visit, and nothing else. */
const use = (db: Database, secret: string, now: number) =>
  db
    .updateTable('visit')
    .set({ usedAt: now })
    .where('hash', '=', hashOf(secret))
    .execute()
    .catch(() => {})

export async function endVisit(db: Database, secret: string): Promise<void> {
  await db.deleteFrom('visit').where('hash', '=', hashOf(secret)).execute()
}
