import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  emptyLeases,
  type LeaseEvent,
  liveDevices,
  reduceLeases,
} from '../../../server/presence/lease-reducer.ts'
import { heartbeat, leaseFor, opened } from './lease-events.ts'

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
    { numRuns: 1_000 },
  )
})
