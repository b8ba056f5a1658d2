import { expect, test } from 'vitest'
import { furtherWording, mostFurtherCalls } from '../../../messages/further-calls.ts'
import { callsOnDevice, missedCall, ringingCall } from './calls-on-device.ts'

type Device = ReturnType<typeof callsOnDevice>

/** A device with five calls, and as many more. */
function crowded(more: number): Device {
  const device = callsOnDevice()
  device.connect(1)
  for (const id of ['a', 'b', 'c', 'd', 'e']) device.ring(1, id)
  for (let n = 1; n <= more; n += 1) device.ring(1, `f${n}`)
  return device
}

const ids = (device: Device) => device.state().legs.map(({ id }) => id)
const presented = (device: Device) => device.effects().filter(({ type }) => type === 'present').length
const over = (device: Device, call: string) =>
  device.dispatch({ type: 'over', call, outcome: 'cancelled', here: false })

const manyCalls = Number(process.env.MANY_CALLS ?? 10_000)

test('C8.18 a sixth call is counted, and neither shown nor acknowledged until its turn has come', () => {
  const device = crowded(2)
  expect(presented(device)).toBe(5)
  expect([ids(device), device.further()]).toEqual([['a', 'b', 'c', 'd', 'e'], 2])
  device.dispatch({ type: 'shown', call: 'f1' })
  device.press('answer', 'f1')
  expect(device.said()).toEqual([])
  over(device, 'b')
  expect([ids(device), device.further()]).toEqual([['a', 'c', 'd', 'e', 'f1'], 1])
  expect(device.effects()).toMatchObject([
    { type: 'withdraw-notification', call: 'b' },
    { type: 'close-window', call: 'b' },
    { type: 'present', call: { id: 'f1' } },
  ])
  device.dispatch({ type: 'shown', call: 'f1' })
  expect(device.said()).toEqual([[1, 'rings']])
})

test('C8.18 a call that waits its turn is counted once, from its last ring on, and has no more time than that', () => {
  const device = crowded(1)
  device.pass(10_000)
  device.dispatch({ type: 'ring', connection: 1, call: { ...ringingCall('f1'), ringsFor: 5_000 } })
  expect(device.further()).toBe(1)
  over(device, 'a')
  expect(device.state().legs.at(-1)).toMatchObject({ id: 'f1', waitsFor: 5_000, rungAt: { mono: 10_000 } })
})

test('C8.18 whatever ends a call that waits its turn, it is counted no longer', () => {
  for (const end of [
    (device: Device) => over(device, 'f1'),
    (device: Device) => device.dispatch({ type: 'missed', missed: [missedCall('f1')] }),
    (device: Device) => device.connect(2),
    (device: Device) => device.connect(null),
    (device: Device) => device.dispatch({ type: 'routing-lost', connection: 1 }),
    (device: Device) => device.dispatch({ type: 'sign-out' }),
  ]) {
    const device = crowded(1)
    end(device)
    expect(device.further()).toBe(0)
    expect(device.state().further).toEqual([])
    expect(ids(device)).not.toContain('f1')
  }
})

test('C8.18 what ends another call leaves it as it is', () => {
  const device = crowded(1)
  device.dispatch({ type: 'missed', missed: [missedCall('another')] })
  over(device, 'another')
  device.dispatch({ type: 'routing-lost', connection: 2 })
  device.connect(1)
  expect(device.further()).toBe(1)
})

test('C8.18 the time of a call that waits its turn passes, and is looked for', () => {
  const device = crowded(0)
  const call = { ...ringingCall('f'), ringsFor: 10_000 }
  device.dispatch({ type: 'ring', connection: 1, call })
  device.pass(9_999)
  expect(device.further()).toBe(1)
  device.pass(1)
  expect(device.further()).toBe(0)
  // The same after a sleep, before anything else is believed.
  device.dispatch({ type: 'ring', connection: 1, call })
  device.leap(10_000)
  over(device, 'a')
  expect(ids(device)).not.toContain('f')
})

test('C8.18 without a proof nothing is said of calls that wait their turn; with one they are counted again', () => {
  const device = crowded(3)
  device.connect(1, false)
  expect(device.further()).toBe(0)
  device.connect(1, true)
  expect(device.further()).toBe(3)
})

test('C8.18 they are shown in the order in which they rang', () => {
  const device = crowded(3)
  for (const id of ['a', 'b', 'c']) over(device, id)
  expect(ids(device)).toEqual(['d', 'e', 'f1', 'f2', 'f3'])
})

test('C8.18 of more than can be counted it is said that there are more', () => {
  const device = crowded(manyCalls)
  expect(device.further()).toBe(mostFurtherCalls)
  expect(device.state().further).toHaveLength(mostFurtherCalls)
  expect([1, 2, 98, 99].map(furtherWording)).toEqual([
    '1 more call',
    '2 more calls',
    '98 more calls',
    '99+ more calls',
  ])
})

test('C8.16 calls that ring and end by the thousand open no more than five windows at once, and 30 in 10 s', () => {
  const device = callsOnDevice()
  device.connect(1)
  let open = 0
  let most = 0
  let opened = 0
  const watch = () => {
    for (const { type } of device.effects()) {
      if (type === 'present') open += 1
      if (type === 'present') opened += 1
      if (type === 'close-window') open -= 1
      most = Math.max(most, open)
    }
  }
  for (let n = 0; n < manyCalls; n += 1) {
    device.ring(1, `r${n}`)
    watch()
    over(device, `r${n}`)
    watch()
  }
  expect([most, opened]).toEqual([5, 30])
  expect(device.state().begun).toHaveLength(30)
  expect(JSON.stringify(device.state()).length).toBeLessThan(50_000)
  device.pass(10_000, watch)
  for (let n = 0; n < 1_000; n += 1) device.ring(1, `s${n}`)
  watch()
  expect([most, opened]).toEqual([5, 35])
  expect(device.state().begun).toHaveLength(30)
})

test('C8.16 a call that waits only for its turn among many comes on by itself', () => {
  const device = callsOnDevice()
  device.connect(1)
  for (let n = 0; n < 30; n += 1) {
    device.ring(1, `r${n}`)
    over(device, `r${n}`)
  }
  device.pass(2_000)
  device.ring(1)
  expect([device.phase(), device.further()]).toEqual([undefined, 1])
  device.pass(7_999)
  expect(device.phase()).toBeUndefined()
  device.pass(1)
  expect([device.phase(), device.further()]).toEqual(['ringing', 0])
})

test('C8.16 what an earlier worker left keeps to the bound too: what was pressed stays, what has ended goes first', () => {
  const earlier = crowded(0)
  earlier.press('answer', 'a')
  const device = callsOnDevice()
  device.connect(1)
  device.dispatch({ type: 'test-ring', call: { id: 'test', from: 'Test ring', at: 1, ringsFor: 15_000 } })
  for (const id of ['u', 'v', 'w']) device.ring(1, id)
  over(device, 'u')
  device.dispatch({ type: 'restored', legs: earlier.state().legs, entered: [] })
  expect(ids(device)).toEqual(['a', 'd', 'e', 'test', 'v', 'w'])
  const pressed = crowded(0)
  for (const id of ['a', 'b', 'c', 'd', 'e']) pressed.press('answer', id)
  pressed.dispatch({
    type: 'restored',
    legs: earlier.state().legs.map((leg) => ({ ...leg, id: `x${leg.id}` })),
    entered: [],
  })
  expect(ids(pressed)).toEqual(['a', 'b', 'c', 'd', 'e'])
})
