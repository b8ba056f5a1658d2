import { expect, test } from 'vitest'
import {
  type CallsState,
  type IncomingCallEvent,
  incomingCalls,
  nextCallLook,
  noCalls,
  reduceCalls,
} from '../../../entrypoints/background/calls/incoming-call-reducer.ts'
import type { Instant } from '../../../entrypoints/background/clocks.ts'
import { callsOnDevice, missedCall, ringing, ringingCall } from './calls-on-device.ts'

const at = (ms: number): Instant => ({ mono: ms, wall: ms + 1_000_000 })
const room = 'https://r.example/1'
const rehearsal: IncomingCallEvent = {
  type: 'test-ring',
  call: { id: 'test', from: 'Test ring', at: 1, ringsFor: 15_000 },
}

type Device = ReturnType<typeof callsOnDevice>

/** The effects of what happens, and of nothing before it. */
function effectsOf(device: Device, dispatch: () => void) {
  device.effects()
  dispatch()
  return device.effects()
}

const withdrawn = { type: 'withdraw-notification', call: 'a' }
const presented = (device: Device) => ({ type: 'present', call: device.call() })
const unproven = (device: Device) => ({ type: 'notify-unproven', call: device.call() })

test('C8.5 after signing out a device has no call, and looks at no clock', () => {
  const device = ringing()
  device.dispatch({ type: 'sign-out' })
  expect(device.state()).toEqual({ ...noCalls, connection: { number: 1, leased: true } })
  expect(nextCallLook(device.state(), at(0))).toBeNull()
  const none = { successor: null, legs: [], entered: [], further: [], begun: [] }
  expect(noCalls).toEqual({ connection: { number: null, leased: false }, ...none })
  expect(incomingCalls(noCalls)).toEqual([])
  expect(nextCallLook(noCalls, at(0))).toBeNull()
})

test('C8.3 the same calls come back when nothing changes', () => {
  const device = ringing()
  device.press('answer')
  const calls = device.state()
  const idle: readonly IncomingCallEvent[] = [
    { type: 'look' },
    { type: 'connection', number: 1, leased: true },
    { type: 'shown', call: 'a' },
    { type: 'shown', call: 'b' },
    { type: 'press', call: 'a', button: 'decline' },
    { type: 'press', call: 'b', button: 'decline' },
    { type: 'welcome', ringing: [], missed: [missedCall('b')] },
    { type: 'missed', missed: [missedCall('b')] },
    { type: 'routing-lost', connection: 2 },
    { type: 'over', call: 'b', outcome: 'answered', here: true, room },
  ]
  for (const event of idle) {
    const step = reduceCalls(calls, event, at(0))
    expect([event, step.effects]).toEqual([event, []])
    expect(step.calls).toBe(calls)
  }
  const shown = ringing().state()
  expect(reduceCalls(shown, { type: 'shown', call: 'a' }, at(0)).calls).toBe(shown)
})

test('P7.2 the clocks are looked at for the call whose time comes first, and at once for one that is late', () => {
  const device = ringing()
  device.pass(1_000)
  device.ring(1, 'b')
  expect(nextCallLook(device.state(), at(1_000))).toBe(46_000)
  expect(nextCallLook(device.state(), at(60_000))).toBe(0)
})

test('P7.1 a change of the connection alone, and of the lease alone, is taken in', () => {
  const device = callsOnDevice()
  device.connect(1, false)
  device.connect(2, false)
  expect(device.state().connection).toEqual({ number: 2, leased: false })
  device.connect(2, true)
  expect(device.state().connection).toEqual({ number: 2, leased: true })
})

test('P8.1 P7.4 a welcome ends what rang and rings no more; not what rings on, was pressed, has ended, or is a test', () => {
  const device = ringing()
  for (const id of ['listed', 'pressed', 'ended']) device.ring(1, id)
  device.press('decline', 'pressed')
  device.dispatch({ type: 'over', call: 'ended', outcome: 'cancelled', here: false })
  device.dispatch(rehearsal)
  device.welcome(['listed'])
  expect(device.state().legs.map(({ id, end }) => [id, end?.how])).toEqual([
    ['a', 'unknown'],
    ['listed', undefined],
    ['pressed', undefined],
    ['ended', 'cancelled'],
    ['test', undefined],
  ])
})

