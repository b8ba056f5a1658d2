import { expect, test } from 'vitest'
import { roomCloseCodes, roomLeaves, roomReconnects } from '../../../protocol/room.ts'
import type { RoomEvent } from '../../../web/room/room-reducer.ts'
import { openRoomSocket } from '../../../web/room/room-socket.ts'
import { FakeSocket, welcomeMessage } from './fake-socket.ts'
import { timeline } from './timeline.ts'

const state = { joined: false, muted: false, camera: false, sharing: false }

const ticket = 'ticket-0123456789abcdef'
const seat = 'seat-0123456789abcdef'

/** @param given as it is when it is asked for. */
function page(given: { readonly ticket?: string; readonly seat?: string | null } = { ticket }) {
  const time = timeline()
  const sockets: FakeSocket[] = []
  const events: RoomEvent[] = []
  let pages = 1
  let react: (event: RoomEvent) => unknown = () => {}
  const socket = openRoomSocket({
    address: 'wss://server.example/rooms/r1/socket',
    ticket: given.ticket ?? null,
    readSeat: () => given.seat ?? null,
    state: () => state,
    dispatch: (event) => {
      events.push(event)
      react(event)
    },
    open: (address) => {
      const opened = new FakeSocket(address)
      sockets.push(opened)
      return opened as unknown as WebSocket
    },
    now: time.now,
    after: time.after,
    random: () => 0.5,
    page: 'page-number-1-0123456789',
    newPage: () => `page-number-${++pages}-0123456789`,
  })
  const last = () => sockets.at(-1) as FakeSocket
  const letIn = () => {
    last().open()
    last().tell(welcomeMessage)
  }
  return {
    ...time,
    socket,
    sockets,
    events,
    last,
    letIn,
    types: () => events.map(({ type }) => type),
    onEvent: (run: typeof react) => {
      react = run
    },
  }
}

test('RM12.2 a page says hello by its ticket, and by its seat once it has one, as the same page', () => {
  const { last, letIn, pass, sockets, events } = page()
  letIn()
  expect(last().address).toBe('wss://server.example/rooms/r1/socket')
  expect(last().said[0]).toEqual({
    ...{ type: 'hello', protocol: 1, by: 'ticket', secret: ticket, was: null, state },
    page: 'page-number-1-0123456789',
  })
  expect(events).toMatchObject([{ type: 'welcome', message: welcomeMessage, said: state }])

  last().end(1006)
  pass(0)
  expect(sockets).toHaveLength(2)
  last().open()
  expect(last().said[0]).toEqual({
    ...{ type: 'hello', protocol: 1, by: 'seat', secret: welcomeMessage.seat, state },
    ...{ page: 'page-number-1-0123456789', was: 'page-number-1-0123456789' },
  })
})

test('RM12.2 a ticket that was spent before gives way to the seat that is kept, and a page that has neither asks all the same', () => {
  const back = page({ ticket, seat })
  back.last().open()
  back.last().tell({ type: 'refused', why: 'ticket' })
  back.last().open()
  expect(back.last().said[0]).toMatchObject({ by: 'seat', secret: seat, was: null })
  expect(back.events).toEqual([])
  back.last().tell({ type: 'refused', why: 'ticket' })
  expect(back.events).toEqual([{ type: 'told', message: { type: 'refused', why: 'ticket' } }])

  // Another tab of this browser has used it meanwhile.
  const kept: { ticket: string; seat: string | null } = { ticket, seat: null }
  const second = page(kept)
  second.last().open()
  kept.seat = seat
  second.last().tell({ type: 'refused', why: 'full' })
  second.last().open()
  expect(second.last().said[0]).toMatchObject({ by: 'seat', secret: seat })

  const stranger = page({})
  stranger.last().open()
  const [hello] = stranger.last().said
  expect(hello).toMatchObject({ type: 'hello', by: 'ticket' })
  stranger.last().tell({ type: 'refused', why: 'full' })
  expect(stranger.events).toEqual([{ type: 'told', message: { type: 'refused', why: 'full' } }])
})

test('RM12.1 RM12.2 a beat is sent every two seconds, and its answer proves the seat from when it was sent', () => {
  const { last, letIn, pass, now, events } = page()
  letIn()
  const sentAt = now()
  pass(700)
  last().tell({ type: 'beat', n: 1, otherLeftMs: 4_000 })
  expect(events.at(-1)).toEqual({ type: 'proven', sentAt, otherLeftMs: 4_000 })
  last().tell({ type: 'beat', n: 1, otherLeftMs: 6_000 })
  last().tell({ type: 'beat', n: 7, otherLeftMs: 6_000 })
  expect(events.filter(({ type }) => type === 'proven')).toHaveLength(1)
  pass(3_300)
  expect(last().beats()).toEqual([1, 2, 3])
})

test('RM12.2 a beat without an answer for three seconds ends the connection, and another is tried at once, then ever less often', () => {
  const { last, letIn, pass, sockets, types } = page()
  letIn()
  pass(2_999)
  expect(sockets).toHaveLength(1)
  pass(1)
  expect(sockets[0]?.closedBy).toBe(roomReconnects)
  expect(types().at(-1)).toBe('lost')
  pass(0)
  expect(sockets).toHaveLength(2)

  const waits: number[] = []
  for (let attempt = 0; attempt < 7; attempt += 1) {
    const before = sockets.length
    last().end(1006)
    let waited = 0
    for (; sockets.length === before; waited += 1) pass(1)
    waits.push(waited)
  }
  expect(waits).toEqual([...waits].toSorted((one, other) => one - other))
  expect(waits.at(0)).toBeLessThan(500)
  expect(waits.at(-1)).toBeLessThanOrEqual(4_000)
})

