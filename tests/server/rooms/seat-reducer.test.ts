import { expect, test } from 'vitest'
import type { RoomServerMessage, RoomSide } from '../../../protocol/room.ts'
import type { SeatMessage } from '../../../server/rooms/room-message.ts'
import {
  epochOf,
  type Seat,
  type SeatEffect,
  type SeatEvent,
  seatReducer,
  unheld,
} from '../../../server/rooms/seat-reducer.ts'
import { leaseFor, seat, state } from './a-seat.ts'

const theirs = (change: Partial<SeatMessage & { kind: 'seat' }> = {}): SeatMessage => ({
  ...{ kind: 'seat', side: 'callee', connection: 1, page: 1, state, left: leaseFor, asks: false },
  ...change,
})
const own = (change: Partial<SeatMessage & { kind: 'seat' }> = {}) => theirs({ side: 'caller', ...change })
const step = (from: Seat, event: SeatEvent, now = 0) => seatReducer(from, event, { now, leaseFor })
const heard = (from: Seat, message: SeatMessage, now = 0) => step(from, { kind: 'heard', message }, now)
const sent = (effects: readonly SeatEffect[]): RoomServerMessage[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []))
const published = (effects: readonly SeatEffect[]): SeatMessage[] =>
  effects.flatMap((effect) => (effect.kind === 'publish' ? [effect.message] : []))
const closedAs = (effects: readonly SeatEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'close' ? [effect.why] : []))
const inCallFor = (effects: readonly SeatEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'in-call' ? [effect.left] : []))

test('RM2.1 a beat holds the seat for six seconds from when it arrived, says so to the other side, and is answered with what is left of their lease', () => {
  const [met] = heard(seat(), theirs(), 1_000)
  const [next, effects] = step(met, { kind: 'beat', n: 7 }, 3_000)
  expect(next.until).toBe(9_000)
  expect(sent(effects)).toEqual([{ type: 'beat', n: 7, otherLeftMs: 4_000 }])
  expect(published(effects)).toEqual([
    { kind: 'seat', side: 'caller', connection: 1, page: 1, state, left: leaseFor, asks: false },
  ])
  expect(effects).toContainEqual({ kind: 'in-call', left: leaseFor })
})

test('RM2.1 a seat of which no beat came in six seconds is over, and its person is in no call by it', () => {
  expect(step(seat(), { kind: 'tick' }, leaseFor - 1)).toEqual([seat(), []])
  const [over, effects] = step(seat(), { kind: 'tick' }, leaseFor)
  expect(over.isOver).toBe(true)
  expect(closedAs(effects)).toEqual(['silent'])
  expect(published(effects)).toEqual([{ kind: 'gone', side: 'caller', connection: 1, why: 'silent' }])
  expect(effects).toContainEqual({ kind: 'in-call', left: 0 })
})

test('RM2.2 the other one is here for as long as their lease, ends by themselves or by silence, and why is told', () => {
  const [met, first] = heard(seat(), theirs(), 100)
  const here = { state, leftMs: leaseFor, connection: 1 }
  expect(sent(first)).toEqual([{ type: 'other', epoch: 2, here, why: null }])
  // A beat of theirs is no news.
  const [renewed, again] = heard(met, theirs(), 2_100)
  expect(again).toEqual([])
  const [gone, effects] = step({ ...renewed, until: 99_999 }, { kind: 'tick' }, 8_100)
  expect(sent(effects)).toEqual([{ type: 'other', epoch: 2, here: null, why: 'silent' }])
  expect(gone.other).toBeNull()
  const [left, told] = heard(renewed, { kind: 'gone', side: 'callee', connection: 1, why: 'left' }, 2_200)
  expect(left.other).toBeNull()
  expect(sent(told)).toEqual([{ type: 'other', epoch: 2, here: null, why: 'left' }])
})

test('RM2.2 what an older connection of the other one says late changes nothing', () => {
  const [met] = heard(seat(), theirs({ connection: 3, page: 2 }))
  expect(heard(met, theirs({ connection: 2, page: 1 }))).toEqual([met, []])
  expect(heard(met, { kind: 'gone', side: 'callee', connection: 2, why: 'left' })).toEqual([met, []])
  const [alone] = heard(met, { kind: 'gone', side: 'callee', connection: 3, why: 'left' })
  expect(heard(alone, theirs({ connection: 2, page: 1 }))).toEqual([alone, []])
})

test('RM2.3 a newer page of the same side takes the seat, and the older is told so; a connection of the very same page takes it in silence', () => {
  const [over, effects] = heard(seat(), own({ connection: 2, page: 2 }))
  expect([over.isOver, sent(effects), closedAs(effects)]).toEqual([
    true,
    [{ type: 'replaced' }],
    ['replaced'],
  ])
  const [same, quiet] = heard(seat(), own({ connection: 2 }))
  expect([same.isOver, sent(quiet), closedAs(quiet)]).toEqual([true, [], ['superseded']])
  // Whoever is older has not heard it yet.
  const newer = seat({ connection: 5 })
  const [still, told] = heard(newer, own({ connection: 2 }))
  expect(still).toEqual(newer)
  expect(published(told)).toMatchObject([{ kind: 'seat', side: 'caller', connection: 5 }])
})

