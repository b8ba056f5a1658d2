import {
  type RoomPageMessage,
  type RoomPageWord,
  type RoomServerMessage,
  type RoomSide,
  type RoomSignal,
  roomCloseCodes,
  roomLeaves,
  roomSides,
  roomTiming,
} from '../../../protocol/room.ts'
import type { SeatMessage } from '../../../server/rooms/room-message.ts'
import {
  epochOf,
  otherOf,
  type Seat,
  type SeatEffect,
  type SeatEvent,
  seatReducer,
  unheld,
} from '../../../server/rooms/seat-reducer.ts'
import {
  atDoor,
  otherHere,
  type Room,
  type RoomEvent,
  reduceRoom,
  shown,
} from '../../../web/room/room-reducer.ts'
import { openRoomSocket, type RoomSocket } from '../../../web/room/room-socket.ts'

/** Ms from a page to a node, and from a node to the others. */
const toServer = 40
const overBus = 30
const { leaseFor } = roomTiming
/** A server looks at its deadlines this often, in ms. */
const tickEvery = 100
/** And at rooms that ended elsewhere. */
const lookEvery = 10_000
/** What one node knows of another's answer by then, in ms, as in `rooms.ts`. */
const answeredWithin = 250

/** So long after the last beat of somebody nobody says any more that they are here, in ms. */
export const longestBelieved = leaseFor + toServer + overBus + tickEvery

export type Act =
  | {
      readonly kind: 'open' | 'join' | 'mute' | 'reload' | 'leave' | 'kill' | 'hang-up'
      readonly side: RoomSide
    }
  | { readonly kind: 'offline' | 'online' | 'cut' | 'probe'; readonly side: RoomSide }
  /** The next hello of this side waits for so long before the database has time for it, in ms. */
  | { readonly kind: 'delay'; readonly side: RoomSide; readonly ms: number }
  /** Tells the other one something on the way to a connection; `late` as if of the meeting before. */
  | { readonly kind: 'say'; readonly side: RoomSide; readonly late: boolean }
  | { readonly kind: 'kill-node' | 'start-node' | 'lose-bus' | 'mend-bus'; readonly node: 0 | 1 }
  | { readonly kind: 'pass'; readonly ms: number }

interface Page {
  readonly side: RoomSide
  /** Null of one that is gone. */
  room: Room | null
  socket: RoomSocket | undefined
  muted: boolean
  /** The number of what it has heard last from the other one. */
  heard: number
}

/** A page's connection at a node: what `room-endpoint.ts` and `rooms.ts` keep of it. */
interface Connection {
  readonly page: Page
  readonly socket: SimulatedSocket
  node: number
  /** Nothing gets through any more, and nobody is told. */
  isCut: boolean
  isClosed: boolean
  hello: 'awaited' | 'looked-at' | 'welcomed'
  early: RoomPageWord[]
  seat: Seat | undefined
  waiting: RoomServerMessage[] | null
  /** When its hello arrived. */
  arrived: number
  welcome: () => void
}

