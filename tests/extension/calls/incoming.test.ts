import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createIncoming } from '../../../entrypoints/background/calls/incoming.ts'
import type { Presenter } from '../../../entrypoints/background/calls/presenter.ts'
import type { DeviceMessage } from '../../../protocol/line.ts'
import { ringingCall } from './on-device.ts'

beforeEach(() => {
  fakeBrowser.reset()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const room = 'https://r.example/1'
const answered = { type: 'over', call: 'a', outcome: 'answered', here: true, room } as const
const call = ringingCall()

/** A worker's calls and a screen that shows what it is asked to, or nothing at all. */
function worker(shows = true) {
  const sent: [number, DeviceMessage][] = []
  const rooms: string[] = []
  const screen: string[] = []
  let sounding = false
  const doubt = vi.fn()
  const presenter: Presenter = {
    present: async ({ id }) => {
      if (!shows) throw new Error('no display')
      screen.push(`present ${id}`)
    },
    notifyUnproven: ({ id, phase }) => screen.push(`${phase} ${id}`),
    withdraw: (id) => screen.push(`withdraw ${id}`),
    close: (id) => screen.push(`close ${id}`),
    ringing: (calls) => {
      sounding = calls.length > 0
    },
    enter: (where) => rooms.push(where),
  }
  const changed = vi.fn()
  const send = (line: number, message: DeviceMessage) => sent.push([line, message])
  const incoming = createIncoming({ send, presenter, doubt, changed })
  return {
    ...incoming,
    sent,
    rooms,
    screen,
    doubt,
    changed,
    sounding: () => sounding,
    connect: (line: number | null) => incoming.happen({ type: 'connection', line, leased: line !== null }),
    ring: (line: number) => incoming.happen({ type: 'ring', line, call }),
    phase: () => incoming.calls()[0]?.phase,
  }
}

const settled = () => vi.advanceTimersByTimeAsync(0)

function ringing() {
  const device = worker()
  device.connect(1)
  device.ring(1)
  return device
}

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
  device.happen({ type: 'over', call: 'a', outcome: 'cancelled', here: false })
  expect(device.sounding()).toBe(false)
  expect(device.screen).toEqual(['present a', 'withdraw a'])
  vi.advanceTimersByTime(4_000)
  expect(device.screen.slice(2)).toEqual(['withdraw a', 'close a'])
  expect(device.calls()).toEqual([])
})

test('C8.10 P7.2 a call whose end never arrives stops ringing by itself', () => {
  const device = ringing()
  vi.advanceTimersByTime(47_000)
  expect(device.phase()).toEqual({ over: 'unknown' })
  expect(device.sounding()).toBe(false)
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

test('C8.11 a test ring tells the server nothing', async () => {
  const device = worker()
  device.happen({ type: 'test-ring', call })
  device.press('a', 'answer')
  await settled()
  expect(device.sent).toEqual([])
  expect(device.phase()).toEqual({ over: 'answered-here' })
})

test('C8.8 P7.5 the room is entered once, after that was kept', async () => {
  const device = ringing()
  device.press('a', 'answer')
  const kept = vi.spyOn(fakeBrowser.storage.session, 'set')
  device.happen(answered)
  device.happen(answered)
  expect(device.rooms).toEqual([])
  expect(kept).toHaveBeenCalledWith({ calls: { legs: [], entered: ['a'] } })
  await settled()
  expect(device.rooms).toEqual([room])
})

test('P7.5 a room is entered although the browser cannot keep that', async () => {
  const device = ringing()
  device.press('a', 'answer')
  vi.spyOn(fakeBrowser.storage.session, 'set').mockImplementation(() => new Promise<void>(() => {}))
  device.happen(answered)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(device.rooms).toEqual([room])
})

test('P7.1 P7.4 the next worker knows what rang and what was pressed, and says it on the next connection', async () => {
  const first = ringing()
  first.press('a', 'answer')
  await settled()
  vi.advanceTimersByTime(20_000)
  const next = worker()
  await next.start()
  expect(next.phase()).toEqual({ unheard: 'answer', why: 'connection-lost' })
  next.connect(1)
  next.happen({ type: 'welcome', ringing: [], missed: [] })
  expect(next.sent).toEqual([[1, { type: 'answer', call: 'a' }]])
  next.happen(answered)
  await settled()
  expect(next.rooms).toEqual([room])
})

test('P7.5 the next worker does not enter the room again', async () => {
  const first = ringing()
  first.press('a', 'answer')
  first.happen(answered)
  await settled()
  const next = worker()
  await next.start()
  next.connect(1)
  next.ring(1)
  next.press('a', 'answer')
  next.happen(answered)
  await settled()
  expect(next.rooms).toEqual([])
})

test('P7.1 P7.2 the next worker says that the connection was lost, and counts on from when the call was rung', async () => {
  ringing()
  await settled()
  vi.advanceTimersByTime(20_000)
  const next = worker()
  await next.start()
  await next.start()
  expect(next.calls()).toHaveLength(1)
  expect(next.phase()).toBe('connection-lost')
  expect(next.screen).toEqual(['connection-lost a'])
  vi.advanceTimersByTime(26_999)
  expect(next.phase()).toBe('connection-lost')
  vi.advanceTimersByTime(1)
  expect(next.phase()).toEqual({ over: 'lost' })
})

test('P7.1 a notification of a call that nobody knows is taken back by the next worker', async () => {
  await fakeBrowser.notifications.create('call:old', { type: 'basic', iconUrl: '', title: '', message: '' })
  await worker().start()
  await expect(fakeBrowser.notifications.getAll()).resolves.toEqual({})
})

test('P7.4 what cannot be read is asked for again', async () => {
  vi.spyOn(fakeBrowser.storage.session, 'get').mockRejectedValueOnce(new Error('disk'))
  const next = worker()
  await expect(next.start()).rejects.toThrow('disk')
  await expect(next.start()).resolves.toBeUndefined()
})

test('C8.5 after signing out the next worker knows of no call', async () => {
  const first = ringing()
  first.happen({ type: 'sign-out' })
  await settled()
  const next = worker()
  await next.start()
  expect(next.calls()).toEqual([])
})
