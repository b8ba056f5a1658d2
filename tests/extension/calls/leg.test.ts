import { expect, test } from 'vitest'
import {
  type CurrentConnection,
  endOf,
  isSettled,
  type Leg,
  nextChange,
  type Press,
  passTime,
  phaseOf,
} from '../../../entrypoints/background/calls/leg.ts'
import type { Instant } from '../../../entrypoints/background/clocks.ts'

const at = (ms: number): Instant => ({ mono: ms, wall: ms + 1_000_000 })
const proven: CurrentConnection = { number: 1, leased: true }
const doubted: CurrentConnection = { number: 1, leased: false }
const none: CurrentConnection = { number: null, leased: false }
const elsewhere: CurrentConnection = { number: 2, leased: true }

/** Rung at 0 over connection 1, for 45 s. */
const rung: Leg = {
  ...{ id: 'a', from: 'Clinic', at: 1, test: false, connection: 1, rungAt: at(0), waitsFor: 45_000 },
  ...{ firstRungAt: at(0), rungAgain: false, shown: true, owesRings: false, press: null, end: null },
}
const pressedAt = (ms: number, more: Partial<Press> = {}): Leg => ({
  ...rung,
  press: { button: 'answer', at: at(ms), sentOn: null, since: at(ms), late: false, ...more },
})
const rehearsal: Leg = { ...rung, test: true, connection: null, waitsFor: 15_000 }
const endAt = (leg: Leg, connection: CurrentConnection, ms: number) =>
  passTime(leg, connection, at(ms))?.end?.how

test('T7.1 how a call ended is told in each way there is', () => {
  const told = (['answered', 'declined', 'cancelled', 'missed'] as const).map((outcome) => [
    endOf(outcome, true),
    endOf(outcome, false),
  ])
  expect(told).toEqual([
    ['answered-here', 'answered-elsewhere'],
    ['declined-here', 'declined-elsewhere'],
    ['cancelled', 'cancelled'],
    ['missed', 'missed'],
  ])
})

test('C8.6 an end is settled unless nobody told it', () => {
  expect(isSettled({ end: null })).toBe(false)
  for (const how of ['lost', 'unknown'] as const)
    expect(isSettled({ end: { how, since: at(0) } })).toBe(false)
  for (const how of ['answered-here', 'missed', 'cancelled'] as const)
    expect(isSettled({ end: { how, since: at(0) } })).toBe(true)
})

test('P7.1 a call rings on the proven connection that brought it; what an earlier worker was rung is lost', () => {
  expect([proven, doubted, none, elsewhere].map((connection) => phaseOf(rung, connection))).toEqual([
    'ringing',
    'checking',
    'connection-lost',
    'connection-lost',
  ])
  expect(phaseOf({ ...rung, connection: null }, none)).toBe('connection-lost')
  expect(phaseOf(rehearsal, none)).toBe('ringing')
})

test('P7.3 what was pressed is under way on the connection that rang or was told, and on no other', () => {
  const told = pressedAt(0, { sentOn: 2 })
  expect(phaseOf(told, elsewhere)).toBe('answering')
  expect(phaseOf(told, proven)).toBe('answering')
  expect(phaseOf(pressedAt(0), elsewhere)).toEqual({ unheard: 'answer', why: 'connection-lost' })
  expect(phaseOf({ ...pressedAt(0), connection: null }, none)).toEqual({
    unheard: 'answer',
    why: 'connection-lost',
  })
  expect(phaseOf(pressedAt(0, { late: true }), proven)).toEqual({ unheard: 'answer', why: 'server-silent' })
  expect(phaseOf(pressedAt(0, { button: 'decline' }), proven)).toBe('declining')
})

test('P7.2 a call ends 2 s after its own time, as unknown where the server could have told, and else as lost', () => {
  expect(endAt(rung, proven, 46_999)).toBeUndefined()
  expect(endAt(rung, proven, 47_000)).toBe('unknown')
  expect(endAt(rung, doubted, 47_000)).toBe('lost')
  expect(endAt(rung, none, 47_000)).toBe('lost')
  expect(endAt(rung, elsewhere, 47_000)).toBe('lost')
  expect(endAt({ ...rung, connection: null }, none, 47_000)).toBe('lost')
  expect(passTime(rung, proven, at(47_000))?.end).toEqual({ how: 'unknown', since: at(47_000) })
})

test('P7.2 what was pressed is waited for 45 s, on the connection that was told of it last', () => {
  const late = pressedAt(40_000, { sentOn: 2, late: true })
  expect(endAt(late, elsewhere, 84_999)).toBeUndefined()
  expect(endAt(late, elsewhere, 85_000)).toBe('unknown')
  expect(endAt(late, proven, 85_000)).toBe('lost')
  expect(endAt(pressedAt(0, { late: true }), proven, 46_999)).toBeUndefined()
  expect(endAt(pressedAt(0, { late: true }), proven, 47_000)).toBe('unknown')
})

test('C8.11 a test ring is over when its time is, and missed', () => {
  expect(endAt(rehearsal, none, 14_999)).toBeUndefined()
  expect(endAt(rehearsal, none, 15_000)).toBe('missed')
})

test('P7.3 a press is late 4.5 s after it was made or told', () => {
  const press = pressedAt(1_000, { since: at(2_000) })
  expect(passTime(press, proven, at(6_499))).toBe(press)
  expect(passTime(press, proven, at(6_500))?.press).toEqual({ ...press.press, late: true })
  const late = pressedAt(1_000, { late: true })
  expect(passTime(late, proven, at(6_500))).toBe(late)
})

test('C8.9 an end is shown for 4 s', () => {
  const ended: Leg = { ...rung, end: { how: 'cancelled', since: at(100) } }
  expect(passTime(ended, proven, at(4_099))).toBe(ended)
  expect(passTime(ended, proven, at(4_100))).toBeNull()
})

test('P7.2 the clocks are looked at when something is to change, and not before', () => {
  expect(nextChange(rung, at(1_000))).toBe(46_000)
  expect(nextChange(rehearsal, at(1_000))).toBe(14_000)
  expect(nextChange(pressedAt(1_000), at(2_000))).toBe(3_500)
  expect(nextChange(pressedAt(1_000, { late: true }), at(2_000))).toBe(45_000)
  expect(nextChange(pressedAt(40_000, { late: true }), at(41_000))).toBe(44_000)
  expect(nextChange(pressedAt(44_500), at(44_600))).toBe(4_400)
  expect(nextChange({ ...rung, end: { how: 'missed', since: at(500) } }, at(1_500))).toBe(3_000)
})
