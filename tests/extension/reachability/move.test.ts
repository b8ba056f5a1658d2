import { expect, test } from 'vitest'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { nextLook } from '../../../entrypoints/background/reachability/next-look.ts'
import { reduce } from '../../../entrypoints/background/reachability/reachability-reducer.ts'
import type { Reachability } from '../../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../../entrypoints/background/reachability/verdict.ts'
import { welcomeWithin } from '../../../protocol/timing.ts'
import { answerWithin, heartbeatEvery, later, leased, leaseEnd, leaseFor, live, timing } from './timeline.ts'

const move = [500, { type: 'move', connection: 1 }] as const
const challenged = [520, { type: 'challenged', connection: 2, nonce: 'y' }] as const
const welcomed = [560, { type: 'welcomed', connection: 2, timing }] as const
const moving = [...leased, move, challenged, welcomed] as const
const proven = [600, { type: 'leased', connection: 2, heartbeat: 1, leaseFor }] as const

const step = (state: Reachability, at: number, event: ReachabilityEvent) =>
  reduce(state, event, later(at), 0.5)
const isGreen = (state: Reachability, at: number) => verdict(state, later(at)).kind === 'reachable'

test('L3.10 asked to move, a device opens, greets and asks on a second connection while the first stays green', () => {
  const asked = step(live(...leased), ...move)
  expect(asked.effects).toEqual([{ type: 'open', connection: 2 }])
  const greeted = step(asked.state, ...challenged)
  expect(greeted.effects).toEqual([{ type: 'hello', connection: 2, nonce: 'y', takeOver: true }])
  const open = step(greeted.state, ...welcomed)
  expect(open.effects).toEqual([{ type: 'heartbeat', connection: 2, n: 1 }])
  for (const { state } of [asked, greeted, open]) {
    expect(state.connection).toMatchObject({ at: 'open', number: 1 })
    expect(isGreen(state, 560)).toBe(true)
  }
  // Asked once more, it is at it already.
  expect(step(open.state, 570, move[1]).effects).toEqual([])
  const moved = step(open.state, ...proven)
  expect(moved.effects).toEqual([{ type: 'close', connection: 1 }])
  expect(moved.state).toMatchObject({ successor: null, connection: { number: 2, lease: { lasts: 14_250 } } })
  expect(isGreen(moved.state, 600)).toBe(true)
})

test('L3.10 the first connection goes on with its heartbeats, and its leases count, until the second has one', () => {
  const at = 100 + heartbeatEvery
  const slow = step(live(...leased, move), at, { type: 'look' })
  expect(slow.effects).toContainEqual({ type: 'heartbeat', connection: 1, n: 2 })
  const answered = step(slow.state, at + 50, { type: 'leased', connection: 1, heartbeat: 2, leaseFor })
  expect(isGreen(answered.state, at + 10_000)).toBe(true)
})

test.each<readonly [string, ReachabilityEvent]>([
  ['is closed by its server', { type: 'closed', connection: 2, after: 'retry' }],
  ['is one device too many', { type: 'closed', connection: 2, after: 'too-many-devices' }],
  ['cannot read what the hello needs', { type: 'storage-failed', connection: 2 }],
  ['is given no lease', { type: 'not-leased', connection: 2, heartbeat: 1, why: 'routing' }],
])('L3.10 a second connection that %s is tried again after a while, and the first stays', (_, event) => {
  const failed = step(live(...moving), 600, event)
  expect(failed.effects).toEqual([{ type: 'close', connection: 2 }])
  expect(isGreen(failed.state, 600)).toBe(true)
  expect(nextLook(failed.state, later(1_090))).toBe(10)
  expect(step(failed.state, 1_099, { type: 'look' }).effects).toEqual([])
  const again = step(failed.state, 1_100, { type: 'look' })
  expect(again.effects).toEqual([{ type: 'open', connection: 3 }])
  // Each wait is a part of a span twice as long.
  const twice = step(again.state, 1_200, { type: 'closed', connection: 3, after: 'retry' })
  expect(step(twice.state, 2_199, { type: 'look' }).effects).toEqual([])
  expect(step(twice.state, 2_200, { type: 'look' }).effects).toEqual([{ type: 'open', connection: 4 }])
})

