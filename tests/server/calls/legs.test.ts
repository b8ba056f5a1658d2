import { expect, test } from 'vitest'
import {
  acknowledgedOn,
  allLost,
  askedOn,
  endLate,
  type Leg,
  type Legs,
  lostOn,
  nodesOf,
  replacedOn,
  ringingDevices,
} from '../../../server/calls/legs.ts'

const nobody: Legs = new Map()
/** Connections `a` and `b`, each of a device of its own, asked at 0 and 1. */
const askBoth = () =>
  askedOn(askedOn(nobody, { connection: 'a', device: 'a' }, 0), { connection: 'b', device: 'b' }, 1)
const ringAndLose = () => lostOn(acknowledgedOn(askBoth(), 'a', 10), 'a')
const statesOf = (legs: Legs) => [...legs].map(([connection, { state }]) => [connection, state])

test('P1.1 a leg that is asked anew counts from then on, comes last, and keeps when it acknowledged before', () => {
  const rungAndLost = ringAndLose()
  const again = askedOn(rungAndLost, { connection: 'a', device: 'a' }, 20)
  expect([...again]).toEqual([
    ['b', { device: 'b', state: 'asked', askedAt: 1, acknowledgedAt: null, inherited: false, node: null }],
    ['a', { device: 'a', state: 'asked', askedAt: 20, acknowledgedAt: 10, inherited: false, node: null }],
  ])
  expect(acknowledgedOn(again, 'a', 30).get('a')).toMatchObject({ state: 'acknowledged', acknowledgedAt: 30 })
})

test('P1.1 losing a connection that was never asked, or is out already, changes nothing', () => {
  const asked = askBoth()
  expect(statesOf(lostOn(nobody, 'a'))).toEqual([])
  const [unanswered] = endLate(asked, 3_000)
  expect(statesOf(unanswered)).toEqual([
    ['a', 'unanswered'],
    ['b', 'asked'],
  ])
  expect(statesOf(allLost(unanswered))).toEqual([
    ['a', 'unanswered'],
    ['b', 'lost'],
  ])
})

test('T4.2 a leg is asked in vain at the third second, not a millisecond before', () => {
  const asked = askBoth()
  const rungAndLost = ringAndLose()
  expect(endLate(asked, 2_999)).toEqual([asked, []])
  expect(endLate(asked, 3_000)[1]).toEqual(['a'])
  expect(endLate(asked, 3_001)[1]).toEqual(['a', 'b'])
  expect(endLate(rungAndLost, 3_000)).toEqual([rungAndLost, []])
})

test('L4.10 only a leg that is still being asked passes on, to a connection that has none of its own', () => {
  const asked = askBoth()
  const rungAndLost = ringAndLose()
  const leg: Leg = {
    device: 'a',
    node: null,
    state: 'asked',
    askedAt: 0,
    acknowledgedAt: null,
    inherited: true,
  }
  expect(replacedOn(asked, 'a', 'a2').get('a2')).toEqual(leg)
  expect(replacedOn(rungAndLost, 'a', 'a2').has('a2')).toBe(false)
  expect(replacedOn(nobody, 'a', 'a2').size).toBe(0)
  expect(replacedOn(asked, 'a', 'b').get('b')).toEqual(asked.get('b'))
  expect(statesOf(acknowledgedOn(replacedOn(asked, 'a', 'a2'), 'a2', 5)).at(-1)).toEqual(['a2', 'asked'])
})

test('P1.1 it rings on the devices that acknowledged, and only who was asked can', () => {
  const asked = askBoth()
  const rungAndLost = ringAndLose()
  expect(ringingDevices(acknowledgedOn(asked, 'b', 5))).toBe(1)
  expect(acknowledgedOn(nobody, 'a', 5)).toEqual(nobody)
  expect(ringingDevices(acknowledgedOn(rungAndLost, 'a', 20))).toBe(0)
})

test('P6.5 a connection that no node is known to hold is waited for at none', () => {
  const asked = askBoth()
  const held = askedOn(asked, { connection: 'c', device: 'c', node: 'one' }, 2)
  expect(nodesOf(held)).toEqual(['one'])
})
