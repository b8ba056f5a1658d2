import { type NotNull, sql } from 'kysely'
import { type Account, type MissedCall, mostListed } from '../../protocol/connection.ts'
import { accountColumns, accountOf } from '../accounts/find-account.ts'
import type { SessionLifeRow } from '../accounts/sessions.ts'
import { isAmong } from '../database/is-among.ts'
import { keptQuery } from '../database/kept-query.ts'
import type { Database } from '../database/tables.ts'
import { activeStates } from './call-rows.ts'

/** What a person has missed and not yet seen, newest first. Answered or declined is never missed (C3.1). */
export async function missedCalls(db: Database, userId: string): Promise<MissedCall[]> {
  const rows = await unseen(db, userId)
    .select(['id', 'from', 'at', 'why', 'callerId'])
    // As the database sees to.
    .$narrowType<{ why: NotNull }>()
    .orderBy('at', 'desc')
    .limit(mostListed)
    .execute()
  return rows.map(({ callerId, ...call }) => ({ ...call, ...(callerId !== null && { contact: callerId }) }))
}

/** What a device is told of its person as it is welcomed. */
export interface ToldAtWelcome {
  readonly account: Account
  /** What was missed and not yet seen, newest first. */
  readonly missed: MissedCall[]
  /** The ids of the calls that are not over. */
  readonly active: string[]
  /** How the session stands by which it is welcomed, for the server; undefined when it is no more. */
  readonly session: SessionLifeRow | undefined
}

interface Welcomed {
  readonly userId: string
  readonly sessionId: string
}

const rowsAtWelcome = keptQuery(['userId', 'sessionId'], (db, { userId, sessionId }: Welcomed) => {
  const columns = ['id', 'userId', 'from', 'at', 'why', 'callerId'] as const
  const missed = unseen(db, userId).select(columns).orderBy('at', 'desc').limit(mostListed)
  const active = db
    .selectFrom('call')
    .select(columns)
    .where('userId', '=', userId)
    .where('state', 'in', activeStates)
    // What rings nowhere is none that may.
    .where((e) => e.or([e('callerId', 'is', null), e('appearance', 'is not', null)]))
  return db
    .selectFrom('user')
    .leftJoin(
      // A list that is limited is a table of its own, or the limit would be for all.
      db
        .selectFrom(missed.as('missed'))
        .select(columns)
        .select(sql<number>`1`.as('isMissed'))
        .unionAll(active.select(sql<number>`0`.as('isMissed')))
        .as('call'),
      'call.userId',
      'user.id',
    )
    .leftJoin('session', (on) => on.onRef('session.userId', '=', 'user.id').on('session.id', '=', sessionId))
    .leftJoin('device', 'device.sessionId', 'session.id')
    .select(accountColumns)
    .select(['call.id as call', 'call.from', 'call.at', 'call.why', 'call.callerId', 'call.isMissed'])
    .select(['user.disabledAt', 'session.expiresAt', 'device.seenAt', 'device.staySignedIn'])
    .where('user.id', '=', userId)
    .where('user.deletedAt', 'is', null)
})

/** All of it in one statement, since whole regions may come back at once. @returns undefined when the account is deleted. */
export async function toldAtWelcome(
  db: Database,
  userId: string,
  sessionId: string,
): Promise<ToldAtWelcome | undefined> {
  const rows = await rowsAtWelcome(db, { userId, sessionId })
  const [first] = rows
  if (!first) return undefined
  const { expiresAt, seenAt, staySignedIn } = first
  const isThere = first.disabledAt === null && expiresAt !== null && seenAt !== null && staySignedIn !== null
  const told = {
    account: accountOf(first),
    missed: [] as MissedCall[],
    active: [] as string[],
    session: isThere ? { id: sessionId, expiresAt, seenAt, staySignedIn } : undefined,
  }
  const byAge = rows.toSorted((a, b) => Number(a.at) - Number(b.at))
  for (const { call: id, from, at, why, callerId, isMissed } of byAge) {
    if (id === null || from === null || at === null) continue
    if (isMissed === 0) told.active.push(id)
    else if (why !== null)
      told.missed.unshift({ id, from, at, why, ...(callerId !== null && { contact: callerId }) })
  }
  return told
}

/** When the last of them was placed, wall-clock ms, of each of these people who has missed any. */
export const lastMissed = (db: Database, userIds: readonly string[]) =>
  unseenOfAll(db)
    .where(isAmong(db, 'call.userId', userIds))
    .groupBy('userId')
    .select((e) => ['userId', e.fn.max('at').as('at')])

/** How many of them were placed in a stretch of time, wall-clock ms. */
export async function countMissed(
  db: Database,
  userId: string,
  from: number,
  until: number,
): Promise<number> {
  const row = await unseen(db, userId)
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('at', '>=', from)
    .where('at', '<=', until)
    .executeTakeFirstOrThrow()
  return row.count
}

/** What is said of missed calls: that they were seen, or were not after all. */
export type Mark = 'seen' | 'unseen'

/** @returns whether marking these calls at `now` (wall-clock ms) changed any of them. */
export async function writeMark(
  db: Database,
  userId: string,
  calls: readonly string[],
  mark: Mark,
  now: number,
): Promise<boolean> {
  if (calls.length === 0) return false
  const result = await db
    .updateTable('call')
    .set({ seenAt: mark === 'seen' ? now : null })
    .where('userId', '=', userId)
    .where('state', 'in', ['missed', 'cancelled'])
    .where('seenAt', mark === 'seen' ? 'is' : 'is not', null)
    .where('id', 'in', calls)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

const unseen = (db: Database, userId: string) => unseenOfAll(db).where('userId', '=', userId)

const unseenOfAll = (db: Database) =>
  db
    .selectFrom('call')
    .where('state', 'in', ['missed', 'cancelled'])
    .where('seenAt', 'is', null)
    // What the blocked did is missed by nobody.
    .where((e) => e.or([e('hidden', 'is', null), e('hidden', '<>', 'blocked')]))
