import type { PastCall, PlacedCall } from '../../protocol/people.ts'
import type { RoomSide } from '../../protocol/room.ts'
import type { Bus } from '../bus/bus.ts'
import { parseRelated, relatedSubject } from '../bus/related-message.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import type { createKeyedQueue } from '../keyed-queue.ts'
import type { Log } from '../log.ts'
import { appendEvents, type ChangeOf } from '../people/account-events.ts'
import { relationOf } from '../people/relation.ts'
import { isOver } from './active-call-reducer.ts'
import type { ActiveCallRegistry } from './active-call-registry.ts'
import type { RoomAddress } from './call-config.ts'
import type { CallRateLimit } from './call-rate-limit.ts'
import { type Insertion, type NoteEnd, type RecordEnd, readCall, type Saved } from './call-rows.ts'
import type { CalleeDevices } from './callee-devices.ts'
import {
  insertPersonCall,
  mayNotGoOn,
  otherOf,
  partCalls,
  personCallByKey,
  placedByPerson,
} from './calls-between-people.ts'
import { placedCallOf, readPastCalls, readPlacedCalls } from './placed-calls.ts'

/** A device of a person, from which they call. */
export interface PersonsDevice {
  readonly userId: string
  readonly device: string
}

/** Whom somebody calls, by the id of the contact, and their device's own id of the call. */
export interface PersonCallRequest {
  readonly contact: string
  readonly key: string
}

export type PlacedTo =
  /** There is one call of this key: placed now or before, or another's that this answered. */
  | { readonly kind: 'placed'; readonly call: PlacedCall }
  | { readonly kind: 'no-such-contact' }
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'calling-already'; readonly name: string }
  | { readonly kind: 'too-many-at-once' }
  /** They have placed too many, and have to wait for so many ms. */
  | { readonly kind: 'too-many'; readonly wait: number }
  | { readonly kind: 'stopping' }

/** How a call that a person placed stands, for each of their devices. */
export interface PlacedNews {
  readonly id: string
  /** Another one for each way in which it can stand. */
  readonly standing: string
  readonly isOver: boolean
  readonly shownOn: (device: string) => PlacedCall
}

/** Calls as people place them, and have them in their lists. */
export interface CallsOfPeople {
  /**
   * Places a call to a contact, or answers theirs where they call already.
   *
   * @returns as soon as it is kept: whether it rings is told after that. @throws when it cannot be kept; there is none then.
   */
  placeTo(by: PersonsDevice, asked: PersonCallRequest): Promise<PlacedTo>
  /** @returns whether that call of theirs is cancelled, was over, or is none. @throws when it could not be written. */
  cancelPlaced(userId: string, id: string): Promise<'cancelled' | 'over' | 'none'>
  /** What a person placed that is not over, or of late. */
  placedOf(userId: string): Promise<readonly PlacedNews[]>
  /** @param before placed before this moment, wall-clock ms; null for the newest. */
  past(
    by: PersonsDevice,
    before: number | null,
  ): Promise<{ readonly calls: PastCall[]; readonly more: boolean }>
}

export interface CallsOfPeopleDependencies {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly writeProbe: WriteProbe
  readonly active: ActiveCallRegistry
  readonly devices: CalleeDevices
  readonly rateLimit: CallRateLimit
  /** Milliseconds. */
  readonly ringFor: number
  readonly roomAddress: RoomAddress
  readonly inTurn: ReturnType<typeof createKeyedQueue>
  readonly recordEnd: RecordEnd
  readonly furtherOne: Insertion['furtherOne']
  /** Who is to drive a call that is written now. @returns undefined where none is taken any more. */
  readonly ownerOfNext: () => Promise<{ readonly owner: string | null } | undefined>
  readonly onEnd: (saved: Saved) => void
  /** Tells everybody of a call that is over. */
  readonly tellOver: (row: CallRow) => void
  /** Whoever calls was blocked: whoever drives the call is to look at it. */
  readonly onHidden: (row: CallRow) => void
  /** A call was written down, and is to be driven. */
  readonly onWritten: (row: CallRow, appended: Saved['appended']) => void
  readonly cancel: (id: string) => Promise<boolean>
  readonly countRefused: () => void
  /** Is waited for before all calls are ended. */
  readonly whileBeginning: <T>(begun: Promise<T>) => Promise<T>
}

