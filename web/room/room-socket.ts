import {
  parseRoomServerMessage,
  type RoomPageMessage,
  type RoomState,
  roomCloseCodes,
  roomProtocol,
  roomReconnects,
} from '../../protocol/room.ts'
import { elapsed, type Instant } from './clocks.ts'
import type { RoomEvent } from './room-reducer.ts'
import type { After } from './timers.ts'

/** A beat that is not answered by then ends the connection, in ms: there is time to make another before the lease is over. */
const answeredWithin = 3_000

/** The same of a beat that asks whether a connection is still there after something has changed. */
const answeredSoon = 1_200

/** A connection that is not welcomed by then is given up, in ms. */
const welcomedWithin = 5_000

/** Between one attempt and the next, in ms: the first at once, then twice as long each time, up to the last. */
const first = 250
const longest = 4_000

export interface RoomSocketOptions {
  /** Of the room's socket. */
  readonly address: string
  /** Of the page's address. */
  readonly ticket: string | null
  /** What an earlier page of this browser was welcomed by. */
  readonly seat: string | null
  /** What this side shows. */
  readonly state: () => RoomState
  readonly dispatch: (event: RoomEvent) => void
  readonly open: (address: string) => WebSocket
  readonly now: () => Instant
  readonly after: After
  /** In [0, 1). */
  readonly random: () => number
  /** A new name for a page, which nobody can guess. */
  readonly newPage: () => string
}

export interface RoomSocket {
  /** Sends it on the connection that there is; where there is none it is dropped. */
  readonly send: (message: RoomPageMessage) => void
  /** Something has changed, such as the network: finds out at once whether the connection is still there. */
  readonly probe: () => void
  /** Comes back as another page. */
  readonly beginAgain: () => void
  readonly leave: () => void
}

interface Beat {
  readonly n: number
  readonly sentAt: Instant
}

/** What the server does on its side of a close, by its code: anything that is not ours means that the way was lost. */
const staysAway = (code: number): boolean =>
  Object.values(roomCloseCodes).some((reason) => reason.code === code && reason.page === 'stay')

/**
 * The room's own connection to the server: comes in by ticket or seat, beats, and is made again whenever it is lost. A
 * connection that is given up is let go of at once: over a dead network a socket may take minutes to close.
 */
export function openRoomSocket(options: RoomSocketOptions): RoomSocket {
  const { dispatch, now, after } = options
  let { ticket, seat } = options
  let page = options.newPage()
  let again = false
  let current: WebSocket | undefined
  let isWelcomed = false
  let isOver = false
  /** Attempts since the last that was welcomed. */
  let failures = 0
  /** How often the page came back as another. */
  let beginnings = 0
  let beats = 0
  let unanswered: readonly Beat[] = []
  let callOffBeat = () => {}
  let callOffWait = () => {}
  let callOffRetry = () => {}

  function connect(): void {
    callOffRetry()
    letGo(roomReconnects)
    const socket = options.open(options.address)
    current = socket
    const isCurrent = () => current === socket
    let hello: { readonly sentAt: Instant; readonly said: RoomState } | undefined
    socket.onopen = () => {
      if (!isCurrent()) return
      hello = { sentAt: now(), said: options.state() }
      socket.send(JSON.stringify(helloOf(hello.said)))
    }
    socket.onclose = ({ code }) => {
      if (!isCurrent()) return
      if (staysAway(code)) shut()
      else lose()
    }
    socket.onmessage = ({ data }) => {
      if (isCurrent() && hello) hear(String(data), hello)
    }
    callOffWait = after(welcomedWithin, lose)
  }

  function helloOf(state: RoomState): RoomPageMessage {
    // Who has neither is told by the server why they are not let in.
    const secret = ticket ?? seat ?? page
    const by = ticket !== null || seat === null ? 'ticket' : 'seat'
    return { type: 'hello', protocol: roomProtocol, by, secret, page, again, state }
  }

  function hear(frame: string, hello: { readonly sentAt: Instant; readonly said: RoomState }) {
    const message = parseRoomServerMessage(frame)
    // What a newer server says besides asks nothing of this page.
    if (!message) return
    switch (message.type) {
      case 'welcome':
        if (isWelcomed) return
        isWelcomed = true
        again = true
        failures = 0
        ticket = null
        seat = message.seat
        callOffWait()
        dispatch({ type: 'welcome', message, ...hello })
        // What came of it may have been to come back as another page.
        return isWelcomed ? beat(message.beatMs) : undefined
      case 'beat': {
        const answered = unanswered.find(({ n }) => n === message.n)
        if (!answered) return
        unanswered = unanswered.filter(({ n }) => n > message.n)
        awaitAnswer(answeredWithin)
        return dispatch({
          type: 'proven',
          sentAt: answered.sentAt,
          otherLeftMs: message.otherLeftMs,
        })
      }
      case 'refused':
        if ((message.why === 'ticket' || message.why === 'full') && ticket !== null && seat !== null) {
          // The address is from before, as after a crash: it let this browser in once, and does so by its seat.
          ticket = null
          return connect()
        }
        isOver = true
        return dispatch({ type: 'told', message })
      case 'replaced':
      case 'ended':
        isOver = true
        return dispatch({ type: 'told', message })
      default:
        return dispatch({ type: 'told', message })
    }
  }

  function beat(every: number): void {
    sendBeat()
    awaitAnswer(answeredWithin)
    callOffBeat = after(every, () => beat(every))
  }

  function sendBeat(): void {
    beats += 1
    unanswered = [...unanswered, { n: beats, sentAt: now() }]
    send({ type: 'beat', n: beats })
  }

  /** Gives the connection up when its oldest beat has no answer so long after it was sent: at once after a sleep. */
  function awaitAnswer(within: number): void {
    callOffWait()
    const [oldest] = unanswered
    if (!oldest) return
    const left = Math.max(0, within - elapsed(oldest.sentAt, now()))
    callOffWait = after(left, lose)
  }

  function send(message: RoomPageMessage): void {
    if (isWelcomed && current?.readyState === WebSocket.OPEN) current.send(JSON.stringify(message))
  }

  /** @param code without one it is left, and the other one is told so. */
  function letGo(code?: number): void {
    callOffBeat()
    callOffWait()
    const socket = current
    current = undefined
    isWelcomed = false
    unanswered = []
    socket?.close(code)
  }

  function lose(): void {
    const wait = isWelcomed ? 0 : backoff(failures)
    failures += 1
    comeBackIn(wait)
  }

  const backoff = (attempts: number): number =>
    Math.min(longest, first * 2 ** attempts) * (0.5 + options.random() / 2)

  function comeBackIn(wait: number): void {
    letGo(roomReconnects)
    if (isOver) return
    dispatch({ type: 'lost' })
    callOffRetry()
    callOffRetry = after(wait, connect)
  }

  function shut(): void {
    letGo()
    if (isOver) return
    isOver = true
    dispatch({ type: 'shut' })
  }

  connect()

  return {
    send,
    probe: () => {
      if (isOver) return
      if (!isWelcomed) return connect()
      sendBeat()
      callOffWait()
      callOffWait = after(answeredSoon, lose)
    },
    beginAgain: () => {
      if (isOver) return
      page = options.newPage()
      again = false
      comeBackIn(backoff(beginnings))
      beginnings += 1
    },
    leave: () => {
      isOver = true
      callOffRetry()
      letGo()
    },
  }
}
