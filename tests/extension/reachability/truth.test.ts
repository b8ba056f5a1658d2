import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultTiming, silenceBound } from '../../../protocol/timing.ts'
import { liveThrough } from './simulation/live-through.ts'
import { schedules, type What } from './simulation/schedule.ts'

/** How many schedules to live through: `TRUTH_SCHEDULES=100000 npx vitest run truth`. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 1_000)

test('T1.1 the badge is green only while a living server holds a lease, whatever goes wrong', () => {
  let green = 0
  fc.assert(
    fc.property(schedules, (schedule) => {
      const outcome = liveThrough(schedule)
      if (outcome.everGreen) green += 1
      expect(outcome.lie).toBeNull()
    }),
    { numRuns },
  )
  // A light that is never green would hold T1 too.
  expect(green).toBeGreaterThan(numRuns * 0.9)
}, 600_000)

test('T6.1 once everything is mended the badge is green again by itself', () => {
  const mendable = schedules.map((schedule) => ({
    ...schedule,
    // With answers slower than a beat may wait there is rightly no green.
    longestDelay: Math.min(schedule.longestDelay, 1_500),
  }))
  fc.assert(
    fc.property(mendable, (schedule) => {
      expect(liveThrough(schedule)).toMatchObject({ greenAtEnd: true })
    }),
    { numRuns },
  )
}, 600_000)

test('T1.2 a false green after a silent death ends within one beat and its answer', () => {
  const deaths: readonly What[] = [
    { kind: 'cut', toServer: true, toDevice: true, lasts: 90_000 },
    { kind: 'cut', toServer: false, toDevice: true, lasts: 90_000 },
    { kind: 'cut', toServer: true, toDevice: false, lasts: 90_000 },
    { kind: 'hang', lasts: 90_000 },
    { kind: 'drop-lines' },
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...deaths),
      fc.integer({ min: 0, max: 12_000 }),
      fc.nat(),
      (what, after, seed) => {
        const outcome = liveThrough({
          happenings: [{ after, what }],
          seed,
          longestDelay: 50,
          deviceRate: 1,
          serverRate: 1,
        })
        expect(outcome.longestFalseGreen).toBeLessThanOrEqual(silenceBound(defaultTiming) + 200)
        // The bound is met, not merely kept: a light that went out at every doubt would keep it too.
        if (what.kind === 'hang')
          expect(outcome.longestFalseGreen).toBeGreaterThan(defaultTiming.answerWithin - 500)
      },
    ),
    { numRuns },
  )
}, 600_000)

test('T1.9 a network that comes back for a moment and goes again leaves no green behind', () => {
  const first = fc.integer({ min: 100, max: 8_000 })
  // Long enough for an answer to come through, however soon before the next look.
  const back = fc.integer({ min: 50, max: 1_500 })
  fc.assert(
    fc.property(first, back, fc.nat(), (gone, there, seed) => {
      const outcome = liveThrough({
        happenings: [
          { after: 0, what: { kind: 'unplug', lasts: gone } },
          { after: gone + there, what: { kind: 'unplug', lasts: 60_000 } },
        ],
        seed,
        longestDelay: 20,
        deviceRate: 1,
        serverRate: 1,
      })
      expect(outcome.longestFalseGreen).toBeLessThan(600)
    }),
    { numRuns },
  )
}, 600_000)
