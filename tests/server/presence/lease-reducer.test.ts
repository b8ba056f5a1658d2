import { expect, test } from 'vitest'
import {
  anyRanOut,
  isAnyLive,
  isEmpty,
  type LeaseEvent,
  nextRunOut,
  reduceLeases,
  stragglesFor,
} from '../../../server/presence/lease-reducer.ts'
import { connections, heartbeat, leaseFor, opened, run } from './lease-events.ts'

test('T1.3 a lease is counted from when its heartbeat arrived, however long it took to be granted', () => {
  const [leases, effects] = run([0, opened('a')], [9_000, heartbeat('a', 1_000)])
  expect(effects).toEqual([{ kind: 'grant', connection: 'a', n: 1, leaseFor, gained: true, regained: true }])
  expect(connections(leases, 25_999)).toEqual(['a'])
  expect(connections(leases, 26_000)).toEqual([])
})

test('T1.3 a heartbeat that took longer than its lease grants nothing', () => {
  const [leases, effects] = run([0, opened('a')], [30_000, heartbeat('a', 1_000)])
  expect(effects).toEqual([])
  expect(connections(leases, 30_000)).toEqual([])
})

test('L4.3 a closed connection holds nothing, and the person is unreachable from that moment', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, heartbeat('a', 0)],
    [5_000, { kind: 'closed', connection: 'a' }],
  )
  expect(effects).toEqual([{ kind: 'unreachable', at: 5_000 }])
  expect(connections(leases, 5_000)).toEqual([])
})

test('L4.3 a heartbeat of a connection that is gone grants nothing', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [1, { kind: 'closed', connection: 'a' }],
    [2, heartbeat('a', 2)],
  )
  expect(effects).toEqual([])
  expect(connections(leases, 2)).toEqual([])
})

test('T4.2 an unanswered ring ends the lease and closes the connection', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, heartbeat('a', 0)],
    [9, { kind: 'ring-unanswered', connection: 'a' }],
  )
  expect(effects).toEqual([
    { kind: 'close', connection: 'a', why: 'ringUnanswered' },
    { kind: 'unreachable', at: 9 },
  ])
  expect(connections(leases, 9)).toEqual([])
})

test('T3.3 when nothing can be written every lease is taken back by its number', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, heartbeat('a', 0, 3)],
    [0, heartbeat('b', 0, 8)],
    [5, { kind: 'storage-lost' }],
  )
  expect(effects).toEqual([
    { kind: 'refuse', connection: 'a', n: 3, why: 'storage' },
    { kind: 'refuse', connection: 'b', n: 8, why: 'storage' },
    { kind: 'unreachable', at: 5 },
  ])
  expect(connections(leases, 5)).toEqual([])
  expect(reduceLeases(leases, heartbeat('a', 6, 4), 6)[1]).toMatchObject([
    { kind: 'grant', gained: true, regained: true },
  ])
})

test('L5.2 a person is unreachable from when the longest lease ran out', () => {
  const [, effects] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, heartbeat('a', 0)],
    [4_000, heartbeat('b', 4_000)],
    [60_000, { kind: 'tick' }],
  )
  expect(effects).toEqual([{ kind: 'unreachable', at: 29_000 }])
})

test('T9.1 a newer connection of a device replaces one without a lease at its hello, which is told of it first', () => {
  const [leases, effects] = run(
    [0, opened('a1', 'a', { boot: 4, n: 9 })],
    [10, opened('a2', 'a', { boot: 5, n: 1 })],
  )
  expect(effects).toEqual([
    { kind: 'outrank', connection: 'a1', boot: 5, live: false },
    { kind: 'close', connection: 'a1', why: 'replaced' },
  ])
  expect([...leases.connections.keys()]).toEqual(['a2'])
})

