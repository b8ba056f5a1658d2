import { beforeEach, expect, test } from 'vitest'
import {
  createReachabilityDriver,
  type ReachabilityDriver,
} from '../../../entrypoints/background/reachability/driver.ts'
import type { ReachabilityEffect } from '../../../entrypoints/background/reachability/events.ts'
import { clockLookEvery, driftMargin, idleLookEvery } from '../../../protocol/timing.ts'
import { answerWithin, leaseFor, timing } from './timeline.ts'

let mono: number
let wall: number
let online: boolean
let effects: ReachabilityEffect[]
let verdicts: string[]
let timers: { readonly in: number; readonly act: () => void; cancelled: boolean }[]
let changed: () => void
let driver: ReachabilityDriver

beforeEach(() => {
  mono = 1_000
  wall = 5_000_000
  online = true
  effects = []
  verdicts = []
  timers = []
  changed = () => verdicts.push(driver.verdict().kind)
  driver = createReachabilityDriver({
    clocks: () => ({ mono, wall }),
    random: () => 0,
    after: (milliseconds, act) => {
      const timer = { in: milliseconds, act, cancelled: false }
      timers.push(timer)
      return () => {
        timer.cancelled = true
      }
    },
    online: () => online,
    carryOut: (effect) => effects.push(effect),
    changed: () => changed(),
  })
})

const pass = (by: number) => {
  mono += by
  wall += by
}

function beGreen(): void {
  driver.dispatch({ type: 'wanted' })
  driver.dispatch({ type: 'challenged', connection: 1, nonce: 'x' })
  driver.dispatch({ type: 'welcomed', connection: 1, timing })
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 1, leaseFor })
  effects = []
  verdicts = []
}

const heartbeat = (n: number) => ({ type: 'heartbeat', connection: 1, n })

test('T3.1 whatever happens is carried out in order, and another verdict is told in the same step', () => {
  driver.dispatch({ type: 'wanted' })
  driver.dispatch({ type: 'closed', connection: 1, after: 'retry' })
  expect(effects).toEqual([
    { type: 'open', connection: 1 },
    { type: 'close', connection: 1 },
    { type: 'diagnose', attempt: 1 },
  ])
  expect(verdicts).toEqual(['checking'])
  driver.dispatch({ type: 'diagnosed', attempt: 1, reason: 'server-silent' })
  expect(verdicts).toEqual(['checking', 'unreachable'])
})

test('T3.1 U9.4 what changes nothing is told to nobody, and each change once and in order', () => {
  beGreen()
  const told: unknown[] = []
  changed = () => told.push([driver.verdict(), driver.openConnection()])
  const confirmedAt = wall
  for (let looks = 0; looks < 20; looks += 1) {
    driver.dispatch({ type: 'look' })
    pass(clockLookEvery)
  }
  expect(told).toEqual([])
  driver.dispatch({ type: 'look' })
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 2, leaseFor })
  expect(effects).toEqual([heartbeat(2)])
  const green = (at: number) => ({ kind: 'reachable', confirmedAt: at })
  expect(told).toEqual([[green(confirmedAt + 10_000), 1]])
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 2, leaseFor })
  driver.dispatch({ type: 'closed', connection: 1, after: 'retry' })
  driver.dispatch({ type: 'look' })
  driver.dispatch({ type: 'closed', connection: 1, after: 'retry' })
  expect(told.slice(1)).toEqual([[{ kind: 'checking' }, null]])
})

test('T1.1 T3.1 a lease that runs out is told at the look that comes at that moment', () => {
  driver.dispatch({ type: 'wanted' })
  driver.dispatch({ type: 'welcomed', connection: 1, timing })
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 1, leaseFor: driftMargin + 1_200 })
  verdicts = []
  for (const after of [500, 500, 200]) {
    expect(driver.verdict().kind).toBe('reachable')
    expect(verdicts).toEqual([])
    const next = timers.findLast(({ cancelled }) => !cancelled)
    expect(next?.in).toBe(after)
    pass(after)
    next?.act()
  }
  expect(verdicts).toEqual(['checking'])
})

test('T6.3 before anything happened nobody is signed in, and no clock is looked at', () => {
  expect(driver.verdict()).toEqual({ kind: 'unreachable', why: 'signed-out' })
  expect(driver.openConnection()).toBeNull()
  driver.dispatch({ type: 'look' })
  expect(timers).toEqual([])
})

test('L4.3 messages count on a connection from its welcome to its end', () => {
  driver.dispatch({ type: 'wanted' })
  expect(driver.openConnection()).toBeNull()
  driver.dispatch({ type: 'welcomed', connection: 1, timing })
  expect(driver.openConnection()).toBe(1)
  driver.dispatch({ type: 'closed', connection: 1, after: 'retry' })
  expect(driver.openConnection()).toBeNull()
})

