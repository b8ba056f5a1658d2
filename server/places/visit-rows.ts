import { randomUUID } from 'node:crypto'
import { type Expression, type SqlBool, sql } from 'kysely'
import { placeTiming, type VisitState } from '../../protocol/place.ts'
import type { CallRow } from '../database/call-tables.ts'
import { locked } from '../database/locking.ts'
import type { VisitRow } from '../database/place-tables.ts'
import { laneOf } from '../database/postgres-database.ts'
import type { Database } from '../database/tables.ts'
import { visitorPrefix } from '../rooms/room-rows.ts'
import { mostCalling, mostUnanswered } from './light-rule.ts'
import { isBlocked } from './place-rows.ts'
import { type VisitorNetworks, waitForShare } from './share-of-visitor.ts'
import { clocksApart, longestWait } from './visit-rule.ts'

/** So many visitors wait in the line of a place. */
export const mostInLine = 20

/** Who places the calls of a place's visits, for all calls. */
export const callerOf = (placeId: string): string => `${visitorPrefix}${placeId}`

/** Calls and visits are written by one lane: what settles the one settles the other. */
const visits = (db: Database): Database => laneOf(db, 'calls')

export const readVisit = (db: Database, id: string): Promise<VisitRow | undefined> =>
  visits(db).selectFrom('visit').selectAll().where('id', '=', id).executeTakeFirst()

export const visitByKey = (db: Database, placeId: string, key: string): Promise<VisitRow | undefined> =>
  visits(db)
    .selectFrom('visit')
    .selectAll()
    .where('placeId', '=', placeId)
    .where('key', '=', key)
    .executeTakeFirst()

/**
 * Those of a place that are not over and whose page is there, in the order in which they came. Before a clock was set back
 * theirs were good for longer than any lease is: they count as they do once that is cut (`shortenLeases`), so that nobody
 * comes before them meanwhile.
 */
const openVisits = (db: Database, placeId: string, now: number): Promise<VisitRow[]> =>
  visits(db)
    .selectFrom('visit')
    .selectAll()
    .where('placeId', '=', placeId)
    .where('endedAt', 'is', null)
    .where('leaseUntil', '>', now)
    .orderBy('turn')
    .execute()

/** The visits of a place for which it rang of late, and that nobody answered, or has yet. */
async function unansweredRings(
  db: Database,
  placeId: string,
  now: number,
): Promise<(VisitorNetworks & { readonly id: string; readonly calledAt: number })[]> {
  const longest = Math.max(...mostUnanswered.map(({ within }) => within))
  const rows = await visits(db)
    .selectFrom('visit')
    .select(['id', 'calledAt', 'address', 'home', 'site'])
    .where('placeId', '=', placeId)
    // Nobody waits for longer than visits may: older ones were called before.
    .where('at', '>', now - longest - longestWait)
    .where('calledAt', '>', now - longest)
    .where('calledAt', '<=', now + clocksApart)
    .where('state', '<>', 'answered')
    .execute()
  return rows.flatMap(({ calledAt, ...visit }) => (calledAt === null ? [] : [{ ...visit, calledAt }]))
}

/** Whether a place rang so often of late without an answer that nothing more may ring. */
async function isWorn(db: Database, placeId: string, now: number): Promise<boolean> {
  const rings = await unansweredRings(db, placeId, now)
  return mostUnanswered.some(
    ({ rings: most, within }) => rings.filter(({ calledAt }) => calledAt > now - within).length >= most,
  )
}

/** How many visits of a place wait, and for how many it rings. @param now wall-clock ms. */
export async function countVisits(
  db: Database,
  placeId: string,
  now: number,
): Promise<{ readonly waiting: number; readonly calling: number; readonly isWorn: boolean }> {
  const open = await openVisits(db, placeId, now)
  const waiting = open.filter(({ state }) => state === 'queued').length
  return { waiting, calling: open.length - waiting, isWorn: await isWorn(db, placeId, now) }
}

