import { type RoomRefusal, type RoomSide, roomTiming } from '../../protocol/room.ts'
import { hashOf } from '../accounts/secrets.ts'
import { isAmong } from '../database/is-among.ts'
import { locked } from '../database/locking.ts'
import { laneOf } from '../database/postgres-database.ts'
import type { RoomSeatTable } from '../database/room-tables.ts'
import type { Database } from '../database/tables.ts'

/** Programs place calls for people who are in no account; those of a place's visitors are `visitor:` and the place's id. */
export const visitorPrefix = 'visitor:'

/** A call that was answered, as far as its room goes. */
export interface RoomCall {
  readonly id: string
  /** Wall-clock ms. */
  readonly answeredAt: number
  /** What each side is called, and which person it is: null of a caller who has no account. */
  readonly names: Readonly<Record<RoomSide, string>>
  readonly people: Readonly<Record<RoomSide, string | null>>
  readonly isVisitors: boolean
  /** Somebody hung up. */
  readonly hasEnded: boolean
}

/** For how long a room is open yet, by the wall clock alone, in ms. */
export const leftByWall = ({ answeredAt }: Pick<RoomCall, 'answeredAt'>, now: number): number =>
  Math.min(roomTiming.longest, answeredAt + roomTiming.longest - now)

/**
 * @param room its token, 128 random bits.
 * @returns undefined where no call that was answered has this room.
 */
export async function readRoom(db: Database, room: string): Promise<RoomCall | undefined> {
  const row = await db
    .selectFrom('call')
    .innerJoin('user', 'user.id', 'call.userId')
    .leftJoin('room', 'room.callId', 'call.id')
    .select(['call.id', 'call.from', 'call.to', 'call.userId', 'call.callerId', 'call.placedBy'])
    .select(['call.endedAt as answeredAt', 'user.name', 'room.endedAt'])
    .where('call.room', '=', room)
    .where('call.state', '=', 'answered')
    .executeTakeFirst()
  if (!row || row.answeredAt === null) return undefined
  return {
    id: row.id,
    answeredAt: row.answeredAt,
    // Two people may be no contacts any more: then neither is told what the other is called now.
    names: { caller: row.from, callee: row.callerId === null ? row.name : row.to },
    people: { caller: row.callerId, callee: row.userId },
    isVisitors: row.placedBy.startsWith(visitorPrefix),
    hasEnded: row.endedAt !== null,
  }
}

/** Who wants a seat, by what is known to be theirs. */
export interface SeatClaim {
  readonly room: string
  readonly side: RoomSide
  /** By what the ticket is known by which they come, if by one. */
  readonly ticket: string | undefined
  readonly page: string
  /** By which name this page had the seat before; null where it did not. */
  readonly was: string | null
}

export type TakenSeat =
  | {
      readonly kind: 'taken'
      readonly call: RoomCall
      /** The place of this connection among all of the side. */
      readonly connection: number
      readonly pages: { readonly own: number; readonly other: number }
      /** Whether another page than this one had it last. */
      readonly isAnother: boolean
    }
  | { readonly kind: 'refused'; readonly why: Exclude<RoomRefusal, 'full'> }

/** Seats a page, as the newest of its side. Of those who come at once each counts, one after the other. */
export const takeSeat = (db: Database, { room, side, ticket, page, was }: SeatClaim): Promise<TakenSeat> =>
  laneOf(db, 'calls')
    .transaction()
    .execute(async (transaction) => {
      const found = await readRoom(transaction, room)
      if (!found) return refused('over')
      const callId = found.id
      await transaction
        .insertInto('room')
        .values({ callId, endedAt: null })
        .onConflict((conflict) => conflict.column('callId').doNothing())
        .execute()
      await locked(transaction)(
        transaction.selectFrom('room').select('callId').where('callId', '=', callId),
      ).executeTakeFirst()
      // Read again under the lock: it may have ended, or been taken, meanwhile.
      const call = await readRoom(transaction, room)
      if (!call || call.hasEnded) return refused('over')
      if (ticket !== undefined && !(await useTicket(transaction, callId, ticket, page)))
        return refused('ticket')
      const ofCall = transaction.selectFrom('roomSeat').selectAll().where('callId', '=', callId)
      const seats = await ofCall.execute()
      const before = seats.find((seat) => seat.side === side)
      const isAnother = before?.page !== page
      if (was !== null && before && isAnother && before.page !== was) return refused('elsewhere')
      const own = (before?.pages ?? 0) + (isAnother ? 1 : 0)
      const connection = (before?.connections ?? 0) + 1
      await transaction
        .insertInto('roomSeat')
        .values({ callId, side, page, pages: own, connections: connection })
        .onConflict((conflict) =>
          conflict.columns(['callId', 'side']).doUpdateSet({ page, pages: own, connections: connection }),
        )
        .execute()
      const other = seats.find((seat) => seat.side !== side)?.pages ?? 0
      return { kind: 'taken', call, connection, pages: { own, other }, isAnother }
    })

const refused = (why: Exclude<RoomRefusal, 'full'>): TakenSeat => ({ kind: 'refused', why })

/** @returns whether it is used by this page, now or before. */
async function useTicket(
  transaction: Database,
  callId: string,
  ticket: string,
  page: string,
): Promise<boolean> {
  const hash = hashOf(ticket)
  await transaction
    .insertInto('roomTicket')
    .values({ hash, callId, page })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute()
  const kept = await transaction
    .selectFrom('roomTicket')
    .select('page')
    .where('hash', '=', hash)
    .executeTakeFirst()
  return kept?.page === page
}

/** Somebody hung up, also before anybody came to the room. What has ended stays as it did. */
export async function endRoom(db: Database, callId: string, now: number): Promise<void> {
  await laneOf(db, 'calls')
    .insertInto('room')
    .columns(['callId', 'endedAt'])
    // A call that is gone has no room to end.
    .expression((e) =>
      e
        .selectFrom('call')
        .select(['id', e.val(now).as('endedAt')])
        .where('id', '=', callId),
    )
    .onConflict((conflict) =>
      conflict.column('callId').doUpdateSet({ endedAt: now }).where('room.endedAt', 'is', null),
    )
    .execute()
}

/** Of these calls those that are still kept, and whose rooms nobody has ended. */
export async function readOpenRooms(db: Database, calls: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('call')
    .leftJoin('room', 'room.callId', 'call.id')
    .select('call.id')
    .where(isAmong(db, 'call.id', calls))
    .where('call.state', '=', 'answered')
    .where('room.endedAt', 'is', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** Who has the seats of these calls' rooms, as of the last that came to each. */
export const readSeats = (db: Database, calls: readonly string[]): Promise<Omit<RoomSeatTable, 'page'>[]> =>
  db
    .selectFrom('roomSeat')
    .select(['callId', 'side', 'pages', 'connections'])
    .where(isAmong(db, 'callId', calls))
    .execute()
