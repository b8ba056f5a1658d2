import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roomFaults, roomSchedules } from './room-schedules.ts'

/** `ROOM_SCHEDULES=1000000 npx vitest run room-reducer-property` lives through more. */
const numRuns = Number(process.env.ROOM_SCHEDULES ?? 2_000)

const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

test('RM10.1 RM11.1 RM12.1 whatever happens in whatever order, nothing is captured or sent before Join, there is one peer connection for the meeting that there is and no other, nobody is said to be here without proof, and after the end all is stopped', () => {
  fc.assert(
    fc.property(roomSchedules, (schedule) => {
      expect(roomFaults(schedule)).toEqual([])
    }),
    { numRuns, ...seed },
  )
}, 6_000_000)
