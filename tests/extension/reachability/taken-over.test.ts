import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { askAgainAfter, reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { later, leased, leaseFor, live, timing } from './timeline.ts'

test('T9.2 a connection that another copy of the profile took over is asked for again, without taking it back', () => {
  const taken = reduce(
    live(...leased),
    { type: 'outranked', connection: 1, boot: 7, isOwn: false, live: false },
    later(500),
    0,
  )
  expect(verdict(taken.state, later(500))).toEqual({ kind: 'unreachable', why: 'taken-over' })
  expect(taken.effects).toEqual([
    { type: 'renumber', above: 7 },
    { type: 'close', connection: 1 },
  ])
  expect(reduce(taken.state, { type: 'look' }, later(499 + askAgainAfter), 0).effects).toEqual([])
  const again = reduce(taken.state, { type: 'look' }, later(500 + askAgainAfter), 0)
  expect(again.effects).toEqual([{ type: 'open', connection: 2 }])
  const challenged: ReachabilityEvent = { type: 'challenged', connection: 2, nonce: 'y' }
  expect(reduce(again.state, challenged, later(9_000), 0).effects).toEqual([
    { type: 'hello', connection: 2, nonce: 'y', takeOver: false },
  ])
})

test('T9.2 every wake-up asks again for a connection that was taken over; the person may take it back', () => {
  const closed = reduce(
    live(...leased),
    { type: 'closed', connection: 1, after: 'taken-over' },
    later(500),
    0,
  )
  expect(closed.effects).toEqual([{ type: 'close', connection: 1 }])
  const taken = closed.state
  expect(verdict(taken, later(500))).toEqual({ kind: 'unreachable', why: 'taken-over' })
  const woken = reduce(taken, { type: 'woke' }, later(600), 0)
  expect(woken.effects).toEqual([{ type: 'open', connection: 2 }])
  expect(woken.state.yields).toBe(true)
  const wanted = reduce(taken, { type: 'try-now' }, later(600), 0)
  expect(wanted.effects).toEqual([{ type: 'open', connection: 2 }])
  expect(wanted.state).toMatchObject({ yields: false, reason: null })
})

test('T9.3 a hello that was outranked by a connection without a lease says nothing of another copy, and asks again soon', () => {
  const opening = live([0, { type: 'wanted' }], [10, { type: 'challenged', connection: 1, nonce: 'x' }])
  const { state, effects } = reduce(
    opening,
    { type: 'outranked', connection: 1, boot: 3, isOwn: false, live: false },
    later(50),
    0.5,
  )
  expect(verdict(state, later(50)).kind).toBe('checking')
  expect(state.yields).toBe(true)
  expect(state.connection).toMatchObject({ at: 'closed', retry: { after: 500 } })
  expect(effects).toEqual([
    { type: 'renumber', above: 3 },
    { type: 'close', connection: 1 },
  ])
  const alive = reduce(
    opening,
    { type: 'outranked', connection: 1, boot: 3, isOwn: false, live: true },
    later(50),
    0.5,
  ).state
  expect(verdict(alive, later(50))).toEqual({ kind: 'unreachable', why: 'taken-over' })
})

test('L3.6 what a look found that began before the server itself said why is not believed over it', () => {
  const lost = live([0, { type: 'wanted' }], [1, { type: 'closed', connection: 1, after: 'retry' }])
  const again = reduce(lost, { type: 'woke' }, later(10), 0).state
  const said = reduce(
    again,
    { type: 'outranked', connection: 2, boot: 3, isOwn: false, live: true },
    later(20),
    0,
  ).state
  for (const reason of [null, 'no-network', 'server-silent'] as const)
    for (const attempt of [1, 2])
      expect(
        reduce({ ...said, failures: 9 }, { type: 'diagnosed', attempt, reason }, later(30), 0).state.reason,
      ).toBe('taken-over')
  const newer: ReachabilityEvent = { type: 'diagnosed', attempt: 3, reason: 'no-network' }
  expect(reduce(said, newer, later(9_000), 0).state.reason).toBe('no-network')
  const unread = reduce(again, { type: 'storage-failed', connection: 2 }, later(20), 0).state
  const older: ReachabilityEvent = { type: 'diagnosed', attempt: 2, reason: 'no-network' }
  expect(reduce(unread, older, later(30), 0).state.reason).toBe('storage')
})

test('T9.2 a lease ends the yielding', () => {
  const again = live(
    ...leased,
    [500, { type: 'closed', connection: 1, after: 'taken-over' }],
    [9_000, { type: 'look' }],
    [9_100, { type: 'welcomed', connection: 2, timing }],
    [9_200, { type: 'leased', connection: 2, heartbeat: 1, leaseFor }],
  )
  expect(again).toMatchObject({ yields: false, reason: null })
  expect(verdict(again, later(9_200)).kind).toBe('reachable')
})

test('T9.4 what the server or the browser refuses is said and tried again by itself', () => {
  const refused: readonly [ReachabilityEvent, string][] = [
    [{ type: 'closed', connection: 1, after: 'wrong-address' }, 'wrong-address'],
    [{ type: 'closed', connection: 1, after: 'too-many-devices' }, 'too-many-devices'],
    [{ type: 'storage-failed', connection: 1 }, 'storage'],
  ]
  for (const [event, why] of refused) {
    const { state, effects } = reduce(live([0, { type: 'wanted' }]), event, later(10), 0.5)
    expect(verdict(state, later(10))).toEqual({ kind: 'unreachable', why })
    expect(effects).toEqual([{ type: 'close', connection: 1 }])
    expect(reduce(state, { type: 'look' }, later(510), 0.5).effects).toEqual([
      { type: 'open', connection: 2 },
    ])
  }
})
