import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import type { Instant } from '../../../entrypoints/background/reachability/instant.ts'
import { askAgainAfter, reduce } from '../../../entrypoints/background/reachability/reduce.ts'
import { atRest, type Reachability } from '../../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { believedFor, defaultTiming, welcomeWithin } from '../../../protocol/timing.ts'

const start: Instant = { mono: 50, wall: 1_800_000_000_000 }
const later = (mono: number, wall = mono): Instant => ({ mono: start.mono + mono, wall: start.wall + wall })
const timing = defaultTiming
const { leaseFor, beatEvery, answerWithin } = timing

/** Lives through events, each with the milliseconds since the start at which it comes, on both clocks. */
function live(...events: (readonly [number, ReachabilityEvent])[]): Reachability {
  return events.reduce((state, [at, event]) => reduce(state, event, later(at), 0.5).state, atRest)
}

const welcomed = [
  [0, { type: 'wanted' }],
  [10, { type: 'challenged', line: 1, nonce: 'x' }],
  [100, { type: 'welcomed', line: 1, timing }],
] as const
const leased = [...welcomed, [400, { type: 'leased', line: 1, beat: 1, leaseFor }]] as const
/** Beat 1 was sent at 100. */
const leaseEnd = 100 + believedFor(timing)

test('T1.3 a lease counts from the sending of its beat, not from the answer, and less a margin', () => {
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

test('T1.5 an answer to any beat but the one under way proves nothing', () => {
  const unmoved = live(...welcomed)
  for (const event of [
    { type: 'leased', line: 1, beat: 2, leaseFor },
    { type: 'leased', line: 1, beat: 0, leaseFor },
    { type: 'leased', line: 7, beat: 1, leaseFor },
  ] as const)
    expect(reduce(unmoved, event, later(300), 0).state).toBe(unmoved)
})

test('T1.6 a server cannot promise longer than its own timing', () => {
  const state = live(...welcomed, [200, { type: 'leased', line: 1, beat: 1, leaseFor: 3_600_000 }])
  expect(verdict(state, later(leaseEnd)).kind).toBe('checking')
})

test('T1.7 a server whose timing could not hold the rules is not used', () => {
  const state = live(
    [0, { type: 'wanted' }],
    [10, { type: 'welcomed', line: 1, timing: { ...timing, leaseFor: 3_600_000 } }],
  )
  expect(verdict(state, later(20))).toEqual({ kind: 'unreachable', why: 'outdated' })
})

test('T3.1 every way out of a lease ends it in the same step', () => {
  const state = live(...leased)
  const ends: ReachabilityEvent[] = [
    { type: 'unwanted' },
    { type: 'not-leased', line: 1, beat: 1 },
    { type: 'closed', line: 1, after: 'retry' },
    { type: 'closed', line: 1, after: 'sign-out' },
    { type: 'closed', line: 1, after: 'taken-over' },
    { type: 'closed', line: 1, after: 'wrong-address' },
    { type: 'closed', line: 1, after: 'too-many-devices' },
    { type: 'closed', line: 1, after: 'outdated' },
    { type: 'outranked', line: 1, boot: 7, live: false },
    { type: 'storage-failed', line: 1 },
    { type: 'doubted' },
    { type: 'try-now' },
  ]
  for (const event of ends)
    expect(verdict(reduce(state, event, later(500), 0.5).state, later(500)).kind, event.type).not.toBe(
      'reachable',
    )
})

test('T3.2 an unanswered beat ends the lease and the line, and a new line is opened at once', () => {
  const state = live(...leased, [100 + beatEvery, { type: 'look' }])
  const silent = reduce(state, { type: 'look' }, later(100 + beatEvery + answerWithin), 0.5)
  expect(verdict(silent.state, later(100 + beatEvery + answerWithin)).kind).toBe('checking')
  expect(silent.effects).toEqual([
    { type: 'close', line: 1 },
    { type: 'open', line: 2 },
  ])
})

test('T3.3 a storage fault between two beats ends the lease of the first at once', () => {
  const state = live(
    ...leased,
    [100 + beatEvery, { type: 'look' }],
    [10_200, { type: 'not-leased', line: 1, beat: 1 }],
  )
  expect(verdict(state, later(10_200))).toEqual({ kind: 'unreachable', why: 'server-cannot-keep-calls' })
})

test('L3.1 a line that is not welcomed in time is given up and the reason looked for', () => {
  const { state, effects } = reduce(
    live([0, { type: 'wanted' }]),
    { type: 'look' },
    later(welcomeWithin),
    0.5,
  )
  expect(effects).toEqual([{ type: 'close', line: 1 }, { type: 'diagnose' }])
  const known = reduce(state, { type: 'diagnosed', fault: 'server-silent' }, later(welcomeWithin + 50), 0.5)
  expect(verdict(known.state, later(welcomeWithin + 50))).toEqual({
    kind: 'unreachable',
    why: 'server-silent',
  })
})

test('L3.2 retries wait longer and longer, but never longer than the longest wait', () => {
  let state = live([0, { type: 'wanted' }])
  const waits: number[] = []
  for (let i = 0; i < 8; i += 1) {
    const line = state.newest
    state = reduce(state, { type: 'closed', line, after: 'retry' }, later(0), 1).state
    if (state.line.at === 'closed' && state.line.retry) waits.push(state.line.retry.after)
    state = reduce(state, { type: 'woke' }, later(0), 1).state
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000])
})

test('L3.3 a server that answers questions but never a line is said to be silent after three tries', () => {
  let state = live([0, { type: 'wanted' }])
  const verdicts: string[] = []
  for (let i = 0; i < 4; i += 1) {
    state = reduce(state, { type: 'closed', line: state.newest, after: 'retry' }, later(i), 0).state
    state = reduce(state, { type: 'diagnosed', fault: null }, later(i), 0).state
    verdicts.push(verdict(state, later(i)).kind)
    state = reduce(state, { type: 'woke' }, later(i), 0).state
  }
  expect(verdicts).toEqual(['checking', 'checking', 'unreachable', 'unreachable'])
})

test('T9.2 a line that another copy of the profile took over is asked for again, without taking it back', () => {
  const taken = reduce(live(...leased), { type: 'outranked', line: 1, boot: 7, live: false }, later(500), 0)
  expect(verdict(taken.state, later(500))).toEqual({ kind: 'unreachable', why: 'taken-over' })
  expect(taken.effects).toEqual([
    { type: 'renumber', above: 7 },
    { type: 'close', line: 1 },
  ])
  expect(reduce(taken.state, { type: 'look' }, later(499 + askAgainAfter), 0).effects).toEqual([])
  const again = reduce(taken.state, { type: 'look' }, later(500 + askAgainAfter), 0)
  expect(again.effects).toEqual([{ type: 'open', line: 2 }])
  const challenged: ReachabilityEvent = { type: 'challenged', line: 2, nonce: 'y' }
  expect(reduce(again.state, challenged, later(9_000), 0).effects).toEqual([
    { type: 'hello', line: 2, nonce: 'y', takeOver: false },
  ])
})

test('T9.2 every wake-up asks again for a line that was taken over; the person may take it back', () => {
  const taken = live(...leased, [500, { type: 'closed', line: 1, after: 'taken-over' }])
  expect(verdict(taken, later(500))).toEqual({ kind: 'unreachable', why: 'taken-over' })
  const woken = reduce(taken, { type: 'woke' }, later(600), 0)
  expect(woken.effects).toEqual([{ type: 'open', line: 2 }])
  expect(woken.state.yields).toBe(true)
  const wanted = reduce(taken, { type: 'try-now' }, later(600), 0)
  expect(wanted.effects).toEqual([{ type: 'open', line: 2 }])
  expect(wanted.state).toMatchObject({ yields: false, fault: null })
})

test('T9.3 a hello that was outranked by a line without a lease says nothing of another copy, and asks again soon', () => {
  const opening = live([0, { type: 'wanted' }], [10, { type: 'challenged', line: 1, nonce: 'x' }])
  const { state, effects } = reduce(
    opening,
    { type: 'outranked', line: 1, boot: 3, live: false },
    later(50),
    0.5,
  )
  expect(verdict(state, later(50)).kind).toBe('checking')
  expect(state.yields).toBe(true)
  expect(state.line).toMatchObject({ at: 'closed', retry: { after: 500 } })
  expect(effects).toEqual([
    { type: 'renumber', above: 3 },
    { type: 'close', line: 1 },
  ])
  const alive = reduce(opening, { type: 'outranked', line: 1, boot: 3, live: true }, later(50), 0.5).state
  expect(verdict(alive, later(50))).toEqual({ kind: 'unreachable', why: 'taken-over' })
})

test('T9.2 a lease ends the yielding', () => {
  const again = live(
    ...leased,
    [500, { type: 'closed', line: 1, after: 'taken-over' }],
    [9_000, { type: 'look' }],
    [9_100, { type: 'welcomed', line: 2, timing }],
    [9_200, { type: 'leased', line: 2, beat: 1, leaseFor }],
  )
  expect(again).toMatchObject({ yields: false, fault: null })
  expect(verdict(again, later(9_200)).kind).toBe('reachable')
})

test('T9.4 what the server or the browser refuses is said and tried again by itself', () => {
  const refused: readonly [ReachabilityEvent, string][] = [
    [{ type: 'closed', line: 1, after: 'wrong-address' }, 'wrong-address'],
    [{ type: 'closed', line: 1, after: 'too-many-devices' }, 'too-many-devices'],
    [{ type: 'storage-failed', line: 1 }, 'storage'],
  ]
  for (const [event, why] of refused) {
    const { state, effects } = reduce(live([0, { type: 'wanted' }]), event, later(10), 0.5)
    expect(verdict(state, later(10))).toEqual({ kind: 'unreachable', why })
    expect(effects).toEqual([{ type: 'close', line: 1 }])
    expect(reduce(state, { type: 'look' }, later(510), 0.5).effects).toEqual([{ type: 'open', line: 2 }])
  }
})

test('T1.10 an answer to a beat that was sent late does not make green last longer', () => {
  // The beat that was due at 10,100 goes out at 13,000: a timer was late, or the machine napped.
  const late = live(...leased, [13_000, { type: 'look' }])
  expect(verdict(late, later(leaseEnd - 1)).kind).toBe('reachable')
  const ended = reduce(late, { type: 'look' }, later(leaseEnd), 0)
  expect(verdict(ended.state, later(leaseEnd)).kind).toBe('checking')
  // The line is not given up before the beat had its time to be answered.
  expect(ended.effects).toEqual([])
  const answered = reduce(
    ended.state,
    { type: 'leased', line: 1, beat: 2, leaseFor },
    later(leaseEnd + 100),
    0,
  )
  expect(verdict(answered.state, later(leaseEnd + 100)).kind).toBe('reachable')
  expect(reduce(ended.state, { type: 'look' }, later(17_000), 0).effects).toEqual([
    { type: 'close', line: 1 },
    { type: 'open', line: 2 },
  ])
})

test('T6.2 a wake-up reopens a closed line, and asks anew on an open one unless it has just asked', () => {
  const lost = live(...leased, [500, { type: 'closed', line: 1, after: 'retry' }])
  expect(reduce(lost, { type: 'woke' }, later(510), 1).effects).toEqual([{ type: 'open', line: 2 }])
  const open = live(...leased)
  expect(reduce(open, { type: 'woke' }, later(500), 0).effects).toEqual([])
  expect(reduce(open, { type: 'woke' }, later(5_000), 0).effects).toEqual([{ type: 'beat', line: 1, n: 2 }])
})

test('T6.3 nobody signed in means no line, whatever wakes the worker', () => {
  for (const type of ['woke', 'look', 'doubted', 'try-now'] as const)
    expect(reduce(atRest, { type }, later(0), 0)).toEqual({ state: atRest, effects: [] })
})

test('T1.8 green comes back only with a new answer after the network was doubted', () => {
  const doubted = reduce(live(...leased), { type: 'doubted' }, later(500), 0)
  expect(doubted.effects).toEqual([{ type: 'beat', line: 1, n: 2 }])
  expect(verdict(doubted.state, later(500)).kind).toBe('checking')
  const proven = reduce(doubted.state, { type: 'leased', line: 1, beat: 2, leaseFor }, later(520), 0)
  expect(verdict(proven.state, later(520))).toEqual({ kind: 'reachable', confirmedAt: start.wall + 500 })
})
