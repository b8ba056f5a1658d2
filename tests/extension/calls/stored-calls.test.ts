import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createCallStore } from '../../../entrypoints/background/calls/stored-calls.ts'
import { ringingCall } from './calls-on-device.ts'
import * as workers from './worker.ts'
import { answered, call, room, settled } from './worker.ts'

beforeEach(() => {
  fakeBrowser.reset()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Workers one after the other in one browser. */
const worker = () => workers.worker({ store: createCallStore() })
const ringing = () => workers.ringing(createCallStore())

test('P7.1 P7.4 the next worker knows what rang and what was pressed, and says it on the next connection', async () => {
  const first = ringing()
  first.press('a', 'answer')
  await settled()
  vi.advanceTimersByTime(20_000)
  const next = worker()
  await next.restore()
  expect(next.phase()).toEqual({ unheard: 'answer', why: 'connection-lost' })
  next.connect(1)
  next.dispatch({ type: 'welcome', ringing: [], missed: [] })
  expect(next.sent).toEqual([[1, { type: 'answer', call: 'a' }]])
  next.dispatch(answered)
  await settled()
  expect(next.rooms).toEqual([room])
})

test('P7.5 the next worker does not enter the room again', async () => {
  const first = ringing()
  first.press('a', 'answer')
  first.dispatch(answered)
  await settled()
  const next = worker()
  await next.restore()
  next.connect(1)
  next.ring(1)
  next.press('a', 'answer')
  next.dispatch(answered)
  await settled()
  expect(next.rooms).toEqual([])
})

test('P7.1 P7.2 the next worker says that the connection was lost, and counts on from when the call was rung', async () => {
  ringing()
  await settled()
  vi.advanceTimersByTime(20_000)
  const next = worker()
  await next.restore()
  await next.restore()
  expect(next.now()).toHaveLength(1)
  expect(next.phase()).toBe('connection-lost')
  expect(next.screen).toEqual(['connection-lost a'])
  vi.advanceTimersByTime(26_999)
  expect(next.phase()).toBe('connection-lost')
  vi.advanceTimersByTime(1)
  expect(next.phase()).toEqual({ over: 'lost' })
})

test('P7.1 the next worker takes back the notifications of calls that it does not know', async () => {
  ringing()
  await settled()
  const next = worker()
  await next.restore()
  expect(next.left).toEqual([['a']])
})

test('P7.5 a room is entered although the browser cannot keep that', async () => {
  const device = ringing()
  device.press('a', 'answer')
  vi.spyOn(fakeBrowser.storage.session, 'set').mockImplementation(() => new Promise<void>(() => {}))
  device.dispatch(answered)
  await vi.advanceTimersByTimeAsync(999)
  expect(device.rooms).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(device.rooms).toEqual([room])
})

test('P7.5 a room is entered once the browser has kept that, or refused to', async () => {
  const { session } = fakeBrowser.storage
  for (const keep of [async () => {}, () => Promise.reject(new Error('disk'))]) {
    const device = ringing()
    device.press('a', 'answer')
    const kept = vi.spyOn(session, 'set').mockImplementation(keep)
    device.dispatch(answered)
    expect(device.rooms).toEqual([])
    expect(kept).toHaveBeenLastCalledWith({ calls: { legs: [], entered: ['a'] } })
    await settled()
    expect(device.rooms).toEqual([room])
  }
})

test('A8.7 what cannot be read is asked for again', async () => {
  vi.spyOn(fakeBrowser.storage.session, 'get').mockRejectedValueOnce(new Error('disk'))
  const next = worker()
  await expect(next.restore()).rejects.toThrow('disk')
  await expect(next.restore()).resolves.toBeUndefined()
})

test('C8.5 after signing out the next worker knows of no call', async () => {
  const first = ringing()
  first.dispatch({ type: 'sign-out' })
  await settled()
  const next = worker()
  await next.restore()
  expect(next.now()).toEqual([])
})

test('C8.11 a test ring is not taken up by the next worker', async () => {
  const first = worker()
  first.dispatch({ type: 'test-ring', call })
  first.connect(1)
  first.dispatch({ type: 'ring', connection: 1, call: ringingCall('b') })
  await settled()
  const next = worker()
  await next.restore()
  expect(next.now().map(({ id }) => id)).toEqual(['b'])
})

test('P7.2 a clock that was set back while no worker lived lets no call wait longer', async () => {
  ringing()
  await settled()
  vi.setSystemTime(Date.now() - 3_600_000)
  const next = worker()
  await next.restore()
  vi.advanceTimersByTime(47_000)
  expect(next.phase()).toEqual({ over: 'lost' })
})

test('U5.12 the next worker knows when a call rang first, and that it rings again', async () => {
  const first = ringing()
  const { firstRungAt } = first.now()[0] ?? {}
  await settled()
  vi.advanceTimersByTime(20_000)
  const next = worker()
  await next.restore()
  next.connect(1)
  next.ring(1)
  expect(next.now()[0]).toMatchObject({ firstRungAt, rungAgain: true })
})

test('U5.12 the next worker counts from now on what has not rung for the earlier one', async () => {
  const first = worker()
  first.dispatch({ type: 'connection', number: 1, leased: false })
  first.dispatch({ type: 'ring', connection: 1, call })
  await settled()
  vi.advanceTimersByTime(20_000)
  const next = worker()
  await next.restore()
  expect(next.now()[0]).toMatchObject({ firstRungAt: null })
  next.connect(1)
  next.ring(1)
  expect(next.now()[0]).toMatchObject({ firstRungAt: Date.now(), rungAgain: false })
})

test('PX4.8 the words of a decline are said with it, again and by the next worker, and never with an answer', async () => {
  const first = ringing()
  first.press('a', 'decline', 'In ten minutes')
  const words = { type: 'decline', call: 'a', reply: 'In ten minutes' }
  expect(first.sent.at(-1)).toEqual([1, words])
  first.connect(null)
  first.connect(2)
  expect(first.sent.at(-1)).toEqual([2, words])
  await settled()
  const next = worker()
  await next.restore()
  next.connect(1)
  expect(next.sent.at(-1)).toEqual([1, words])
  const other = ringing()
  other.press('a', 'answer', 'In ten minutes')
  expect(other.sent.at(-1)).toEqual([1, { type: 'answer', call: 'a' }])
})