test('T1.4 one look at the clocks is always to come, and each event puts it off', () => {
  beGreen()
  const waiting = () => timers.filter(({ cancelled }) => !cancelled)
  expect(waiting()).toMatchObject([{ in: clockLookEvery }])
  pass(100)
  driver.dispatch({ type: 'look' })
  expect(waiting()).toHaveLength(1)
  // A timer may not fire a fraction too soon and find nothing due.
  for (const by of [...Array<number>(19).fill(clockLookEvery), 300.5]) {
    pass(by)
    driver.dispatch({ type: 'look' })
  }
  const [next] = waiting()
  expect(next?.in).toBe(100)
  pass(100)
  next?.act()
  expect(effects).toEqual([heartbeat(2)])
  driver.dispatch({ type: 'unwanted' })
  expect(waiting()).toEqual([])
})

test('T1.8 a network that is said to be gone is a doubt, once', () => {
  beGreen()
  online = false
  driver.dispatch({ type: 'look' })
  expect(effects).toEqual([heartbeat(2)])
  expect(verdicts).toEqual(['checking'])
  driver.dispatch({ type: 'look' })
  expect(effects).toEqual([heartbeat(2)])
})

test('T6.2 a network that is back is a wake-up', () => {
  beGreen()
  online = false
  driver.dispatch({ type: 'look' })
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 2, leaseFor })
  pass(2_500)
  driver.dispatch({ type: 'look' })
  expect(effects).toEqual([heartbeat(2)])
  online = true
  driver.dispatch({ type: 'look' })
  expect(effects).toEqual([heartbeat(2), heartbeat(3)])
  // Asking anew does not end green.
  expect(driver.verdict().kind).toBe('reachable')
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 3, leaseFor })
  pass(2_500)
  driver.dispatch({ type: 'look' })
  expect(effects).toHaveLength(2)
})

test.each([
  ['longer than looks may be apart', 3_001, 3_001, 'checking'],
  ['as long as looks may be apart', 3_000, 3_000, 'reachable'],
  ['by the wall clock alone', 400, 3_001, 'checking'],
  ['by the monotonic clock alone, so that the wall clock was set back', 501, 0, 'checking'],
  ['a little less by the wall clock', 500, 0, 'reachable'],
  ['while the wall clock is set back', 0, -501, 'checking'],
  ['while the wall clock is corrected a little', 0, -500, 'reachable'],
] as const)('T1.4 T1.8 time that passed %s', (_, byMono, byWall, shown) => {
  beGreen()
  pass(2_600)
  driver.dispatch({ type: 'look' })
  expect(effects).toEqual([])
  mono += byMono
  wall += byWall
  driver.dispatch({ type: 'look' })
  expect(driver.verdict().kind).toBe(shown)
  expect(verdicts).toEqual(shown === 'checking' ? ['checking'] : [])
  expect(effects).toEqual(shown === 'checking' ? [heartbeat(2)] : [])
})

test('T1.4 T1.8 without a lease looks are rare, and what comes between two of them is no sleep', () => {
  beGreen()
  driver.dispatch({ type: 'closed', connection: 1, after: 'outdated' })
  const next = () => timers.filter(({ cancelled }) => !cancelled)
  expect(next()).toMatchObject([{ in: idleLookEvery }])
  driver.dispatch({ type: 'try-now' })
  driver.dispatch({ type: 'welcomed', connection: 2, timing })
  effects = []
  pass(answerWithin - 1)
  driver.dispatch({ type: 'look' })
  expect(effects).toEqual([])
  // A heartbeat that is not answered in time was asked before the sleep that this must have been.
  pass(idleLookEvery + 2_501)
  driver.dispatch({ type: 'look' })
  expect(effects).toContainEqual({ type: 'open', connection: 3 })
})

test('T1.8 a doubt comes before what is told at the same moment', () => {
  beGreen()
  pass(600)
  online = false
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 1, leaseFor })
  expect(verdicts).toEqual(['checking'])
})

test('L3.9 the newest heartbeat is known while its connection is open, and none else', () => {
  expect(driver.newestHeartbeat(1)).toBeNull()
  driver.dispatch({ type: 'wanted' })
  expect(driver.newestHeartbeat(1)).toBeNull()
  driver.dispatch({ type: 'challenged', connection: 1, nonce: 'x' })
  driver.dispatch({ type: 'welcomed', connection: 1, timing })
  expect(driver.newestHeartbeat(1)).toBe(1)
  driver.dispatch({ type: 'doubted' })
  expect(driver.newestHeartbeat(1)).toBe(2)
  driver.dispatch({ type: 'closed', connection: 1, after: 'retry' })
  expect(driver.newestHeartbeat(1)).toBeNull()
})

test('L3.10 L3.9 the newest heartbeat of the second connection is known beside that of the first', () => {
  beGreen()
  driver.dispatch({ type: 'doubted' })
  driver.dispatch({ type: 'leased', connection: 1, heartbeat: 2, leaseFor })
  driver.dispatch({ type: 'move', connection: 1 })
  expect([1, 2].map(driver.newestHeartbeat)).toEqual([2, null])
  driver.dispatch({ type: 'challenged', connection: 2, nonce: 'y' })
  driver.dispatch({ type: 'welcomed', connection: 2, timing })
  expect([1, 2, 3].map(driver.newestHeartbeat)).toEqual([2, 1, null])
})