/** What nobody said of who is whose contact is found this often, in ms. */
const lookEvery = 2_000

export function openCallsOfPeople(
  dependencies: CallsOfPeopleDependencies,
): CallsOfPeople & { readonly tick: () => void } {
  const { db, bus, clock, log, writeProbe, active, devices, rateLimit, ringFor, roomAddress, recordEnd } =
    dependencies
  const waitFor = Math.ceil(ringFor / 1_000)

  /** As it is now: the record may be a write behind. */
  const fresh = (row: CallRow): CallRow => ({ ...row, ...active.get(row.id) })

  const shown = (row: CallRow, device: string, side: RoomSide = 'caller') =>
    placedCallOf(row, { now: clock.wall(), device, room: roomAddress(row, side) })

  /** How a call stands for one of the two, as theirs: whoever called back has it as placed by their own key. */
  const viewOf = async ({ id }: CallRow, by: PersonsDevice): Promise<PlacedCall | undefined> => {
    const row = await readCall(db, id)
    if (!row) return undefined
    if (row.callerId === by.userId) return shown(fresh(row), by.device)
    const answered = { ...row, callerDevice: row.byDevice, hidden: null, idempotencyKey: row.answerKey }
    return { ...shown(answered, by.device, 'callee'), contact: row.callerId ?? '', name: row.from }
  }

  const placed = async (row: CallRow, by: PersonsDevice): Promise<PlacedTo> => {
    const call = await viewOf(row, by)
    return call ? { kind: 'placed', call } : { kind: 'no-such-contact' }
  }

  const tooMany = (wait: number): PlacedTo => {
    dependencies.countRefused()
    return { kind: 'too-many', wait }
  }

  const place = async (by: PersonsDevice, { contact, key }: PersonCallRequest): Promise<PlacedTo> => {
    const { userId, device } = by
    const before = await personCallByKey(db, userId, key)
    if (before) return otherOf(before, userId) === contact ? placed(before, by) : { kind: 'key-reused' }
    const placedBy = placedByPerson(userId)
    const wait = await rateLimit.ofKey(placedBy)
    if (wait > 0) return tooMany(wait)
    const waitForCallee = await rateLimit.ofCallee(placedBy, contact)
    if (waitForCallee > 0) return tooMany(waitForCallee)
    const next = await dependencies.ownerOfNext()
    if (!next) return { kind: 'stopping' }
    const now = clock.wall()
    const call = { caller: userId, device, callee: contact, key, waitFor }
    const { furtherOne } = dependencies
    const insertion = { now, deadline: now + waitFor * 1_000, owner: next.owner, furtherOne, recordEnd }
    const write = async () => {
      const written = await writeProbe.guard(() => insertPersonCall(db, call, insertion))
      if (written.kind === 'written') dependencies.onWritten(written.row, written.appended)
      return written
    }
    const written = await dependencies.whileBeginning(write())
    switch (written.kind) {
      case 'written':
      case 'repeated':
        return placed(written.row, by)
      case 'answered':
        await over(written.saved)
        return placed(written.saved.row, by)
      default:
        return written
    }
  }

  /** Written here, of a call that this node or another drives: whoever drives it looks into the record. */
  const over = async (saved: Saved) => {
    dependencies.onEnd(saved)
    if (!active.get(saved.row.id)) return dependencies.tellOver(saved.row)
    await active.check(saved.row.id).catch(() => dependencies.tellOver(saved.row))
  }

  /** What goes on between two who may not call each other any more does not go on. */
  const part = async (one: string, other: string) => {
    const parted = await writeProbe.guard(() => partCalls(db, [one, other], { now: clock.wall(), recordEnd }))
    for (const saved of parted.ended) await over(saved)
    for (const row of parted.hidden) {
      devices.stopRinging(row.userId, row.id, 'cancelled')
      dependencies.onHidden(row)
      await active.check(row.id)
    }
  }

  const tellFailed = (err: unknown) =>
    log.error({ err }, 'calls of people who are no contacts any more could not be ended yet')

  /** The calls that are driven here and that a person placed. */
  const driven = () =>
    active
      .ids()
      .flatMap((id) => active.get(id) ?? [])
      .filter(({ callerId }) => callerId !== null)

  bus.subscribe(relatedSubject, (payload) => {
    const { one, other } = parseRelated(payload)
    const isBetween = ({ callerId, userId }: CallRow) =>
      (callerId === one && userId === other) || (callerId === other && userId === one)
    if (driven().some(isBetween)) part(one, other).catch(tellFailed)
    return undefined
  })

  let lookedAt = clock.monotonic()
  let looking = false
  const lookAtAll = async () => {
    for (const { callerId, userId } of await mayNotGoOn(db, driven())) await part(callerId, userId)
  }

  const inTurnOfKey = <T>(userId: string, key: string, act: () => Promise<T>) =>
    dependencies.inTurn(`${placedByPerson(userId)} ${key}`, act)

  return {
    placeTo: (by, asked) => inTurnOfKey(by.userId, asked.key, () => place(by, asked)),
    async cancelPlaced(userId, id) {
      // Whoever has not heard its id knows it by the key that they gave it, and may be before it is written.
      const row =
        (await readCall(db, id)) ?? (await inTurnOfKey(userId, id, () => personCallByKey(db, userId, id)))
      if (row?.callerId === userId) return (await dependencies.cancel(row.id)) ? 'cancelled' : 'over'
      // Placing it answered the other's.
      return row?.userId === userId && row.answerKey === id ? 'over' : 'none'
    },
    async placedOf(userId) {
      const rows = await readPlacedCalls(db, userId, clock.wall())
      return rows.map(fresh).map((row) => ({
        id: row.id,
        standing: JSON.stringify({ ...shown(row, row.callerDevice ?? ''), left: 0 }),
        isOver: isOver(row),
        shownOn: (device) => shown(row, device),
      }))
    },
    past: (by, before) => readPastCalls(db, by, before),
    tick() {
      const now = clock.monotonic()
      if (now - lookedAt < lookEvery || looking) return
      lookedAt = now
      looking = true
      lookAtAll()
        .catch(tellFailed)
        .finally(() => {
          looking = false
        })
    },
  }
}