test('T9.1 L4.9 L4.11 one that holds a lease keeps it until the newer has its own, and the device is never without', () => {
  const begun: [number, LeaseEvent][] = [
    [0, opened('a1', 'a', { boot: 4, n: 9 })],
    [0, heartbeat('a1', 0)],
    [10, opened('a2', 'a', { boot: 5, n: 1 })],
  ]
  const [both, effects] = run(...begun)
  expect(effects).toEqual([])
  expect(connections(both, 10)).toEqual(['a1'])
  // Its own heartbeats go on meanwhile.
  const [, beats] = run(...begun, [20, heartbeat('a1', 20)])
  expect(beats).toMatchObject([{ kind: 'grant', connection: 'a1', gained: false }])
  const [leases, moved] = run(...begun, [30, heartbeat('a2', 30)])
  expect(moved).toMatchObject([
    { kind: 'grant', connection: 'a2', gained: true, regained: false },
    { kind: 'outrank', connection: 'a1', boot: 5, live: true },
    { kind: 'close', connection: 'a1', why: 'replaced' },
  ])
  expect([...leases.connections.keys()]).toEqual(['a2'])
  expect(run(...begun, [30, heartbeat('a2', 30)], [40, heartbeat('a1', 40)])[1]).toEqual([])
})

test('T9.1 L4.11 a newer connection that ends without a lease takes nothing along', () => {
  const [leases, effects] = run(
    [0, opened('a1', 'a', { boot: 4, n: 9 })],
    [0, heartbeat('a1', 0)],
    [10, opened('a2', 'a', { boot: 4, n: 10 })],
    [20, { kind: 'closed', connection: 'a2' }],
  )
  expect(effects).toEqual([])
  expect(connections(leases, 20)).toEqual(['a1'])
  // The order that was seen stays seen, also past the time for which a device without connection is remembered.
  const [, late] = run(
    [0, opened('a1', 'a', { boot: 4, n: 9 })],
    [0, heartbeat('a1', 0)],
    [10, opened('a2', 'a', { boot: 4, n: 10 })],
    [20, { kind: 'closed', connection: 'a1' }],
    [21 + stragglesFor, opened('a3', 'a', { boot: 4, n: 9 })],
  )
  expect(late).toMatchObject([{ kind: 'outrank', connection: 'a3' }, { kind: 'close' }])
})

test.each([
  { boot: 4, n: 9 },
  { boot: 5, n: 1 },
  { boot: 5, n: 2 },
])(
  'T9.1 an older connection, or one of the same order, is refused whenever it arrives, and changes nothing: %o',
  (order) => {
    const newest = opened('a2', 'a', { boot: 5, n: 2 })
    const refused = [
      { kind: 'outrank', connection: 'a1', boot: 5 },
      { kind: 'close', connection: 'a1', why: 'superseded' },
    ]
    const late = opened('a1', 'a', order)
    const [held, whileHeld] = run([0, newest], [0, heartbeat('a2', 0)], [10, late])
    expect(whileHeld).toMatchObject(refused)
    expect(whileHeld[0]).toMatchObject({ live: true })
    expect(connections(held, 10)).toEqual(['a2'])
    const closed: LeaseEvent = { kind: 'closed', connection: 'a2' }
    const [, afterwards] = run([0, newest], [5, closed], [4 + stragglesFor, late])
    expect(afterwards).toMatchObject(refused)
    expect(afterwards[0]).toMatchObject({ live: false })
  },
)

test('T9.1 the order of a device is forgotten a while after its last connection', () => {
  const [leases] = run([0, opened('a')], [5, { kind: 'closed', connection: 'a' }])
  const besideAnother = run([0, opened('b')], [0, opened('a')], [5, { kind: 'closed', connection: 'a' }])[0]
  expect(nextRunOut(besideAnother)).toBe(5 + stragglesFor)
  expect(isEmpty(leases)).toBe(false)
  expect(nextRunOut(leases)).toBe(5 + stragglesFor)
  const [forgotten, effects] = reduceLeases(leases, { kind: 'tick' }, 5 + stragglesFor)
  expect(isEmpty(forgotten)).toBe(true)
  expect(effects).toEqual([])
})