test('RM2.3 RM2.2 what is said of a page that was gone as it was seated takes the seat from an older one, and is nobody to the other side', () => {
  const gone = unheld(seat({ side: 'callee', connection: 2, pages: { own: 2, other: 1 } }))
  expect(gone).toEqual(theirs({ connection: 2, page: 2, left: 0 }))
  const [met] = heard(seat(), theirs())
  const [alone, told] = heard(met, gone)
  expect([epochOf(alone), alone.other]).toEqual([3, null])
  expect(sent(told)).toEqual([{ type: 'other', epoch: 3, here: null, why: null }])
  expect(closedAs(heard(seat({ side: 'callee' }), gone)[1])).toEqual(['replaced'])
})

test('RM3.1 a signal goes between two who have joined, within one meeting, and nowhere else', () => {
  const signal = { candidate: { candidate: '', sdpMid: null, sdpMLineIndex: null, usernameFragment: null } }
  const say = (from: Seat, epoch = 2) => published(step(from, { kind: 'signal', epoch, signal })[1])
  const hear = (from: Seat, epoch = 2, side: RoomSide = 'callee') =>
    sent(heard(from, { kind: 'signal', side, epoch, signal })[1])
  expect(say(seat())).toEqual([{ kind: 'signal', side: 'caller', epoch: 2, signal }])
  expect(hear(seat())).toEqual([{ type: 'signal', epoch: 2, signal }])
  for (const epoch of [1, 3]) {
    expect(step(seat(), { kind: 'signal', epoch, signal })).toEqual([seat(), []])
    expect(heard(seat(), { kind: 'signal', side: 'callee', epoch, signal })).toEqual([seat(), []])
  }
  const inLobby = seat({ state: { ...state, joined: false } })
  expect([say(inLobby), hear(inLobby), hear(seat(), 2, 'caller')]).toEqual([[], [], []])
})

test('RM3.2 another page of either side makes another meeting, and another connection of the same page none', () => {
  const [met] = heard(seat(), theirs())
  expect(epochOf(met)).toBe(2)
  const [again, effects] = heard(met, theirs({ connection: 2 }))
  expect(epochOf(again)).toBe(2)
  expect(sent(effects)).toMatchObject([{ type: 'other', epoch: 2, here: { connection: 2 } }])
  const [another] = heard(again, theirs({ connection: 3, page: 2 }))
  expect(epochOf(another)).toBe(3)
})

test('RM4.1 whoever hangs up ends the room for both, and each is told which', () => {
  const end = (by: RoomSide) => sent(heard(seat(), { kind: 'ended', by })[1])
  expect(end('callee')).toEqual([{ type: 'ended', why: 'otherHungUp' }])
  expect(end('caller')).toEqual([{ type: 'ended', why: 'hungUp' }])
  expect(sent(step(seat(), { kind: 'ended', why: 'over' })[1])).toEqual([{ type: 'ended', why: 'over' }])
  const [over] = heard(seat(), { kind: 'ended', by: 'callee' })
  expect(step(over, { kind: 'beat', n: 1 })).toEqual([over, []])
})

test('RM2.1 whoever comes in says so for as long as their hello holds the seat, and asks for the other side', () => {
  const [same, effects] = step(seat(), { kind: 'seated' }, 1_000)
  expect(same).toEqual(seat())
  expect(published(effects)).toEqual([own({ left: 5_000, asks: true })])
  expect(inCallFor(effects)).toEqual([5_000])
  // One that was late for its own lease holds nothing.
  const [, late] = step(seat(), { kind: 'seated' }, 7_000)
  expect([published(late), inCallFor(late)]).toEqual([[own({ left: 0, asks: true })], [0]])
})

test('RM2.1 a beat is answered without a lease of the other side where there is none, or it has just ended', () => {
  const told = (from: Seat, now: number) => sent(step(from, { kind: 'beat', n: 1 }, now)[1])
  expect(told(seat(), 0)).toEqual([{ type: 'beat', n: 1, otherLeftMs: null }])
  const [met] = heard(seat(), theirs(), 0)
  expect(told(met, leaseFor - 1)).toEqual([{ type: 'beat', n: 1, otherLeftMs: 1 }])
  expect(told(met, leaseFor)).toEqual([{ type: 'beat', n: 1, otherLeftMs: null }])
})

test('RM2.2 what a side shows of itself is told to the other at once, without lengthening its lease', () => {
  const muted = { ...state, muted: true }
  const [next, effects] = step(seat(), { kind: 'state', state: muted }, 2_000)
  expect(next).toEqual(seat({ state: muted }))
  expect(effects).toEqual([{ kind: 'publish', message: own({ state: muted, left: 4_000 }) }])
  const [, late] = step(seat(), { kind: 'state', state: muted }, 9_000)
  expect(published(late)).toEqual([own({ state: muted, left: 0 })])
})

