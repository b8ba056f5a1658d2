import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  anyRanOut,
  emptyLeases,
  isEmpty,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
  stragglesFor,
} from '../../../server/presence/leases.ts'

const leaseFor = 25_000

/** Lets events happen at their times. @returns the leases, and the effects of the last event. */
function run(...events: readonly [at: number, event: LeaseEvent][]): [Leases, LeaseEffect[]] {
  return events.reduce<[Leases, LeaseEffect[]]>(
    ([leases], [at, event]) => reduceLeases(leases, event, at),
    [emptyLeases, []],
  )
}

let hellos = 0

/** A hello of a line that is newer than all before it, unless told otherwise. */
const opened = (
  line: string,
  device = line,
  order = { boot: 1, n: hellos++ },
  takeOver = true,
): LeaseEvent => ({
  kind: 'opened',
  line,
  device,
  order,
  takeOver,
})
const beat = (line: string, arrived: number, n = 1): LeaseEvent => ({
  kind: 'beat',
  line,
  n,
  arrived,
  leaseFor,
})
const lines = (leases: Leases, now: number) => liveDevices(leases, now).map(({ line }) => line)

test('L4.2 a lease is counted from when its beat arrived, however long it took to be granted', () => {
  const [leases, effects] = run([0, opened('a')], [9_000, beat('a', 1_000)])
  expect(effects).toEqual([{ kind: 'grant', line: 'a', n: 1, leaseFor, gained: true, regained: true }])
  expect(lines(leases, 25_999)).toEqual(['a'])
  expect(lines(leases, 26_000)).toEqual([])
})

test('L4.2 a beat that took longer than its lease grants nothing', () => {
  const [leases, effects] = run([0, opened('a')], [30_000, beat('a', 1_000)])
  expect(effects).toEqual([])
  expect(lines(leases, 30_000)).toEqual([])
})

test('L4.3 a closed line holds nothing, and the person is unreachable from that moment', () => {
  const [leases, effects] = run([0, opened('a')], [0, beat('a', 0)], [5_000, { kind: 'closed', line: 'a' }])
  expect(effects).toEqual([{ kind: 'unreachable', at: 5_000 }])
  expect(lines(leases, 5_000)).toEqual([])
})

test('L4.3 a beat of a line that is gone grants nothing', () => {
  const [leases, effects] = run([0, opened('a')], [1, { kind: 'closed', line: 'a' }], [2, beat('a', 2)])
  expect(effects).toEqual([])
  expect(lines(leases, 2)).toEqual([])
})

test('L4.6 an unanswered ring ends the lease and closes the line', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, beat('a', 0)],
    [9, { kind: 'ring-unanswered', line: 'a' }],
  )
  expect(effects).toEqual([
    { kind: 'close', line: 'a', why: 'ringUnanswered' },
    { kind: 'unreachable', at: 9 },
  ])
  expect(lines(leases, 9)).toEqual([])
})

test('L4.7 when nothing can be written every lease is taken back by its number', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, beat('a', 0, 3)],
    [0, beat('b', 0, 8)],
    [5, { kind: 'storage-lost' }],
  )
  expect(effects).toEqual([
    { kind: 'refuse', line: 'a', n: 3 },
    { kind: 'refuse', line: 'b', n: 8 },
    { kind: 'unreachable', at: 5 },
  ])
  expect(lines(leases, 5)).toEqual([])
  expect(reduceLeases(leases, beat('a', 6, 4), 6)[1]).toMatchObject([
    { kind: 'grant', gained: true, regained: true },
  ])
})

test('L5.2 a person is unreachable from when the longest lease ran out', () => {
  const [, effects] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, beat('a', 0)],
    [4_000, beat('b', 4_000)],
    [60_000, { kind: 'looked' }],
  )
  expect(effects).toEqual([{ kind: 'unreachable', at: 29_000 }])
})

test('T9.1 a newer line of a device replaces the older one, and the older one is told of it first', () => {
  const [leases, effects] = run(
    [0, opened('a1', 'a', { boot: 4, n: 9 })],
    [0, beat('a1', 0)],
    [10, opened('a2', 'a', { boot: 5, n: 1 })],
  )
  expect(effects).toEqual([
    { kind: 'outrank', line: 'a1', boot: 5, live: false },
    { kind: 'close', line: 'a1', why: 'replaced' },
    { kind: 'unreachable', at: 10 },
  ])
  expect([...leases.lines.keys()]).toEqual(['a2'])
})

