import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { batchSize, deleteBatch } from '../database/delete-batch.ts'
import { laterBy } from '../database/iso-time.ts'
import type { Database } from '../database/tables.ts'
import { noteUses } from './known-devices.ts'
import { hashOf, newSecret } from './secrets.ts'
import { keepSessionEnds, type SessionEnd } from './session-ends.ts'

/**
 * The one place that writes to the table `session`, and to `device`, which has what better-auth's sessions lack:
 * the device, its key, the token that ends it. `better-auth-tables.ts` says why it is not better-auth that writes.
 */

/** A person has so many: whoever has their password could make ever more, and each is looked at, listed and ended. */
export const mostSessions = 50

export interface NewSession {
  readonly userId: string
  /** The id that the device gave itself. */
  readonly device: string
  /** Thumbprint (RFC 7638) of the device's key. */
  readonly jkt: string
  readonly staySignedIn: boolean
  /** What the browser calls itself. */
  readonly label: string
  readonly address: string
}

export interface SessionTokens {
  readonly token: string
  /** It can do nothing but end the session. */
  readonly endToken: string
}

/**
 * Makes a session on a device that has none of this person. Of its tokens nothing but hashes is kept. Call it in a
 * transaction.
 *
 * @param life ms.
 */
export async function insertSession(
  db: Database,
  { userId, device, jkt, staySignedIn, label, address }: NewSession,
  life: number,
  now: number,
): Promise<SessionTokens> {
  const [token, endToken, id] = [newSecret(), newSecret(), randomUUID()]
  const at = new Date(now).toISOString()
  // How an earlier one ended is no news there any more.
  await db.deleteFrom('sessionEnd').where('userId', '=', userId).where('device', '=', device).execute()
  await db
    .insertInto('session')
    .values({
      id,
      userId,
      token: hashOf(token),
      expiresAt: new Date(now + life).toISOString(),
      createdAt: at,
      updatedAt: at,
      ipAddress: null,
      userAgent: null,
    })
    .execute()
  await db
    .insertInto('device')
    .values({
      sessionId: id,
      userId,
      device,
      key: jkt,
      endTokenHash: hashOf(endToken),
      staySignedIn: Number(staySignedIn),
      label: label.slice(0, 200),
      address,
      seenAt: now,
      tokenToldAt: null,
    })
    .execute()
  return { token, endToken }
}

/** So many sessions are lengthened by one statement for each table: a statement has room for so many values. */
const lengthenedAtOnce = 1_000

/** Lets sessions that are used now live until then, wall-clock ms: all of them, or none where it cannot be written. */
export const lengthenSessions = (
  db: Database,
  lives: readonly { readonly sessionId: string; readonly until: number }[],
  now: number,
): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    for (let from = 0; from < lives.length; from += lengthenedAtOnce) {
      const some = lives.slice(from, from + lengthenedAtOnce)
      const ids = some.map(({ sessionId }) => sessionId)
      const rows = some.map(({ sessionId, until }) => sql`(${sessionId}, ${new Date(until).toISOString()})`)
      // Both databases call what is in a list of values so.
      await sql`update "session" set "expiresAt" = longer.column2 from (values ${sql.join(rows)}) as longer
        where "session"."id" = longer.column1`.execute(transaction)
      await transaction.updateTable('device').set({ seenAt: now }).where('sessionId', 'in', ids).execute()
      await noteUses(transaction, ids, now)
    }
  })

/**
 * Has no session live longer than it may from its beginning, also where it began under other settings.
 *
 * @param lives ms, of those who stay signed in and of everybody else.
 */
export async function shortenSessions(db: Database, lives: { stays: number; others: number }): Promise<void> {
  for (const [staySignedIn, life] of [
    [1, lives.stays],
    [0, lives.others],
  ] as const) {
    const latest = laterBy(db, 'createdAt', life)
    await db
      .updateTable('session')
      .set({ expiresAt: latest })
      .where('expiresAt', '>', latest)
      .where('id', 'in', db.selectFrom('device').select('sessionId').where('staySignedIn', '=', staySignedIn))
      .execute()
  }
}

/** Notes that its person is told now that its token was tried. Call it in the transaction in which they are. */
export async function noteTokenTold(db: Database, sessionId: string, now: number): Promise<void> {
  await db.updateTable('device').set({ tokenToldAt: now }).where('sessionId', '=', sessionId).execute()
}

/** Ends a session; with it goes its device. @returns whether there was one. */
export async function deleteSession(db: Database, sessionId: string): Promise<boolean> {
  const result = await db.deleteFrom('session').where('id', '=', sessionId).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}

/** Ends what session a person has on a device. */
export async function deleteSessionOn(db: Database, userId: string, device: string): Promise<void> {
  const there = db
    .selectFrom('device')
    .select('sessionId')
    .where('userId', '=', userId)
    .where('device', '=', device)
  await db.deleteFrom('session').where('id', 'in', there).execute()
}

/**
 * Ends every session of a person, but for the one that is to stay, and keeps for their devices why, where that is said.
 * Call it in a transaction.
 *
 * @returns how many there were.
 */
export async function deleteSessionsOf(
  db: Database,
  userId: string,
  { stays, end }: { readonly stays?: string; readonly end?: SessionEnd } = {},
): Promise<number> {
  if (end) await keepSessionEnds(db, userId, end, { stays })
  let sessions = db.deleteFrom('session').where('userId', '=', userId)
  if (stays !== undefined) sessions = sessions.where('id', '!=', stays)
  const result = await sessions.executeTakeFirst()
  return Number(result.numDeletedRows)
}

/**
 * Ends what a person has beyond `mostSessions`, those that were not used for longest, and never the one that is to stay;
 * of very many a part. Call it in a transaction.
 *
 * @returns the devices that they were on.
 */
export async function deleteSessionsBeyond(db: Database, userId: string, stays?: string): Promise<string[]> {
  const beyond = await db
    .selectFrom('device')
    .select(['sessionId', 'device'])
    .where('userId', '=', userId)
    // The one that stays first, also when the clock was set back since the others were used.
    .orderBy((e) => e('device', '=', stays ?? ''), 'desc')
    .orderBy('seenAt', 'desc')
    .offset(mostSessions)
    .limit(batchSize)
    .execute()
  const ids = beyond.map(({ sessionId }) => sessionId)
  if (ids.length > 0) await db.deleteFrom('session').where('id', 'in', ids).execute()
  return beyond.map(({ device }) => device)
}

/** @returns somebody who has more than `mostSessions`, from before there was such a limit. */
export async function findWhoHasTooMany(db: Database): Promise<string | undefined> {
  const row = await db
    .selectFrom('device')
    .select('userId')
    .groupBy('userId')
    .having((e) => e.fn.countAll(), '>', mostSessions)
    .limit(1)
    .executeTakeFirst()
  return row?.userId
}

/** Drops the sessions that ended by themselves. */
export const deleteExpiredSessions = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'session', 'expiresAt', new Date(now).toISOString())
