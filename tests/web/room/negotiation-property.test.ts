import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outcome, schedules } from './negotiation-schedules.ts'

/** `ROOM_SCHEDULES=1000000 npx vitest run negotiation-property` lives through more. */
const numRuns = Number(process.env.ROOM_SCHEDULES ?? 1_000)

const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

test('RM11.2 whatever is lost, meets or breaks between two who negotiate, once all is whole they have one way, both know it, and nothing was done that a browser refuses', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect(await outcome(schedule)).toEqual([])
    }),
    { numRuns, ...seed },
  )
}, 6_000_000)
