import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import { atRest } from '../../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { defaultTiming, isSound, welcomeWithin } from '../../../protocol/timing.ts'
import {
  answerWithin,
  heartbeatEvery,
  later,
  leased,
  leaseEnd,
  leaseFor,
  live,
  start,
  timing,
  welcomed,
} from './timeline.ts'

test('T1.3 a lease counts from the sending of its heartbeat, not from the answer, and less a margin', () => {
  const state = live(...leased)
  expect(verdict(state, later(400))).toEqual({ kind: 'reachable', confirmedAt: start.wall + 100 })
  expect(verdict(state, later(leaseEnd - 1)).kind).toBe('reachable')
  expect(verdict(state, later(leaseEnd)).kind).toBe('checking')
})

test('T1.4 whichever clock says that more time has passed is believed', () => {
  const state = live(...leased)
  const hour = 3_600_000
  expect(verdict(state, later(500, hour)).kind).toBe('checking')
  expect(verdict(state, later(hour, 500)).kind).toBe('checking')
  expect(verdict(state, later(500, -hour)).kind).toBe('reachable')
})

test('T1.5 an answer to any heartbeat but the one under way proves nothing', () => {
  const unmoved = live(...welcomed)
  for (const event of [
    { type: 'leased', connection: 1, heartbeat: 2, leaseFor },
    { type: 'leased', connection: 1, heartbeat: 0, leaseFor },
    { type: 'leased', connection: 7, heartbeat: 1, leaseFor },
  ] as const)
    expect(reduce(unmoved, event, later(300), 0).state).toBe(unmoved)
})

test('T1.6 a server cannot promise longer than its own timing', () => {
  const state = live(...welcomed, [200, { type: 'leased', connection: 1, heartbeat: 1, leaseFor: 3_600_000 }])
  expect(verdict(state, later(leaseEnd)).kind).toBe('checking')
})

test('T1.7 a server whose timing could not hold the rules is not used', () => {
  const state = live(
    [0, { type: 'wanted' }],
    [10, { type: 'welcomed', connection: 1, timing: { ...timing, leaseFor: 3_600_000 } }],
  )
  expect(verdict(state, later(20))).toEqual({ kind: 'unreachable', why: 'outdated' })
})

test.each([
  { answerWithin: 10_000 },
  { answerWithin: 0 },
  { leaseFor: 14_700 },
  { leaseFor: 30_000 },
  { leaseFor: Number.POSITIVE_INFINITY },
  { heartbeatEvery: 30_000, leaseFor: 60_000 },
])('T1.7 the timing of today is sound, and not with %o', (changed) => {
  expect(isSound(defaultTiming)).toBe(true)
  expect(isSound({ ...defaultTiming, ...changed })).toBe(false)
})

test('T3.1 every way out of a lease ends it in the same step', () => {
  const state = live(...leased)
  const ends: ReachabilityEvent[] = [
    { type: 'unwanted' },
    { type: 'not-leased', connection: 1, heartbeat: 1, why: 'storage' },
    { type: 'closed', connection: 1, after: 'retry' },
    { type: 'closed', connection: 1, after: 'sign-out' },
    { type: 'closed', connection: 1, after: 'taken-over' },
    { type: 'closed', connection: 1, after: 'wrong-address' },
    { type: 'closed', connection: 1, after: 'too-many-devices' },
    { type: 'closed', connection: 1, after: 'outdated' },
    { type: 'outranked', connection: 1, boot: 7, isOwn: false, live: false },
    { type: 'storage-failed', connection: 1 },
    { type: 'doubted' },
    { type: 'try-now' },
  ]
  for (const event of ends)
    expect(verdict(reduce(state, event, later(500), 0.5).state, later(500)).kind, event.type).not.toBe(
      'reachable',
    )
})

test('T3.2 an unanswered heartbeat ends the lease and the connection, and a new connection is opened at once', () => {
  const state = live(...leased, [100 + heartbeatEvery, { type: 'look' }])
  const silent = reduce(state, { type: 'look' }, later(100 + heartbeatEvery + answerWithin), 0.5)
  expect(verdict(silent.state, later(100 + heartbeatEvery + answerWithin)).kind).toBe('checking')
  expect(silent.effects).toEqual([
    { type: 'close', connection: 1 },
    { type: 'open', connection: 2 },
  ])
})

test('T3.3 a storage fault between two heartbeats ends the lease of the first at once', () => {
  const state = live(
    ...leased,
    [100 + heartbeatEvery, { type: 'look' }],
    [10_200, { type: 'not-leased', connection: 1, heartbeat: 1, why: 'storage' }],
  )
  expect(verdict(state, later(10_200))).toEqual({ kind: 'unreachable', why: 'server-cannot-keep-calls' })
})

