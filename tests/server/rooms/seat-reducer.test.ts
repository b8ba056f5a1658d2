import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RoomServerMessage, RoomSide, RoomState } from '../../../protocol/room.ts'
import type { RoomMessage } from '../../../server/rooms/room-message.ts'
import {
  epochOf,
  type Seat,
  type SeatEffect,
  type SeatEvent,
  seatReducer,
} from '../../../server/rooms/seat-reducer.ts'

const leaseFor = 6_000
const state: RoomState = { joined: true, muted: false, camera: false, sharing: false }
const seat = (change: Partial<Seat> = {}): Seat => ({
  ...{ side: 'caller', connection: 1, pages: { own: 1, other: 1 }, state, until: leaseFor },
  ...{ other: null, newest: 0, isOver: false },
  ...change,
})
const theirs = (change: Partial<RoomMessage & { kind: 'seat' }> = {}): RoomMessage => ({
  ...{ kind: 'seat', side: 'callee', connection: 1, page: 1, state, left: leaseFor, asks: false },
  ...change,
})
const step = (from: Seat, event: SeatEvent, now = 0) => seatReducer(from, event, { now, leaseFor })
const heard = (from: Seat, message: RoomMessage, now = 0) => step(from, { kind: 'heard', message }, now)
const sent = (effects: readonly SeatEffect[]): RoomServerMessage[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []))
const published = (effects: readonly SeatEffect[]): RoomMessage[] =>
  effects.flatMap((effect) => (effect.kind === 'publish' ? [effect.message] : []))
const closedAs = (effects: readonly SeatEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'close' ? [effect.why] : []))

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
  const own = (connection: number, page: number) => theirs({ side: 'caller', connection, page })
  const [over, effects] = heard(seat(), own(2, 2))
  expect([over.isOver, sent(effects), closedAs(effects)]).toEqual([true, [{ type: 'replaced' }], ['replaced']])
  const [same, quiet] = heard(seat(), own(2, 1))
  expect([same.isOver, sent(quiet), closedAs(quiet)]).toEqual([true, [], ['superseded']])
  // Whoever is older has not heard it yet.
  const newer = seat({ connection: 5 })
  const [still, told] = heard(newer, own(2, 1))
  expect(still).toEqual(newer)
  expect(published(told)).toMatchObject([{ kind: 'seat', side: 'caller', connection: 5 }])
})

test('RM3.1 a signal goes between two who have joined, within one meeting, and nowhere else', () => {
  const signal = { candidate: { candidate: '', sdpMid: null, sdpMLineIndex: null, usernameFragment: null } }
  const say = (from: Seat, epoch = 2) => published(step(from, { kind: 'signal', epoch, signal })[1])
  const hear = (from: Seat, epoch = 2, side: RoomSide = 'callee') =>
    sent(heard(from, { kind: 'signal', side, epoch, signal })[1])
  expect(say(seat())).toEqual([{ kind: 'signal', side: 'caller', epoch: 2, signal }])
  expect(hear(seat())).toEqual([{ type: 'signal', epoch: 2, signal }])
  for (const epoch of [1, 3]) expect([say(seat(), epoch), hear(seat(), epoch)]).toEqual([[], []])
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
  const end = (by: RoomSide | null) => sent(heard(seat(), { kind: 'ended', by })[1])
  expect(end('callee')).toEqual([{ type: 'ended', why: 'otherHungUp' }])
  expect(end('caller')).toEqual([{ type: 'ended', why: 'hungUp' }])
  expect(end(null)).toEqual([{ type: 'ended', why: 'over' }])
  const [over] = heard(seat(), { kind: 'ended', by: 'callee' })
  expect(step(over, { kind: 'beat', n: 1 })).toEqual([over, []])
})

interface Holder {
  seat: Seat
  /** What its page was told of the other one last, and until when that holds. */
  other: { readonly epoch: number; readonly until: number } | null
}

type Act =
  | { readonly kind: 'come'; readonly side: RoomSide; readonly isNewPage: boolean }
  | { readonly kind: 'beat' | 'lose' | 'leave'; readonly side: RoomSide }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'deliver' | 'drop' }