/** Whoever answers a visitor is on the way to their room for so long, in ms: until then nothing else says that they are in a call. */
const entersWithin = 10_000

/** The members who have just answered a visitor. @param now wall-clock ms. */
export async function answeringMembers(
  db: Database,
  placeId: string,
  now: number,
): Promise<ReadonlySet<string>> {
  const rows = await visits(db)
    .selectFrom('visit')
    .innerJoin('call', 'call.id', 'visit.callId')
    .select('call.userId')
    .where('visit.placeId', '=', placeId)
    .where('visit.at', '>', now - longestWait - entersWithin)
    .where('visit.endedAt', '>', now - entersWithin)
    .where('visit.endedAt', '<=', now + clocksApart)
    .where('visit.state', '=', 'answered')
    .execute()
  return new Set(rows.map(({ userId }) => userId))
}

/** Of the networks it has keyed hashes. */
export interface NewVisit extends VisitorNetworks {
  readonly placeId: string
  /** A hash. */
  readonly key: string
  readonly name: string
}

export type InsertedVisit =
  | { readonly kind: 'written' | 'repeated'; readonly row: VisitRow }
  /** As many wait as may, or as many from where it comes. */
  | { readonly kind: 'full' }
  /** A member has asked that nothing is passed on from where it comes. */
  | { readonly kind: 'blocked' }
  /** From where it comes too many rang of late that nobody answered: they have to wait for so many ms. */
  | { readonly kind: 'too-many'; readonly wait: number }

/** A visit is in line once this resolves, or there is none. @param now wall-clock ms. */
export function insertVisit(db: Database, visit: NewVisit, now: number): Promise<InsertedVisit> {
  return visits(db)
    .transaction()
    .execute(async (trx) => {
      await lockPlace(trx, visit.placeId)
      const before = await visitByKey(trx, visit.placeId, visit.key)
      if (before) return { kind: 'repeated', row: before } as const
      if (await isBlocked(trx, visit.placeId, visit.address)) return { kind: 'blocked' } as const
      const open = await openVisits(trx, visit.placeId, now)
      const inLine = open.filter(({ state }) => state === 'queued')
      const rang = await unansweredRings(trx, visit.placeId, now)
      const wait = waitForShare(
        visit,
        { open, over: rang.filter(({ id }) => !open.some((one) => one.id === id)) },
        now,
      )
      if (inLine.length >= mostInLine || wait === null) return { kind: 'full' } as const
      if (wait > 0) return { kind: 'too-many', wait } as const
      const row: VisitRow = {
        ...visit,
        ...{ id: randomUUID(), state: 'queued', at: now, turn: await nextTurn(trx, visit.placeId) },
        ...{ calledAt: null, endedAt: null },
        ...{ leaseUntil: now + placeTiming.leaseFor, nobodySince: null, callId: null, device: null },
      }
      await trx.insertInto('visit').values(row).execute()
      return { kind: 'written', row } as const
    })
}