test.each([
  { boot: 4, n: 9 },
  { boot: 5, n: 1 },
  { boot: 5, n: 2 },
])(
  'T9.1 an older line, or one of the same order, is refused whenever it arrives, and changes nothing: %o',
  (order) => {
    const newest = opened('a2', 'a', { boot: 5, n: 2 })
    const refused = [
      { kind: 'outrank', line: 'a1', boot: 5 },
      { kind: 'close', line: 'a1', why: 'superseded' },
    ]
    const late = opened('a1', 'a', order)
    const [held, whileHeld] = run([0, newest], [0, beat('a2', 0)], [10, late])
    expect(whileHeld).toMatchObject(refused)
    expect(whileHeld[0]).toMatchObject({ live: true })
    expect(lines(held, 10)).toEqual(['a2'])
    const closed: LeaseEvent = { kind: 'closed', line: 'a2' }
    const [, afterwards] = run([0, newest], [5, closed], [4 + stragglesFor, late])
    expect(afterwards).toMatchObject(refused)
    expect(afterwards[0]).toMatchObject({ live: false })
  },
)

test('T9.1 the order of a device is forgotten a while after its last line', () => {
  const [leases] = run([0, opened('a')], [5, { kind: 'closed', line: 'a' }])
  expect(anyRanOut(leases, 4 + stragglesFor)).toBe(false)
  expect(isEmpty(leases)).toBe(false)
  expect(anyRanOut(leases, 5 + stragglesFor)).toBe(true)
  const [forgotten, effects] = reduceLeases(leases, { kind: 'looked' }, 5 + stragglesFor)
  expect(isEmpty(forgotten)).toBe(true)
  expect(effects).toEqual([])
})

test('T9.2 a copy that does not take over is let in only where no line of its device holds a lease', () => {
  const asked = opened('a2', 'a', { boot: 9, n: 1 }, false)
  const [, refused] = run([0, opened('a1', 'a', { boot: 5, n: 1 })], [0, beat('a1', 0)], [10, asked])
  expect(refused).toEqual([
    { kind: 'outrank', line: 'a2', boot: 5, live: true },
    { kind: 'close', line: 'a2', why: 'superseded' },
  ])
  // What was refused is not the newest: the line that is there may come back by its next number.
  const [back] = run(
    [0, opened('a1', 'a', { boot: 5, n: 1 })],
    [0, beat('a1', 0)],
    [10, asked],
    [20, opened('a3', 'a', { boot: 5, n: 2 })],
  )
  expect([...back.lines.keys()]).toEqual(['a3'])
  const [leases, letInin] = run([0, opened('a1', 'a', { boot: 5, n: 1 })], [leaseFor, asked])
  expect(letInin).toMatchObject([
    { kind: 'outrank', line: 'a1' },
    { kind: 'close', line: 'a1', why: 'replaced' },
  ])
  expect([...leases.lines.keys()]).toEqual(['a2'])
})

test('T9.1 devices do not order one another, and a device keeps its order while another closes', () => {
  const [leases] = run(
    [0, opened('b', 'b', { boot: 9, n: 9 })],
    [0, opened('a', 'a', { boot: 1, n: 1 })],
    [1, { kind: 'closed', line: 'b' }],
  )
  expect([...leases.lines.keys()]).toEqual(['a'])
})

const names = fc.constantFrom('a1', 'a2', 'b1', 'b2')
const anyEvent = fc.oneof(
  fc
    .tuple(names, fc.record({ boot: fc.nat(2), n: fc.nat(9) }), fc.boolean())
    .map(([line, order, takeOver]): LeaseEvent => opened(line, line.slice(0, 1), order, takeOver)),
  fc.tuple(names, fc.nat(40_000), fc.nat(99)).map(([line, delay, n]) => (now: number) => ({
    ...beat(line, now - delay, n),
  })),
  fc.tuple(names, fc.nat(99)).map(([line, n]): LeaseEvent => ({ kind: 'beat-in-vain', line, n })),
  fc
    .tuple(fc.constantFrom('closed', 'session-ended', 'ring-unanswered'), names)
    .map(([kind, line]) => ({ kind, line }) as LeaseEvent),
  fc.constantFrom<LeaseEvent>({ kind: 'storage-lost' }, { kind: 'looked' }),
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
            expect(event).toMatchObject({ kind: 'beat', line: effect.line, n: effect.n })
            expect(effect.regained).toBe(!reachable)
            reachable = true
          }
          if (effect.kind === 'refuse' || (effect.kind === 'close' && effect.why !== 'superseded'))
            expect(live.map(({ line }) => line)).not.toContain(effect.line)
        }
        expect(reachable).toBe(live.length > 0)
        // One line a device, and no lease but by a grant.
        expect(new Set(live.map(({ device }) => device)).size).toBe(live.length)
        const granted = effects.flatMap((effect) => (effect.kind === 'grant' ? [effect.line] : []))
        for (const { line, until } of live) {
          expect(until).toBeLessThanOrEqual(now + leaseFor)
          if (!before.some((held) => held.line === line)) expect(granted).toContain(line)
        }
      }
    }),
    { numRuns: 1_000 },
  )
})
