import fc from 'fast-check'
import { expect } from 'vitest'
import { type RoomSide, roomSides } from '../../../protocol/room.ts'
import { type Act, longestBelieved, wholeRoom } from './whole-room.ts'

const side = fc.constantFrom<RoomSide>('caller', 'callee')
const node = fc.constantFrom<0 | 1>(0, 1)

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'join' as const), side }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'mute' as const,
        'reload' as const,
        'leave' as const,
        'kill' as const,
        'probe' as const,
      ),
      side,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hang-up' as const), side }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('say' as const), side, late: fc.boolean() }) },
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
      kind: fc.constantFrom(
        'kill-node' as const,
        'start-node' as const,
        'lose-bus' as const,
        'mend-bus' as const,
      ),
      node,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delay' as const),
      side,
      ms: fc.integer({ min: 1, max: 8_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 7_000 }) }),
  },
)

/** The two have met. */
const met: readonly Act[] = (['open', 'join'] as const).flatMap((kind) =>
  roomSides.flatMap((of): Act[] => [
    { kind, side: of },
    { kind: 'pass', ms: 1_000 },
  ]),
)

/** What people, networks and nodes do, one after the other; often after the two have met. */
export const roomSchedules = fc
  .tuple(fc.boolean(), fc.array(act, { maxLength: 60, size: 'max' }))
  .map(([haveMet, acts]) => (haveMet ? [...met, ...acts] : acts))

const otherSide = (of: RoomSide): RoomSide => (of === 'caller' ? 'callee' : 'caller')

/** Nobody is said to be in the room or in a call for longer than what they proved last allows. @throws where somebody is. */
export function nobodyIsBelievedTooLong(acts: readonly Act[]): void {
  const room = wholeRoom()
  for (const what of acts) {
    room.act(what)
    for (const page of room.pages())
      if (room.saysHere(page))
        expect(room.now() - room.provenAt[otherSide(page.side)]).toBeLessThanOrEqual(longestBelieved)
    for (const of of roomSides)
      if (room.isInCall(of)) expect(room.now() - room.provenAt[of]).toBeLessThanOrEqual(longestBelieved)
  }
}

/** What one says the other hears, in order, once, and after Join; and nobody else does. @throws where it is otherwise. */
export function eachHearsTheOther(acts: readonly Act[]): void {
  const room = wholeRoom()
  for (const what of acts) room.act(what)
  room.settle(10_000)
  expect(room.misheard).toEqual([])
}

/** Once all is mended every page knows what is so. @throws where one does not. */
export function allAgreeInTheEnd(acts: readonly Act[]): void {
  const room = wholeRoom()
  for (const what of acts) room.act(what)
  room.settle(60_000)
  // Whoever keeps to the protocol is sent away by nothing but what they are told of.
  expect(room.pages().filter((page) => page.room?.end === 'trouble')).toEqual([])
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
}