test('T9.2 a copy that does not take over is let in only where no connection of its device holds a lease', () => {
  const asked = opened('a2', 'a', { boot: 9, n: 1 }, false)
  const [, refused] = run([0, opened('a1', 'a', { boot: 5, n: 1 })], [0, heartbeat('a1', 0)], [10, asked])
  expect(refused).toEqual([
    { kind: 'outrank', connection: 'a2', boot: 5, live: true },
    { kind: 'close', connection: 'a2', why: 'superseded' },
  ])
  // What was refused is not the newest: the connection that is there may come back by its next number.
  const [back] = run(
    [0, opened('a1', 'a', { boot: 5, n: 1 })],
    [0, heartbeat('a1', 0)],
    [10, asked],
    [20, opened('a3', 'a', { boot: 5, n: 2 })],
    [20, heartbeat('a3', 20)],
  )
  expect([...back.connections.keys()]).toEqual(['a3'])
  const [leases, letInin] = run([0, opened('a1', 'a', { boot: 5, n: 1 })], [leaseFor, asked])
  expect(letInin).toMatchObject([
    { kind: 'outrank', connection: 'a1' },
    { kind: 'close', connection: 'a1', why: 'replaced' },
  ])
  expect([...leases.connections.keys()]).toEqual(['a2'])
})

test('T9.1 devices do not order one another, and a device keeps its order while another closes', () => {
  const [leases] = run(
    [0, opened('b', 'b', { boot: 9, n: 9 })],
    [0, opened('a', 'a', { boot: 1, n: 1 })],
    [1, { kind: 'closed', connection: 'b' }],
  )
  expect([...leases.connections.keys()]).toEqual(['a'])
})

test('L4.3 a lease that runs out is found, and ended, from that very moment', () => {
  const [leases] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, heartbeat('a', 0)],
    [3_000, heartbeat('b', 3_000)],
  )
  expect(nextRunOut(leases)).toBe(leaseFor)
  const [one, stillReachable] = reduceLeases(leases, { kind: 'tick' }, leaseFor)
  expect(connections(one, leaseFor)).toEqual(['b'])
  expect(one.connections.get('a')).toMatchObject({ n: 1, until: null })
  expect(stillReachable).toEqual([])
  expect(nextRunOut(one)).toBe(leaseFor + 3_000)
  expect(nextRunOut(run([0, opened('a')])[0])).toBe(Number.POSITIVE_INFINITY)
  expect(isEmpty(run([0, opened('a')])[0])).toBe(false)
})

test('T1.3 a heartbeat that came before another and is granted after it takes nothing back', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [5_000, heartbeat('a', 5_000, 2)],
    [6_000, heartbeat('a', 1_000, 3)],
  )
  expect(effects).toEqual([
    { kind: 'grant', connection: 'a', n: 3, leaseFor, gained: false, regained: false },
  ])
  expect(connections(leases, 5_000 + leaseFor - 1)).toEqual(['a'])
  expect(connections(leases, 5_000 + leaseFor)).toEqual([])
})

test('T1.3 a heartbeat whose lease is over at this very moment grants nothing', () => {
  expect(run([0, opened('a')], [leaseFor, heartbeat('a', 0)])[1]).toEqual([])
  expect(run([0, opened('a')], [leaseFor - 1, heartbeat('a', 0)])[1]).toMatchObject([{ kind: 'grant' }])
})

test('T3.3 a heartbeat that came in vain ends the lease of its connection, and is refused by its number', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, heartbeat('a', 0, 3)],
    [9, { kind: 'heartbeat-refused', connection: 'a', n: 4 }],
  )
  expect(effects).toEqual([
    { kind: 'refuse', connection: 'a', n: 4, why: 'storage' },
    { kind: 'unreachable', at: 9 },
  ])
  expect(leases.connections.get('a')).toMatchObject({ n: 4, until: null })
})

test('T3.3 connections without a lease have none to be taken back', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, heartbeat('b', 0, 7)],
    [5, { kind: 'storage-lost' }],
  )
  expect(effects).toEqual([
    { kind: 'refuse', connection: 'b', n: 7, why: 'storage' },
    { kind: 'unreachable', at: 5 },
  ])
  expect([...leases.connections.keys()]).toEqual(['a', 'b'])
})

