import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import type { Reachability } from '../../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { later, leased, leaseFor, live, timing } from './timeline.ts'

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