/** Behind all that are not over. By the wall clock two may come at one moment, or before who was told that they are next. */
async function nextTurn(trx: Database, placeId: string): Promise<number> {
  const last = await trx
    .selectFrom('visit')
    .select('turn')
    .where('placeId', '=', placeId)
    .where('endedAt', 'is', null)
    .orderBy('turn', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (last?.turn ?? 0) + 1
}

/** Of the visits of a place each sees those that were made before it, at whichever node. */
const lockPlace = (trx: Database, placeId: string) =>
  locked(trx)(trx.selectFrom('place').select('id').where('id', '=', placeId)).executeTakeFirst()

/**
 * Lets a visit ring whose turn it is.
 *
 * @param available how many members could be rung. @returns whether it rings from now on, by this.
 */
export function takeTurn(
  db: Database,
  { id, placeId }: Pick<VisitRow, 'id' | 'placeId'>,
  available: number,
  now: number,
): Promise<boolean> {
  return visits(db)
    .transaction()
    .execute(async (trx) => {
      await lockPlace(trx, placeId)
      const open = await openVisits(trx, placeId, now)
      const inLine = open.filter(({ state }) => state === 'queued')
      const free = Math.min(available, mostCalling) - (open.length - inLine.length)
      const place = inLine.findIndex((visit) => visit.id === id)
      if (place < 0 || place >= free || (await isWorn(trx, placeId, now))) return false
      const { numUpdatedRows } = await trx
        .updateTable('visit')
        .set({ state: 'calling', calledAt: now })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .where('endedAt', 'is', null)
        .executeTakeFirst()
      return Number(numUpdatedRows) > 0
    })
}

/**
 * The page of a visit is there: it is believed for the length of a lease from now. A lease that is over stays so, and the
 * visit with it.
 *
 * @returns whether the visit goes on.
 */
export async function renewVisit(db: Database, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await visits(db)
    .updateTable('visit')
    .set({ leaseUntil: now + placeTiming.leaseFor })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .where('leaseUntil', '>', now)
    .executeTakeFirst()
  return Number(numUpdatedRows) > 0
}

/** Since when nobody is there whom a visit in line could ring. */
export const noteNobody = (db: Database, id: string, nobodySince: number | null): Promise<unknown> =>
  visits(db)
    .updateTable('visit')
    .set({ nobodySince })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .execute()

/** The first end of a visit wins. @returns whether it was this one. */
export async function endVisit(
  db: Database,
  id: string,
  state: Exclude<VisitState, 'queued' | 'calling' | 'answered'>,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await visits(db)
    .updateTable('visit')
    .set({ state, endedAt: now })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows) > 0
}

/** How many wait before it in its line, and it: 1 for who is next; null for what is in the line no more. */
export async function positionOf(
  db: Database,
  { id, placeId }: Pick<VisitRow, 'id' | 'placeId'>,
  now: number,
): Promise<number | null> {
  const inLine = (await openVisits(db, placeId, now)).filter(({ state }) => state === 'queued')
  const place = inLine.findIndex((visit) => visit.id === id)
  return place < 0 ? null : place + 1
}

/** No lease that is dated later is one of now, in ms from now. */
const longestLease = placeTiming.leaseFor + clocksApart

/** What became of the clock since all that was heard of pages was written down. */
export interface SinceHeard {
  /** Wall-clock ms, as the clock is set now. */
  readonly now: number
  /** When that was, in wall-clock ms as the clock was set then. */
  readonly heard: number
  /** By how many ms it was set meanwhile, back or forward. */
  readonly by: number
}

/**
 * Whose visit has not ended has a new lease from now, and is believed for no longer than its length: the clock was set, a
 * server slept, or the database took nothing, so that no page could hold its lease however often it was heard. Where several
 * nodes notice it, the second gives the same once more, nor does one that alone has slept take anything from those that the
 * others hold. It is one statement: whoever comes second sees what the first has made of a visit, whole.
 */
export async function keepVisits(db: Database, { now, heard, by }: SinceHeard): Promise<void> {
  // Set by less than that, a visit may be dated by either clock: what is counted in minutes stands as it is.
  const isSetFar = Math.abs(by) > 2 * longestLease
  await visits(db)
    .updateTable('visit')
    .set((e) => {
      // Those to which another node has given a lease are dated by the clock as it is set now.
      const isOfBefore = e.and([e('leaseUntil', '>', heard), e('leaseUntil', '<=', heard + 2 * longestLease)])
      const moved = <D extends number | null>(date: Expression<D>) =>
        e.case().when(isOfBefore).then(sql<D>`${date} + ${by}`).else(date).end()
      const leaseUntil = now + placeTiming.leaseFor
      return isSetFar
        ? {
            leaseUntil,
            at: moved(e.ref('at')),
            calledAt: moved(e.ref('calledAt')),
            nobodySince: moved(e.ref('nobodySince')),
          }
        : { leaseUntil }
    })
    .where('endedAt', 'is', null)
    .execute()
}

