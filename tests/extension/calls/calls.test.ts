import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CallEvent, isOver, reduceCalls } from '../../../entrypoints/background/calls/calls.ts'
import type { IncomingCall } from '../../../messages/state.ts'

const ring = (id: string): CallEvent => ({
  type: 'ring',
  call: { id, from: 'Clinic', at: 1, ringsFor: 45_000 },
  test: false,
})
const after = (...events: CallEvent[]) => events.reduce<readonly IncomingCall[]>(reduceCalls, [])
const phaseOf = (...events: CallEvent[]) => after(...events)[0]?.phase

test('C8.1 a call rung twice rings once', () => {
  expect(after(ring('a'), ring('a'))).toHaveLength(1)
})

test('C8.2 where a call was answered or declined is said, and it is never called missed', () => {
  const over = (outcome: 'answered' | 'declined', here: boolean) =>
    phaseOf(ring('a'), { type: 'over', call: 'a', outcome, here })
  expect(over('answered', true)).toEqual({ over: 'answered-here' })
  expect(over('answered', false)).toEqual({ over: 'answered-elsewhere' })
  expect(over('declined', true)).toEqual({ over: 'declined-here' })
  expect(over('declined', false)).toEqual({ over: 'declined-elsewhere' })
})

test('C8.3 a button counts once and only while the call rings', () => {
  const press = (button: 'answer' | 'decline'): CallEvent => ({ type: 'press', call: 'a', button })
  expect(phaseOf(ring('a'), press('answer'), press('decline'))).toBe('answering')
  const over: CallEvent = { type: 'over', call: 'a', outcome: 'cancelled', here: false }
  expect(phaseOf(ring('a'), over, press('answer'))).toEqual({ over: 'cancelled' })
})

test('C8.4 a call that no longer rings at the server does not ring on after a reconnection', () => {
  expect(phaseOf(ring('a'), { type: 'welcome', ringing: [] })).toEqual({ over: 'lost' })
  expect(phaseOf(ring('a'), { type: 'welcome', ringing: ['a'] })).toBe('ringing')
})

test('C8.12 a call that was answered or declined here waits for the server to say how it ended', () => {
  for (const button of ['answer', 'decline'] as const) {
    const pressed: CallEvent = { type: 'press', call: 'a', button }
    const phase = phaseOf(ring('a'), pressed, { type: 'welcome', ringing: [] })
    expect(phase).toBe(button === 'answer' ? 'answering' : 'declining')
  }
})

test('C8.5 signing out takes every call off the screen', () => {
  expect(after(ring('a'), ring('b'), { type: 'sign-out' })).toEqual([])
})

test('C8.6 whatever comes in whatever order, a call that is over stays as it ended', () => {
  const id = fc.constantFrom('a', 'b')
  const event: fc.Arbitrary<CallEvent> = fc.oneof(
    id.map(ring),
    fc.record({
      type: fc.constant('over' as const),
      call: id,
      outcome: fc.constantFrom('answered', 'declined', 'cancelled', 'missed'),
      here: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('press' as const),
      call: id,
      button: fc.constantFrom('answer', 'decline'),
    }),
    fc.record({ type: fc.constant('welcome' as const), ringing: fc.subarray(['a', 'b']) }),
    fc.record({ type: fc.constant('expire' as const), call: id }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let calls: readonly IncomingCall[] = []
      for (const each of events) {
        const ended = calls.filter(isOver)
        calls = reduceCalls(calls, each)
        for (const call of ended) expect(calls).toContainEqual(call)
        expect(new Set(calls.map((call) => call.id)).size).toBe(calls.length)
      }
    }),
  )
})