test('RM12.2 a server that takes the connection and welcomes nobody is given up after five seconds', () => {
  const { last, pass, sockets } = page()
  last().open()
  pass(5_000)
  expect(sockets[0]?.closedBy).toBe(roomReconnects)
  pass(4_000)
  expect(sockets).toHaveLength(2)
  // What the first one says late counts no more.
  sockets[0]?.tell(welcomeMessage)
  expect(sockets[0]?.beats()).toEqual([])
})

test('RM12.2 after a sleep, and when the network may be another, the connection is tried at once', () => {
  const woken = page()
  woken.letIn()
  woken.sleep(600_000)
  woken.pass(2_000)
  expect(woken.sockets[0]?.closedBy).toBe(roomReconnects)

  const moved = page()
  moved.letIn()
  moved.last().answerBeats()
  moved.socket.probe()
  expect(moved.last().beats()).toEqual([1, 2])
  moved.pass(1_200)
  expect(moved.sockets[0]?.closedBy).toBe(roomReconnects)
  moved.pass(0)
  moved.socket.probe()
  expect(moved.sockets).toHaveLength(3)

  // A beat that is due meanwhile gives it no more time.
  const due = page()
  due.letIn()
  due.last().answerBeats()
  due.pass(1_500)
  due.socket.probe()
  due.pass(1_199)
  expect([due.last().beats(), due.sockets[0]?.closedBy]).toEqual([[1, 2, 3], undefined])
  due.pass(1)
  expect(due.sockets[0]?.closedBy).toBe(roomReconnects)
})

test.each([
  [{ type: 'replaced' }, roomCloseCodes.replaced.code],
  [{ type: 'ended', why: 'otherHungUp' }, roomCloseCodes.ended.code],
  [{ type: 'refused', why: 'elsewhere' }, roomCloseCodes.refused.code],
] as const)('RM12.2 after %o the page stays away', (message, code) => {
  const { last, letIn, pass, sockets, events } = page()
  letIn()
  last().tell(message)
  last().end(code)
  pass(60_000)
  expect(sockets).toHaveLength(1)
  expect(events.at(-1)).toEqual({ type: 'told', message })
})

test.each(Object.entries(roomCloseCodes))(
  'RM12.2 a connection closed as %s is made again only where that helps',
  (_, { code, page: does }) => {
    const { last, letIn, pass, sockets, types } = page()
    letIn()
    last().end(code)
    pass(4_000)
    expect(sockets.length > 1).toBe(does === 'retry')
    expect(types().includes('shut')).toBe(does === 'stay')
  },
)

test('RM12.2 a page that begins again comes back under another name, ever less often, and one that leaves says so', () => {
  const { last, letIn, pass, socket, sockets } = page()
  letIn()
  socket.beginAgain()
  expect(sockets[0]?.closedBy).toBe(roomReconnects)
  pass(250)
  last().open()
  expect(last().said[0]).toMatchObject({
    by: 'seat',
    ...{ page: 'page-number-2-0123456789', was: 'page-number-1-0123456789' },
  })
  // Its welcome is lost, and so is what it came back for.
  socket.beginAgain()
  pass(4_000)
  last().open()
  expect(last().said[0]).toMatchObject({ page: 'page-number-2-0123456789', was: 'page-number-1-0123456789' })
  last().tell(welcomeMessage)
  socket.leave()
  expect(last().closedBy).toBe(roomLeaves)
  pass(60_000)
  socket.probe()
  socket.beginAgain()
  expect(sockets).toHaveLength(3)
})

test('RM12.2 a page that its welcome has begin again says nothing more on that connection', () => {
  const { last, pass, socket, sockets, types, onEvent } = page()
  onEvent(({ type }) => type === 'welcome' && sockets.length === 1 && socket.beginAgain())
  last().open()
  last().tell(welcomeMessage)
  pass(187)
  expect([sockets.length, sockets[0]?.beats()]).toEqual([1, []])
  pass(1)
  last().open()
  last().tell(welcomeMessage)
  last().answerBeats()
  pass(1_999)
  expect([sockets.length, last().beats()]).toEqual([2, [1]])
  expect(types()).toEqual(['welcome', 'lost', 'welcome', 'proven'])
})

test('RM12.6 a page that is about to go says so, and makes no connection anew at once for the one that goes with it', () => {
  const { socket, last, letIn, pass, sockets } = page()
  socket.goAway()
  expect(last().said).toEqual([])
  letIn()
  socket.goAway()
  expect(last().said.at(-1)).toEqual({ type: 'leaving' })
  // A browser that closes it before the page is hidden.
  last().end(1001)
  pass(100)
  expect(sockets).toHaveLength(1)
  // Where it stays after all it comes back.
  pass(900)
  expect(sockets).toHaveLength(2)
  letIn()
  socket.goAway()
  // A beat would say that it stays, and the next address may take some seconds to answer.
  for (let beat = 0; beat < 5; beat += 1) {
    pass(2_000)
    last().answerBeats()
    expect(last().said.slice(-2)).toMatchObject([{ type: 'beat' }, { type: 'leaving' }])
  }
  pass(2_000)
  expect(last().said.at(-1)).toMatchObject({ type: 'beat' })
  last().end(1006)
  pass(0)
  expect(sockets).toHaveLength(3)
})

test('RM12.2 nothing is said before the welcome but hello, and what is no message is passed over', () => {
  const { last, socket, events, letIn } = page()
  last().open()
  socket.send({ type: 'hangUp' })
  expect(last().said.map(({ type }) => type)).toEqual(['hello'])
  last().onmessage?.({ data: 'no JSON' })
  last().tell({ type: 'of a newer server' })
  expect(events).toEqual([])
  letIn()
  socket.send({ type: 'hangUp' })
  expect(last().said.map(({ type }) => type)).toContain('hangUp')
})