test('C8.6 an end that nobody told is not told again by a welcome, and goes when its time has come', () => {
  const device = ringing()
  device.welcome([])
  device.pass(3_000)
  const calls = device.state()
  device.welcome([])
  expect(device.state()).toBe(calls)
  device.pass(1_000)
  expect(device.call()).toBeUndefined()
})

test('P8.1 what is missed is said of the call that was, with its reason, and of none that has ended', () => {
  const device = ringing()
  device.ring(1, 'b')
  device.over('answered', false)
  device.dispatch({ type: 'missed', missed: [missedCall('a'), missedCall('b', 'cancelled')] })
  expect(device.phase('a')).toEqual({ over: 'answered-elsewhere' })
  expect(device.phase('b')).toEqual({ over: 'cancelled' })
})

test('P7.1 only what rings can have been shown, and only what is shown is acknowledged', () => {
  const device = callsOnDevice()
  device.connect(1)
  device.ring(1)
  device.connect(1, false)
  device.dispatch({ type: 'shown', call: 'a' })
  expect(device.state().legs[0]?.shown).toBe(false)
  device.connect(1, true)
  expect(device.said()).toEqual([])
  device.dispatch({ type: 'shown', call: 'a' })
  expect(device.said()).toEqual([[1, 'rings']])
  expect(device.state().legs[0]).toMatchObject({ shown: true, owesRings: false })
  // The window that says that it rings is gone with the connection, and with the lease.
  device.connect(1, false)
  expect(device.state().legs[0]?.shown).toBe(false)
  device.connect(1)
  device.dispatch({ type: 'shown', call: 'a' })
  device.connect(null)
  expect(device.state().legs[0]?.shown).toBe(false)
})

test('P7.4 nothing is said on a connection that is not there, not proven, or not the one that rang', () => {
  const device = callsOnDevice()
  device.connect(1, false)
  device.ring(1)
  device.press('answer')
  expect(device.said()).toEqual([])
  device.dispatch({ type: 'connection', number: null, leased: true })
  expect(device.said()).toEqual([])
  device.connect(2)
  expect(device.said()).toEqual([[2, 'answer']])
  expect(device.state().legs[0]).toMatchObject({ owesRings: true, press: { sentOn: 2 } })
  device.dispatch({ type: 'connection', number: null, leased: true })
  expect(device.said()).toEqual([[2, 'answer']])
})

test('P7.3 a press counts from when it was made, and from when it was told', () => {
  const device = ringing()
  device.connect(1, false)
  device.pass(100)
  device.press('answer')
  const made = { button: 'answer', at: at(100), sentOn: null, since: at(100), late: false }
  expect(device.state().legs[0]?.press).toEqual(made)
  device.pass(5_000)
  expect(device.state().legs[0]?.press).toEqual({ ...made, late: true })
  device.connect(1)
  expect(device.state().legs[0]?.press).toEqual({ ...made, sentOn: 1, since: at(5_100) })
})

test('C8.11 a test ring ends as it is pressed, on each button', () => {
  for (const [button, how] of [
    ['answer', 'answered-here'],
    ['decline', 'declined-here'],
  ] as const) {
    const device = callsOnDevice()
    device.dispatch(rehearsal)
    device.press(button, 'test')
    expect(device.phase('test')).toEqual({ over: how })
  }
})

test('C8.11 a test ring says nothing to the server, also when it was shown on a proven connection', () => {
  const device = callsOnDevice()
  device.connect(1)
  device.dispatch(rehearsal)
  device.dispatch({ type: 'shown', call: 'test' })
  expect(device.state().legs[0]).toMatchObject({
    shown: true,
    test: true,
    connection: null,
    owesRings: false,
  })
  expect(device.said()).toEqual([])
})