test.each(['routing', 'unknown'] as const)(
  'T3.3 L1.9 so does no lease for %s, which says its own reason',
  (why) => {
    const state = live(...leased, [10_200, { type: 'not-leased', connection: 1, heartbeat: 1, why }])
    expect(verdict(state, later(10_200))).toEqual({ kind: 'unreachable', why: 'server-cannot-bring-calls' })
  },
)

test('L3.1 a connection that is not welcomed in time is given up and the reason looked for', () => {
  const { state, effects } = reduce(
    live([0, { type: 'wanted' }]),
    { type: 'look' },
    later(welcomeWithin),
    0.5,
  )
  expect(effects).toEqual([
    { type: 'close', connection: 1 },
    { type: 'diagnose', attempt: 1 },
  ])
  const known = reduce(
    state,
    { type: 'diagnosed', attempt: 1, reason: 'server-silent' },
    later(welcomeWithin + 50),
    0.5,
  )
  expect(verdict(known.state, later(welcomeWithin + 50))).toEqual({
    kind: 'unreachable',
    why: 'server-silent',
  })
})

test('L3.2 retries wait longer and longer, but never longer than the longest wait', () => {
  let state = live([0, { type: 'wanted' }])
  const waits: number[] = []
  for (let i = 0; i < 8; i += 1) {
    const connection = state.newest
    state = reduce(state, { type: 'closed', connection, after: 'retry' }, later(0), 1).state
    if (state.connection.at === 'closed' && state.connection.retry) waits.push(state.connection.retry.after)
    state = reduce(state, { type: 'woke' }, later(0), 1).state
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000])
})

test('L3.3 a server that answers questions but never a connection is said to be silent after three tries', () => {
  let state = live([0, { type: 'wanted' }])
  const verdicts: string[] = []
  for (let i = 0; i < 4; i += 1) {
    state = reduce(state, { type: 'closed', connection: state.newest, after: 'retry' }, later(i), 0).state
    state = reduce(state, { type: 'diagnosed', attempt: state.newest, reason: null }, later(i), 0).state
    verdicts.push(verdict(state, later(i)).kind)
    state = reduce(state, { type: 'woke' }, later(i), 0).state
  }
  expect(verdicts).toEqual(['checking', 'checking', 'unreachable', 'unreachable'])
})

test('T1.10 an answer to a heartbeat that was sent late does not make green last longer', () => {
  // The heartbeat that was due at 10,100 goes out at 13,000: a timer was late, or the machine napped.
  const late = live(...leased, [13_000, { type: 'look' }])
  expect(verdict(late, later(leaseEnd - 1)).kind).toBe('reachable')
  const ended = reduce(late, { type: 'look' }, later(leaseEnd), 0)
  expect(verdict(ended.state, later(leaseEnd)).kind).toBe('checking')
  // The connection is not given up before the heartbeat had its time to be answered.
  expect(ended.effects).toEqual([])
  const answered = reduce(
    ended.state,
    { type: 'leased', connection: 1, heartbeat: 2, leaseFor },
    later(leaseEnd + 100),
    0,
  )
  expect(verdict(answered.state, later(leaseEnd + 100)).kind).toBe('reachable')
  expect(reduce(ended.state, { type: 'look' }, later(17_000), 0).effects).toEqual([
    { type: 'close', connection: 1 },
    { type: 'open', connection: 2 },
  ])
})

test('T6.2 a wake-up reopens a closed connection, and asks anew on an open one unless it has just asked', () => {
  const lost = live(...leased, [500, { type: 'closed', connection: 1, after: 'retry' }])
  expect(reduce(lost, { type: 'woke' }, later(510), 1).effects).toEqual([{ type: 'open', connection: 2 }])
  const open = live(...leased)
  expect(reduce(open, { type: 'woke' }, later(500), 0).effects).toEqual([])
  expect(reduce(open, { type: 'woke' }, later(5_000), 0).effects).toEqual([
    { type: 'heartbeat', connection: 1, n: 2 },
  ])
})

test('T6.3 nobody signed in means no connection, whatever wakes the worker', () => {
  for (const type of ['woke', 'look', 'doubted', 'try-now'] as const)
    expect(reduce(atRest, { type }, later(0), 0)).toEqual({ state: atRest, effects: [] })
})

test('T1.8 green comes back only with a new answer after the network was doubted', () => {
  const doubted = reduce(live(...leased), { type: 'doubted' }, later(500), 0)
  expect(doubted.effects).toEqual([{ type: 'heartbeat', connection: 1, n: 2 }])
  expect(verdict(doubted.state, later(500)).kind).toBe('checking')
  const proven = reduce(
    doubted.state,
    { type: 'leased', connection: 1, heartbeat: 2, leaseFor },
    later(520),
    0,
  )
  expect(verdict(proven.state, later(520))).toEqual({ kind: 'reachable', confirmedAt: start.wall + 500 })
})
