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
  // They ring on the second as their turn comes.
  device.over('cancelled')
  expect([device.phase('f'), device.further()]).toEqual(['ringing', 1])
})

test('L3.11 what waits its turn, and of which the server did not know as it welcomed the second, is counted no longer', () => {
  const device = ringing()
  for (const id of ['b', 'c', 'd', 'e', 'f', 'g']) device.ring(1, id)
  welcomed(device, ['a', 'b', 'c', 'd', 'e', 'g'])
  device.connect(2)
  expect(device.state().further.map(({ call }) => call.id)).toEqual(['g'])
})

test('L3.11 P7.1 what rang on an older connection than the one that ends does not go on by its successor', () => {
  const device = ringing()
  device.connect(3)
  device.dispatch({ type: 'successor-welcome', connection: 4, ringing: ['a'] })
  device.connect(4)
  expect(device.phase()).toBe('connection-lost')
})

test('L3.11 P7.1 a call goes on by the announced successor of a proven connection, and by no other', () => {
  const doubted = ringing()
  welcomed(doubted, ['a'])
  doubted.connect(1, false)
  doubted.connect(2)
  expect(doubted.phase()).toBe('connection-lost')
  const other = ringing()
  for (const id of ['b', 'c', 'd', 'e', 'f']) other.ring(1, id)
  welcomed(other, ['a', 'b', 'c', 'd', 'e', 'f'])
  other.connect(3)
  expect([other.phase(), other.further()]).toEqual(['connection-lost', 0])
  // One that is proven again in time is as before.
  const proven = ringing()
  welcomed(proven, ['a'])
  proven.connect(1, false)
  proven.connect(1)
  proven.connect(2)
  expect(proven.phase()).toBe('ringing')
})
