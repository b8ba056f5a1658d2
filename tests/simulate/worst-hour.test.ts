import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventWheel } from './event-wheel.ts'
import { simulateWorstHour } from './worst-hour.ts'

const roomy = {
  nodes: 3,
  acceptCost: 0.1,
  helloCost: 0.5,
  heartbeatCost: 0.1,
  healthCost: 0.1,
  closeCost: 0.1,
  databaseCost: 1,
  databaseCores: 8,
  transactionsPerHello: 7,
  handshakesPerSecond: 10_000,
  shedAfter: Number.POSITIVE_INFINITY,
}

test('H7.8 in a simulated outage of everybody nobody is green without a lease, and all are green again in the end', () => {
  const seeds = fc.record({ seed: fc.nat(), outage: fc.integer({ min: 1, max: 90 }) })
  fc.assert(
    fc.property(seeds, ({ seed, outage }) => {
      const result = simulateWorstHour({ devices: 120, seed, outage: outage * 1_000, service: roomy })
      expect(result).toMatchObject({ falseGreens: 0, wastedHellos: 0, lateHellos: 0 })
      // 15 s is the longest retry; before it there may be a welcome that never comes.
      expect(result.all).toBeLessThan(24_000)
      expect(result.lastGreenAfterLoss).toBeLessThan(14_500)
    }),
    { numRuns: 12 },
  )
})

test('H7.8 it finds a service that never lets all in again, and that one which turns devices away in time does', () => {
  const poor = { ...roomy, nodes: 1, helloCost: 20 }
  const of = (service: typeof roomy) =>
    simulateWorstHour({ devices: 1_000, seed: 7, outage: 30_000, service, longest: 180_000 })
  const [stuck, shedding] = [of(poor), of({ ...poor, shedAfter: 1_000 })]
  expect([stuck.falseGreens, shedding.falseGreens]).toEqual([0, 0])
  expect(stuck.longestWaits.node).toBeGreaterThan(4_000)
  expect(stuck.wastedHellos).toBeGreaterThan(0)
  expect(stuck.all).toBeUndefined()
  expect(shedding.wastedHellos).toBeLessThan(stuck.wastedHellos / 5)
  expect(shedding.all).toBeLessThan(60_000)
})

test('H7.8 the same seed makes the same hour', () => {
  const once = () => simulateWorstHour({ devices: 200, seed: 3, outage: 20_000, service: roomy })
  expect(once()).toEqual(once())
})

test('H7.8 events come in the order of their time, and of one moment in that in which they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { maxLength: 3_000 }), (times) => {
      const wheel = new EventWheel()
      for (const [place, time] of times.entries()) wheel.add(time, 1, place)
      const taken: [number, number][] = []
      wheel.run(6_000, (_, place) => taken.push([wheel.now, place]))
      const wanted = times
        .map((time, place) => [time, place])
        .sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0))
      expect(taken).toEqual(wanted)
      expect(wheel.waiting).toBe(0)
    }),
    { numRuns: 30 },
  )
})
