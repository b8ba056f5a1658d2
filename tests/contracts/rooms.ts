import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { RoomSide } from '../../protocol/room.ts'
import { insertUser } from '../../server/accounts/user-rows.ts'
import { deleteOldCalls } from '../../server/calls/call-retention.ts'
import type { Database } from '../../server/database/tables.ts'
import { endRoom, readOpenRooms, readRoom, readSeats, takeSeat } from '../../server/rooms/room-rows.ts'
import { answeredCallIn } from '../server/rooms/room-page.ts'

const now = 1_800_000_000_000

/** A room of a call that was answered just now. */
async function roomIn(open: () => Promise<Database>) {
  const db = await open()
  const username = randomUUID().slice(0, 8)
  const email = `${username}@clinic.example`
  const callee = await insertUser(db, { username, email, name: 'Ann Able', emailVerified: false }, now)
  const { id, room } = await answeredCallIn(db, { callee, answeredAt: now })
  const take = (
    side: RoomSide,
    page: string,
    { ticket, was = null }: { readonly ticket?: string; readonly was?: string | null } = {},
  ) => takeSeat(db, { room, side, page, ticket, was })
  return { db, id, room, callee, take }
}

/**
 * Seats and tickets of rooms, on every database.
 *
 * @param open gives a fresh one.
 */
export function roomContract(open: () => Promise<Database>): void {
  test('RM1.1 RM2.3 RM3.2 a seat counts its pages and its connections: another page makes another meeting, another connection none', async () => {
    const { db, id, take } = await roomIn(open)
    expect(await readSeats(db, [id])).toEqual([])
    expect(await take('callee', 'a')).toMatchObject({
      ...{ kind: 'taken', connection: 1, pages: { own: 1, other: 0 } },
      call: { names: { caller: 'Dr Bell', callee: 'Ann Able' }, people: { caller: null }, isVisitors: false },
    })
    expect(await take('caller', 'b')).toMatchObject({ connection: 1, pages: { own: 1, other: 1 } })
    expect(await take('callee', 'a', { was: 'a' })).toMatchObject({
      ...{ connection: 2, pages: { own: 1, other: 1 }, isAnother: false },
    })
    expect(await take('callee', 'c')).toMatchObject({ connection: 3, pages: { own: 2, other: 1 } })
    for (const page of ['a', 'd'])
      expect(await take('callee', page, { was: 'a' })).toEqual({ kind: 'refused', why: 'elsewhere' })
    // What it had it may go on to have, under whatever name.
    for (const [n, page] of ['d', 'd'].entries())
      expect(await take('callee', page, { was: 'c' })).toMatchObject({
        ...{ connection: 4 + n, pages: { own: 3, other: 1 }, isAnother: n === 0 },
      })
    const seats = await readSeats(db, [id, 'none'])
    expect(seats.toSorted((a, b) => a.side.localeCompare(b.side))).toEqual([
      { callId: id, side: 'callee', pages: 3, connections: 5 },
      { callId: id, side: 'caller', pages: 1, connections: 1 },
    ])
    expect(await readSeats(db, [])).toEqual([])
  })

  test('RM1.1 of pages that use one ticket at once one is let in, and that one again', async () => {
    const { take, db } = await roomIn(open)
    const ticket = 'callee-ticket.of-this-room'
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((page) => take('callee', page, { ticket })))
    const taken = all.flatMap((one, n) => (one.kind === 'taken' ? [['a', 'b', 'c', 'd'][n] ?? ''] : []))
    expect(taken).toHaveLength(1)
    expect(all.filter((one) => one.kind === 'refused' && one.why === 'ticket')).toHaveLength(3)
    expect(await take('callee', taken[0] ?? '', { ticket })).toMatchObject({ kind: 'taken', connection: 2 })
    const kept = await db.selectFrom('roomTicket').selectAll().execute()
    expect(kept).toHaveLength(1)
    expect(JSON.stringify(kept)).not.toContain('of-this-room')
  })

  test('RM2.3 of pages that come at once each has a place of its own', async () => {
    const { take } = await roomIn(open)
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => take('callee', `page-${n}`)))
    const numbers = all.flatMap((one) => (one.kind === 'taken' ? [[one.connection, one.pages.own]] : []))
    const ordered = numbers.toSorted(([a = 0], [b = 0]) => a - b)
    expect(ordered).toEqual(Array.from({ length: 12 }, (_, n) => [n + 1, n + 1]))
  })

  test('RM4.1 RM4.2 a room that has ended lets nobody in, stays as it ended, and is none of those that are open', async () => {
    const { db, id, room, take } = await roomIn(open)
    const other = await roomIn(async () => db)
    await take('callee', 'a')
    expect(await readOpenRooms(db, [id, other.id, 'none'])).toEqual(new Set([id, other.id]))
    await endRoom(db, id, now + 5)
    await endRoom(db, id, now + 10)
    expect(await take('callee', 'a', { was: 'a' })).toEqual({ kind: 'refused', why: 'over' })
    expect(await readRoom(db, room)).toMatchObject({ hasEnded: true })
    expect(await readRoom(db, other.room)).toMatchObject({ hasEnded: false })
    expect(await db.selectFrom('room').select('endedAt').where('callId', '=', id).execute()).toEqual([
      { endedAt: now + 5 },
    ])
    expect(await readOpenRooms(db, [id, other.id])).toEqual(new Set([other.id]))
    expect(await readOpenRooms(db, [])).toEqual(new Set())
    const claim = { room: 'no such room', side: 'callee', page: 'a', ticket: undefined, was: null } as const
    expect(await takeSeat(db, claim)).toEqual({ kind: 'refused', why: 'over' })
    expect(await readRoom(db, 'no such room')).toBeUndefined()
  })

  test('RM4.1 PV3.12 who hangs up before anybody came to the room has nobody come in', async () => {
    const { db, id, room, take } = await roomIn(open)
    await endRoom(db, id, now + 5)
    await endRoom(db, id, now + 10)
    expect(await readRoom(db, room)).toMatchObject({ hasEnded: true })
    expect(await readOpenRooms(db, [id])).toEqual(new Set())
    expect(await take('callee', 'a')).toEqual({ kind: 'refused', why: 'over' })
    expect(await db.selectFrom('room').select('endedAt').where('callId', '=', id).execute()).toEqual([
      { endedAt: now + 5 },
    ])
    // With a call its room is gone, and what ends it later has nothing to do.
    await db.deleteFrom('call').where('id', '=', id).execute()
    await endRoom(db, id, now + 15)
    expect(await db.selectFrom('room').selectAll().execute()).toEqual([])
  })

  test('RM4.2 nothing of a room is kept for longer than its call', async () => {
    const { db, take } = await roomIn(open)
    await take('callee', 'a', { ticket: 'callee-ticket.of-this-room' })
    let isMore = true
    while (isMore) isMore = await deleteOldCalls(db, now + 10_000, 1_000)
    for (const table of ['room', 'roomSeat', 'roomTicket'] as const)
      expect([table, await db.selectFrom(table).selectAll().execute()]).toEqual([table, []])
  })
}
