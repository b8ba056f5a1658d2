import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ActiveCallEffect,
  type ActiveCallEvent,
  adoptCall,
  beginCall,
  deadlineOf,
  devicesOf,
  isOver,
  reduceCall,
} from '../../../server/calls/active-call-reducer.ts'
import { anyRings } from '../../../server/calls/legs.ts'

const ringFor = 45_000
const tick: ActiveCallEvent = { kind: 'tick' }
const returned: ActiveCallEvent = { kind: 'ask-returned' }

const connection = fc.constantFrom('a', 'a2', 'b', 'b2', 'c')
const device = (of: string) => of.slice(0, 1)
/** What `a` and `b` have is at one node, and the rest at another. */
const nodeOf = (of: string) => (of.endsWith('2') || of === 'c' ? 'two' : 'one')
const anyEvent: fc.Arbitrary<ActiveCallEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: connection.map(
      (it): ActiveCallEvent => ({ kind: 'asked', connection: it, device: device(it), node: nodeOf(it) }),
    ),
  },
  {
    weight: 4,
    arbitrary: connection.map((it): ActiveCallEvent => ({ kind: 'acknowledged', connection: it })),
  },
  { weight: 4, arbitrary: connection.map((it): ActiveCallEvent => ({ kind: 'lost', connection: it })) },
  {
    weight: 3,
    arbitrary: connection.map((it): ActiveCallEvent => ({ kind: 'lease-gained', connection: it })),
  },
  { weight: 2, arbitrary: fc.constant(returned) },
  { weight: 2, arbitrary: fc.constant(tick) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('a', 'b')
      .map((it): ActiveCallEvent => ({ kind: 'replaced', connection: it, by: `${it}2` })),
  },
  {
    weight: 1,
    arbitrary: connection.map((it): ActiveCallEvent => ({ kind: 'answered', device: device(it) })),
  },
  {
    weight: 1,
    arbitrary: connection.map((it): ActiveCallEvent => ({ kind: 'declined', device: device(it) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ActiveCallEvent>(
      { kind: 'bus-lost' },
      { kind: 'bus-returned' },
      { kind: 'node-lost', node: 'one' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ActiveCallEvent>(
      { kind: 'cancelled' },
      { kind: 'server-stopped' },
      { kind: 'found-busy' },
      { kind: 'found-invisible' },
    ),
  },
)
const history = fc.record({
  waitFor: fc.constantFrom(0, 1_000, 20_000, 120_000),
  /** Another server drove it before, this long ago. */
  adoptedAfter: fc.option(fc.constantFrom(0, 3_000, 30_000, 60_000)),
  rung: fc.boolean(),
  /** Whether its caller is not to learn by its length that it rang. */
  capped: fc.boolean(),
  steps: fc.array(fc.tuple(fc.nat(4_000), anyEvent, fc.boolean()), { maxLength: 60 }),
})

/** What can ring by the events alone, kept in the plainest way: who was asked, acknowledged, and is not gone. */
function witness() {
  const askedAt = new Map<string, number>()
  const live = new Set<string>()
  return {
    live,
    take(event: ActiveCallEvent, now: number) {
      if (event.kind === 'asked' && !live.has(event.connection))
        if (!(now - (askedAt.get(event.connection) ?? Number.NEGATIVE_INFINITY) < 3_000))
          askedAt.set(event.connection, now)
      if (event.kind === 'acknowledged') {
        const at = askedAt.get(event.connection)
        if (at !== undefined && now - at < 3_000) live.add(event.connection)
      }
      if (event.kind === 'lost' || event.kind === 'replaced') {
        live.delete(event.connection)
        askedAt.delete(event.connection)
      }
      if (event.kind === 'bus-lost' || event.kind === 'node-lost')
        for (const known of askedAt.keys())
          if (event.kind === 'bus-lost' || nodeOf(known) === event.node) {
            live.delete(known)
            askedAt.delete(known)
          }
    },
  }
}

test('P5.9 P1.1 P2.3 in 10,000 random orders a call ends exactly once and by its deadline, and rings only while a leg that acknowledged lives', () => {
  fc.assert(
    fc.property(history, ({ waitFor, adoptedAfter, rung, capped, steps }) => {
      const placed = -(adoptedAfter ?? 0)
      const [waitLeft, left] = [placed + waitFor, placed + Math.max(ringFor, waitFor)]
      const disposition = rung ? 'ringing' : null
      let [call, begun] =
        adoptedAfter === null
          ? beginCall({ ringFor, waitFor, capped }, 0)
          : adoptCall({ disposition, rung, ringFor, waitLeft, left, capped }, 0)
      const { live, take } = witness()
      const overs: ActiveCallEffect[] = []
      let now = 0
      /** Lets an event happen, and has its end written, or not. */
      const dispatch = (event: ActiveCallEvent, writes: boolean) => {
        const before = call
        const [next, effects] = reduceCall(call, event, now)
        call = next
        if (isOver(before)) expect([next, effects]).toEqual([before, []])
        overs.push(...effects.filter(({ kind }) => kind === 'over'))
        if (effects.some(({ kind }) => kind === 'silence')) live.clear()
        for (const effect of effects)
          if (effect.kind === 'end')
            dispatch(writes ? { kind: 'ended', end: effect.end } : { kind: 'unwritten' }, writes)
      }
      for (const effect of begun)
        if (effect.kind === 'end') dispatch({ kind: 'ended', end: effect.end }, true)
      for (const [later, event, writes] of steps) {
        now += later
        take(event, now)
        dispatch(event, writes)
        if (!isOver(call)) {
          if (call.state === 'ringing') expect(live.size).toBeGreaterThan(0)
          expect(call.state === 'ringing').toBe(anyRings(call.legs))
          expect(devicesOf(call) > 0).toBe(call.state === 'ringing')
          expect(deadlineOf(call)).toBeLessThanOrEqual(waitFor + ringFor)
          if (capped && adoptedAfter === null) expect(deadlineOf(call)).toBeLessThanOrEqual(waitFor)
          if (now >= deadlineOf(call)) expect(call.retryAt).not.toBeNull()
        }
      }
      now = Math.max(now + 1_000, deadlineOf(call))
      dispatch(tick, true)
      expect(isOver(call)).toBe(true)
      expect(overs).toHaveLength(1)
      expect(call.end?.outcome).toBe(call.state)
      expect(call.end?.why !== null).toBe(call.state === 'missed' || call.state === 'cancelled')
      expect(call.end?.device !== null).toBe(call.state === 'answered' || call.state === 'declined')
      if (call.rung) expect(call.disposition).not.toBeNull()
    }),
    { numRuns: Number(process.env.TRUTH_SCHEDULES ?? 10_000) },
  )
}, 3_600_000)