test('L3.10 a second connection that is told to move as well takes its place first', () => {
  const told = step(live(...moving), 590, { type: 'move', connection: 2 })
  expect(told.effects).toEqual([])
  const moved = step(told.state, ...proven)
  expect(moved.effects).toEqual([{ type: 'close', connection: 1 }])
  expect(isGreen(moved.state, 600)).toBe(true)
  const on = step(moved.state, 1_600, { type: 'look' })
  expect(on.effects).toEqual([{ type: 'open', connection: 3 }])
  expect(isGreen(on.state, 1_600)).toBe(true)
})

test('L3.12 a device that each server asks to move does so ever more slowly, stays green, and at once after a rest', () => {
  let state = live(...leased)
  let at = 500
  const waited: number[] = []
  const asked = () => {
    const number = state.newest
    const told = step(state, at, { type: 'move', connection: number })
    state = told.state
    const since = at
    let { effects } = told
    while (effects.length === 0) {
      at += 50
      ;({ state, effects } = step(state, at, { type: 'look' }))
    }
    expect(effects).toEqual([{ type: 'open', connection: number + 1 }])
    waited.push(at - since)
    const connection = number + 1
    const events: ReachabilityEvent[] = [
      { type: 'challenged', connection, nonce: 'y' },
      { type: 'welcomed', connection, timing },
      { type: 'leased', connection, heartbeat: 1, leaseFor },
    ]
    for (const event of events) state = step(state, at, event).state
    expect(isGreen(state, at)).toBe(true)
  }
  for (let n = 0; n < 4; n += 1) asked()
  expect(waited).toEqual([0, 1_000, 2_000, 4_000])
  at += 60_000
  const rested = step(state, at, { type: 'move', connection: state.newest })
  expect(rested.effects).toEqual([{ type: 'open', connection: state.newest + 1 }])
})

test('L3.10 T9.3 once a copy has come between, what ends the first connection is that copy, to which it yields', () => {
  const between: readonly ReachabilityEvent[] = [
    { type: 'outranked', connection: 2, boot: 7, isOwn: false, live: true },
    { type: 'closed', connection: 2, after: 'taken-over' },
  ]
  for (const event of between) {
    const lost = step(live(...moving, [580, event]), 590, {
      ...{ type: 'closed', connection: 1, after: 'taken-over' },
    } as ReachabilityEvent).state
    expect(verdict(lost, later(590))).toEqual({ kind: 'unreachable', why: 'taken-over' })
    expect(lost.yields).toBe(true)
  }
})

test('L3.10 a second connection that is not welcomed, or not answered, in time is tried again too', () => {
  const opening = live(...leased, move)
  expect(step(opening, 499 + welcomeWithin, { type: 'look' }).effects).toEqual([])
  expect(step(opening, 500 + welcomeWithin, { type: 'look' }).effects).toEqual([
    { type: 'close', connection: 2 },
  ])
  const open = live(...moving)
  expect(step(open, 559 + answerWithin, { type: 'look' }).effects).toEqual([])
  expect(step(open, 560 + answerWithin, { type: 'look' }).effects).toEqual([{ type: 'close', connection: 2 }])
})

test('L3.10 when the first ends before, the second is all there is, and nothing is green until it is proven', () => {
  for (const before of [live(...leased, move), live(...moving)]) {
    const ended = step(before, 590, { type: 'closed', connection: 1, after: 'retry' })
    expect(ended.effects).toEqual([{ type: 'close', connection: 1 }])
    expect(ended.state).toMatchObject({ successor: null, connection: { number: 2 } })
    expect(isGreen(ended.state, 590)).toBe(false)
  }
  const between = live(...moving, [600, { type: 'closed', connection: 2, after: 'retry' }])
  const gone = step(between, 700, { type: 'closed', connection: 1, after: 'retry' })
  expect(gone.state).toMatchObject({ successor: null, connection: { at: 'closed', retry: { after: 500 } } })
})

test('L3.10 T9.3 a first connection that its own second one replaced is no other copy’s', () => {
  const events: readonly ReachabilityEvent[] = [
    { type: 'outranked', connection: 1, boot: 1, isOwn: true, live: true },
    { type: 'closed', connection: 1, after: 'taken-over' },
  ]
  for (const event of events) {
    const ended = step(live(...moving), 590, event)
    expect(ended.effects).toEqual([{ type: 'close', connection: 1 }])
    expect(isGreen(step(ended.state, ...proven).state, 600)).toBe(true)
    const abandoned = live(...moving, [580, { type: 'closed', connection: 2, after: 'retry' }])
    const lost = step(abandoned, 590, event).state
    expect(verdict(lost, later(590))).toEqual({ kind: 'checking' })
    expect(lost.yields).toBe(false)
  }
  // One whose hello was not said yet can have replaced nothing.
  const other = step(live(...leased, move), 590, {
    type: 'outranked',
    connection: 1,
    boot: 7,
    isOwn: false,
    live: true,
  })
  expect(verdict(other.state, later(590))).toEqual({ kind: 'unreachable', why: 'taken-over' })
})

