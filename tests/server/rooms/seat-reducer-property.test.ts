import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RoomSide } from '../../../protocol/room.ts'
import type { SeatMessage } from '../../../server/rooms/room-message.ts'
import { epochOf, type Seat, type SeatEvent, seatReducer } from '../../../server/rooms/seat-reducer.ts'
import { leaseFor, seat } from './a-seat.ts'

interface Holder {
  seat: Seat
  /** What its page was told of the other one last, and until when that holds. */
  other: { readonly epoch: number; readonly until: number } | null
}

type Act =
  | { readonly kind: 'come'; readonly side: RoomSide; readonly isNewPage: boolean }
  | { readonly kind: 'beat' | 'lose' | 'leave'; readonly side: RoomSide }
  /** `looks`: whether nodes have looked at their deadlines by then. */
  | { readonly kind: 'pass'; readonly ms: number; readonly looks: boolean }
  | { readonly kind: 'deliver' | 'drop' }

/** Both sides over a bus that delays and loses, as nodes see it: each connection by itself, all of it in simulated time. */
function world() {
  let now = 0
  const counts = { caller: { connections: 0, pages: 0 }, callee: { connections: 0, pages: 0 } }
  const holders: Holder[] = []
  /** By holder: what is under way to it, in order, as each sender's is kept. */
  const underWay: { readonly to: Holder; readonly message: SeatMessage; readonly sentAt: number }[] = []
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
        holder.other =
          message.otherLeftMs === null ? null : { ...holder.other, until: now + message.otherLeftMs }
    }
  }

  const newestOf = (side: RoomSide) =>
    holders
      .filter(({ seat: { side: of } }) => of === side)
      .toSorted((a, b) => b.seat.connection - a.seat.connection)[0]

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
          const pages = {
            own: count.pages,
            other: counts[what.side === 'caller' ? 'callee' : 'caller'].pages,
          }
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
          if (what.looks) for (const holder of holders) run(holder, { kind: 'tick' })
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
  fc.record({
    kind: fc.constant('pass' as const),
    ms: fc.integer({ min: 1, max: 4_000 }),
    looks: fc.boolean(),
  }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
  fc.record({ kind: fc.constant('drop' as const) }),
)

const numRuns = Number(process.env.ROOM_SCHEDULES ?? 2_000)

const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

test('RM2.2 RM2.3 RM3.2 whatever is lost or late, nobody is told of somebody for longer than their lease and the bus allow, and in the end both agree on one meeting', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
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
        if (holder !== caller && holder !== callee)
          expect(holder.seat.isOver || all.newestOf(holder.seat.side)?.seat.isOver).toBe(true)
      if (!caller || !callee || caller.seat.isOver || callee.seat.isOver) return
      expect(epochOf(caller.seat)).toBe(epochOf(callee.seat))
      expect([caller.seat.other?.connection, callee.seat.other?.connection]).toEqual([
        callee.seat.connection,
        caller.seat.connection,
      ])
      // And each page knows it.
      for (const { other } of [caller, callee]) expect(other?.until).toBe(all.now() + leaseFor)
    }),
    { numRuns, ...seed },
  )
}, 6_000_000)