test('P2.2 P7.2 a call that rings anew has its full time from then on, on the connection that brought it', () => {
  const device = ringing()
  device.pass(10_000)
  device.connect(2)
  device.dispatch({ type: 'ring', connection: 2, call: { ...ringingCall(), ringsFor: 30_000 } })
  expect(device.state().legs).toMatchObject([
    { id: 'a', connection: 2, rungAt: at(10_000), waitsFor: 30_000, owesRings: true, end: null },
  ])
})

test('C8.6 a call that has ended as told does not ring anew, and one of which nobody told does', () => {
  const told = ringing()
  told.over('cancelled')
  const calls = told.state()
  told.ring(1)
  expect(told.state()).toBe(calls)
  const untold = ringing()
  untold.welcome([])
  untold.ring(1)
  expect(untold.phase()).toBe('ringing')
})

test('C8.16 neither a call that has ended nor a test ring takes the place of one of the five', () => {
  const device = callsOnDevice()
  device.connect(1)
  device.dispatch(rehearsal)
  for (const id of ['a', 'b', 'c', 'd', 'e']) device.ring(1, id)
  device.ring(1, 'f')
  expect(device.phase('f')).toBeUndefined()
  // A test ring opens beside five; one that rings already rings on.
  device.dispatch({ type: 'over', call: 'test', outcome: 'cancelled', here: false })
  device.pass(4_000)
  device.dispatch(rehearsal)
  expect(device.phase('test')).toBe('ringing')
  device.connect(2)
  device.ring(2, 'e')
  expect(device.phase('e')).toBe('ringing')
  device.over('missed')
  device.ring(2, 'f')
  expect(device.phase('f')).toBe('ringing')
})

test('P7.1 C8.14 what is to be seen follows from how a call stood before and stands now', () => {
  const device = callsOnDevice()
  device.connect(1)
  expect(effectsOf(device, () => device.ring(1))).toEqual([presented(device)])
  expect(effectsOf(device, () => device.dispatch({ type: 'shown', call: 'a' }))).toMatchObject([
    { type: 'send' },
  ])
  expect(effectsOf(device, () => device.connect(1, false))).toEqual([unproven(device)])
  expect(effectsOf(device, () => device.connect(null))).toEqual([unproven(device)])
  // Rung on a new connection: that it is lost is no longer so, and nothing else is said until it is proven.
  device.connect(2, false)
  expect(effectsOf(device, () => device.ring(2))).toEqual([withdrawn])
  expect(device.phase()).toBe('checking')
  expect(effectsOf(device, () => device.connect(2))).toEqual([presented(device)])
  expect(effectsOf(device, () => device.connect(3))).toEqual([unproven(device)])
})

test('C8.14 the notification of a ring goes as it is pressed or ends, and is not taken back twice', () => {
  const lost = (button?: 'answer') => {
    const device = ringing()
    device.connect(null)
    if (button) device.press(button)
    return device
  }
  const checking = ringing()
  checking.connect(1, false)
  const ringingOn = ringing()
  for (const device of [ringingOn, checking, lost()]) {
    expect(effectsOf(device, () => device.press('answer'))).toContainEqual(withdrawn)
    expect(effectsOf(device, () => device.over('cancelled'))).toEqual([])
  }
  for (const device of [ringing(), lost()])
    expect(effectsOf(device, () => device.over('cancelled'))).toEqual([withdrawn])
  const unseen = callsOnDevice()
  unseen.connect(1, false)
  expect(effectsOf(unseen, () => unseen.ring(1))).toEqual([])
  expect(effectsOf(unseen, () => unseen.over('cancelled'))).toEqual([withdrawn])
})

test('C8.9 a call that was shown to have ended for long enough goes from the screen', () => {
  const device = ringing()
  device.over('cancelled')
  const gone = effectsOf(device, () => device.pass(4_000))
  expect(gone).toEqual([withdrawn, { type: 'close-window', call: 'a' }])
})

