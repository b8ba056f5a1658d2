import { expect, test } from 'vitest'
import { ringing } from './calls-on-device.ts'

const welcomed = (device: ReturnType<typeof ringing>, rings: readonly string[]) =>
  device.dispatch({ type: 'successor-welcome', connection: 2, ringing: rings })

test('L3.11 a call that rings goes on by the connection that takes the place of its own, and is shown once', () => {
  const device = ringing()
  welcomed(device, ['a'])
  expect(device.phase()).toBe('ringing')
  device.connect(2)
  expect(device.phase()).toBe('ringing')
  expect(device.effects()).toEqual([])
  // The server rings it there too: it is acknowledged, and nothing is seen of that.
  device.ring(2)
  expect(device.effects()).toEqual([{ type: 'send', connection: 2, message: { type: 'rings', call: 'a' } }])
  expect(device.call()).toMatchObject({ phase: 'ringing', rungAgain: false })
})

test('L3.11 P7.4 what was pressed on the first connection is said on the second, and ends as the server says', () => {
  const device = ringing()
  device.press('answer')
  expect(device.said()).toEqual([[1, 'answer']])
  welcomed(device, ['a'])
  device.effects()
  device.connect(2)
  expect(device.said()).toEqual([[2, 'answer']])
  expect(device.phase()).toBe('answering')
  device.over('answered', true, 'https://r.example/a')
  expect(device.effects()).toContainEqual({ type: 'enter', call: 'a', room: 'https://r.example/a' })
})

test.each([
  ['the server did not know of as it welcomed the second', ['b'], true],
  ['is there as the first ends before the second has a lease', ['a'], false],
])('L3.11 P7.1 a call that %s rings again only when it is rung there', (_, rings, leased) => {
  const device = ringing()
  welcomed(device, rings)
  device.connect(2, leased)
  expect(device.phase()).toBe('connection-lost')
  device.connect(2)
  expect(device.phase()).toBe('connection-lost')
  device.ring(2)
  expect(device.phase()).toBe('ringing')
})

test('L3.11 the calls that are counted beyond those shown are counted on', () => {
  const device = ringing()
  const ids = ['b', 'c', 'd', 'e', 'f', 'g']
  for (const id of ids) device.ring(1, id)
  expect(device.further()).toBe(2)
  welcomed(device, ['a', ...ids])
  device.connect(2)
  expect(device.further()).toBe(2)
})