/**
 * The clock was set back while no node ran that could have noticed: what a page was heard of before that is good for the
 * length of a lease from now, and it has come now.
 */
export const shortenLeases = (db: Database, now: number): Promise<unknown> =>
  visits(db)
    .updateTable('visit')
    .set({ leaseUntil: now + placeTiming.leaseFor, at: now })
    .where('endedAt', 'is', null)
    .where('leaseUntil', '>', now + longestLease)
    .execute()

/** The visits whose page was not heard of for the length of their lease. */
export const lapsedVisits = async (db: Database, now: number): Promise<string[]> => {
  const rows = await visits(db)
    .selectFrom('visit')
    .select('id')
    .where('endedAt', 'is', null)
    .where('leaseUntil', '<=', now)
    .limit(200)
    .execute()
  return rows.map(({ id }) => id)
}

/** The visits of who was blocked at the moment at which they came. */
export const blockedVisits = async (db: Database): Promise<string[]> => {
  const rows = await visits(db)
    .selectFrom('visit')
    .select('id')
    .where('endedAt', 'is', null)
    .where((e) =>
      e.exists(
        e
          .selectFrom('placeBlock')
          .select('placeBlock.at')
          .whereRef('placeBlock.placeId', '=', 'visit.placeId')
          .whereRef('placeBlock.address', '=', 'visit.address'),
      ),
    )
    .limit(200)
    .execute()
  return rows.map(({ id }) => id)
}

export type CallOfVisit = Pick<CallRow, 'id' | 'userId' | 'state' | 'why'>

export const callsOfVisit = (db: Database, visit: string): Promise<CallOfVisit[]> =>
  visits(db).selectFrom('call').select(['id', 'userId', 'state', 'why']).where('visit', '=', visit).execute()

/**
 * Calls that ring, or may, for a visit that is over, or is no more; or that ring somebody for a place that takes nobody in, of
 * which they are no member who can be called, or whose only member they are and have not agreed to be (`isShut`).
 */
export const strayCalls = async (db: Database): Promise<string[]> => {
  const rows = await visits(db)
    .selectFrom('call')
    .leftJoin('visit', 'visit.id', 'call.visit')
    .leftJoin('place', 'place.id', 'visit.placeId')
    .leftJoin('placeMember', (on) =>
      on.onRef('placeMember.placeId', '=', 'visit.placeId').onRef('placeMember.userId', '=', 'call.userId'),
    )
    .leftJoin('user', 'user.id', 'call.userId')
    .select('call.id')
    // In the words of its index.
    .where(sql<SqlBool>`"call"."visit" is not null and "call"."state" in ('placed', 'ringing', 'waiting')`)
    .where((e) => {
      const isOnlyMember = e.not(
        e.exists(
          e
            .selectFrom('placeMember as colleague')
            .innerJoin('user as other', 'other.id', 'colleague.userId')
            .select('colleague.userId')
            .whereRef('colleague.placeId', '=', 'visit.placeId')
            .whereRef('colleague.userId', '<>', 'call.userId')
            .where('other.disabledAt', 'is', null)
            .where('other.deletedAt', 'is', null),
        ),
      )
      return e.or([
        ...[e('visit.id', 'is', null), e('visit.endedAt', 'is not', null), e('place.shutAt', 'is not', null)],
        ...[e('placeMember.userId', 'is', null), e('user.disabledAt', 'is not', null)],
        ...[
          e('user.deletedAt', 'is not', null),
          e.and([e('placeMember.agreedAt', 'is', null), isOnlyMember]),
        ],
      ])
    })
    .limit(200)
    .execute()
  return rows.map(({ id }) => id)
}

/** The call by which a visit was answered. */
export const answeredCall = (db: Database, id: string): Promise<CallRow | undefined> =>
  visits(db).selectFrom('call').selectAll().where('id', '=', id).executeTakeFirst()