class SimulatedSocket {
  readyState: number = WebSocket.CONNECTING
  onopen: (() => void) | null = null
  onclose: ((event: { readonly code: number }) => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  send: (frame: string) => void = () => {}
  close: (code?: number) => void = () => {}
}

/**
 * A room whose pages are those of the product (`web/room/`), but for devices and peer connections, and whose seats are those
 * of the product at two nodes; on networks that fail and a bus that is lost, in simulated time.
 */
export function wholeRoom() {
  let now = 0
  let order = 0
  const due: { readonly at: number; readonly order: number; readonly run: () => void; isOff: boolean }[] = []
  const after = (ms: number, run: () => void) => {
    order += 1
    const one = { at: now + ms, order, run, isOff: false }
    due.push(one)
    return () => {
      one.isOff = true
    }
  }
  const instant = () => ({ mono: now, wall: 1_700_000_000_000 + now })

  const pages: Page[] = []
  const connections: Connection[] = []
  const isUp = [true, true]
  const hasBus = [true, true]
  const isOffline: Record<RoomSide, boolean> = { caller: false, callee: false }
  const delays: Record<RoomSide, number> = { caller: 0, callee: 0 }
  /** When the last beat or hello was sent that arrived. */
  const provenAt: Record<RoomSide, number> = {
    caller: Number.NEGATIVE_INFINITY,
    callee: Number.NEGATIVE_INFINITY,
  }
  /** What browsers keep: one of each side. */
  const kept: Partial<Record<RoomSide, string>> = {}
  /** As contacts are told, by connection: until when. */
  const inCall = new Map<Connection, { readonly side: RoomSide; readonly until: number }>()
  const rows: Partial<Record<RoomSide, { page: string; pages: number; connections: number }>> = {}
  const usedBy: Partial<Record<RoomSide, string>> = {}
  let endedAt: number | undefined
  let names = 0
  let said = 0
  const misheard: string[] = []

  // The server.

  const isLive = (connection: Connection) => !connection.isClosed && isUp[connection.node] === true

  const publish = (from: number, message: SeatMessage) => {
    after(overBus, () => {
      for (const connection of connections) {
        const isReached = connection.node === from || (hasBus[from] && hasBus[connection.node])
        if (connection.seat && !connection.seat.isOver && isLive(connection) && isReached) {
          dispatch(connection, { kind: 'heard', message })
          if (message.kind === 'seat' && message.side !== connection.page.side) connection.welcome()
        }
      }
    })
  }

  const tell = (connection: Connection, message: RoomServerMessage) => {
    after(toServer, () => {
      if (connection.isCut || isOffline[connection.page.side]) return
      connection.socket.onmessage?.({ data: JSON.stringify(message) })
    })
  }

  const closeFromServer = (connection: Connection, code: number) => {
    if (connection.isClosed) return
    connection.isClosed = true
    after(toServer, () => {
      if (connection.isCut || isOffline[connection.page.side]) return
      connection.socket.readyState = WebSocket.CLOSED
      connection.socket.onclose?.({ code })
    })
  }

  const dispatch = (connection: Connection, event: SeatEvent) => {
    if (!connection.seat) return
    const [seat, effects] = seatReducer(connection.seat, event, { now, leaseFor })
    connection.seat = seat
    for (const effect of effects) run(connection, effect)
  }

  const run = (connection: Connection, effect: SeatEffect) => {
    switch (effect.kind) {
      case 'send': {
        const { message } = effect
        if (!connection.waiting || message.type === 'replaced' || message.type === 'ended')
          return tell(connection, message)
        if (message.type !== 'other') connection.waiting.push(message)
        return
      }
      case 'publish':
        return publish(connection.node, effect.message)
      case 'in-call':
        if (effect.left > 0) inCall.set(connection, { side: connection.page.side, until: now + effect.left })
        else inCall.delete(connection)
        return
      case 'close':
        return closeFromServer(connection, roomCloseCodes[effect.why].code)
    }
  }

  const refuse = (connection: Connection, why: Extract<RoomServerMessage, { type: 'refused' }>['why']) => {
    tell(connection, { type: 'refused', why })
    closeFromServer(connection, roomCloseCodes.refused.code)
  }

  const sideOf = (by: 'ticket' | 'seat', secret: string) =>
    roomSides.find((side) => secret === (by === 'ticket' ? ticketOf(side) : seatOf(side)))

  const hello = (connection: Connection, message: RoomPageMessage & { type: 'hello' }) => {
    if (!hasBus[connection.node]) return closeFromServer(connection, roomCloseCodes.unavailable.code)
    const side = sideOf(message.by, message.secret)
    if (endedAt !== undefined) return refuse(connection, 'over')
    const isSpent = side && message.by === 'ticket' && (usedBy[side] ?? message.page) !== message.page
    if (!side || isSpent) return refuse(connection, 'ticket')
    if (message.by === 'ticket') usedBy[side] = message.page
    const before = rows[side]
    const isAnother = before?.page !== message.page
    if (message.was !== null && before && isAnother && before.page !== message.was)
      return refuse(connection, 'elsewhere')
    const own = (before?.pages ?? 0) + (isAnother ? 1 : 0)
    const count = (before?.connections ?? 0) + 1
    rows[side] = { page: message.page, pages: own, connections: count }
    const others = rows[side === 'caller' ? 'callee' : 'caller']?.pages ?? 0
    const seat: Seat = {
      ...{ side, connection: count, pages: { own, other: others }, state: message.state },
      ...{ until: connection.arrived + leaseFor, other: null, newest: 0, isOver: false },
    }
    if (connection.isClosed) {
      if (isAnother) publish(connection.node, unheld(seat))
      return
    }
    connection.seat = seat
    connection.waiting = []
    connection.welcome = () => welcome(connection)
    dispatch(connection, { kind: 'seated' })
    if (others === 0) welcome(connection)
    else after(answeredWithin, () => welcome(connection))
  }

  const welcome = (connection: Connection) => {
    const { seat, waiting } = connection
    if (!seat || !waiting || !isLive(connection)) return
    if (endedAt !== undefined && !seat.isOver) dispatch(connection, { kind: 'ended', why: 'over' })
    if (connection.seat?.isOver) return
    tell(connection, {
      ...{ type: 'welcome', protocol: 1, side: seat.side, polite: seat.side === 'callee' },
      ...{ seat: seatOf(seat.side), beatMs: roomTiming.beatEvery, leaseMs: leaseFor, epoch: epochOf(seat) },
      ...{
        ice: { servers: [], goodFor: null },
        relayOnly: false,
        name: 'the other',
        other: otherOf(seat, now),
      },
      call: { startedAt: 0, agoMs: now },
    })
    connection.waiting = null
    for (const message of waiting) tell(connection, message)
    connection.hello = 'welcomed'
    for (const early of connection.early.splice(0)) handle(connection, early)
  }

  const handle = (connection: Connection, message: RoomPageWord) => {
    switch (message.type) {
      case 'beat':
        return dispatch(connection, { kind: 'beat', n: message.n })
      case 'state':
        return dispatch(connection, { kind: 'state', state: message.state })
      case 'signal':
        return dispatch(connection, { kind: 'signal', epoch: message.epoch, signal: message.signal })
      case 'ice':
        return
      case 'hangUp': {
        if (!connection.seat || connection.seat.isOver) return
        endedAt ??= now
        publish(connection.node, { kind: 'ended', by: connection.page.side })
        dispatch(connection, { kind: 'ended', why: 'hungUp' })
      }
    }
  }

  const arrive = (connection: Connection, message: RoomPageMessage, sentAt: number) => {
    if (!isLive(connection) || message.type === 'leaving') return
    if (message.type === 'hello' || message.type === 'beat')
      provenAt[connection.page.side] = Math.max(provenAt[connection.page.side], sentAt)
    if (message.type === 'hello') {
      connection.hello = 'looked-at'
      connection.arrived = now
      const { side } = connection.page
      const delay = delays[side]
      delays[side] = 0
      // The database answers, and the page may be gone by then.
      after(
        delay,
        () => isLive(connection) && after(5, () => isUp[connection.node] && hello(connection, message)),
      )
    } else if (connection.hello === 'welcomed') handle(connection, message)
    else connection.early.push(message)
  }

  const tick = () => {
    for (const connection of connections) if (isLive(connection)) dispatch(connection, { kind: 'tick' })
    after(tickEvery, tick)
  }
  const look = () => {
    if (endedAt !== undefined)
      for (const connection of connections)
        if (isLive(connection)) dispatch(connection, { kind: 'ended', why: 'over' })
    after(lookEvery, look)
  }
  tick()
  look()

  // The network, and what is at its other end.

  const open = (page: Page): WebSocket => {
    const socket = new SimulatedSocket()
    const node = isUp[0] && (order % 2 === 0 || !isUp[1]) ? 0 : 1
    const connection: Connection = {
      ...{ page, socket, node, isCut: false, isClosed: false, hello: 'awaited', early: [] },
      ...{ seat: undefined, waiting: null, arrived: now, welcome: () => {} },
    }
    connections.push(connection)
    const isReached = () => !connection.isCut && !isOffline[page.side]
    socket.send = (frame) => {
      const sentAt = now
      if (isReached()) after(toServer, () => isReached() && arrive(connection, JSON.parse(frame), sentAt))
    }
    socket.close = (code) => {
      if (socket.readyState === WebSocket.CLOSED) return
      socket.readyState = WebSocket.CLOSED
      if (isReached())
        after(toServer, () => {
          if (connection.isClosed || !isReached()) return
          connection.isClosed = true
          const byPage = code === roomLeaves
          if (isUp[connection.node]) dispatch(connection, { kind: 'closed', byPage })
        })
    }
    after(2 * toServer, () => {
      if (socket.readyState !== WebSocket.CONNECTING) return
      if (isReached() && isUp[node]) {
        socket.readyState = WebSocket.OPEN
        socket.onopen?.()
      } else {
        connection.isClosed = true
        socket.readyState = WebSocket.CLOSED
        socket.onclose?.({ code: 1006 })
      }
    })
    return socket as unknown as WebSocket
  }

  // A page.

  const pageEvent = (page: Page, event: RoomEvent) => {
    if (!page.room) return
    const { room, effects } = reduceRoom(page.room, event, instant())
    page.room = room
    for (const effect of effects)
      switch (effect.type) {
        case 'send':
          page.socket?.send(effect.message)
          break
        case 'capture':
          after(10, () => pageEvent(page, { type: 'captured' }))
          break
        case 'keep-seat':
          kept[page.side] = effect.seat
          break
        case 'forget-seat':
          delete kept[page.side]
          break
        case 'begin-again':
          page.socket?.beginAgain()
          break
        case 'hear':
          hear(page, effect.signal)
          break
        case 'leave':
          page.socket?.leave()
      }
  }

  const say = (side: RoomSide, late: boolean) => {
    const page = newest(side)
    if (!page?.room) return
    said += 1
    const candidate = {
      candidate: `${side} ${said}`,
      sdpMid: null,
      sdpMLineIndex: null,
      usernameFragment: null,
    }
    const epoch = Math.max(0, page.room.epoch - (late ? 1 : 0))
    page.socket?.send({ type: 'signal', epoch, signal: { candidate } })
  }

  /** What is not for this page, comes twice, or overtakes something, is noted. */
  const hear = (page: Page, signal: RoomSignal) => {
    if (!('candidate' in signal)) return
    const [from, number] = signal.candidate.candidate.split(' ')
    const isRight = from !== page.side && Number(number) > page.heard && page.room?.joining === 'joined'
    if (!isRight) misheard.push(`${signal.candidate.candidate} at a page of the ${page.side}`)
    page.heard = Number(number)
  }

  const openPage = (side: RoomSide) => {
    const page: Page = { side, room: atDoor, socket: undefined, muted: false, heard: 0 }
    pages.push(page)
    const seat = kept[side] ?? null
    const newPage = () => {
      names += 1
      return `page-${names}-of-this-room`
    }
    page.socket = openRoomSocket({
      ...{ address: 'wss://room.example', ticket: seat === null ? ticketOf(side) : null },
      readSeat: () => seat,
      state: () => shown(page.room ?? atDoor),
      dispatch: (event) => pageEvent(page, event),
      open: () => open(page),
      ...{ now: instant, after, random: () => 0.5 },
      ...{ page: newPage(), newPage },
    })
  }

  const newest = (side: RoomSide) => pages.findLast((page) => page.side === side && page.room !== null)

  /** The page is gone; whether it says so, or nobody does. */
  const close = (page: Page | undefined, how: 'leave' | 'kill') => {
    if (!page) return
    page.room = null
    for (const connection of connections) {
      if (connection.page !== page || connection.isClosed) continue
      connection.socket.onopen = null
      connection.socket.onclose = null
      connection.socket.onmessage = null
      if (how === 'kill') connection.isCut = true
    }
    page.socket?.leave()
  }

  /** Nothing gets through any more on any connection that there is, and nobody is told. */
  function cut(side: RoomSide): void {
    for (const connection of connections) if (connection.page.side === side) connection.isCut = true
  }

  const actsOfSide = {
    open: openPage,
    join: (side: RoomSide) => {
      const page = newest(side)
      if (page) pageEvent(page, { type: 'join' })
    },
    mute: (side: RoomSide) => {
      const page = newest(side)
      if (!page) return
      page.muted = !page.muted
      pageEvent(page, { type: 'media', muted: page.muted, camera: false, sharing: false })
    },
    reload: (side: RoomSide) => {
      if (!newest(side)) return
      close(newest(side), 'leave')
      openPage(side)
    },
    leave: (side: RoomSide) => close(newest(side), 'leave'),
    kill: (side: RoomSide) => close(newest(side), 'kill'),
    'hang-up': (side: RoomSide) => {
      const page = newest(side)
      if (page) pageEvent(page, { type: 'hang-up' })
    },
    /** What was under way is lost, and with it the connections. */
    offline: (side: RoomSide) => {
      isOffline[side] = true
      cut(side)
    },
    online: (side: RoomSide) => {
      isOffline[side] = false
    },
    cut,
    probe: (side: RoomSide) => newest(side)?.socket?.probe(),
  }

  const actsOfNode = {
    'kill-node': (node: 0 | 1) => {
      isUp[node] = false
      for (const connection of connections) {
        if (connection.node !== node || connection.isClosed) continue
        connection.seat = undefined
        closeFromServer(connection, 1006)
      }
    },
    'start-node': (node: 0 | 1) => {
      isUp[node] = true
    },
    'lose-bus': (node: 0 | 1) => {
      hasBus[node] = false
      for (const connection of connections) {
        if (connection.node !== node || !isLive(connection)) continue
        dispatch(connection, { kind: 'closed', byPage: false })
        closeFromServer(connection, roomCloseCodes.unavailable.code)
      }
    },
    'mend-bus': (node: 0 | 1) => {
      hasBus[node] = true
    },
  }

  const pass = (ms: number) => {
    const until = now + ms
    for (;;) {
      let next: (typeof due)[number] | undefined
      for (const one of due)
        if (one.at <= until && (!next || one.at < next.at || (one.at === next.at && one.order < next.order)))
          next = one
      if (!next) break
      due.splice(due.indexOf(next), 1)
      now = Math.max(now, next.at)
      if (!next.isOff) next.run()
    }
    now = until
  }

  return {
    pages: () => pages.filter(({ room }) => room !== null),
    provenAt,
    /** What pages have heard that they should not have. */
    misheard,
    now: () => now,
    isEnded: () => endedAt !== undefined,
    /** Whether this page says that the other one is here. */
    saysHere: ({ room }: Page) => room !== null && room.end === null && otherHere(room, instant()) !== null,
    isInCall: (side: RoomSide) =>
      [...inCall.values()].some((lease) => lease.side === side && lease.until > now),
    act(what: Act) {
      switch (what.kind) {
        case 'pass':
          return pass(what.ms)
        case 'kill-node':
        case 'start-node':
        case 'lose-bus':
        case 'mend-bus':
          return actsOfNode[what.kind](what.node)
        case 'say':
          return say(what.side, what.late)
        case 'delay':
          delays[what.side] = what.ms
          return
        default:
          return actsOfSide[what.kind](what.side)
      }
    },
    /** All that was broken is mended, and time passes. */
    settle(ms: number) {
      for (const node of [0, 1] as const) {
        isUp[node] = true
        hasBus[node] = true
      }
      for (const side of roomSides) {
        isOffline[side] = false
        delays[side] = 0
      }
      pass(ms)
    },
  }
}

const ticketOf = (side: RoomSide) => `ticket-of-the-${side}`
const seatOf = (side: RoomSide) => `a-seat-of-the-${side}`
