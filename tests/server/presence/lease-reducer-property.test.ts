import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  anyRanOut,
  emptyLeases,
  type LeaseEvent,
  leaseNews,
  liveDevices,
  reduceLeases,
} from '../../../server/presence/lease-reducer.ts'
import { renewLease } from '../../../server/presence/renew-lease.ts'
import { heartbeat, leaseFor, opened, run } from './lease-events.ts'

const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 1_000)

const names = fc.constantFrom('a1', 'a2', 'b1', 'b2')
const anyEvent = fc.oneof(
  fc
    .tuple(names, fc.record({ boot: fc.nat(2), n: fc.nat(9) }), fc.boolean())
    .map(
      ([connection, order, takeOver]): LeaseEvent =>
        opened(connection, connection.slice(0, 1), order, takeOver),
    ),
  fc.tuple(names, fc.nat(40_000), fc.nat(99)).map(([connection, delay, n]) => (now: number) => ({
    ...heartbeat(connection, now - delay, n),
  })),
  fc
    .tuple(names, fc.nat(99))
    .map(([connection, n]): LeaseEvent => ({ kind: 'heartbeat-refused', connection, n })),
  fc
    .tuple(fc.constantFrom('closed', 'session-ended', 'ring-unanswered'), names)
    .map(([kind, connection]) => ({ kind, connection, why: 'sessionEnded' }) as LeaseEvent),
  fc.constantFrom<LeaseEvent>({ kind: 'storage-lost' }, { kind: 'tick' }),
)

test('L4.9 after any events, who holds a lease follows from the grants alone', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20_000), anyEvent), { maxLength: 60 }), (steps) => {
      let leases = emptyLeases
      let now = 0
      let reachable = false
      for (const [pause, make] of steps) {
        now += pause
        const event = typeof make === 'function' ? make(now) : make
        const before = liveDevices(leases, now)
        const [next, effects] = reduceLeases(leases, event, now)
        leases = next
        const live = liveDevices(leases, now)
        for (const effect of effects) {
          if (effect.kind === 'unreachable') {
            expect(reachable).toBe(true)
            expect(effect.at).toBeLessThanOrEqual(now)
            reachable = false
          }
          if (effect.kind === 'grant') {
            expect(event).toMatchObject({ kind: 'heartbeat', connection: effect.connection, n: effect.n })
            expect(effect.regained).toBe(!reachable)
            reachable = true
          }
          if (effect.kind === 'refuse' || (effect.kind === 'close' && effect.why !== 'superseded'))
            expect(live.map(({ connection }) => connection)).not.toContain(effect.connection)
        }
        expect(reachable).toBe(live.length > 0)
        // One connection a device, and no lease but by a grant.
        expect(new Set(live.map(({ device }) => device)).size).toBe(live.length)
        const granted = effects.flatMap((effect) => (effect.kind === 'grant' ? [effect.connection] : []))
        for (const { connection, until } of live) {
          expect(until).toBeLessThanOrEqual(now + leaseFor)
          if (!before.some((held) => held.connection === connection)) expect(granted).toContain(connection)
        }
      }
    }),
    { numRuns },
  )
})

test('L4.9 a lease that is renewed in place is what the event makes of it', () => {
  let renewed = 0
  const beat = fc.tuple(names, fc.nat(30_000), fc.nat(99)).map(([connection, delay, n]) => (now: number) => ({
    ...heartbeat(connection, now - delay, n),
  }))
  const mostlyBeats = fc.oneof({ weight: 9, arbitrary: beat }, { weight: 1, arbitrary: anyEvent })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9_000), mostlyBeats), { maxLength: 60 }), (steps) => {
      let [leases] = run([0, opened('a1', 'a')], [0, opened('b1', 'b')])
      let now = 0
      for (const [pause, make] of steps) {
        now += pause
        const event = typeof make === 'function' ? make(now) : make
        const [next, effects] = reduceLeases(leases, event, now)
        if (event.kind === 'heartbeat' && !anyRanOut(leases, now)) {
          const inPlace = structuredClone(leases)
          if (renewLease(inPlace, event, now)) {
            renewed += 1
            const { connection, n } = event
            expect(effects).toEqual([
              { kind: 'grant', connection, n, leaseFor, gained: false, regained: false },
            ])
            expect(inPlace).toEqual(next)
            expect(leaseNews(leases, next, effects)).toBe('renewed')
          } else expect(inPlace).toEqual(leases)
        }
        leases = next
      }
    }),
    { numRuns },
  )
  expect(renewed).toBeGreaterThan(numRuns / 10)
})
