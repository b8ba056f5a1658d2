import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import { atRest, type Reachability } from '../../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { clockLookEvery, driftMargin, silenceBound, welcomeWithin } from '../../../protocol/timing.ts'
import {
  answerWithin,
  heartbeatEvery,
  later,
  leased,
  leaseEnd,
  leaseFor,
  live,
  timing,
  welcomed,
} from './timeline.ts'

const look: ReachabilityEvent = { type: 'look' }
const woke: ReachabilityEvent = { type: 'woke' }
const doubted: ReachabilityEvent = { type: 'doubted' }
const refused: ReachabilityEvent = { type: 'not-leased', connection: 1, heartbeat: 1, why: 'storage' }

/** What is done about an event so many milliseconds after the start. */
const effectsOf = (state: Reachability, event: ReachabilityEvent, at: number) =>
  reduce(state, event, later(at), 0).effects

/** The connection is let go of for a new one. */
const anew = [
  { type: 'close', connection: 1 },
  { type: 'open', connection: 2 },
]
const lostUnexplained = [
  { type: 'close', connection: 1 },
  { type: 'diagnose', attempt: 1 },
]
const heartbeat = (n: number) => [{ type: 'heartbeat', connection: 1, n }]

test('T1.5 what does not come in its turn changes nothing', () => {
  const opening = live([0, { type: 'wanted' }])
  const open = live(...welcomed)
  const strays: readonly [Reachability, ReachabilityEvent][] = [
    [opening, { type: 'wanted' }],
    [opening, { type: 'leased', connection: 1, heartbeat: 0, leaseFor }],
    [opening, refused],
    [opening, doubted],
    [open, { type: 'challenged', connection: 1, nonce: 'y' }],
    [open, { type: 'welcomed', connection: 1, timing }],
    [open, { type: 'not-leased', connection: 1, heartbeat: 2, why: 'storage' }],
    [open, { type: 'diagnosed', attempt: 1, reason: 'server-silent' }],
    [atRest, { type: 'diagnosed', attempt: 1, reason: 'server-silent' }],
    [live(...leased), { type: 'leased', connection: 1, heartbeat: 1, leaseFor: 10_000 }],
  ]
  for (const [state, event] of strays)
    expect(reduce(state, event, later(450), 0)).toEqual({ state, effects: [] })
})

test('T3.3 a heartbeat that was refused is not granted afterwards, and one that is under way still may be', () => {
  const refusedNow = live(...welcomed, [300, refused])
  const granted: ReachabilityEvent = { type: 'leased', connection: 1, heartbeat: 1, leaseFor }
  expect(reduce(refusedNow, granted, later(310), 0).state).toBe(refusedNow)
  // It was answered: the connection is not given up, and the next heartbeat goes out when it is due.
  expect(effectsOf(refusedNow, look, 100 + heartbeatEvery - 1)).toEqual([])
  expect(effectsOf(refusedNow, look, 100 + heartbeatEvery)).toEqual(heartbeat(2))

  const older = live(...leased, [100 + heartbeatEvery, look], [10_200, refused])
  const second: ReachabilityEvent = { type: 'leased', connection: 1, heartbeat: 2, leaseFor }
  expect(verdict(reduce(older, second, later(10_300), 0).state, later(10_300)).kind).toBe('reachable')
  // Not being answered, it is given up in its time.
  expect(effectsOf(older, look, 100 + heartbeatEvery + answerWithin - 1)).toEqual([])
  expect(effectsOf(older, look, 100 + heartbeatEvery + answerWithin)).toEqual(lostUnexplained)
})

test('T3.3 a refusal after the answer leaves the heartbeat answered', () => {
  const state = live(...leased, [500, refused])
  expect(state.connection).toMatchObject({ heartbeat: { n: 1, answered: true }, lease: null })
  const older = live(
    ...leased,
    [10_100, look],
    [10_200, { type: 'leased', connection: 1, heartbeat: 2, leaseFor }],
    [10_300, refused],
  )
  expect(older.connection).toMatchObject({ heartbeat: { n: 2, answered: true }, lease: null })
})

test('T1.6 T1.10 a lease lasts as long as the server says, and no longer than a heartbeat and its answer may take', () => {
  const short = live(...welcomed, [200, { type: 'leased', connection: 1, heartbeat: 1, leaseFor: 5_000 }])
  expect(verdict(short, later(100 + 5_000 - driftMargin - 1)).kind).toBe('reachable')
  expect(verdict(short, later(100 + 5_000 - driftMargin)).kind).toBe('checking')
  expect(leaseEnd).toBe(100 + silenceBound(timing) + clockLookEvery)
})

test('L3.1 a connection that is lost tells why only when it never came about', () => {
  const lost: ReachabilityEvent = { type: 'closed', connection: 1, after: 'retry' }
  expect(effectsOf(live([0, { type: 'wanted' }]), lost, 50)).toEqual(lostUnexplained)
  expect(effectsOf(live(...leased), lost, 500)).toEqual([{ type: 'close', connection: 1 }])
})