test('L4.4 a session that is over closes its connection and no other', () => {
  const [leases, effects] = run(
    [0, opened('a')],
    [0, opened('b')],
    [0, heartbeat('a', 0)],
    [0, heartbeat('b', 0)],
    [5, { kind: 'session-ended', connection: 'a', why: 'passwordChanged' }],
  )
  expect(effects).toEqual([{ kind: 'close', connection: 'a', why: 'passwordChanged' }])
  expect(connections(leases, 5)).toEqual(['b'])
})

test.each<LeaseEvent>([
  { kind: 'heartbeat-refused', connection: 'gone', n: 1 },
  { kind: 'session-ended', connection: 'gone', why: 'sessionEnded' },
  { kind: 'ring-unanswered', connection: 'gone' },
  { kind: 'closed', connection: 'gone' },
  { kind: 'tick' },
])('L4.9 what is said of a connection that is not here changes nothing: $kind', (event) => {
  const [leases] = run([0, opened('a')], [0, heartbeat('a', 0)])
  expect(reduceLeases(leases, event, 5)).toEqual([leases, []])
})

test('T9.1 R4.1 a connection whose newer one gained a lease elsewhere before it was welcomed is refused', () => {
  const replaced: LeaseEvent = { kind: 'replaced', device: 'a', by: 'a2', order: { boot: 3, n: 2 } }
  const late = opened('a1', 'a', { boot: 3, n: 1 })
  const [leases, effects] = run([0, replaced], [1, late])
  expect(effects).toEqual([
    { kind: 'outrank', connection: 'a1', boot: 3, live: true },
    { kind: 'close', connection: 'a1', why: 'superseded' },
  ])
  expect(leases.connections.size).toBe(0)
  expect(run([0, replaced], [1, opened('a3', 'a', { boot: 3, n: 3 })])[1]).toEqual([])
  expect(run([0, replaced], [stragglesFor, late])[1], 'forgotten').toEqual([])
})

test('R4.1 T9.1 what gained a lease elsewhere replaces what is here of its device where that is older, and nothing else', () => {
  const here: [number, LeaseEvent][] = [
    [0, opened('b', 'b', { boot: 1, n: 1 })],
    [0, opened('a1', 'a', { boot: 3, n: 2 })],
    [0, heartbeat('a1', 0)],
  ]
  const elsewhere = (n: number): LeaseEvent => ({
    kind: 'replaced',
    device: 'a',
    by: 'a2',
    order: { boot: 3, n },
  })
  const [kept, nothing] = run(...here, [5, elsewhere(2)])
  expect(nothing).toEqual([])
  expect(connections(kept, 5)).toEqual(['a1'])
  const [leases, effects] = run(...here, [5, elsewhere(3)])
  expect(effects).toEqual([
    { kind: 'outrank', connection: 'a1', boot: 3, live: true },
    { kind: 'close', connection: 'a1', why: 'replaced' },
    { kind: 'unreachable', at: 5 },
  ])
  expect([...leases.connections.keys()]).toEqual(['b'])
})

test('R2.1 when the bus carries nothing every lease is taken back for that', () => {
  expect(run([0, opened('a')], [0, heartbeat('a', 0, 3)], [5, { kind: 'routing-lost' }])[1]).toEqual([
    { kind: 'refuse', connection: 'a', n: 3, why: 'routing' },
    { kind: 'unreachable', at: 5 },
  ])
})

test('L4.3 a lease is live to its end and has run out from then on', () => {
  const [leases] = run([0, opened('a')], [0, opened('b')], [0, heartbeat('b', 0)])
  const atEnd = [leaseFor - 1, leaseFor].map((now) => [isAnyLive(leases, now), anyRanOut(leases, now)])
  expect(atEnd).toEqual([
    [true, false],
    [false, true],
  ])
})
