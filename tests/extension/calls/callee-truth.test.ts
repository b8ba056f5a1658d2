import { expect, test } from 'vitest'
import { callsOnDevice, missedCall, ringing } from './calls-on-device.ts'

test('P8.1 what the server keeps as missed or cancelled is said to be so, at once or when it is told', () => {
  for (const [why, how] of [
    ['cancelled', 'cancelled'],
    ['no-answer', 'missed'],
    ['server-restarted', 'missed'],
  ] as const) {
    const device = ringing()
    device.welcome([], [missedCall('a', why)])
    expect(device.phase()).toEqual({ over: how })
    const later = ringing()
    later.welcome([])
    later.dispatch({ type: 'missed', missed: [missedCall('a', why)] })
    expect(later.phase()).toEqual({ over: how })
  }
})

test('P7.4 a press made while the connection is gone is said on the next, and a pressed call rung there is acknowledged', () => {
  const device = ringing()
  device.connect(null)
  device.press('decline')
  expect(device.phase()).toEqual({ unheard: 'decline', why: 'connection-lost' })
  device.connect(2)
  device.ring(2)
  expect(device.said()).toEqual([
    [2, 'decline'],
    [2, 'rings'],
    [2, 'decline'],
  ])
})

test('P7.2 a deadline that passed in a sleep has passed', () => {
  const device = ringing()
  device.leap(600_000)
  device.dispatch({ type: 'connection', number: 1, leased: false })
  expect(device.phase()).toEqual({ over: 'unknown' })
})

test('P7.1 a ring is one only while the connection that brought it lives, and is taken up when it rings again', () => {
  const device = ringing()
  device.connect(null)
  expect(device.phase()).toBe('connection-lost')
  expect(device.effects()).toMatchObject([{ type: 'notify-unproven', call: { phase: 'connection-lost' } }])
  device.connect(2)
  expect(device.phase()).toBe('connection-lost')
  device.ring(2)
  expect(device.phase()).toBe('ringing')
  expect(device.effects()).toMatchObject([{ type: 'present' }])
  device.dispatch({ type: 'shown', call: 'a' })
  expect(device.said()).toEqual([[2, 'rings']])
})

test('P7.1 a lease that is lost stops the ring, and a new one on the same connection takes it up', () => {
  const device = ringing()
  device.connect(1, false)
  expect(device.phase()).toBe('checking')
  expect(device.effects()).toMatchObject([{ type: 'notify-unproven' }])
  device.connect(1, true)
  expect(device.phase()).toBe('ringing')
  expect(device.effects()).toMatchObject([{ type: 'present' }])
})

test('P7.1 a ring that comes while nothing is proven is neither shown as one nor acknowledged until it is', () => {
  const device = callsOnDevice()
  device.connect(1, false)
  device.ring(1)
  expect(device.effects()).toEqual([])
  device.connect(1, true)
  expect(device.effects()).toMatchObject([{ type: 'present', call: { phase: 'ringing' } }])
})

test('P7.3 a press that the server does not answer is said to be so within 5 s, and the connection is asked', () => {
  const device = ringing()
  device.press('answer')
  device.effects()
  device.pass(4_499)
  expect(device.phase()).toBe('answering')
  device.pass(1)
  expect(device.phase()).toEqual({ unheard: 'answer', why: 'server-silent' })
  expect(device.effects()).toEqual([{ type: 'doubt' }])
  device.connect(null)
  expect(device.phase()).toEqual({ unheard: 'answer', why: 'connection-lost' })
  device.connect(2)
  expect(device.phase()).toBe('answering')
})

test('P7.3 what was pressed late in a ring is waited for, and then said to be unknown', () => {
  const device = ringing()
  device.pass(44_000)
  device.press('answer')
  device.connect(null)
  device.pass(44_000)
  expect(device.phase()).toEqual({ unheard: 'answer', why: 'connection-lost' })
  device.pass(1_000)
  expect(device.phase()).toEqual({ over: 'lost' })
  device.over('answered', true, 'https://r.example/1')
  expect(device.phase()).toEqual({ over: 'answered-here' })
})

test('P7.5 a room that a worker before this one opened is not opened again', () => {
  const device = ringing()
  device.press('answer')
  const next = callsOnDevice()
  next.dispatch({ type: 'restored', legs: device.state().legs, entered: ['a'] })
  next.connect(1)
  next.over('answered', true, 'https://r.example/1')
  expect(next.effects().filter(({ type }) => type === 'enter')).toEqual([])
})

test('P7.3 a press while the connection is only in doubt is under way, and on one not proven yet it is not', () => {
  const device = ringing()
  device.connect(1, false)
  device.press('answer')
  expect(device.phase()).toBe('answering')
  expect(device.said()).toEqual([])
  device.connect(1, true)
  expect(device.said()).toEqual([[1, 'answer']])
  device.connect(2, false)
  expect(device.phase()).toEqual({ unheard: 'answer', why: 'connection-lost' })
})

test('P7.3 a press that is told late has its own 5 s from then on', () => {
  const device = ringing()
  device.connect(null)
  device.press('decline')
  device.pass(10_000)
  device.connect(2)
  expect(device.phase()).toBe('declining')
  device.pass(4_499)
  expect(device.phase()).toBe('declining')
  device.pass(1)
  expect(device.phase()).toEqual({ unheard: 'decline', why: 'server-silent' })
})

test('P7.4 nothing is said of a call after its end, and no ring is acknowledged where it did not come', () => {
  const ended = ringing()
  ended.connect(null)
  ended.press('answer')
  ended.pass(47_000)
  ended.connect(2)
  expect(ended.said()).toEqual([])
  const late = ringing()
  late.connect(null)
  late.pass(47_000)
  late.press('answer')
  late.connect(2)
  expect(late.said()).toEqual([])
  const unseen = callsOnDevice()
  unseen.connect(1)
  unseen.ring(1)
  unseen.connect(null)
  unseen.press('answer')
  unseen.connect(2)
  expect(unseen.said()).toEqual([[2, 'answer']])
})

test('P7.5 an end that is no answer of this device enters no room, nor does one without', () => {
  const room = 'https://r.example/1'
  for (const [outcome, here, where] of [
    ['answered', false, room],
    ['declined', true, room],
    ['answered', true, undefined],
  ] as const) {
    const device = ringing()
    device.press('answer')
    device.over(outcome, here, where)
    expect(device.effects().filter(({ type }) => type === 'enter')).toEqual([])
    expect(device.state().entered).toEqual([])
  }
})

test('P7.5 the last twenty rooms are remembered', () => {
  const entered = Array.from({ length: 25 }, (_, at) => `e${at}`)
  const device = ringing()
  device.dispatch({ type: 'restored', legs: [], entered })
  expect(device.state().entered).toHaveLength(20)
  device.press('answer')
  device.over('answered', true, 'https://r.example/1')
  expect(device.state().entered).toHaveLength(20)
  expect(device.state().entered.at(-1)).toBe('a')
})

test('P7.1 after a sign-out the connection of now brings calls as before', () => {
  const device = ringing()
  device.dispatch({ type: 'sign-out' })
  device.ring(1)
  expect(device.phase()).toBe('ringing')
})
