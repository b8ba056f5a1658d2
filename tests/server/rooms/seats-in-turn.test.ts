import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type RoomServerMessage, type RoomSide, roomProtocol, roomTiming } from '../../../protocol/room.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { parseRoomMessage, roomSubject, type SeatMessage } from '../../../server/rooms/room-message.ts'
import { takeSeat } from '../../../server/rooms/room-rows.ts'
import { createRoomKeys } from '../../../server/rooms/room-tickets.ts'
import { openRooms } from '../../../server/rooms/rooms.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'
import { answeredCallIn, joined } from './room-page.ts'

/** Rooms whose seats are written down once the test lets them be. */
async function slowRooms() {
  const db = await openTestDatabase(temporaryFolder())
  onTestFinished(() => db.destroy())
  const clock = testClock()
  clock.standStill()
  const email = 'ann@clinic.example'
  const callee = await insertUser(db, { username: 'ann', email, name: 'Ann Able', emailVerified: false }, 1)
  const keys = createRoomKeys('a secret of this installation')
  const bus = createInProcessBus((_, error) => {
    throw error
  })
  const gates: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  let isHeld = true
  const openNode = () =>
    openRooms({
      ...{ db, clock, bus, keys, log: { error: () => {}, info: () => {} } },
      config: { stunUrls: [], turnOnly: false },
      guard: async (write) => {
        const done = await write()
        if (isHeld) await new Promise<void>((resolve, reject) => gates.push({ resolve, reject }))
        return done
      },
    })
  const rooms = openNode()
  const room = async (ago = 0) => (await answeredCallIn(db, { callee, answeredAt: clock.wall() - ago })).room
  /** A page that says hello, and may be gone before it is answered. */
  const come = (
    of: string,
    side: RoomSide,
    page: string = randomUUID(),
    { at = rooms, secret = keys.seat(of, side) } = {},
  ) => {
    const got: RoomServerMessage[] = []
    const codes: string[] = []
    const connection = {
      room: of,
      open: true,
      send: (message: RoomServerMessage) => void got.push(message),
      close: (why: string) => void codes.push(why),
    }
    const hello = { type: 'hello', protocol: roomProtocol, by: 'seat', was: null, state: joined } as const
    const isIn = at.hello(connection, { ...hello, secret, page })
    return { connection, got, codes, isIn }
  }
  return {
    ...{ clock, db, bus, rooms, openNode, room, come },
    /** So long passes, in which these pages say their beats. */
    async pass(ms: number, ...pages: readonly ReturnType<typeof come>[]) {
      for (let left = ms; left > 0; left -= 2_000) {
        clock.advance(Math.min(left, 2_000))
        for (const { connection } of pages) rooms.handle(connection, { type: 'beat', n: 1 })
        rooms.tick()
        await settled()
      }
    },
    /** How many are being written at this moment. */
    underWay: () => gates.length,
    letOne: () => gates.shift()?.resolve(),
    failOne: () => gates.shift()?.reject(new Error('the database is away')),
    letAll() {
      isHeld = false
      for (const { resolve } of gates.splice(0)) resolve()
    },
  }
}