/** Both sides over a bus that delays and loses, as nodes see it: each connection by itself, all of it in simulated time. */
function world() {
  let now = 0
  const counts = { caller: { connections: 0, pages: 0 }, callee: { connections: 0, pages: 0 } }
  const holders: Holder[] = []
  /** By holder: what is under way to it, in order, as each sender's is kept. */
  const underWay: { readonly to: Holder; readonly message: RoomMessage; readonly sentAt: number }[] = []
  /** By side: until when it is held, as the node that holds it has it. */
  const heldUntil = { caller: 0, callee: 0 }

  const run = (holder: Holder, event: SeatEvent) => {
    const [next, effects] = seatReducer(holder.seat, event, { now, leaseFor })
    holder.seat = next
    if (!next.isOver) heldUntil[next.side] = Math.max(heldUntil[next.side], next.until)
    for (const effect of effects) {
      if (effect.kind === 'publish')
        for (const to of holders) underWay.push({ to, message: effect.message, sentAt: now })
      if (effect.kind !== 'send') continue
      const { message } = effect
      if (message.type === 'other')
        holder.other = message.here && { epoch: message.epoch, until: now + message.here.leftMs }
      if (message.type === 'beat' && holder.other)
        holder.other = message.otherLeftMs === null ? null : { ...holder.other, until: now + message.otherLeftMs }
    }
  }

  const newestOf = (side: RoomSide) =>
    holders.filter(({ seat: { side: of } }) => of === side).toSorted((a, b) => b.seat.connection - a.seat.connection)[0]

  return {
    holders,
    newestOf,
    counts,
    now: () => now,
    heldUntil,
    act(what: Act) {
      switch (what.kind) {
        case 'come': {
          const count = counts[what.side]
          count.connections += 1
          if (what.isNewPage || count.pages === 0) count.pages += 1
          const pages = { own: count.pages, other: counts[what.side === 'caller' ? 'callee' : 'caller'].pages }
          const holder: Holder = {
            seat: seat({ side: what.side, connection: count.connections, pages, until: now + leaseFor }),
            other: null,
          }
          holders.push(holder)
          run(holder, { kind: 'seated' })
          return
        }
        case 'beat': {
          const holder = newestOf(what.side)
          if (holder) run(holder, { kind: 'beat', n: 1 })
          return
        }
        case 'lose':
        case 'leave': {
          const holder = newestOf(what.side)
          if (holder) run(holder, { kind: 'closed', byPage: what.kind === 'leave' })
          return
        }
        case 'pass':
          now += what.ms
          for (const holder of holders) run(holder, { kind: 'tick' })
          return
        case 'deliver':
        case 'drop': {
          const next = underWay.shift()
          // A bus drops what is older than five seconds.
          if (next && what.kind === 'deliver' && now - next.sentAt <= 5_000)
            run(next.to, { kind: 'heard', message: next.message })
        }
      }
    },
    /** Everything arrives, and each side that is there says its beat twice. */
    settle() {
      const deliverAll = () => {
        while (underWay.length > 0) this.act({ kind: 'deliver' })
      }
      for (let n = 0; n < 2; n += 1) {
        deliverAll()
        for (const side of ['caller', 'callee'] as const) this.act({ kind: 'beat', side })
        deliverAll()
      }
    },
  }
}

const side = fc.constantFrom<RoomSide>('caller', 'callee')
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('come' as const), side, isNewPage: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('beat' as const, 'lose' as const, 'leave' as const), side }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
  fc.record({ kind: fc.constant('drop' as const) }),
)

const numRuns = Number(process.env.ROOM_SCHEDULES ?? 2_000)

test('RM2.2 RM2.3 RM3.2 whatever is lost or late, nobody is told of somebody for longer than their lease and the bus allow, and in the end both agree on one meeting', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const all = world()
      for (const what of acts) {
        all.act(what)
        for (const holder of all.holders) {
          if (holder.seat.isOver || !holder.other || holder.other.until <= all.now()) continue
          const of: RoomSide = holder.seat.side === 'caller' ? 'callee' : 'caller'
          // What lay on the bus is no older than five seconds.
          expect(holder.other.until).toBeLessThanOrEqual(all.heldUntil[of] + 5_000)
          expect(holder.other.epoch).toBeLessThanOrEqual(all.counts.caller.pages + all.counts.callee.pages)
        }
      }
      all.settle()
      const [caller, callee] = [all.newestOf('caller'), all.newestOf('callee')]
      // One connection of each side at most is left.
      for (const holder of all.holders)
        if (holder !== caller && holder !== callee) expect(holder.seat.isOver || all.newestOf(holder.seat.side)?.seat.isOver).toBe(true)
      if (!caller || !callee || caller.seat.isOver || callee.seat.isOver) return
      expect(epochOf(caller.seat)).toBe(epochOf(callee.seat))
      expect([caller.seat.other?.connection, callee.seat.other?.connection]).toEqual([
        callee.seat.connection,
        caller.seat.connection,
      ])
    }),
    { numRuns },
  )
})