test('T6.3 an ended session leaves nothing but the number of the last connection', () => {
  const closed = { type: 'closed', connection: 1, after: 'sign-out' } as const
  const ended = reduce(live(...leased), closed, later(500), 0)
  expect(ended).toEqual({ state: { ...atRest, newest: 1 }, effects: [{ type: 'session-ended' }] })
  const because = { ...closed, why: 'passwordChanged' } as const
  expect(reduce(live(...leased), because, later(500), 0).effects).toEqual([
    { type: 'session-ended', why: 'passwordChanged' },
  ])
  const out = reduce(live(...leased), { type: 'unwanted' }, later(500), 0)
  expect(out).toEqual({ state: { ...atRest, newest: 1 }, effects: [{ type: 'close', connection: 1 }] })
  expect(effectsOf(out.state, { type: 'wanted' }, 600)).toEqual([{ type: 'open', connection: 2 }])
})

test('T1.7 T6.2 where only a newer version helps, the connection stays closed until a wake-up', () => {
  const outdated = reduce(
    live([0, { type: 'wanted' }]),
    { type: 'closed', connection: 1, after: 'outdated' },
    later(50),
    0,
  )
  expect(verdict(outdated.state, later(50))).toEqual({ kind: 'unreachable', why: 'outdated' })
  expect(outdated.effects).toEqual([{ type: 'close', connection: 1 }])
  expect(effectsOf(outdated.state, look, 600_000)).toEqual([])
  expect(effectsOf(outdated.state, woke, 30_000)).toEqual([{ type: 'open', connection: 2 }])
})

test('T5.1 what was found wrong is said until something else is, or a lease comes', () => {
  const closed = live(
    [0, { type: 'wanted' }],
    [welcomeWithin, look],
    [8_100, { type: 'diagnosed', attempt: 1, reason: 'no-network' }],
  )
  const asked = reduce(closed, { type: 'diagnosed', attempt: 2, reason: null }, later(8_200), 0).state
  expect(asked.reason).toBe('no-network')
  expect(live(...leased)).toMatchObject({ reason: null, failures: 0 })
  const again = reduce(closed, { type: 'try-now' }, later(8_200), 0).state
  expect(again).toMatchObject({ reason: null, failures: 0, connection: { at: 'opening', number: 2 } })
})

test('L3.8 connections that end before their second lease are waited for longer and longer', () => {
  let state = live([0, { type: 'wanted' }])
  const waits: (number | undefined)[] = []
  const connected = (connection: number, heartbeats: number) => {
    const at = connection * 100_000
    const hear = (event: ReachabilityEvent) => {
      state = reduce(state, event, later(at), 0.999).state
    }
    if (connection > 1) hear({ type: 'woke' })
    hear({ type: 'welcomed', connection, timing })
    for (let n = 1; n <= heartbeats; n += 1) {
      if (n > 1) hear({ type: 'doubted' })
      hear({ type: 'leased', connection, heartbeat: n, leaseFor })
    }
    hear({ type: 'closed', connection, after: 'retry' })
    waits.push(state.connection.at === 'closed' ? Math.round(state.connection.retry?.after ?? 0) : undefined)
  }
  for (let connection = 1; connection <= 6; connection += 1) connected(connection, 1)
  expect(waits).toEqual([999, 1_998, 3_996, 7_992, 14_985, 14_985])
  connected(7, 2)
  expect(waits.at(-1)).toBe(999)
})

test('T6.2 a wake-up first does what is due', () => {
  expect(effectsOf(live([0, { type: 'wanted' }]), woke, welcomeWithin)).toEqual(lostUnexplained)
  expect(effectsOf(live([0, { type: 'wanted' }]), woke, 100)).toEqual([])
  // Asked just now, or being asked: nothing is asked twice.
  expect(effectsOf(live(...leased), woke, 2_100)).toEqual([])
  expect(effectsOf(live(...leased), woke, 2_101)).toEqual(heartbeat(2))
  expect(effectsOf(live(...welcomed), woke, 3_000)).toEqual([])
})

test('T1.8 a doubt asks anew, on a new connection where the old one has not answered in time or time has leapt', () => {
  expect(effectsOf(live(...leased), doubted, 9_000)).toEqual(heartbeat(2))
  expect(effectsOf(live(...welcomed), doubted, 100 + answerWithin - 1)).toEqual(heartbeat(2))
  expect(effectsOf(live(...welcomed), doubted, 100 + answerWithin)).toEqual(anew)
  expect(effectsOf(live(...leased), doubted, leaseEnd - 1)).toEqual(heartbeat(2))
  expect(effectsOf(live(...leased), doubted, leaseEnd)).toEqual(anew)
  // Refused, and so without a lease, but answered.
  expect(effectsOf(live(...welcomed, [300, refused]), doubted, 100 + answerWithin)).toEqual(heartbeat(2))
})

test('T3.2 a connection that never had a lease is lost with its heartbeat, and the reason looked for', () => {
  expect(effectsOf(live(...welcomed), look, 100 + answerWithin - 1)).toEqual([])
  expect(effectsOf(live(...welcomed), look, 100 + answerWithin)).toEqual(lostUnexplained)
})

test('T1.4 a lease that ran out while its heartbeats were answered means that time leapt: a new connection is opened', () => {
  expect(effectsOf(live(...leased), look, leaseEnd)).toEqual(anew)
  expect(effectsOf(live(...leased), look, 100 + heartbeatEvery - 1)).toEqual([])
})

test('T9.4 a connection is opened again as soon as its retry is due, and not before', () => {
  const lost = reduce(
    live(...leased),
    { type: 'closed', connection: 1, after: 'retry' },
    later(500),
    0.5,
  ).state
  expect(effectsOf(lost, look, 999)).toEqual([])
  expect(effectsOf(lost, look, 1_000)).toEqual([{ type: 'open', connection: 2 }])
})
