import { expect, test } from 'vitest'
import { nextLook } from '../../../entrypoints/background/reachability/next-look.ts'
import { atRest } from '../../../entrypoints/background/reachability/state.ts'
import { clockLookEvery, idleLookEvery, welcomeWithin } from '../../../protocol/timing.ts'
import { answerWithin, heartbeatEvery, later, leased, leaseEnd, live, welcomed } from './timeline.ts'

test('T6.3 nobody signed in means nothing to look at', () => {
  expect(nextLook(atRest, later(0))).toBeNull()
})

const retrying = () => live(...leased, [500, { type: 'closed', connection: 1, after: 'retry' }])
const givenUp = () => live(...leased, [500, { type: 'closed', connection: 1, after: 'outdated' }])
const opening = () => live([0, { type: 'wanted' }])
const asking = () => live(...leased, [100 + heartbeatEvery, { type: 'look' }])

test.each([
  ['a retry', retrying, 1_000, idleLookEvery],
  ['a welcome', opening, welcomeWithin, idleLookEvery],
  ['the first answer', () => live(...welcomed), 100 + answerWithin, idleLookEvery],
  ['the next heartbeat', () => live(...leased), 100 + heartbeatEvery, clockLookEvery],
  ['an answer while there is a lease', asking, 100 + heartbeatEvery + answerWithin, clockLookEvery],
] as const)(
  'T1.4 T3.1 the clocks are looked at when %s is due, and before that every half second of green, else every 5 s',
  (_, at, due, every) => {
    const state = at()
    expect(nextLook(state, later(due - every - 1))).toBe(every)
    expect(nextLook(state, later(due - every + 1))).toBe(every - 1)
    expect(nextLook(state, later(due - 1))).toBe(1)
    expect(nextLook(state, later(due))).toBe(0)
    expect(nextLook(state, later(due + 5_000))).toBe(0)
  },
)

test('T3.1 the end of a lease is looked at too, when its heartbeat went out late', () => {
  const late = live(...leased, [13_000, { type: 'look' }])
  expect(nextLook(late, later(leaseEnd - 7))).toBe(7)
  // Once it is over, only the answer is waited for: a look now would find nothing, again and again.
  expect(nextLook(late, later(leaseEnd))).toBe(clockLookEvery)
  expect(nextLook(late, later(13_000 + answerWithin - 7))).toBe(7)
})

test('T1.4 a connection that only a wake-up opens is looked at every 5 s all the same', () => {
  expect(nextLook(givenUp(), later(90_000))).toBe(idleLookEvery)
})
