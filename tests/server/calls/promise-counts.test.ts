import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ringAckWithin } from '../../../protocol/timing.ts'
import {
  type ActiveCall,
  type ActiveCallEvent,
  beginCall,
  isOver,
  reduceCall,
} from '../../../server/calls/active-call-reducer.ts'
import { createPromiseCounts } from '../../../server/calls/promise-counts.ts'

const connections = ['a1', 'a2', 'b1']
const connection = fc.constantFrom(...connections)
const event: fc.Arbitrary<ActiveCallEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: connection.map(
      (name) => ({ kind: 'asked', connection: name, device: name.slice(0, 1) }) as const,
    ),
  },
  { weight: 2, arbitrary: connection.map((name) => ({ kind: 'acknowledged', connection: name }) as const) },
  connection.map((name) => ({ kind: 'lost', connection: name }) as const),
  fc.constantFrom(
    { kind: 'replaced', connection: 'a1', by: 'a2' },
    { kind: 'replaced', connection: 'a2', by: 'a1' },
  ),
  connection.map((name) => ({ kind: 'lease-gained', connection: name }) as const),
  fc.constantFrom<ActiveCallEvent>(
    { kind: 'tick' },
    { kind: 'ask-returned' },
    { kind: 'bus-lost' },
    { kind: 'bus-returned' },
    { kind: 'cancelled' },
    { kind: 'unwritten' },
    { kind: 'ended', end: { outcome: 'cancelled', why: 'cancelled', device: null } },
  ),
)
const step = fc.tuple(event, fc.constantFrom(0, 1, 1_000, ringAckWithin))

const pending = ({ legs }: ActiveCall) => [...legs].filter(([, { state }]) => state === 'asked')

test('S5.10 whatever comes in whatever order, each promise is decided once: none is forgotten and none counted twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const promises = createPromiseCounts()
      let now = 0
      let made = 0
      let [call] = beginCall({ ringFor: 45_000, waitFor: 0 }, now)
      for (const [what, after] of steps) {
        // Whoever drives it lets go of it then.
        if (isOver(call)) break
        now += after
        const [next] = reduceCall(call, what, now)
        promises.count(call, next, what)
        // A ring that was sent is a promise, unless it is the one that the connection inherited and that holds still.
        const asked = what.kind === 'asked' ? next.legs.get(what.connection) : undefined
        const before = what.kind === 'asked' ? call.legs.get(what.connection) : undefined
        const wasAsked = before?.state === 'asked' && before.askedAt + ringAckWithin > now
        if (asked?.state === 'asked' && !wasAsked) made += 1
        call = next
        const { kept, unanswered, lost, undecided } = promises.all()
        const open = isOver(call) ? 0 : pending(call).length
        expect(kept + unanswered + lost + undecided + open).toBe(made)
      }
      promises.abandon(call)
    }),
    { numRuns: 3_000 },
  )
})
