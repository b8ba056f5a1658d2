import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CallEvent, type CallLife, isOver, liveOn, newCall } from '../../../server/ringing/call-life.ts'

const run = (...events: readonly CallEvent[]): CallLife =>
  events.reduce((life, event, index) => liveOn(life, event, index + 1), newCall)

test('C1.1 a call rings as soon as a device has acknowledged it, and counts the devices', () => {
  expect(run({ kind: 'rung', devices: 2 })).toMatchObject({ state: 'ringing', answer: 'ringing', devices: 2 })
  expect(run({ kind: 'rung', devices: 2 }, { kind: 'rung', devices: 3 }).devices).toBe(3)
})

test('C1.2 without a device it is missed as unreachable, and without room as busy', () => {
  expect(run({ kind: 'nobody-there' })).toMatchObject({
    state: 'missed',
    answer: 'unreachable',
    why: 'unreachable',
    endedAt: 1,
  })
  expect(run({ kind: 'busy' })).toMatchObject({ state: 'missed', answer: 'busy', why: 'busy' })
})

test('C1.3 the first to answer or decline wins', () => {
  const rung: CallEvent = { kind: 'rung', devices: 2 }
  const life = run(rung, { kind: 'answered', device: 'a' }, { kind: 'answered', device: 'b' })
  expect(life).toMatchObject({ state: 'answered', byDevice: 'a', endedAt: 2 })
  expect(run(rung, { kind: 'declined', device: 'b' }, { kind: 'answered', device: 'a' })).toMatchObject({
    state: 'declined',
    byDevice: 'b',
  })
})

test('C1.4 a call may be answered before every device has acknowledged it', () => {
  expect(run({ kind: 'answered', device: 'a' })).toMatchObject({
    state: 'answered',
    answer: 'ringing',
    devices: 1,
  })
})

const device = fc.constantFrom('a', 'b', 'c')
const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.nat(4).map((devices): CallEvent => ({ kind: 'rung', devices })),
  device.map((name): CallEvent => ({ kind: 'answered', device: name })),
  device.map((name): CallEvent => ({ kind: 'declined', device: name })),
  fc.constantFrom<CallEvent>(
    { kind: 'nobody-there' },
    { kind: 'busy' },
    { kind: 'cancelled' },
    { kind: 'rang-out' },
    { kind: 'server-restarted' },
  ),
)

test('C1.5 whatever happens in whatever order, a call ends once, and stays as it ended', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      let life = newCall
      let now = 0
      for (const event of events) {
        now += 1
        const next = liveOn(life, event, now)
        if (isOver(life)) expect(next).toBe(life)
        else if (isOver(next)) expect(next.endedAt).toBe(now)
        life = next
      }
      expect(life.endedAt !== null).toBe(isOver(life))
      expect(life.byDevice !== null).toBe(life.state === 'answered' || life.state === 'declined')
      expect(life.why !== null).toBe(life.state === 'missed' || life.state === 'cancelled')
      if (life.state === 'ringing') expect(life.devices).toBeGreaterThan(0)
      if (life.answer === 'ringing') expect(life.devices).toBeGreaterThan(0)
    }),
    { numRuns: 2_000 },
  )
})
