import { randomBytes, randomUUID } from 'node:crypto'
import type { CallRow } from '../database/call-tables.ts'
import { locked } from '../database/locking.ts'
import { laneOf } from '../database/postgres-database.ts'
import type { Database } from '../database/tables.ts'
import { findContact } from '../people/contact-rows.ts'
import { readRelationsOfPairs, relationOf } from '../people/relation.ts'
import { readStatus } from '../people/status-rows.ts'
import type { CallEnd } from './active-call-reducer.ts'
import {
  activeCallsOf,
  activeStates,
  callByKey,
  endCallIn,
  freeAppearance,
  type Insertion,
  missedAtOnce,
  placed,
  type RecordEnd,
  type Saved,
} from './call-rows.ts'

/** So many calls of one person's ring or wait at once, each for somebody else. */
const mostPlacedAtOnce = 3

/** Under what a person's calls are placed. */
export const placedByPerson = (userId: string): string => `person:${userId}`

export interface NewPersonCall {
  readonly caller: string
  readonly device: string
  /** Whom they call, by the id of the contact. */
  readonly callee: string
  /** The device's own id of the call. */
  readonly key: string
  /** Seconds. */
  readonly waitFor: number
}

export type WrittenPersonCall =
  | { readonly kind: 'repeated'; readonly row: CallRow }
  | { readonly kind: 'written'; readonly row: CallRow; readonly appended: Saved['appended'] }
  /** The other one was calling already: this answered that call. */
  | { readonly kind: 'answered'; readonly saved: Saved }
  | { readonly kind: 'no-such-contact' }
  /** Another call was placed with this key. */
  | { readonly kind: 'key-reused' }
  /** One of theirs to this contact is not over. */
  | { readonly kind: 'calling-already'; readonly name: string }
  | { readonly kind: 'too-many-at-once' }

/**
 * Writes down a call from one person to another before anybody hears of it. Whoever calls somebody who calls them answers
 * that call: of two who do so at one moment, the later one sees the other's, at whichever nodes they are.
 */
export function insertPersonCall(
  db: Database,
  call: NewPersonCall,
  insertion: Insertion & { readonly recordEnd?: RecordEnd | undefined },
): Promise<WrittenPersonCall> {
  return laneOf(db, 'calls')
    .transaction()
    .execute((transaction) => writePersonCall(transaction, call, insertion))
}

async function writePersonCall(
  transaction: Database,
  { caller, device, callee, key, waitFor }: NewPersonCall,
  { now, deadline, owner, furtherOne, recordEnd }: Insertion & { readonly recordEnd?: RecordEnd | undefined },
): Promise<WrittenPersonCall> {
  const names = await lockPeople(transaction, caller, callee)
  const before = await personCallByKey(transaction, caller, key)
  if (before)
    return otherOf(before, caller) === callee ? { kind: 'repeated', row: before } : { kind: 'key-reused' }
  const relation = await relationOf(transaction, caller, callee)
  const [from, name] = [names.get(caller), names.get(callee)]
  if (from === undefined || name === undefined) return { kind: 'no-such-contact' }
  if (relation.kind !== 'contact' && relation.kind !== 'blocks-me') return { kind: 'no-such-contact' }
  const theirs = await activeBetween(transaction, callee, caller)
  if (theirs && theirs.hidden !== 'blocked') {
    const end: CallEnd = { outcome: 'answered', why: null, device }
    const saved = await endCallIn(transaction, theirs.id, { end, now, recordEnd }, { answerKey: key })
    if (saved?.written) return { kind: 'answered', saved }
  }
  const own = await placedCallsOf(transaction, caller)
  if (own.some(({ userId }) => userId === callee)) return { kind: 'calling-already', name }
  if (own.length >= mostPlacedAtOnce) return { kind: 'too-many-at-once' }

  const status = await readStatus(transaction, callee, now)
  const active = await activeCallsOf(transaction, callee)
  const placedBy = placedByPerson(caller)
  const hidden =
    relation.kind === 'blocks-me' ? 'blocked' : status.status === 'invisible' ? 'invisible' : null
  // Whether they could be reached is not known here, and of who cannot be nothing is said of what they chose.
  const isBusy = hidden === null && status.status === 'busy' && !relation.ringsThrough
  const free = hidden === 'blocked' ? null : freeAppearance(active, placedBy)
  // One too many for somebody who cannot be reached waits as any other to them, and rings nowhere.
  const isOverAtOnce = hidden === null && free === null && furtherOne(active) === 'busy'
  const row: CallRow = {
    ...(isOverAtOnce ? missedAtOnce('busy', now) : placed),
    ...{ id: randomUUID(), userId: callee, owner, to: name, from, placedBy, idempotencyKey: key, waitFor },
    ...{ callerId: caller, callerDevice: device, hidden, reply: null, answerKey: null },
    visit: null,
    busyUntil: isBusy ? status.until : null,
    devices: 0,
    byDevice: null,
    appearance: isOverAtOnce ? null : free,
    at: now,
    deadline,
    room: randomBytes(16).toString('base64url'),
    seenAt: null,
    mailedAt: null,
  }
  await transaction.insertInto('call').values(row).execute()
  const appended = isOverAtOnce ? await recordEnd?.(transaction, row, now) : undefined
  return { kind: 'written', row, appended }
}

