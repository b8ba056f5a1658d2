import { expect, test } from 'vitest'
import { callsOnDevice, ringing, ringingCall } from './calls-on-device.ts'

test('C8.1 a call rung twice is shown once and acknowledged twice', () => {
  const device = callsOnDevice()
  device.connect(1)
  device.ring(1)
  expect(device.effects().map(({ type }) => type)).toEqual(['present'])
  device.dispatch({ type: 'shown', call: 'a' })
  device.ring(1)
  const rings = { type: 'send', connection: 1, message: { type: 'rings', call: 'a' } }
  expect(device.effects()).toEqual([rings, rings])
  expect(device.state().legs).toHaveLength(1)
})

test('T7.1 where a call was answered or declined is said, and it is never called missed', () => {
  const over = (outcome: 'answered' | 'declined', here: boolean) => {
    const device = ringing()
    device.over(outcome, here)
    return device.phase()
  }
  expect(over('answered', true)).toEqual({ over: 'answered-here' })
  expect(over('answered', false)).toEqual({ over: 'answered-elsewhere' })
  expect(over('declined', true)).toEqual({ over: 'declined-here' })
  expect(over('declined', false)).toEqual({ over: 'declined-elsewhere' })
})

test('C8.3 a button counts once, and not after the end', () => {
  const device = ringing()
  device.press('answer')
  device.press('decline')
  expect(device.said()).toEqual([[1, 'answer']])
  const late = ringing()
  late.over('cancelled')
  late.press('answer')
  expect(late.phase()).toEqual({ over: 'cancelled' })
  expect(late.said()).toEqual([])
})

test('P8.1 a call that no longer rings at the server stops ringing here, and nothing is said that is not known', () => {
  const device = ringing()
  device.connect(null)
  device.connect(2, false)
  device.welcome(['a'])
  expect(device.phase()).toBe('connection-lost')
  device.welcome([])
  expect(device.phase()).toEqual({ over: 'unknown' })
})

test('P7.4 a call that was answered or declined here waits for the server to say how it ended', () => {
  for (const button of ['answer', 'decline'] as const) {
    const device = ringing()
    device.press(button)
    device.connect(2)
    device.welcome([])
    expect(device.phase()).toBe(button === 'answer' ? 'answering' : 'declining')
  }
})

test('P7.1 what a server has rung that then heard of no call for a while rings no more until it is rung anew', () => {
  const device = ringing()
  const lost = { type: 'routing-lost', connection: 1 } as const
  device.dispatch({ ...lost, connection: 2 })
  expect(device.phase()).toBe('ringing')
  device.dispatch(lost)
  device.connect(1, false)
  expect(device.phase()).toBe('connection-lost')
  device.connect(1)
  expect(device.phase()).toBe('connection-lost')
  device.ring(1)
  expect(device.phase()).toBe('ringing')
})

test('P7.4 P7.1 what was pressed on a server that then heard of no call for a while is said again', () => {
  const device = ringing()
  device.press('answer')
  device.dispatch({ type: 'routing-lost', connection: 1 })
  device.connect(1, false)
  device.connect(1)
  expect(device.said()).toEqual([
    [1, 'answer'],
    [1, 'answer'],
  ])
})

test('P7.4 what was pressed on a later server than the one that rang is said again when that heard of no call', () => {
  const device = ringing()
  device.press('answer')
  device.connect(2)
  device.effects()
  device.dispatch({ type: 'routing-lost', connection: 2 })
  expect(device.said()).toEqual([[2, 'answer']])
})

test('C8.5 signing out takes every call off the screen', () => {
  const device = ringing()
  device.ring(1, 'b')
  device.effects()
  device.dispatch({ type: 'sign-out' })
  expect(device.state().legs).toEqual([])
  const gone = (call: string) => [
    { type: 'withdraw-notification', call },
    { type: 'close-window', call },
  ]
  expect(device.effects()).toEqual([...gone('a'), ...gone('b')])
})

