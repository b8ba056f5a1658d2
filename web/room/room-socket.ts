import {
  parseRoomServerMessage,
  type RoomPageMessage,
  type RoomState,
  roomCloseCodes,
  roomLeaves,
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
/** Beats after which a page says again that it goes, at most: the next address may take so long to answer. */
const mostGoingBeats = 5

export interface RoomSocketOptions {
  /** Of the room's socket. */
  readonly address: string
  /** Of the page's address. */
  readonly ticket: string | null
  /** What an earlier page of this browser, or one that came at the same time, was welcomed by; null where none was. */
  readonly readSeat: () => string | null
  /** What this side shows. */
  readonly state: () => RoomState
  readonly dispatch: (event: RoomEvent) => void
  readonly open: (address: string) => WebSocket
  readonly now: () => Instant
  readonly after: After
  /** In [0, 1). */
  readonly random: () => number
  /** What this page is called. */
  readonly page: string
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
  /** The page is about to go, if nothing keeps it: says so, and makes no connection anew for one that goes with it. */
  readonly goAway: () => void
  /** For good, and says so. */
  readonly leave: () => void
}

interface Beat {
  readonly n: number
  readonly sentAt: Instant
  /** Without an answer so long after that the connection is given up, in ms. */
  readonly within: number
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
  let { ticket, page } = options
  let seat = options.readSeat()
  /** By which name it was welcomed last. */
  let was: string | null = null
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
  /** That the page goes is said again after so many beats. */
  let goingBeats = 0

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
    return { type: 'hello', protocol: roomProtocol, by, secret, page, was, state }
  }

  function hear(frame: string, hello: { readonly sentAt: Instant; readonly said: RoomState }) {
    const message = parseRoomServerMessage(frame)
    // What a newer server says besides asks nothing of this page.
    if (!message) return
    switch (message.type) {
      case 'welcome':
        if (isWelcomed) return
        isWelcomed = true
        was = page
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
        awaitAnswers()
        return dispatch({
          type: 'proven',
          sentAt: answered.sentAt,
          otherLeftMs: message.otherLeftMs,
        })
      }
      case 'refused':
        if ((message.why === 'ticket' || message.why === 'full') && ticket !== null) {
          // The address is from before, as after a crash, or was opened twice: it let this browser in, and does so by its seat.
          seat ??= options.readSeat()
          ticket = null
          if (seat !== null) return connect()
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
    sendBeat(answeredWithin)
    callOffBeat = after(every, () => beat(every))
  }

  function sendBeat(within: number): void {
    beats += 1
    unanswered = [...unanswered, { n: beats, sentAt: now(), within }]
    send({ type: 'beat', n: beats })
    // A beat says that the page stays. It lives until the next address answers.
    if (goingBeats > 0) {
      goingBeats -= 1
      send({ type: 'leaving' })
    }
    awaitAnswers()
  }

  /** Gives the connection up as soon as one of its beats is without an answer for too long: at once after a sleep. */
  function awaitAnswers(): void {
    callOffWait()
    if (unanswered.length === 0) return
    const left = Math.min(...unanswered.map(({ sentAt, within }) => within - elapsed(sentAt, now())))
    callOffWait = after(Math.max(0, left), lose)
  }

  function send(message: RoomPageMessage): void {
    if (isWelcomed && current?.readyState === WebSocket.OPEN) current.send(JSON.stringify(message))
  }

  /** @param code says why: to make another, or to leave, of which the other one is told. */
  function letGo(code: number): void {
    callOffBeat()
    callOffWait()
    const socket = current
    current = undefined
    isWelcomed = false
    unanswered = []
    socket?.close(code)
  }

  function lose(): void {
    const wait = isWelcomed && goingBeats === 0 ? 0 : backoff(failures)
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
    letGo(roomLeaves)
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
      sendBeat(answeredSoon)
    },
    beginAgain: () => {
      if (isOver) return
      // A name by which it was not welcomed yet is as good as another, and may be known to the server already.
      if (page === was) page = options.newPage()
      comeBackIn(backoff(beginnings))
      beginnings += 1
    },
    goAway: () => {
      goingBeats = mostGoingBeats
      send({ type: 'leaving' })
    },
    leave: () => {
      isOver = true
      callOffRetry()
      letGo(roomLeaves)
    },
  }
}
