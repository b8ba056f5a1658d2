import fc from 'fast-check'
import { test } from 'vitest'
import {
  allAgreeInTheEnd,
  eachHearsTheOther,
  nobodyIsBelievedTooLong,
  roomSchedules,
} from './room-schedules.ts'

test('RM2.3 a hello that was looked at only once its page had given it up, and had come again, ends nothing', () => {
  allAgreeInTheEnd([
    { kind: 'delay', side: 'caller', ms: 5_188 },
    { kind: 'open', side: 'caller' },
    { kind: 'pass', ms: 120 },
    { kind: 'offline', side: 'caller' },
  ])
})

/** `ROOM_SCHEDULES=1000000 npx vitest run whole-room-property` lives through more. */
const numRuns = Number(process.env.ROOM_SCHEDULES ?? 200)

const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

test('RM2.1 RM2.2 RM6.1 whatever fails, no page says that the other one is here, and no contact that they are in a call, for longer than what they proved last allows', () => {
  fc.assert(fc.property(roomSchedules, nobodyIsBelievedTooLong), { numRuns, ...seed })
}, 6_000_000)

test('RM3.1 RM3.2 whatever fails, what one page says on the way to a connection reaches the other alone, in order and once, after both have joined', () => {
  fc.assert(fc.property(roomSchedules, eachHearsTheOther), { numRuns, ...seed })
}, 6_000_000)

test('RM2.3 RM3.2 RM4.1 RM9.4 RM9.5 once all is mended the newest pages that joined are in one meeting and here to each other, all others know that they are not, and a room that ended has ended for all', () => {
  fc.assert(fc.property(roomSchedules, allAgreeInTheEnd), { numRuns, ...seed })
}, 6_000_000)
