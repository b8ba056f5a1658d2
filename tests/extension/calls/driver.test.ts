import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clockLookEvery } from '../../../protocol/timing.ts'
import { answered, call, createMemoryStore, ringing, room, settled, worker } from './worker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('T4.1 a ring is acknowledged once the person can see it', async () => {
  const { sent } = ringing()
  expect(sent).toEqual([])
  await settled()
  expect(sent).toEqual([[1, { type: 'rings', call: 'a' }]])
})

test('T4.1 a ring that the browser cannot show is not acknowledged', async () => {
  const device = worker({ shows: false })
  device.connect(1)
  device.ring(1)
  await settled()
  expect(device.sent).toEqual([])
})

test('P7.1 with the connection go tone and notification of a ring, and come back when it rings again', async () => {
  const device = ringing()
  await settled()
  expect(device.sounding()).toBe(true)
  device.connect(null)
  expect(device.sounding()).toBe(false)
  device.connect(2)
  device.ring(2)
  await settled()
  expect(device.sounding()).toBe(true)
  expect(device.screen).toEqual(['present a', 'connection-lost a', 'present a'])
  expect(device.sent).toEqual([
    [1, { type: 'rings', call: 'a' }],
    [2, { type: 'rings', call: 'a' }],
  ])
})

test('C8.9 the tone sounds while a call rings and stops with it, and the window stays to say how it ended', () => {
  const device = ringing()
  device.dispatch({ type: 'over', call: 'a', outcome: 'cancelled', here: false })
  expect(device.sounding()).toBe(false)
  expect(device.screen).toEqual(['present a', 'withdraw a'])
  vi.advanceTimersByTime(4_000)
  expect(device.screen.slice(2)).toEqual(['withdraw a', 'close a'])
  expect(device.now()).toEqual([])
})

test('P7.2 a call whose end never arrives stops ringing by itself', () => {
  const device = ringing()
  vi.advanceTimersByTime(47_000)
  expect(device.phase()).toEqual({ over: 'unknown' })
  expect(device.sounding()).toBe(false)
})

test('P7.2 a deadline that passed while the machine slept is found at waking, though timers stood still', async () => {
  const device = ringing()
  await settled()
  vi.setSystemTime(Date.now() + 47_000)
  expect(device.phase()).toBe('ringing')
  vi.advanceTimersByTime(clockLookEvery)
  expect(device.phase()).toEqual({ over: 'unknown' })
  expect(device.changed).toHaveBeenCalled()
})

test('C8.18 how many calls ring beyond those shown is told', () => {
  const device = worker()
  device.connect(1)
  for (let n = 0; n < 7; n += 1)
    device.dispatch({ type: 'ring', connection: 1, call: { ...call, id: `call ${n}` } })
  expect([device.now().length, device.further()]).toEqual([5, 2])
})

test('P7.2 however much happens, one look at the clocks is to come, and none once there is no call', async () => {
  const device = ringing()
  await settled()
  for (const connection of [null, 2, 3]) device.connect(connection)
  expect(vi.getTimerCount()).toBe(1)
  device.dispatch({ type: 'sign-out' })
  expect(vi.getTimerCount()).toBe(0)
})

test('P7.1 what an earlier worker kept is taken up, and other notifications than of its calls are taken back', async () => {
  const store = createMemoryStore()
  ringing(store)
  await settled()
  const next = worker({ store })
  await next.restore()
  expect(next.phase()).toBe('connection-lost')
  expect(next.left).toEqual([['a']])
})

test('P7.3 a press that nothing comes of is said to be so within 5 s by itself, and the connection is doubted', () => {
  const device = ringing()
  device.press('a', 'answer')
  device.changed.mockClear()
  vi.advanceTimersByTime(4_999)
  expect(device.phase()).toEqual({ unheard: 'answer', why: 'server-silent' })
  expect(device.changed).toHaveBeenCalledTimes(1)
  expect(device.doubt).toHaveBeenCalledTimes(1)
})

test('P7.1 a welcome takes back the notifications of calls that no longer ring', () => {
  const device = ringing()
  device.dispatch({ type: 'welcome', ringing: ['a'], missed: [] })
  expect(device.left).toEqual([['a']])
})

test('C8.11 a test ring tells the server nothing', async () => {
  const device = worker()
  device.dispatch({ type: 'test-ring', call })
  device.press('a', 'answer')
  await settled()
  expect(device.sent).toEqual([])
  expect(device.phase()).toEqual({ over: 'answered-here' })
})

test('P7.5 the room is entered once, after that was kept', () => {
  const store = createMemoryStore()
  const device = ringing(store)
  device.press('a', 'answer')
  device.dispatch(answered)
  device.dispatch(answered)
  expect(store.writes.at(-1)).toEqual({ legs: [], entered: ['a'] })
  expect(device.rooms).toEqual([])
  store.confirm()
  expect(device.rooms).toEqual([room])
})

test('U9.4 what changes nothing is neither written nor told to anybody', async () => {
  const store = createMemoryStore()
  const device = ringing(store)
  await settled()
  const written = store.writes.length
  device.changed.mockClear()
  device.connect(1)
  device.dispatch({ type: 'look' })
  expect(device.changed).not.toHaveBeenCalled()
  device.connect(null)
  expect(device.changed).toHaveBeenCalledTimes(1)
  expect(store.writes).toHaveLength(written)
})

test('C8.20 what the browser did not open is said of the call', async () => {
  const store = createMemoryStore()
  const device = worker({ store, opens: false })
  device.connect(1)
  device.ring(1)
  device.press('a', 'answer')
  device.dispatch(answered)
  expect(device.phase()).toEqual({ over: 'answered-here' })
  store.confirm()
  expect(device.phase()).toEqual({ over: 'room-not-opened' })
})