test('P7.4 an answer is said once a connection, whatever leases come, and again on the next', () => {
  const device = ringing()
  device.press('answer')
  device.connect(1, false)
  device.connect(1, true)
  expect(device.said().filter(([, type]) => type === 'answer')).toEqual([[1, 'answer']])
  device.connect(null)
  device.connect(2, false)
  device.welcome(['a'])
  device.connect(2, true)
  device.connect(2, false)
  device.connect(2, true)
  expect(device.said().filter(([, type]) => type === 'answer')).toEqual([
    [1, 'answer'],
    [2, 'answer'],
  ])
})

test('P7.4 a press that the server lost is said again when it rings the call again, on the same connection too', () => {
  for (const button of ['answer', 'decline'] as const) {
    const device = ringing()
    device.press(button)
    device.connect(1, false)
    device.ring(1)
    device.connect(1, true)
    expect(device.said()).toEqual([
      [1, button],
      [1, 'rings'],
      [1, button],
    ])
  }
})

test('P7.2 a call whose end never arrives stops ringing by itself, and is not called missed', () => {
  const device = ringing()
  device.pass(46_000)
  expect(device.phase()).toBe('ringing')
  device.pass(1_000)
  expect(device.phase()).toEqual({ over: 'unknown' })
  const lost = ringing()
  lost.connect(null)
  lost.pass(47_000)
  expect(lost.phase()).toEqual({ over: 'lost' })
  lost.pass(4_000)
  expect(lost.state().legs).toEqual([])
})

test('C8.16 five calls ring at once and no more, until one of them has ended', () => {
  const device = callsOnDevice()
  device.connect(1)
  device.dispatch({ type: 'test-ring', call: { id: 'test', from: 'Test ring', at: 1, ringsFor: 15_000 } })
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
    device.ring(1, id)
    device.dispatch({ type: 'shown', call: id })
  }
  expect(device.state().legs.map(({ id }) => id)).toEqual(['test', 'a', 'b', 'c', 'd', 'e'])
  const presented = device.effects().filter(({ type }) => type === 'present')
  expect(presented).toHaveLength(6)
  device.ring(1, 'e')
  device.over('cancelled')
  device.ring(1, 'f')
  expect(device.phase('f')).toBe('ringing')
  expect(device.effects()).toContainEqual({ type: 'present', call: device.call('f') })
})

test('C8.11 a test ring needs no connection and tells the server nothing', () => {
  const device = callsOnDevice()
  device.dispatch({ type: 'test-ring', call: { id: 'a', from: 'Test ring', at: 1, ringsFor: 15_000 } })
  expect(device.phase()).toBe('ringing')
  device.dispatch({ type: 'shown', call: 'a' })
  device.connect(1)
  device.welcome([])
  device.press('answer')
  expect(device.phase()).toEqual({ over: 'answered-here' })
  expect(device.said()).toEqual([])
  device.effects()
  device.pass(60_000)
  expect(device.state().legs).toEqual([])
  // Its window closes by itself.
  expect(device.effects()).toEqual([{ type: 'withdraw-notification', call: 'a' }])
})

test('P7.5 only a press of Answer here enters the room, and only once', () => {
  const room = 'https://r.example/1'
  const device = ringing()
  device.press('answer')
  device.effects()
  device.over('answered', true, room)
  device.over('answered', true, room)
  expect(device.effects().filter(({ type }) => type === 'enter')).toEqual([
    { type: 'enter', call: 'a', room },
  ])
  const pressedNothing = ringing()
  pressedNothing.over('answered', true, room)
  const declined = ringing()
  declined.press('decline')
  declined.over('answered', true, room)
  for (const other of [pressedNothing, declined])
    expect(other.effects().filter(({ type }) => type === 'enter')).toEqual([])
})

test('C8.20 a room that did not open is how a call answered here ended, and no other', () => {
  const device = ringing()
  device.press('answer')
  device.over('answered', true, 'https://r.example/1')
  device.dispatch({ type: 'room-not-opened', call: 'a' })
  expect(device.phase()).toEqual({ over: 'room-not-opened' })
  device.over('answered', true, 'https://r.example/1')
  expect(device.phase()).toEqual({ over: 'room-not-opened' })
  const cancelled = ringing()
  cancelled.over('cancelled')
  cancelled.dispatch({ type: 'room-not-opened', call: 'a' })
  expect(cancelled.phase()).toEqual({ over: 'cancelled' })
  const ringsYet = ringing()
  ringsYet.dispatch({ type: 'room-not-opened', call: 'a' })
  expect(ringsYet.phase()).toBe('ringing')
})

