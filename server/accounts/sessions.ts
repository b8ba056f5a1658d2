import type { Account } from '../../protocol/connection.ts'
import type { Clock } from '../clock.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'
import { gathered } from '../gathered.ts'
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

const sessionsByToken = (db: Database, hashes: readonly string[]) =>
  db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.id as sessionId', 'session.token', 'session.expiresAt'])
    .select(['device.device', 'device.key as jkt'])
    .select(accountColumns)
    .where(isAmong(db, 'session.token', hashes))
    .where('user.disabledAt', 'is', null)
    .execute()

type SessionRow = Awaited<ReturnType<typeof sessionsByToken>>[number]

const sessionOf = (row: SessionRow | undefined, now: number): Session | undefined =>
  row && Date.parse(row.expiresAt) > now
    ? { id: row.sessionId, device: row.device, jkt: row.jkt, account: accountOf(row) }
    : undefined

/** @returns the session of this token; undefined when it is over. Who has its key is not asked here. */
export async function findSession(db: Database, token: string, now: number): Promise<Session | undefined> {
  const [row] = await sessionsByToken(db, [hashOf(token)])
  return sessionOf(row, now)
}

/** The same for a crowd, which is looked up together. */
export function createSessionFinder(
  db: Database,
  clock: Pick<Clock, 'wall'>,
): (token: string) => Promise<Session | undefined> {
  const find = gathered(async (hashes) => {
    const rows = await sessionsByToken(db, hashes)
    return new Map(rows.map((row) => [row.token, row]))
  })
  return async (token) => sessionOf(await find(hashOf(token)), clock.wall())
}

/** Wall-clock ms. */
export interface SessionLife {
  /** When it ends if it is not used again. */
  readonly expiresAt: number
  /** A use from then on is one to be written down. */
  readonly usesCountFrom: number
}

/** What tells how long a session lasts, where it stands. */
export interface SessionLifeRow {
  readonly id: string
  /** ISO 8601. */
  readonly expiresAt: string
  readonly seenAt: number
  readonly staySignedIn: number
}

/** @returns how long a session lasts that is not used now; undefined when it is over at `now` (wall-clock ms). */
export function sessionLifeOf(
  lifetimes: SessionLifetimes,
  row: SessionLifeRow,
  now: number,
): SessionLife | undefined {
  const expiresAt = Date.parse(row.expiresAt)
  if (expiresAt <= now) return undefined
  const life = lifetimeOf(lifetimes, row.staySignedIn === 1)
  return { expiresAt, usesCountFrom: row.seenAt + lengthenedEvery(life, row.id) }
}

/**
 * How sessions stand, by their ids; those that are over at `now` are left out. Using one lengthens it, up to its longest
 * life, which is written once an hour at most, for all of them at once; where that cannot be written they end as they
 * would have.
 *
 * @param isUsed whether this one is used now.
 */
export async function readSessionLives(
  db: Database,
  lifetimes: SessionLifetimes,
  sessionIds: readonly string[],
  isUsed: (sessionId: string) => boolean,
  now: number,
): Promise<Map<string, SessionLife>> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('device', 'device.sessionId', 'session.id')
    .innerJoin('user', 'user.id', 'session.userId')
    .select(['session.id', 'session.expiresAt', 'session.createdAt', 'device.seenAt', 'device.staySignedIn'])
    .where(isAmong(db, 'session.id', sessionIds))
    .where('user.disabledAt', 'is', null)
    .execute()
  const lives = new Map<string, SessionLife>()
  const longer: { sessionId: string; until: number; usesCountFrom: number }[] = []
  for (const row of rows) {
    const left = sessionLifeOf(lifetimes, row, now)
    if (!left) continue
    lives.set(row.id, left)
    if (!isUsed(row.id) || now < left.usesCountFrom) continue
    const stays = row.staySignedIn === 1
    const life = lifetimeOf(lifetimes, stays)
    const until = Math.min(now + life, Date.parse(row.createdAt) + longestLifeOf(lifetimes, stays))
    longer.push({ sessionId: row.id, until, usesCountFrom: now + lengthenedEvery(life, row.id) })
  }
  if (longer.length === 0) return lives
  const isWritten = await lengthenSessions(db, longer, now).then(
    () => true,
    () => false,
  )
  if (isWritten)
    for (const { sessionId, until, usesCountFrom } of longer)
      lives.set(sessionId, { expiresAt: until, usesCountFrom })
  return lives
}

/**
 * Whether each of these sessions, no two the same, is there and is not over at that time (wall-clock ms) if it is not used
 * again. One answer for all of them costs a third of their rows.
 */
export async function allLastUntil(
  db: Database,
  sessionIds: readonly string[],
  until: number,
): Promise<boolean> {
  const { count } = await db
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.userId')
    .select((e) => e.fn.countAll().as('count'))
    .where(isAmong(db, 'session.id', sessionIds))
    .where('user.disabledAt', 'is', null)
    .where('session.expiresAt', '>', new Date(until).toISOString())
    .executeTakeFirstOrThrow()
  return Number(count) === sessionIds.length
}

/** How long a session that is used holds from `now` (wall-clock ms) on, in ms, as `readSessionLives` has it; 0 when it is over. */
export async function sessionLifeLeft(
  db: Database,
  lifetimes: SessionLifetimes,
  sessionId: string,
  now: number,
): Promise<number> {
  const lives = await readSessionLives(db, lifetimes, [sessionId], () => true, now)
  return Math.max(0, (lives.get(sessionId)?.expiresAt ?? now) - now)
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