const replaced = { type: 'outranked', connection: 1, boot: 1, isOwn: true, live: true } as const

test('T1.1 L3.10 where a copy ended the first, and not the second, the lease of the first stands for no one', () => {
  const copied = step(live(...moving), 590, { ...replaced, boot: 7, isOwn: false })
  expect(isGreen(copied.state, 590)).toBe(false)
})

test('L3.10 where the end of the first is heard before the lease of the second, the first lease stands until that comes', () => {
  const between = step(live(...moving), 590, replaced)
  expect(between.state.connection).toMatchObject({ number: 2, lease: { sentAt: later(100) } })
  expect(isGreen(between.state, 590)).toBe(true)
  expect(isGreen(between.state, leaseEnd - 1)).toBe(true)
  expect(isGreen(between.state, leaseEnd)).toBe(false)
  // It says no, is gone, or says nothing in time.
  for (const event of [
    { type: 'not-leased', connection: 2, heartbeat: 1, why: 'routing' },
    { type: 'closed', connection: 2, after: 'retry' },
  ] as const)
    expect(isGreen(step(between.state, 600, event).state, 600)).toBe(false)
  expect(isGreen(step(between.state, 560 + answerWithin, { type: 'look' }).state, 560 + answerWithin)).toBe(
    false,
  )
})

test('L3.10 T1.1 an end that says of no lease, or may be of an earlier second connection, keeps no green', () => {
  const ends: readonly ReachabilityEvent[] = [
    { ...replaced, live: false },
    { type: 'closed', connection: 1, after: 'taken-over' },
  ]
  for (const end of ends) expect(isGreen(step(live(...moving), 590, end).state, 590)).toBe(false)
  const again = [
    [560 + answerWithin, { type: 'look' }],
    [5_100, { type: 'look' }],
    [5_110, { type: 'challenged', connection: 3, nonce: 'z' }],
    [5_120, { type: 'welcomed', connection: 3, timing }],
  ] as const
  const third = live(...moving, ...again)
  expect(third).toMatchObject({
    connection: { number: 1 },
    successor: { connection: { at: 'open', number: 3 } },
  })
  expect(isGreen(third, 5_130)).toBe(true)
  expect(isGreen(step(third, 5_130, replaced).state, 5_130)).toBe(false)
  // The earlier one had said nothing yet.
  const greeted = live(
    ...leased,
    move,
    [510, { type: 'closed', connection: 2, after: 'retry' }],
    [1_100, { type: 'look' }],
    [1_110, { type: 'challenged', connection: 3, nonce: 'z' }],
    [1_120, { type: 'welcomed', connection: 3, timing }],
  )
  expect(isGreen(step(greeted, 1_130, replaced).state, 1_130)).toBe(true)
})

test('L3.10 T9.2 where a copy has come between, the first connection hears whose the device is', () => {
  const outranked = step(live(...moving), 590, {
    type: 'outranked',
    connection: 2,
    boot: 7,
    isOwn: false,
    live: false,
  })
  expect(outranked.effects).toEqual([
    { type: 'renumber', above: 7 },
    { type: 'close', connection: 2 },
  ])
  expect(outranked.state).toMatchObject({ successor: null, connection: { number: 1 } })
})

test('L3.10 T1.8 after a doubt no answer counts that was asked for before it', () => {
  const doubted = step(live(...moving), 590, { type: 'doubted' })
  expect(doubted.effects).toEqual([
    { type: 'heartbeat', connection: 1, n: 2 },
    { type: 'close', connection: 2 },
  ])
  expect(isGreen(step(doubted.state, ...proven).state, 600)).toBe(false)
})

test('L3.10 A8.16 a session that is over ends both, and so does a log-out', () => {
  const over = step(live(...moving), 590, { type: 'closed', connection: 2, after: 'sign-out' })
  expect(over.effects).toEqual([
    { type: 'close', connection: 1 },
    { type: 'session-ended', why: undefined },
  ])
  expect(over.state.wanted).toBe(false)
  expect(step(live(...moving), 590, { type: 'unwanted' }).effects).toEqual([
    { type: 'close', connection: 1 },
    { type: 'close', connection: 2 },
  ])
})