/** A short answer that goes with a decline, to be written as a message from the callee to the caller. */
export interface Reply {
  readonly from: string
  readonly to: string
  readonly text: string
  /** One for each call: written again it is the same message. */
  readonly key: string
  /** The caller has blocked the callee. */
  readonly isBlocked: boolean
}

/** What was said with a decline, where the one may still write to the other. */
async function replyOf(
  transaction: Database,
  { id, userId, callerId, reply: text }: CallRow,
): Promise<Reply | undefined> {
  if (callerId === null || text === null) return undefined
  const { kind } = await relationOf(transaction, userId, callerId)
  if (kind !== 'contact' && kind !== 'blocks-me') return undefined
  return { from: userId, to: callerId, text, key: `reply-${id}`, isBlocked: kind === 'blocks-me' }
}

/**
 * What the end of a call between people makes besides: the reply becomes a message, and both sides' lists of calls are
 * others.
 *
 * @param writeReply writes the message in the transaction. @param noteEnd is for every call. @returns what both accounts are to hear of it.
 */
export const endRecord =
  (
    writeReply?: (transaction: Database, reply: Reply, now: number) => Promise<readonly ChangeOf[]>,
    noteEnd?: NoteEnd,
  ): RecordEnd =>
  async (transaction, row, now) => {
    await noteEnd?.(transaction, row, now)
    const { userId, callerId } = row
    if (callerId === null) return undefined
    const reply = await replyOf(transaction, row)
    const said = (reply && (await writeReply?.(transaction, reply, now))) ?? []
    const listed = [userId, callerId].map((of): ChangeOf => ({ userId: of, change: { kind: 'calls' } }))
    return appendEvents(transaction, [...said, ...listed], now)
  }
