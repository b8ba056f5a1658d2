import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSoundPlaceTiming, placeTiming } from '../../../protocol/place.ts'
import type { PersonPresence } from '../../../protocol/programs.ts'
import {
  freeFor,
  lightOf,
  mostCalling,
  mostUnanswered,
  type PlaceFacts,
} from '../../../server/places/light-rule.ts'

const available = (validFor = 12_000): PersonPresence => ({ state: 'available', validFor, until: null })
const other = (state: PersonPresence['state']): PersonPresence => ({ state, validFor: null, until: null })

const facts = (more: Partial<PlaceFacts> = {}): PlaceFacts => ({
  ...{ isShut: false, canTalk: true, isOpen: true, staysFor: 60_000, opensAt: null, members: [available()] },
  ...{ waiting: 0, calling: 0, isWorn: false },
  ...more,
})

test('PV1.2 the page has its next answer before the one before it is over, and ten seconds are never reached', () => {
  expect(isSoundPlaceTiming(placeTiming)).toBe(true)
  expect(placeTiming.longestLight).toBeLessThan(10_000)
})

test('PV3.6 PV3.11 a page whose answer was lost asks again while its visit is held, and says so within 5 s', () => {
  const { leaseFor, againAfter, holdFor, waitWithin, visitWithin } = placeTiming
  expect([waitWithin, visitWithin]).toEqual([holdFor + 1_000, 4_000])
  expect(Math.max(waitWithin, visitWithin) + againAfter + 1_000).toBeLessThan(leaseFor)
  for (const unsound of [
    ...[{ longestLight: 8_000 }, { longestLight: 10_000 }, { holdFor: 2_500 }, { leaseFor: 4_000 }],
    ...[{ waitWithin: 6_000 }, { visitWithin: 6_000 }, { visitWithin: 5_000, leaseFor: 9_000 }],
  ])
    expect(isSoundPlaceTiming({ ...placeTiming, ...unsound }), JSON.stringify(unsound)).toBe(false)
})

test('PV1.1 PV1.3 a place is reachable by who is available alone', () => {
  const of = (...members: PersonPresence[]) => lightOf(facts({ members })).state
  expect(of(available())).toBe('reachable')
  expect(of(other('away'), other('offline'))).toBe('closed')
  expect(of(other('busy'), other('offline'))).toBe('busy')
  expect(of(other('in-call'))).toBe('busy')
  expect(of(other('unknown'), other('offline'))).toBe('unknown')
  expect(of(other('unknown'), other('busy'))).toBe('busy')
  expect(of(other('offline'), available())).toBe('reachable')
  expect(lightOf(facts({ members: [other('offline')] })).why).toBe('nobody')
})

test('PV1.1 PV1.4 PV1.5 hours, a crowd, the operator and an address without a room only take from it', () => {
  expect(lightOf(facts({ isOpen: false, opensAt: 7 }))).toMatchObject({
    state: 'closed',
    why: 'hours',
    opensAt: 7,
  })
  expect(lightOf(facts({ isShut: true }))).toMatchObject({ state: 'closed', why: 'shut', waiting: 0 })
  const unheard = facts({ canTalk: false, members: [available(), other('busy')], opensAt: 7, isOpen: false })
  expect(lightOf(unheard)).toMatchObject({ state: 'closed', why: 'no-room', opensAt: null })
  expect(freeFor(facts({ canTalk: false }))).toBe(0)
  expect(lightOf(facts({ calling: 1 })).state).toBe('busy')
  expect(lightOf(facts({ members: [available(), available()], calling: 1 })).state).toBe('reachable')
  expect(lightOf(facts({ members: [available(), available()], calling: 1, waiting: 1 })).state).toBe('busy')
  expect(lightOf(facts({ isWorn: true })).state).toBe('busy')
  expect(freeFor(facts({ isShut: true }))).toBe(0)
  expect(freeFor(facts({ isOpen: false }))).toBe(0)
  expect(freeFor(facts())).toBe(1)
  expect(freeFor(facts({ members: [other('away'), available(), other('in-call'), other('unknown')] }))).toBe(
    1,
  )
  const many = Array.from({ length: 9 }, () => available())
  expect(freeFor(facts({ members: many }))).toBe(mostCalling)
  expect(lightOf(facts({ members: many, calling: mostCalling })).state).toBe('busy')
})

test('PV1.2 it is good no longer than the last lease, the hours and nine seconds', () => {
  expect(lightOf(facts({ members: [available(4_000), available(6_500)] })).validFor).toBe(6_500)
  expect(lightOf(facts({ members: [available(15_000)] })).validFor).toBe(placeTiming.longestLight)
  // Where it rings for others already, of as many members as it takes for one more to ring.
  const three = { members: [available(4_000), available(200), available(6_500)] }
  expect(lightOf(facts({ ...three, calling: 1 }))).toMatchObject({ state: 'reachable', validFor: 4_000 })
  expect(lightOf(facts({ ...three, calling: 1, waiting: 1 }))).toMatchObject({
    state: 'reachable',
    validFor: 200,
  })
  expect(lightOf(facts({ ...three, calling: 2, waiting: 1 }))).toMatchObject({
    state: 'busy',
    validFor: 6_500,
  })
  expect(lightOf(facts({ staysFor: 1_234 })).validFor).toBe(1_234)
})

test('PV5.2 a place rings five times in a minute, and twenty times in a quarter of an hour, without an answer', () => {
  expect(mostUnanswered).toEqual([
    { rings: 5, within: 60_000 },
    { rings: 20, within: 900_000 },
  ])
})

test('PV1.1 PV1.2 whatever is so, green stands for a call that rings at once', () => {
  const presence = fc.oneof(
    fc.integer({ min: 1, max: 15_000 }).map(available),
    fc.constantFrom(...(['away', 'busy', 'in-call', 'offline', 'unknown'] as const)).map(other),
  )
  fc.assert(
    fc.property(
      fc.record({
        isShut: fc.boolean(),
        canTalk: fc.boolean(),
        isOpen: fc.boolean(),
        staysFor: fc.integer({ min: 1, max: 60_000 }),
        opensAt: fc.constant(null),
        members: fc.array(presence, { maxLength: 6 }),
        waiting: fc.nat(3),
        calling: fc.nat(4),
        isWorn: fc.boolean(),
      }),
      (drawn) => {
        const light = lightOf(drawn)
        expect(light.validFor).toBeLessThanOrEqual(Math.min(placeTiming.longestLight, drawn.staysFor))
        if (!drawn.canTalk) expect(light.state).toBe('closed')
        if (light.state !== 'reachable') return
        const leases = drawn.members.flatMap(({ state, validFor }) =>
          state === 'available' ? (validFor ?? 0) : [],
        )
        expect(drawn.isShut || !drawn.isOpen || drawn.isWorn).toBe(false)
        // Until it is over, whichever leases end first.
        const left = leases.filter((lease) => lease >= light.validFor)
        expect(left.length).toBeGreaterThan(drawn.calling + drawn.waiting)
      },
    ),
    { numRuns: 2_000 },
  )
})
