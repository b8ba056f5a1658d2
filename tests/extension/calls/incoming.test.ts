import { expect, test, vi } from 'vitest'
import { createIncoming } from '../../../entrypoints/background/calls/incoming.ts'
import type { Presenter } from '../../../entrypoints/background/calls/presenter.ts'
import type { DeviceMessage } from '../../../protocol/line.ts'

const call = { id: 'a', from: 'Clinic', at: 1, ringsFor: 45_000 }

/** A screen that shows what it is asked to, or nothing at all. */
function setUp(shows = true) {
  const sent: DeviceMessage[] = []
  const rooms: string[] = []
  const closed: string[] = []
  let sounding = false
  const presenter: Presenter = {
    present: async () => {
      if (!shows) throw new Error('no display')
    },
    withdraw: () => {},
    close: (id) => closed.push(id),
    ringing: (calls) => {
      sounding = calls.length > 0
    },
    enter: (room) => rooms.push(room),
  }
  const incoming = createIncoming({ send: (message) => sent.push(message), presenter, changed: () => {} })
  return { incoming, sent, rooms, closed, sounding: () => sounding }
}

test('T4.1 a ring is acknowledged once the person can see it', async () => {
  const { incoming, sent } = setUp()
  incoming.ring(call)
  expect(sent).toEqual([])
  await vi.waitFor(() => expect(sent).toEqual([{ type: 'rings', call: 'a' }]))
})

test('T4.1 a ring that the browser cannot show is not acknowledged', async () => {
  const { incoming, sent } = setUp(false)
  incoming.ring(call)
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toEqual([])
})

test('C8.1 a call rung again on a new line is acknowledged again and shown once', async () => {
  const { incoming, sent } = setUp()
  incoming.ring(call)
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  incoming.ring(call)
  await vi.waitFor(() => expect(sent).toHaveLength(2))
  expect(incoming.calls()).toHaveLength(1)
})

test('C8.7 an answer pressed while the line is down is said again on the next one', () => {
  const { incoming, sent } = setUp()
  incoming.ring(call)
  incoming.press('a', 'answer')
  sent.length = 0
  incoming.lineProven()
  expect(sent).toEqual([{ type: 'answer', call: 'a' }])
})

test('C8.8 only the device that answered enters the room', () => {
  const here = setUp()
  here.incoming.ring(call)
  here.incoming.over({
    type: 'over',
    call: 'a',
    outcome: 'answered',
    here: true,
    room: 'https://r.example/1',
  })
  expect(here.rooms).toEqual(['https://r.example/1'])
  const elsewhere = setUp()
  elsewhere.incoming.ring(call)
  elsewhere.incoming.over({ type: 'over', call: 'a', outcome: 'answered', here: false })
  expect(elsewhere.rooms).toEqual([])
})

test('C8.9 the tone sounds while a call rings and stops with it, and the window stays to say how it ended', () => {
  vi.useFakeTimers()
  try {
    const { incoming, sounding, closed } = setUp()
    incoming.ring(call)
    expect(sounding()).toBe(true)
    incoming.over({ type: 'over', call: 'a', outcome: 'cancelled', here: false })
    expect(sounding()).toBe(false)
    expect(closed).toEqual([])
    vi.advanceTimersByTime(5_000)
    expect(closed).toEqual(['a'])
    expect(incoming.calls()).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})

test('C8.10 a call whose end never arrives stops ringing by itself', () => {
  vi.useFakeTimers()
  try {
    const { incoming } = setUp()
    incoming.ring(call)
    vi.advanceTimersByTime(47_000)
    expect(incoming.calls()[0]?.phase).toEqual({ over: 'lost' })
  } finally {
    vi.useRealTimers()
  }
})

test('C8.11 a test ring tells the server nothing', async () => {
  const { incoming, sent } = setUp()
  incoming.ring(call, true)
  incoming.press('a', 'answer')
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toEqual([])
  expect(incoming.calls()[0]?.phase).toEqual({ over: 'answered-here' })
})
