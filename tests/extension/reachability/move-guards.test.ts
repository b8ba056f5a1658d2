import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import type { Reachability } from '../../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { answerWithin, heartbeatEvery, later, leased, leaseEnd, leaseFor, live, timing } from './timeline.ts'

const move = [500, { type: 'move', connection: 1 }] as const
const challenged = [520, { type: 'challenged', connection: 2, nonce: 'y' }] as const
const moving = [...leased, move, challenged, [560, { type: 'welcomed', connection: 2, timing }]] as const
const proven = { type: 'leased', connection: 2, heartbeat: 1, leaseFor } as const

const step = (state: Reachability, at: number, event: ReachabilityEvent) =>
  reduce(state, event, later(at), 0.5)

test('L3.10 a second connection that is greeted or welcomed once more says nothing once more', () => {
  const open = live(...moving)
  for (const event of [
    { type: 'challenged', connection: 2, nonce: 'z' },
    { type: 'welcomed', connection: 2, timing },
  ] as const)
    expect(step(open, 570, event)).toEqual({ state: open, effects: [] })
})

test('L3.10 L3.9 an answer to no heartbeat of the second connection does not put it in the place of the first', () => {
  const open = live(...moving)
  expect(step(open, 570, { ...proven, heartbeat: 2 })).toEqual({ state: open, effects: [] })
  const opening = live(...leased, move)
  expect(step(opening, 570, proven)).toEqual({ state: opening, effects: [] })
})

test.each<readonly [string, ReachabilityEvent]>([
  ['whose timing is not sound', { type: 'welcomed', connection: 2, timing: { ...timing, leaseFor: 1 } }],
  ['of a server that is too new', { type: 'closed', connection: 2, after: 'outdated' }],
])('L3.10 a second connection %s is given up, and the first stays', (_, event) => {
  const { state, effects } = step(live(...leased, move, challenged), 560, event)
  expect(effects).toEqual([{ type: 'close', connection: 2 }])
  expect(state).toMatchObject({ successor: null, connection: { at: 'open', number: 1 } })
})

test('L3.10 a device that is asked to move while it does, or has no connection yet, is as before', () => {
  const open = live(...moving)
  expect(step(open, 570, move[1])).toEqual({ state: open, effects: [] })
  const opening = live([0, { type: 'wanted' }])
  expect(step(opening, 50, move[1])).toEqual({ state: opening, effects: [] })
})

test('L3.10 what a second connection says that was given up is said of no other', () => {
  const third = live(
    ...moving,
    [600, { type: 'closed', connection: 2, after: 'retry' }],
    [1_100, { type: 'look' }],
    [1_110, { type: 'challenged', connection: 3, nonce: 'z' }],
    [1_120, { type: 'welcomed', connection: 3, timing }],
  )
  const late: readonly ReachabilityEvent[] = [
    proven,
    { type: 'move', connection: 2 },
    { type: 'closed', connection: 2, after: 'sign-out' },
  ]
  for (const event of late) expect(step(third, 1_130, event)).toEqual({ state: third, effects: [] })
})

test('L3.10 a second connection that is to be succeeded as well, and is given up, has no successor', () => {
  const told = live(...moving, [570, { type: 'move', connection: 2 }])
  const { state, effects } = step(told, 580, { type: 'closed', connection: 2, after: 'outdated' })
  expect(effects).toEqual([{ type: 'close', connection: 2 }])
  expect(state.successor).toBeNull()
})

test('L3.10 T1.8 a doubt between two attempts at a second connection leaves the wait for the next as it is', () => {
  const between = live(...moving, [600, { type: 'closed', connection: 2, after: 'retry' }])
  const { state, effects } = step(between, 700, { type: 'doubted' })
  expect(effects).toEqual([{ type: 'heartbeat', connection: 1, n: 2 }])
  expect(state.successor).toEqual(between.successor)
})

test('L3.10 T3.2 a first connection that does not answer in time gives its place to the second, and nobody is asked why', () => {
  const due = 100 + heartbeatEvery
  const silent = live(
    ...leased,
    [due, { type: 'look' }],
    [due + 100, { type: 'move', connection: 1 }],
    [due + 200, { type: 'challenged', connection: 2, nonce: 'y' }],
  )
  const { state, effects } = step(silent, due + answerWithin, { type: 'look' })
  expect(effects).toEqual([{ type: 'close', connection: 1 }])
  expect(state).toMatchObject({ successor: null, newest: 2, connection: { at: 'opening', number: 2 } })
})

test('L3.10 T1.4 after a sleep both connections give way to a new one', () => {
  const { state, effects } = step(live(...moving), leaseEnd, { type: 'look' })
  expect(effects).toEqual([
    { type: 'close', connection: 1 },
    { type: 'close', connection: 2 },
    { type: 'open', connection: 3 },
  ])
  expect(state).toMatchObject({ successor: null, overtaken: false, connection: { number: 3 } })
})

test('L3.10 A8.16 an end of the session that is told on the first connection ends the second too', () => {
  const over = { type: 'closed', connection: 1, after: 'sign-out', why: 'passwordChanged' } as const
  expect(step(live(...moving), 590, over).effects).toEqual([
    { type: 'close', connection: 2 },
    { type: 'session-ended', why: 'passwordChanged' },
  ])
})

test('L3.10 T9.3 where a first connection may be replaced by a second that is gone, nobody is asked why it ended', () => {
  const abandoned = live(...moving, [580, { type: 'closed', connection: 2, after: 'retry' }])
  for (const event of [
    { type: 'outranked', connection: 1, boot: 1, isOwn: true, live: true },
    { type: 'closed', connection: 1, after: 'taken-over' },
  ] as const)
    expect(step(abandoned, 590, event).effects).toEqual([{ type: 'close', connection: 1 }])
})

test('L3.12 a device that was asked to move a minute ago moves at once', () => {
  const moved = live(...moving, [600, proven])
  const again = { type: 'move', connection: 2 } as const
  expect(step(moved, 60_499, again).effects).toEqual([])
  expect(step(moved, 60_500, again).effects).toEqual([{ type: 'open', connection: 3 }])
})

test('L3.10 a first connection that ends between two attempts at a second is one that failed', () => {
  const between = live(...moving, [600, { type: 'closed', connection: 2, after: 'retry' }])
  const { state } = step(between, 700, { type: 'closed', connection: 1, after: 'retry' })
  expect(state).toMatchObject({ failures: 1, connection: { retry: { from: later(700), after: 500 } } })
})

test('L3.10 a second connection that is not welcomed yet takes nothing from the first but its place', () => {
  const greeted = live(...leased, move, challenged)
  const { state } = step(greeted, 540, { type: 'outranked', connection: 1, boot: 1, isOwn: true, live: true })
  expect(state.connection).toEqual({ at: 'opening', number: 2, since: later(500) })
})

test('L3.10 T9.2 once a device has moved, who ends its connection is another copy', () => {
  const moved = live(...moving, [600, proven])
  const { state } = step(moved, 700, { type: 'outranked', connection: 2, boot: 7, isOwn: false, live: true })
  expect(verdict(state, later(700))).toEqual({ kind: 'unreachable', why: 'taken-over' })
})

test('T9.2 the first connection of a worker takes its device over', () => {
  const asked = step(live([0, { type: 'wanted' }]), 10, { type: 'challenged', connection: 1, nonce: 'x' })
  expect(asked.effects).toEqual([{ type: 'hello', connection: 1, nonce: 'x', takeOver: true }])
})