/** Of the calls between two each sees those that were made before it. @returns what they are called. */
async function lockPeople(
  transaction: Database,
  ...people: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const rows = await locked(transaction)(
    // In one order, so that no two wait for each other.
    transaction
      .selectFrom('user')
      .select(['id', 'name'])
      .where('id', 'in', [...people])
      .orderBy('id'),
  ).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Whom a call of theirs is with. */
export const otherOf = ({ callerId, userId }: CallRow, person: string): string | null =>
  callerId === person ? userId : callerId

/** The call that a person placed or answered with a key of theirs. */
export async function personCallByKey(
  db: Database,
  caller: string,
  key: string,
): Promise<CallRow | undefined> {
  const own = await callByKey(db, placedByPerson(caller), key)
  if (own) return own
  return await laneOf(db, 'calls')
    .selectFrom('call')
    .selectAll()
    .where('userId', '=', caller)
    .where('answerKey', '=', key)
    .executeTakeFirst()
}

const activeBetween = (db: Database, caller: string, callee: string): Promise<CallRow | undefined> =>
  db
    .selectFrom('call')
    .selectAll()
    .where('callerId', '=', caller)
    .where('userId', '=', callee)
    .where('state', 'in', activeStates)
    .executeTakeFirst()

/** The calls that a person placed and that are not over. */
const placedCallsOf = (db: Database, caller: string): Promise<Pick<CallRow, 'userId'>[]> =>
  db
    .selectFrom('call')
    .select('userId')
    .where('callerId', '=', caller)
    .where('state', 'in', activeStates)
    .execute()

/** What became of the calls between two who are not to each other what they were. */
export interface Parted {
  /** Those that are over by it. */
  readonly ended: readonly Saved[]
  /** Those that ring nowhere from now on, and wait, for all that their caller knows. */
  readonly hidden: readonly CallRow[]
}

/**
 * What goes on between two may not go on where they are no contacts any more, or one has blocked the other. What the one
 * placed who wanted that is cancelled. Who was removed is told that nobody could be reached; who was blocked goes on to
 * wait, as for somebody offline. Again it changes nothing.
 */
export function partCalls(
  db: Database,
  [one, other]: readonly [string, string],
  { now, recordEnd }: { readonly now: number; readonly recordEnd?: RecordEnd | undefined },
): Promise<Parted> {
  return laneOf(db, 'calls')
    .transaction()
    .execute(async (transaction) => {
      await lockPeople(transaction, one, other)
      const parted = { ended: [] as Saved[], hidden: [] as CallRow[] }
      for (const [caller, callee] of [
        [one, other],
        [other, one],
      ] as const) {
        const row = await activeBetween(transaction, caller, callee)
        const change = row && (await changeOf(transaction, row, now))
        if (!row || !change) continue
        if (change === 'hide') {
          const blocked = { hidden: 'blocked', appearance: null } as const
          await transaction.updateTable('call').set(blocked).where('id', '=', row.id).execute()
          parted.hidden.push({ ...row, ...blocked })
        } else {
          const saved = await endCallIn(transaction, row.id, { end: change.end, now, recordEnd }, change.also)
          if (saved?.written) parted.ended.push(saved)
        }
      }
      return parted
    })
}

const cancelled: CallEnd = { outcome: 'cancelled', why: 'cancelled', device: null }
const unreachable: CallEnd = { outcome: 'missed', why: 'unreachable', device: null }

/** What how these two stand to each other makes of a call; undefined where it goes on as it is. */
async function changeOf(transaction: Database, { callerId, userId, hidden }: CallRow, now: number) {
  if (callerId === null) return undefined
  const { kind } = await relationOf(transaction, callerId, userId)
  switch (kind) {
    case 'contact':
      return undefined
    case 'blocks-me':
      return hidden === 'blocked' ? undefined : 'hide'
    case 'blocked-by-me':
      return { end: cancelled }
    case 'gone':
    case 'none': {
      const own = await findContact(transaction, callerId, userId)
      if (own?.relation === 'removed') return { end: cancelled }
      // Whoever removed them has seen it, and wants no mail of it.
      return { end: unreachable, also: { seenAt: now, mailedAt: now } }
    }
  }
}

/** Which of these calls may not go on, by how the two of each stand to each other. */
export async function mayNotGoOn(db: Database, rows: readonly CallRow[]): Promise<CallOfPeople[]> {
  const calls = rows.flatMap((row) => (row.callerId === null ? [] : [{ ...row, callerId: row.callerId }]))
  const relations = await readRelationsOfPairs(
    db,
    calls.map(({ callerId, userId }) => [callerId, userId]),
  )
  return calls.filter(({ callerId, userId, hidden }) => {
    const kind = relations.get(`${callerId} ${userId}`)?.kind
    return !(kind === 'contact' || (kind === 'blocks-me' && hidden === 'blocked'))
  })
}

type CallOfPeople = CallRow & { readonly callerId: string }