test('U5.10 an end without a room is there to be read for a minute, any other for 4 s', () => {
  for (const [room, milliseconds] of [
    [undefined, 60_000],
    ['https://r.example/1', 4_000],
  ] as const) {
    const device = ringing()
    device.press('answer')
    device.over('answered', true, room)
    device.pass(milliseconds - 1)
    expect(device.call()).toBeDefined()
    device.pass(1)
    expect(device.call()).toBeUndefined()
  }
  const notOpened = ringing()
  notOpened.press('answer')
  notOpened.over('answered', true, 'https://r.example/1')
  notOpened.dispatch({ type: 'room-not-opened', call: 'a' })
  notOpened.pass(59_999)
  expect(notOpened.call()).toBeDefined()
})

test('U5.12 a call has rung since it first did here, not since it waited for its turn or a proof', () => {
  const device = callsOnDevice()
  device.connect(1)
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) device.ring(1, id)
  device.pass(40_000)
  device.over('cancelled')
  expect(device.call('f')).toMatchObject({ firstRungAt: 1_040_000, rungAgain: false })
  const unproven = callsOnDevice()
  unproven.connect(1, false)
  unproven.ring(1)
  expect(unproven.call()).toMatchObject({ phase: 'checking', firstRungAt: null })
  unproven.pass(5_000)
  unproven.connect(1)
  expect(unproven.call()).toMatchObject({ phase: 'ringing', firstRungAt: 1_005_000, rungAgain: false })
})

test('U5.12 a call that comes back from being checked rings again: in between it did not', () => {
  const device = ringing()
  const { firstRungAt } = device.call() ?? {}
  device.pass(3_000)
  device.connect(1, false)
  expect(device.call()).toMatchObject({ firstRungAt, rungAgain: false })
  device.pass(30_000)
  device.connect(1)
  expect(device.call()).toMatchObject({ firstRungAt, rungAgain: true })
  device.pass(1_000)
  expect(device.call()).toMatchObject({ firstRungAt, rungAgain: true })
})

test('U5.12 a call that the same connection rings again rang all the while, and one that another rings did not', () => {
  const device = ringing()
  const { firstRungAt } = device.call() ?? {}
  device.pass(5_000)
  device.ring(1)
  expect(device.call()).toMatchObject({ firstRungAt, rungAgain: false })
  device.connect(2)
  device.ring(2)
  device.ring(2)
  expect(device.call()).toMatchObject({ firstRungAt, rungAgain: true })
})

test('PX4.8 a call of a contact names them, that of a program nobody, and a word goes with a decline alone', () => {
  const device = callsOnDevice()
  device.connect(1)
  device.ring(1)
  device.dispatch({ type: 'ring', connection: 1, call: { ...ringingCall('b'), contact: 'ben' } })
  expect(device.call('a')).not.toHaveProperty('contact')
  expect(device.call('b')).toHaveProperty('contact', 'ben')
  expect(device.state().legs[0]).not.toHaveProperty('contact')
  const said = (button: 'answer' | 'decline', reply?: string) => {
    const rung = ringing()
    rung.dispatch({ type: 'press', call: 'a', button, reply })
    return rung.effects().flatMap((effect) => (effect.type === 'send' ? [effect.message] : []))
  }
  expect(said('decline', 'Soon')).toEqual([{ type: 'decline', call: 'a', reply: 'Soon' }])
  expect(said('decline')).toStrictEqual([{ type: 'decline', call: 'a' }])
  expect(said('answer', 'Soon')).toStrictEqual([{ type: 'answer', call: 'a' }])
  const pressed = ringing()
  pressed.press('decline')
  expect(pressed.state().legs[0]?.press).not.toHaveProperty('reply')
})