/** What is under way has come as far as it can. */
const settled = async () => {
  for (let n = 0; n < 200; n += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('RM2.4 of one side one seat is written down at a time, of all two, and for a page that is gone none', async () => {
  const { db, come, room, underWay, letOne, letAll } = await slowRooms()
  const one = await room()
  const crowd = Array.from({ length: 12 }, () => come(one, 'callee'))
  await settled()
  expect(underWay()).toBe(1)
  const others = await Promise.all([room(), room(), room()])
  const more = others.map((other) => come(other, 'callee'))
  await settled()
  expect(underWay()).toBe(2)
  // But for the first, which is being written, and the last they give up.
  for (const { connection } of crowd.slice(1, -1)) connection.open = false
  letOne()
  expect(await crowd[0]?.isIn).toBe(true)
  letAll()
  const isIn = await Promise.all([...crowd, ...more].map((page) => page.isIn))
  expect(isIn).toEqual([true, ...crowd.slice(2).map(() => false), true, true, true, true])
  const seats = await db.selectFrom('roomSeat').select(['connections', 'pages']).execute()
  expect(seats.toSorted((a, b) => b.pages - a.pages)[0]).toEqual({ connections: 2, pages: 2 })
})

test('RM2.4 twenty come in at once by the seat of one side, then one a second, and nobody of another side notices', async () => {
  const { clock, come, room, letAll } = await slowRooms()
  letAll()
  const one = await room()
  const crowd = Array.from({ length: 30 }, () => come(one, 'caller'))
  await Promise.all(crowd.map((page) => page.isIn))
  expect(crowd.filter(({ codes }) => codes.includes('tooMany'))).toHaveLength(10)
  expect(await come(one, 'callee').isIn).toBe(true)
  expect(await come(await room(), 'caller').isIn).toBe(true)
  expect(await come(one, 'caller').isIn).toBe(false)
  clock.advance(1_000)
  expect(await come(one, 'caller').isIn).toBe(true)
})

test('RM2.4 no seat is written down in a room that is over, or of which there is none', async () => {
  const { clock, come, room, underWay } = await slowRooms()
  const of = await room()
  clock.advance(7 * 3_600_000)
  for (const page of [come(of, 'caller'), come('A'.repeat(22), 'caller')]) {
    expect(await page.isIn).toBe(false)
    expect(page.got).toEqual([{ type: 'refused', why: 'over' }])
  }
  expect(underWay()).toBe(0)
})

test('RM2.3 RM3.2 a page that was gone as its seat was written down is told of as nobody, so that all count one meeting', async () => {
  const { bus, come, room, underWay, letOne, letAll } = await slowRooms()
  const of = await room()
  const older = come(of, 'callee')
  const bells = come(of, 'caller')
  await expect.poll(underWay).toBe(2)
  letOne()
  letOne()
  expect(await Promise.all([older.isIn, bells.isIn])).toEqual([true, true])
  const heard: SeatMessage[] = []
  bus.subscribe(roomSubject(of), (payload) => {
    const message = parseRoomMessage(payload)
    if (message.kind !== 'who') heard.push(message)
    return undefined
  })
  const gone = come(of, 'callee')
  await expect.poll(underWay).toBe(1)
  gone.connection.open = false
  letAll()
  expect(await gone.isIn).toBe(false)
  await settled()
  expect(heard).toContainEqual(
    expect.objectContaining({ kind: 'seat', side: 'callee', connection: 2, page: 2, left: 0 }),
  )
  expect(older.codes).toEqual(['replaced'])
  const told = bells.got.findLast((message) => message.type === 'other')
  expect(told).toMatchObject({ epoch: 3, here: null })
})

/** Ann has a seat, and Dr Bell. @returns what says Ann's name again on another connection, too. */
async function seatedTwo() {
  const rooms = await slowRooms()
  const of = await rooms.room()
  const page = randomUUID()
  const [ann, bells] = [rooms.come(of, 'callee', page), rooms.come(of, 'caller')]
  await expect.poll(rooms.underWay).toBe(2)
  rooms.letOne()
  rooms.letOne()
  await Promise.all([ann.isIn, bells.isIn])
  return { ...rooms, of, page, ann, bells, comeAgain: () => rooms.come(of, 'callee', page) }
}

test('RM2.3 RM2.2 a connection that its page gave up before it was let in takes the seat from nobody, and nobody hears of it', async () => {
  const { ann, bells, comeAgain, underWay, letAll, pass } = await seatedTwo()
  const before = bells.got.length
  const late = comeAgain()
  await expect.poll(underWay).toBe(1)
  late.connection.open = false
  letAll()
  expect(await late.isIn).toBe(false)
  await pass(12_000, ann, bells)
  expect([ann.codes, bells.got.slice(before).filter(({ type }) => type !== 'beat')]).toEqual([[], []])
})

test('RM2.3 a page that goes before anybody was told of it has the seat of an older one all the same, at once', async () => {
  const { bus, rooms, of, ann, come, letAll } = await seatedTwo()
  letAll()
  const flushing = Promise.withResolvers<void>()
  const flush = vi.spyOn(bus, 'flush').mockReturnValueOnce(flushing.promise)
  const gone = come(of, 'callee')
  await expect.poll(() => flush.mock.calls.length).toBe(1)
  gone.connection.open = false
  rooms.closed(gone.connection, true)
  flushing.resolve()
  expect(await gone.isIn).toBe(false)
  await settled()
  expect(ann.codes).toEqual(['replaced'])
})

test('RM2.3 a page that nobody told of, since its node died, has the seat of an older one within ten seconds all the same', async () => {
  const { db, come, room, pass, letAll } = await slowRooms()
  letAll()
  const of = await room()
  const older = come(of, 'callee')
  const bells = come(of, 'caller')
  await Promise.all([older.isIn, bells.isIn])
  await pass(12_000, older, bells)
  expect(older.codes).toEqual([])
  await takeSeat(db, { room: of, side: 'callee', ticket: undefined, page: 'of-another-node', was: null })
  await pass(12_000, older, bells)
  expect([older.codes, bells.codes]).toEqual([['replaced'], []])
})

test('RM2.2 of a page that cannot be let in at the moment nobody is told that it left: it comes again while its lease lasts', async () => {
  const { db, rooms, ann, bells, comeAgain, underWay, letAll } = await seatedTwo()
  ann.connection.open = false
  rooms.closed(ann.connection, false)
  const again = comeAgain()
  await expect.poll(underWay).toBe(1)
  // Her seat is written down, and nothing can be read any more.
  await db.destroy()
  letAll()
  expect(await again.isIn).toBe(false)
  expect(again.codes).toEqual(['unavailable'])
  const told = bells.got.filter((message) => message.type === 'other')
  expect(told.map(({ why }) => why)).not.toContain('left')
  expect(told.at(-1)?.here).toMatchObject({ connection: 2, state: joined })
})

test('RM9.5 a page for which the bus was lost while its seat was written down is sent away, and let in under the same name once it is there again', async () => {
  const { bus, rooms, ann, bells, comeAgain, underWay, letAll } = await seatedTwo()
  rooms.closed(ann.connection, false)
  const again = comeAgain()
  await expect.poll(underWay).toBe(1)
  const isConnected = vi.spyOn(bus, 'isConnected', 'get').mockReturnValue(false)
  letAll()
  expect([await again.isIn, again.got, again.codes]).toEqual([false, [], ['unavailable']])
  isConnected.mockRestore()
  const back = comeAgain()
  expect(await back.isIn).toBe(true)
  await settled()
  const told = bells.got.findLast((message) => message.type === 'other')
  expect(told).toMatchObject({ epoch: 2, here: { connection: 3 } })
})

/** A call that may go on for a minute yet, with both in it; and the wall clock is set forward by seven hours. */
async function leaptAhead() {
  const all = await slowRooms()
  all.letAll()
  const of = await all.room(roomTiming.longest - 60_000)
  const [ann, bells] = [all.come(of, 'callee', 'the-page-of-ann'), all.come(of, 'caller')]
  expect(await Promise.all([ann.isIn, bells.isIn])).toEqual([true, true])
  all.clock.setWall(7 * 3_600_000)
  return { ...all, of, ann, bells }
}

test('RM4.2 a clock that is set forward by hours ends no call that is going on, which ends when it has lasted its six hours', async () => {
  const { rooms, openNode, clock, of, ann, bells, come, pass } = await leaptAhead()
  await pass(30_000, ann, bells)
  expect([ann.codes, bells.codes]).toEqual([[], []])
  // Both are lost at one moment, as where a proxy starts anew, and come again.
  for (const { connection } of [ann, bells]) rooms.closed(connection, false)
  const back = [come(of, 'callee', 'the-page-of-ann'), come(of, 'caller')]
  expect(await Promise.all(back.map(({ isIn }) => isIn))).toEqual([true, true])
  await pass(28_000, ...back)
  expect(back.map(({ codes }) => codes)).toEqual([[], []])
  await pass(4_000, ...back)
  expect(back.map(({ codes }) => codes)).toEqual([['ended'], ['ended']])
  for (const { got } of back) expect(got.at(-1)).toEqual({ type: 'ended', why: 'over' })
  expect(await come(of, 'callee').isIn).toBe(false)
  // For good, also where nobody remembers it and the clock is set back.
  clock.setWall(-14 * 3_600_000)
  expect(await come(of, 'callee', randomUUID(), { at: openNode() }).isIn).toBe(false)
})

test('RM4.2 RM1.4 by a clock that was set forward nobody is refused as over, at whichever node, while the other one is in the room, and a third person as over neither', async () => {
  const { rooms, openNode, of, ann, bells, come, pass } = await leaptAhead()
  rooms.closed(ann.connection, false)
  const other = openNode()
  const back = come(of, 'callee', 'the-page-of-ann', { at: other })
  expect(await back.isIn).toBe(true)
  expect(back.got[0]).toMatchObject({ type: 'welcome', other: { state: joined } })
  const third = come(of, 'callee', randomUUID(), { at: other, secret: 'x'.repeat(43) })
  expect(await third.isIn).toBe(false)
  expect(third.got).toEqual([{ type: 'refused', why: 'full' }])
  // It ends there, too, when it has lasted its six hours.
  for (let n = 0; n < 31; n += 1) {
    other.handle(back.connection, { type: 'beat', n })
    await pass(2_000, bells)
    other.tick()
  }
  expect([back.codes, bells.codes]).toEqual([['ended'], ['ended']])
})

test('RM4.2 where nobody is in a room any more, and no node knew it before the clock was set, the clock is believed', async () => {
  const { rooms, openNode, of, ann, bells, come } = await leaptAhead()
  for (const { connection } of [ann, bells]) rooms.closed(connection, false)
  const late = come(of, 'callee', 'the-page-of-ann', { at: openNode() })
  expect(await late.isIn).toBe(false)
  expect(late.got).toEqual([{ type: 'refused', why: 'over' }])
})

test('RM4.1 an end that the database takes long to write is one write, whoever hangs up again meanwhile, and is written again once it has failed', async () => {
  const { rooms, ann, bells, underWay, pass, letOne, failOne } = await seatedTwo()
  for (const { connection } of [ann, ann, bells]) rooms.handle(connection, { type: 'hangUp' })
  await expect.poll(underWay).toBe(1)
  await pass(20_000, ann, bells)
  expect(underWay()).toBe(1)
  failOne()
  await settled()
  expect(underWay()).toBe(0)
  await pass(2_000)
  await expect.poll(underWay).toBe(1)
  await pass(20_000)
  expect(underWay()).toBe(1)
  letOne()
  await pass(20_000)
  expect(underWay()).toBe(0)
})