test('P7.1 a call that an earlier worker left, and whose connection is gone, is said to be lost', () => {
  const device = callsOnDevice()
  const restored: IncomingCallEvent = {
    type: 'restored',
    legs: ringing()
      .state()
      .legs.map((leg) => ({ ...leg, connection: null })),
    entered: [],
  }
  const effects = effectsOf(device, () => device.dispatch(restored))
  expect(effects).toEqual([unproven(device)])
  expect(device.phase()).toBe('connection-lost')
})

test('P7.4 what an earlier worker left stands before what came since, which is not undone; rooms alike', () => {
  const earlier = ringing()
  earlier.ring(1, 'b')
  const device = ringing()
  device.press('answer')
  device.over('answered', true, room)
  device.dispatch({ type: 'restored', legs: earlier.state().legs, entered: ['x'] })
  expect(device.state().legs.map(({ id, end }) => [id, end?.how])).toEqual([
    ['b', undefined],
    ['a', 'answered-here'],
  ])
  expect(device.state().entered).toEqual(['x', 'a'])
  expect(device.state().connection).toEqual({ number: 1, leased: true })
})

test('P7.5 a room that was entered before is not entered by another end of that call, nor by anything but an end', () => {
  const device = ringing()
  device.dispatch({ type: 'restored', legs: [], entered: ['a'] })
  device.press('answer')
  expect(effectsOf(device, () => device.over('answered', true, room))).not.toContainEqual({
    type: 'enter',
    call: 'a',
    room,
  })
})

test('C8.15 an answer whose room is none, or at no web address, is said to have none', () => {
  const answer = (room?: string) => {
    const device = ringing()
    device.press('answer')
    device.over('answered', true, room)
    return [device.phase(), device.effects().filter(({ type }) => type === 'enter')]
  }
  const rooms = ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//r.example/1', 'none', '']
  for (const none of [undefined, ...rooms])
    expect(answer(none)).toEqual([{ over: 'answered-without-room' }, []])
  for (const each of ['https://r.example/1', 'http://meet.local/1'])
    expect(answer(each)).toEqual([{ over: 'answered-here' }, [{ type: 'enter', call: 'a', room: each }]])
  // Who pressed nothing here waits for no room.
  const elsewhere = ringing()
  elsewhere.over('answered', true)
  expect(elsewhere.phase()).toEqual({ over: 'answered-here' })
})

test('P7.5 an answer that is told after another end was enters no room', () => {
  const device = ringing()
  device.press('answer')
  device.over('cancelled')
  expect(effectsOf(device, () => device.over('answered', true, room))).toEqual([])
  expect(device.state().entered).toEqual([])
})

test('T4.1 a call that rings anew after an end that nobody told is acknowledged once it is shown anew', () => {
  const device = ringing()
  device.welcome([])
  device.effects()
  device.ring(1)
  expect(device.effects()).toEqual([presented(device)])
  device.dispatch({ type: 'shown', call: 'a' })
  expect(device.said()).toEqual([[1, 'rings']])
})

test('C8.5 signing out forgets calls and rooms, and keeps the connection', () => {
  const device = ringing()
  device.press('answer')
  device.over('answered', true, room)
  device.dispatch({ type: 'sign-out' })
  expect(device.state()).toEqual({ ...noCalls, connection: { number: 1, leased: true } })
})

test('P7.3 each press that the server does not answer casts doubt once, also beside another', () => {
  const device = ringing()
  device.ring(1, 'b')
  device.press('answer')
  device.pass(1_000)
  device.press('decline', 'b')
  device.effects()
  const doubts: number[] = []
  const listen = () => {
    for (const { type } of device.effects()) if (type === 'doubt') doubts.push(device.time())
  }
  device.pass(10_000, listen)
  expect(doubts).toEqual([4_500, 5_500])
  expect(effectsOf(device, () => device.dispatch({ type: 'look' }))).toEqual([])
})

test('P7.2 time is let pass before what happens: an end that has been shown long enough is not told anew', () => {
  const device = ringing()
  device.welcome([])
  device.leap(4_000)
  device.over('answered', true, room)
  expect(device.call()).toBeUndefined()
  const calls: CallsState = device.state()
  expect(calls.legs).toEqual([])
})