test('RM2.2 RM6.1 a page that leaves is gone at once, and in no call; a connection that is lost says nothing', () => {
  const [left, effects] = step(seat(), { kind: 'closed', byPage: true })
  expect(left).toEqual(seat({ isOver: true }))
  expect(effects).toEqual([
    { kind: 'publish', message: { kind: 'gone', side: 'caller', connection: 1, why: 'left' } },
    { kind: 'in-call', left: 0 },
  ])
  expect(step(seat(), { kind: 'closed', byPage: false })).toEqual([seat({ isOver: true }), []])
})

test('RM2.2 the lease of the other one ends to the millisecond, and a renewed one later', () => {
  const [met] = heard(seat({ until: 99_999 }), theirs(), 0)
  const [renewed] = heard(met, theirs(), 2_000)
  expect(renewed.other).toEqual({ connection: 1, state, until: 8_000 })
  expect(step(renewed, { kind: 'tick' }, 7_999)).toEqual([renewed, []])
  expect(step(renewed, { kind: 'tick' }, 8_000)[0].other).toBeNull()
})

test('RM2.2 whoever asks is answered, also by who has heard of a newer connection; and what asks for nothing is not', () => {
  const asks = (from: Seat, connection: number) =>
    published(heard(from, theirs({ connection, asks: true }))[1])
  const answer = [own()]
  expect(asks(seat(), 1)).toEqual(answer)
  expect(asks(seat({ newest: 2 }), 1)).toEqual(answer)
  expect(published(heard(seat(), theirs())[1])).toEqual([])
})

test('RM2.2 each change of the other one is told, and nothing that is as it was', () => {
  const [met] = heard(seat(), theirs())
  const told = (change: Partial<SeatMessage & { kind: 'seat' }>) => sent(heard(met, theirs(change))[1])
  const here = { state, leftMs: leaseFor, connection: 1 }
  expect(told({ state: { ...state, camera: true } })).toMatchObject([{ here: { state: { camera: true } } }])
  expect(told({ connection: 2 })).toEqual([
    { type: 'other', epoch: 2, here: { ...here, connection: 2 }, why: null },
  ])
  expect(told({ page: 2 })).toEqual([{ type: 'other', epoch: 3, here, why: null }])
  // A lease that ended on its way is none.
  expect(told({ left: 0 })).toEqual([{ type: 'other', epoch: 2, here: null, why: null }])
  expect(sent(heard(seat(), theirs({ left: 0 }))[1])).toEqual([])
})

test('RM2.2 who is heard of again after their lease was over is told to be here, also where a beat said first that it was', () => {
  const [met] = heard(seat({ until: 99_999 }), theirs(), 0)
  const [asked, answer] = step(met, { kind: 'beat', n: 1 }, leaseFor)
  expect(sent(answer)).toEqual([{ type: 'beat', n: 1, otherLeftMs: null }])
  const here = { state, leftMs: leaseFor, connection: 1 }
  expect(sent(heard(asked, theirs(), leaseFor + 50)[1])).toEqual([
    { type: 'other', epoch: 2, here, why: null },
  ])
  // To the millisecond: until then it is no news.
  expect(sent(heard(met, theirs(), leaseFor - 1)[1])).toEqual([])
})

test('RM2.2 only the other side, by the connection that is known, is gone by its word', () => {
  const [met] = heard(seat(), theirs())
  expect(heard(met, { kind: 'gone', side: 'caller', connection: 1, why: 'left' })).toEqual([met, []])
  expect(heard(seat(), { kind: 'gone', side: 'callee', connection: 1, why: 'left' })).toEqual([seat(), []])
})

test('RM2.3 RM6.1 a seat that a newer connection has holds nobody in a call, and its own word is no news to it', () => {
  for (const page of [1, 2]) expect(inCallFor(heard(seat(), own({ connection: 2, page }))[1])).toEqual([0])
  expect(heard(seat(), own())).toEqual([seat(), []])
  const newer = seat({ connection: 2 })
  expect(heard(newer, own())).toEqual([newer, [{ kind: 'publish', message: own({ connection: 2 }) }]])
})

test('RM3.2 a meeting is never counted back', () => {
  const [met] = heard(seat({ pages: { own: 1, other: 3 } }), theirs({ page: 2 }))
  expect(epochOf(met)).toBe(4)
})

test('RM4.1 RM6.1 whose room has ended is in no call, and their connection ends', () => {
  for (const event of [
    { kind: 'ended', why: 'over' },
    { kind: 'heard', message: { kind: 'ended', by: 'callee' } },
  ] as const) {
    const [over, effects] = step(seat(), event)
    expect([over.isOver, inCallFor(effects), closedAs(effects)]).toEqual([true, [0], ['ended']])
  }
})
