import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { clockLookEvery } from '../../../protocol/timing.ts'
import { answered, call, ringing, room, settled, worker } from './worker.ts'

beforeEach(() => {
  fakeBrowser.reset()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('T4.1 a ring is acknowledged once the person can see it', async () => {
  const { sent } = ringing()
  expect(sent).toEqual([])
  await settled()
  expect(sent).toEqual([[1, { type: 'rings', call: 'a' }]])
})

test('T4.1 a ring that the browser cannot show is not acknowledged', async () => {
  const device = worker(false)
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

test('P7.2 a deadline that passed while the machine slept is found at waking, though timers stood still', () => {
  const device = ringing()
  vi.setSystemTime(Date.now() + 47_000)
  expect(device.phase()).toBe('ringing')
  vi.advanceTimersByTime(clockLookEvery)
  expect(device.phase()).toEqual({ over: 'unknown' })
  expect(device.changed).toHaveBeenCalled()
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

test('P8.1 P7.1 a welcome takes back the notifications of calls that no longer ring', async () => {
  const notify = (id: string) =>
    fakeBrowser.notifications.create(id, { type: 'basic', iconUrl: '', title: '', message: '' })
  await Promise.all([notify('call:old'), notify('call:a')])
  const device = worker()
  device.dispatch({ type: 'welcome', ringing: ['a'], missed: [] })
  await settled()
  expect(Object.keys(await fakeBrowser.notifications.getAll())).toEqual(['call:a'])
})

test('C8.11 a test ring tells the server nothing', async () => {
  const device = worker()
  device.dispatch({ type: 'test-ring', call })
  device.press('a', 'answer')
  await settled()
  expect(device.sent).toEqual([])
  expect(device.phase()).toEqual({ over: 'answered-here' })
})

test('P7.5 the room is entered once, after that was kept', async () => {
  const device = ringing()
  device.press('a', 'answer')
  const kept = vi.spyOn(fakeBrowser.storage.session, 'set')
  device.dispatch(answered)
  device.dispatch(answered)
  expect(device.rooms).toEqual([])
  expect(kept).toHaveBeenCalledWith({ calls: { legs: [], entered: ['a'] } })
  await settled()
  expect(device.rooms).toEqual([room])
})

test('P7.5 a room is entered although the browser cannot keep that', async () => {
  const device = ringing()
  device.press('a', 'answer')
  vi.spyOn(fakeBrowser.storage.session, 'set').mockImplementation(() => new Promise<void>(() => {}))
  device.dispatch(answered)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(device.rooms).toEqual([room])
})

test('P7.4 what changes nothing is neither written nor told to anybody', async () => {
  const device = ringing()
  await settled()
  const kept = vi.spyOn(fakeBrowser.storage.session, 'set')
  device.changed.mockClear()
  device.connect(1)
  device.dispatch({ type: 'look' })
  expect(device.changed).not.toHaveBeenCalled()
  device.connect(null)
  expect(device.changed).toHaveBeenCalledTimes(1)
  expect(kept).not.toHaveBeenCalled()
})
