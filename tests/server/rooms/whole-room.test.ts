import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RoomSide, roomSides } from '../../../protocol/room.ts'
import { type Act, longestBelieved, wholeRoom } from './whole-room.ts'

const side = fc.constantFrom<RoomSide>('caller', 'callee')
const node = fc.constantFrom<0 | 1>(0, 1)

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'join' as const), side }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('mute' as const, 'reload' as const, 'leave' as const, 'kill' as const, 'probe' as const),
      side,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hang-up' as const), side }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('offline' as const, 'online' as const, 'online' as const, 'cut' as const),
      side,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('kill-node' as const, 'start-node' as const, 'lose-bus' as const, 'mend-bus' as const),
      node,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 7_000 }) }) },
)

const schedule = fc.array(act, { maxLength: 40 })
const numRuns = Number(process.env.ROOM_SCHEDULES ?? 200)
const otherSide = (of: RoomSide): RoomSide => (of === 'caller' ? 'callee' : 'caller')

test('RM2.1 RM2.2 RM6.1 whatever fails, no page says that the other one is here, and no contact that they are in a call, for longer than what they proved last allows', () => {
  fc.assert(
    fc.property(schedule, (acts) => {
      const room = wholeRoom()
      for (const what of acts) {
        room.act(what)
        for (const page of room.pages())
          if (room.saysHere(page))
            expect(room.now() - room.provenAt[otherSide(page.side)]).toBeLessThanOrEqual(longestBelieved)
        for (const of of roomSides)
          if (room.isInCall(of)) expect(room.now() - room.provenAt[of]).toBeLessThanOrEqual(longestBelieved)
      }
    }),
    { numRuns },
  )
})

test('RM2.3 RM3.2 RM4.1 RM9.4 RM9.5 once all is mended the newest pages that joined are in one meeting and here to each other, all others know that they are not, and a room that ended has ended for all', () => {
  fc.assert(
    fc.property(schedule, (acts) => {
      const room = wholeRoom()
      for (const what of acts) room.act(what)
      room.settle(60_000)
      const open = room.pages().filter((page) => page.room?.end === null)
      if (room.isEnded()) {
        expect(open).toEqual([])
        expect(room.pages().filter((page) => page.room?.unsaid)).toEqual([])
        for (const of of roomSides) expect(room.isInCall(of)).toBe(false)
        return
      }
      // Of each side one page goes on at most: who came last, or was replaced by nobody.
      for (const of of roomSides) expect(open.filter((page) => page.side === of).length).toBeLessThanOrEqual(1)
      for (const page of open) {
        expect(page.room?.isOpen).toBe(true)
        expect(room.isInCall(page.side)).toBe(true)
        expect(room.saysHere(page)).toBe(open.some(({ side: of }) => of !== page.side))
      }
      const [one, other] = open
      if (!one?.room || !other?.room) return
      expect(one.room.epoch).toBe(other.room.epoch)
      const meets = one.room.joining === 'joined' && other.room.joining === 'joined'
      expect([one.room.meeting, other.room.meeting]).toEqual(
        meets ? [one.room.epoch, other.room.epoch] : [null, null],
      )
    }),
    { numRuns },
  )
})
