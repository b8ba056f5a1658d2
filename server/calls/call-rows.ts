import { randomBytes, randomUUID } from 'node:crypto'
import { type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { Account } from '../../protocol/connection.ts'
import type { Clock } from '../clock.ts'
import type { CallLegRow, CallRow } from '../database/call-tables.ts'
import { isAmong } from '../database/is-among.ts'
import { locked } from '../database/locking.ts'
import { laneOf } from '../database/postgres-database.ts'
import type { Database, Tables } from '../database/tables.ts'
import type { Appended } from '../people/account-events.ts'
import { readStatus } from '../people/status-rows.ts'
import { type CallEnd, firstTold, isOver } from './active-call-reducer.ts'
import type { Legs } from './legs.ts'
import { isVisitOver, settleVisit } from './settle-visit.ts'

export interface NewCall {
  readonly callee: Account
  /** As the caller wrote it. */
  readonly to: string
  readonly from: string
  readonly placedBy: string
  /** Seconds. */
  readonly waitFor: number
  /** The caller's own id of this call: with the same one, none is made twice. */
  readonly idempotencyKey: string | null
  /** The visit of a place that it is for. */
  readonly visit?: string | undefined
}

export const activeStates = ['placed', 'ringing', 'waiting'] as const

/** The same in the words of an index: SQLite uses one that is partial for no list of parameters. */
const isActive = sql<SqlBool>`"state" in (${sql.join(activeStates.map((state) => sql.lit(state)))})`

/** So many calls may ring one person at once, each with its appearance (RFC 7463). */
const appearances = [1, 2, 3, 4, 5]

/** Of these one caller has so many at most, so that nobody keeps a person busy for all others. */
const appearancesOfOneCaller = 3

/**
 * Writes a call down before anybody hears of it: as placed, or as missed when the person has as many calls as can
 * ring at once, or as many of this caller.
 *
 * @returns the call that was written before, when it was made with the same key.
 */
export function insertCall(
  db: Database,
  call: NewCall,
  { now, deadline, owner, furtherOne, noteEnd }: Insertion,
): Promise<{ readonly row: CallRow; readonly repeated: boolean }> {
  return laneOf(db, 'calls')
    .transaction()
    .execute(async (transaction) => {
      // Of the calls to one person each sees those that were made before it.
      await locked(transaction)(
        transaction.selectFrom('user').select('id').where('id', '=', call.callee.id),
      ).executeTakeFirst()
      const before = await callByKey(transaction, call.placedBy, call.idempotencyKey)
      if (before) return { row: before, repeated: true }
      const status = await readStatus(transaction, call.callee.id, now)
      const active = await activeCallsOf(transaction, call.callee.id)
      // A place rings who is available alone, and they may have chosen otherwise since it was looked at.
      const isAway = call.visit !== undefined && (status.status === 'invisible' || status.status === 'away')
      const appearance = isAway || status.status === 'busy' ? null : freeAppearance(active, call.placedBy)
      const why = isAway ? 'unreachable' : status.status === 'busy' ? 'busy' : furtherOne(active)
      const row: CallRow = {
        ...ofProgram,
        ...(appearance === null ? missedAtOnce(why, now) : placed),
        busyUntil: status.until,
        id: randomUUID(),
        userId: call.callee.id,
        owner,
        to: call.to,
        from: call.from,
        placedBy: call.placedBy,
        idempotencyKey: call.idempotencyKey,
        visit: call.visit ?? null,
        waitFor: call.waitFor,
        devices: 0,
        byDevice: null,
        appearance,
        at: now,
        deadline,
        room: randomBytes(16).toString('base64url'),
        seenAt: null,
        mailedAt: null,
      }
      // A colleague may have answered the visitor meanwhile, or nobody is there to be answered.
      const isForNobody = row.visit !== null && (await isVisitOver(transaction, row.visit))
      const written = isForNobody && row.endedAt === null ? withEnd(row, cancelled, now) : row
      await transaction.insertInto('call').values(written).execute()
      const settled = await settleVisit(transaction, written)
      if (settled.row.endedAt !== null) await noteEnd?.(transaction, settled.row, now)
      return { row: settled.row, repeated: false }
    })
}

export function freeAppearance(
  active: readonly Pick<CallRow, 'placedBy' | 'appearance'>[],
  placedBy: string,
): number | null {
  const ofCaller = active.filter((other) => other.placedBy === placedBy)
  if (ofCaller.length >= appearancesOfOneCaller) return null
  const taken = active.map((other) => other.appearance ?? 1)
  return appearances.find((free) => !taken.includes(free)) ?? null
}

export interface Insertion {
  /** Wall-clock ms, as `deadline`. */
  readonly now: number
  readonly deadline: number
  /** The node that drives it; null where a server runs alone. */
  readonly owner: string | null
  /** What the caller of one too many is told, by the calls that the person has already. */
  readonly furtherOne: (active: readonly CallRow[]) => 'busy' | 'unreachable'
  /** Of one that is over as it is written. */
  readonly noteEnd?: NoteEnd | undefined
}

/** What else is written down in the transaction in which a call ends. */
export type NoteEnd = (transaction: Database, row: CallRow, now: number) => Promise<void>

/** What only a call that a person places has. */
const ofProgram = {
  callerId: null,
  callerDevice: null,
  hidden: null,
  reply: null,
  answerKey: null,
  busyUntil: null,
  visit: null,
} as const

const cancelled: CallEnd = { outcome: 'cancelled', why: 'cancelled', device: null }

export const placed = { state: 'placed', disposition: null, why: null, endedAt: null } as const

export const missedAtOnce = (why: 'busy' | 'unreachable', now: number) =>
  ({ state: 'missed', disposition: why, why, endedAt: now }) as const

/** A call that is only tried waits for others so long, in ms. */
const lockWithin = 500

class TakenBack extends Error {
  override readonly name = 'TakenBack'
}

/**
 * Writes down a call that nobody placed, with as much as a call may have, and takes it back: nobody ever sees it. A
 * PostgreSQL that has no room for new rows goes on changing those it has, so that nothing less shows that it takes calls.
 */
export async function rehearseCall(db: Database, now: number): Promise<void> {
  const longest = 'x'.repeat(200)
  try {
    await laneOf(db, 'probe')
      .transaction()
      .execute(async (transaction) => {
        // What is taken back must undo nobody else, as in the lane of calls.
        await sql`set transaction isolation level read committed`.execute(transaction)
        // A lock is waited for by the next one: this one is to leave the probe its time.
        await sql.raw(`set local lock_timeout = ${lockWithin}`).execute(transaction)
        const anybody = await transaction.selectFrom('user').select('id').limit(1).executeTakeFirst()
        // Nobody can be called then.
        if (!anybody) return
        const row: CallRow = {
          ...ofProgram,
          ...missedAtOnce('unreachable', now),
          id: randomUUID(),
          userId: anybody.id,
          owner: null,
          to: longest,
          from: longest,
          placedBy: longest,
          idempotencyKey: randomUUID(),
          appearance: null,
          devices: 0,
          at: now,
          waitFor: 0,
          deadline: now,
          room: randomUUID(),
          byDevice: null,
          seenAt: now,
          mailedAt: now,
        }
        await transaction.insertInto('call').values(row).execute()
        throw new TakenBack()
      })
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
  }
}

export interface AnsweredCall {
  readonly from: string
  /** The name of whoever answered. */
  readonly to: string
  /** Wall-clock ms. */
  readonly answeredAt: number
}

/** @param room the only key to it: 128 random bits, told to the two who talk. */
export async function findAnsweredCall(db: Database, room: string): Promise<AnsweredCall | undefined> {
  const row = await db
    .selectFrom('call')
    .innerJoin('user', 'user.id', 'call.userId')
    .select(['call.from', 'call.to', 'call.callerId', 'user.name', 'call.endedAt'])
    .where('call.room', '=', room)
    .where('call.state', '=', 'answered')
    .executeTakeFirst()
  if (!row) return undefined
  // Two people may be no contacts any more: then neither is told what the other is called now.
  return { from: row.from, to: row.callerId === null ? row.name : row.to, answeredAt: row.endedAt ?? 0 }
}

const callById = (db: Database, id: string) => db.selectFrom('call').selectAll().where('id', '=', id)

export const readCall = (db: Database, id: string): Promise<CallRow | undefined> =>
  callById(laneOf(db, 'calls'), id).executeTakeFirst()

export const callByKey = async (
  db: Database,
  placedBy: string,
  key: string | null,
): Promise<CallRow | undefined> =>
  key === null
    ? undefined
    : laneOf(db, 'calls')
        .selectFrom('call')
        .selectAll()
        .where('placedBy', '=', placedBy)
        .where('idempotencyKey', '=', key)
        .executeTakeFirst()

/** Whether it may ring: a person's call without an appearance rings nowhere. */
export const mayRing = ({ callerId, appearance }: Pick<CallRow, 'callerId' | 'appearance'>): boolean =>
  callerId === null || appearance !== null

/** Whether whoever calls is blocked: nobody who is called hears of it, and nobody takes it. */
export const isOfBlocked = ({ hidden }: Pick<CallRow, 'hidden'>): boolean => hidden === 'blocked'

/** The calls to a person that are not over, but for those that ring nowhere. */
export const activeCallsOf = (db: Database, userId: string): Promise<CallRow[]> =>
  db
    .selectFrom('call')
    .selectAll()
    .where('userId', '=', userId)
    .where('state', 'in', activeStates)
    .where((e) => e.or([e('callerId', 'is', null), e('appearance', 'is not', null)]))
    .orderBy('at')
    .execute()

/** Those of these people on whom no further call of this caller could ring: as many do already as may. */
export async function rungFully(
  db: Database,
  userIds: readonly string[],
  placedBy: string,
): Promise<ReadonlySet<string>> {
  const rows = await laneOf(db, 'calls')
    .selectFrom('call')
    .select(['userId', 'placedBy', 'appearance'])
    .where(isAmong(db, 'call.userId', userIds))
    .where(isActive)
    .where((e) => e.or([e('callerId', 'is', null), e('appearance', 'is not', null)]))
    .execute()
  const ofPeople = Map.groupBy(rows, ({ userId }) => userId)
  return new Set(userIds.filter((id) => freeAppearance(ofPeople.get(id) ?? [], placedBy) === null))
}

export const allActive = (db: Database): Promise<CallRow[]> =>
  db.selectFrom('call').selectAll().where(isActive).orderBy('at').execute()

/** A call as it is in the record after somebody tried to write it. */
export interface Saved {
  readonly row: CallRow
  /** Whether that is what they wrote. */
  readonly written: boolean
  /** The events that were written with it. */
  readonly appended?: Appended | undefined
  /** Who has missed less by it: colleagues, of a visitor. */
  readonly unmissed?: readonly string[] | undefined
}

/** What the end of a call makes besides, in its transaction: to be called last in it, with the row as it is written. */
export type RecordEnd = (transaction: Database, row: CallRow, now: number) => Promise<Appended | undefined>

/**
 * Writes how a call stands, and its legs, by compare-and-set: a call that is over stays as it ended, and one that
 * `driver` drives no more as whoever does has written it. @returns undefined when it is there no more.
 */
export function saveCall(
  db: Database,
  row: CallRow,
  legs: readonly CallLegRow[],
  driver: string | null,
  recordEnd?: RecordEnd,
): Promise<Saved | undefined> {
  return laneOf(db, 'calls')
    .transaction()
    .execute(async (transaction) => {
      const {
        state,
        disposition,
        devices,
        why,
        byDevice,
        deadline,
        endedAt,
        owner,
        reply,
        busyUntil,
        hidden,
      } = row
      const { numUpdatedRows } = await transaction
        .updateTable('call')
        .set({ state, disposition, devices, why, byDevice, deadline, endedAt, owner, reply, busyUntil })
        // Who was blocked meanwhile stays so.
        .set(({ fn, val }) => ({ hidden: fn.coalesce('hidden', val(hidden)) }))
        .where('id', '=', row.id)
        .where('state', 'in', activeStates)
        .where('owner', driver === null ? 'is' : '=', driver)
        // Who was blocked meanwhile is neither answered nor declined.
        .$if(isByCallee(state), (query) => query.where(isNotBlocked))
        .executeTakeFirst()
      if (Number(numUpdatedRows) === 0) return unwritten(await readCall(transaction, row.id))
      const { row: settled, unmissed } = await settleVisit(transaction, row)
      for (const leg of settled === row ? legs : legs.map(unheeded))
        await transaction
          .insertInto('callLeg')
          .values(leg)
          .onConflict((conflict) => conflict.columns(['call', 'device']).doUpdateSet(leg))
          .execute()
      const { endedAt: at } = row
      return {
        row: settled,
        written: true,
        unmissed,
        appended: at === null ? undefined : await recordEnd?.(transaction, settled, at),
      }
    })
}

/** The leg of a device whose answer came after another's. */
const unheeded = (leg: CallLegRow): CallLegRow =>
  leg.state === 'answered' || leg.state === 'declined' ? { ...leg, state: 'lost' } : leg

const isByCallee = (state: CallRow['state']) => state === 'answered' || state === 'declined'

const isNotBlocked = ({ or, eb }: ExpressionBuilder<Tables, 'call'>) =>
  or([eb('hidden', 'is', null), eb('hidden', '<>', 'blocked')])

const unwritten = (row: CallRow | undefined): Saved | undefined => row && { row, written: false }

/** Ends a call that is not over, whoever drives it. @returns undefined when it is there no more. */
export function endCall(
  db: Database,
  id: string,
  end: CallEnd,
  now: number,
  recordEnd?: RecordEnd,
): Promise<Saved | undefined> {
  return laneOf(db, 'calls')
    .transaction()
    .execute((transaction) => endCallIn(transaction, id, { end, now, recordEnd }))
}

/** The same in a transaction that does more. @param also what else is written into the row. */
export async function endCallIn(
  transaction: Database,
  id: string,
  {
    end,
    now,
    recordEnd,
  }: { readonly end: CallEnd; readonly now: number; readonly recordEnd?: RecordEnd | undefined },
  also: Partial<Pick<CallRow, 'answerKey' | 'seenAt' | 'mailedAt'>> = {},
): Promise<Saved | undefined> {
  const before = await locked(transaction)(callById(transaction, id)).executeTakeFirst()
  if (!before || isOver(before)) return unwritten(before)
  const row = { ...withEnd(before, end, now), ...also }
  const { state, disposition, devices, why, byDevice, endedAt, reply } = row
  if (isByCallee(state) && isOfBlocked(before)) return unwritten(before)
  const { numUpdatedRows } = await transaction
    .updateTable('call')
    .set({ state, disposition, devices, why, byDevice, endedAt, reply, ...also })
    .where('id', '=', id)
    .where('state', 'in', activeStates)
    .executeTakeFirst()
  if (Number(numUpdatedRows) === 0) return unwritten(await readCall(transaction, id))
  const { row: settled, unmissed } = await settleVisit(transaction, row)
  if (settled === row && (end.outcome === 'answered' || end.outcome === 'declined'))
    await transaction
      .updateTable('callLeg')
      .set({ state: end.outcome })
      .where('call', '=', id)
      .where('device', '=', end.device)
      .execute()
  return { row: settled, written: true, unmissed, appended: await recordEnd?.(transaction, settled, now) }
}

/** Who drives the calls that are not over. */
export const activeOwners = (db: Database): Promise<Pick<CallRow, 'id' | 'owner'>[]> =>
  laneOf(db, 'calls').selectFrom('call').select(['id', 'owner']).where(isActive).execute()

/** A call that was taken over, and whether it ever rang by the record. */
export interface AdoptedCall {
  readonly row: CallRow
  readonly rung: boolean
}

/** Makes `driver` drive these, each unless it is over or somebody else drives it by now than did as it was `seen`. */
export async function adoptCalls(
  db: Database,
  seen: readonly Pick<CallRow, 'id' | 'owner'>[],
  driver: string,
): Promise<AdoptedCall[]> {
  const calls = laneOf(db, 'calls')
  const ids = seen.map(({ id }) => id)
  const drivers = seen.flatMap(({ owner }) => owner ?? [])
  const rows = await calls
    .updateTable('call')
    .set({ owner: driver })
    .where('id', 'in', ids)
    .where('state', 'in', activeStates)
    .where(({ eb, or }) =>
      or([eb('owner', 'is', null), ...(drivers.length > 0 ? [eb('owner', 'in', drivers)] : [])]),
    )
    .returningAll()
    .execute()
  const acknowledged = await calls
    .selectFrom('callLeg')
    .select('call')
    .where('call', 'in', ids)
    .where('acknowledgedAt', 'is not', null)
    .execute()
  const rung = new Set(acknowledged.map(({ call }) => call))
  return rows.map((row) => ({ row, rung: row.disposition === 'ringing' || rung.has(row.id) }))
}

/** Where a reading of calls by their end goes on. */
export type AfterEnd = Readonly<{ endedAt: number; id: string }>

/**
 * The next of the calls that ended after this one, the first first, and that some device may still have thought were
 * going on at `shownAt`, wall-clock ms: none shows a call for longer than until its deadline.
 */
export const endedAfter = (
  db: Database,
  { endedAt, id }: AfterEnd,
  shownAt: number,
  limit: number,
): Promise<CallRow[]> =>
  db
    .selectFrom('call')
    .selectAll()
    .where(({ eb, or, and }) =>
      or([eb('endedAt', '>', endedAt), and([eb('endedAt', '=', endedAt), eb('id', '>', id)])]),
    )
    .where('endedAt', '>=', endedAt)
    .where('deadline', '>=', shownAt)
    .orderBy('endedAt')
    .orderBy('id')
    .limit(limit)
    .execute()

/** The calls that ended since then, wall-clock ms, and that these nodes drove, or nobody: whoever else drives a call that another node ended tells of it. */
export const endedOf = (db: Database, nodes: readonly string[], since: number): Promise<CallRow[]> =>
  db
    .selectFrom('call')
    .selectAll()
    .where('endedAt', '>=', since)
    .where(({ eb, or }) => or([eb('owner', 'is', null), eb('owner', 'in', nodes)]))
    .execute()

/** These calls as they are in the record. */
export const readCalls = (db: Database, ids: readonly string[]): Promise<CallRow[]> =>
  db.selectFrom('call').selectAll().where('id', 'in', ids).execute()

/** A call as it will be in the record once this end is written. */
export const withEnd = (row: CallRow, end: CallEnd, now: number): CallRow => ({
  ...row,
  state: end.outcome,
  disposition: row.disposition ?? firstTold(end),
  devices: 0,
  why: end.why,
  byDevice: end.device,
  // A program has no thread to be answered in.
  reply: row.callerId === null ? null : (end.reply ?? null),
  endedAt: now,
})

/** How a call ended by its record. @throws for one that has not. */
export function endOf({ state, why, byDevice }: CallRow): CallEnd {
  if (state === 'placed' || state === 'ringing' || state === 'waiting')
    throw new Error('this call is not over')
  return { outcome: state, why, device: byDevice }
}

/** One row for each device that was asked: its last leg. Times go from the monotonic to the wall clock. */
export function legRows(call: string, legs: Legs, end: CallEnd | undefined, clock: Clock): CallLegRow[] {
  const wall = (at: number) => Math.round(clock.wall() - clock.monotonic() + at)
  const rows = new Map<string, CallLegRow>()
  for (const { device, state, askedAt, acknowledgedAt } of legs.values())
    rows.set(device, {
      call,
      device,
      state,
      askedAt: wall(askedAt),
      acknowledgedAt: acknowledgedAt === null ? null : wall(acknowledgedAt),
    })
  const last = end?.device ? rows.get(end.device) : undefined
  if (last && (end?.outcome === 'answered' || end?.outcome === 'declined'))
    rows.set(last.device, { ...last, state: end.outcome })
  return [...rows.values()]
}
