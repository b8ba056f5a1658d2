import type {
  RoomCloseReason,
  RoomEnd,
  RoomOther,
  RoomServerMessage,
  RoomSide,
  RoomSignal,
  RoomState,
} from '../../protocol/room.ts'
import type { SeatMessage } from './room-message.ts'

/** The other one, as their node has told of them. */
interface OtherSeat {
  readonly connection: number
  readonly state: RoomState
  /** When their lease ends, monotonic ms. */
  readonly until: number
}

/** One side's seat at the connection that holds it, and what is known there of the other. */
export interface Seat {
  readonly side: RoomSide
  /** Among all connections of this side: the highest holds the seat. */
  readonly connection: number
  /** How many pages have had each of the two seats, as far as is known: their sum counts the meetings. */
  readonly pages: { readonly own: number; readonly other: number }
  readonly state: RoomState
  /** When its own lease ends, monotonic ms. */
  readonly until: number
  readonly other: OtherSeat | null
  /** The highest connection of theirs that was heard of: what an older one says late counts no more. */
  readonly newest: number
  /** Nothing more is done with it. */
  readonly isOver: boolean
}

export type SeatEvent =
  /** The page was seated: it asks for the other one. */
  | { readonly kind: 'seated' }
  | { readonly kind: 'beat'; readonly n: number }
  | { readonly kind: 'state'; readonly state: RoomState }
  | { readonly kind: 'signal'; readonly epoch: number; readonly signal: RoomSignal }
  | { readonly kind: 'heard'; readonly message: SeatMessage }
  /** Its connection is gone: closed by the page itself as it left, or lost, which takes the seat from nobody before its lease ends. */
  | { readonly kind: 'closed'; readonly byPage: boolean }
  /** The room is known to be over. */
  | { readonly kind: 'ended'; readonly why: RoomEnd }
  | { readonly kind: 'tick' }

export type SeatEffect =
  | { readonly kind: 'send'; readonly message: RoomServerMessage }
  | { readonly kind: 'publish'; readonly message: SeatMessage }
  | { readonly kind: 'close'; readonly why: RoomCloseReason }
  /** For so many ms more its person is in a call; 0 for no longer. */
  | { readonly kind: 'in-call'; readonly left: number }

export interface SeatOptions {
  /** Monotonic ms. */
  readonly now: number
  /** Ms. */
  readonly leaseFor: number
}

type Step = readonly [Seat, readonly SeatEffect[]]

export const epochOf = ({ pages: { own, other } }: Pick<Seat, 'pages'>): number => own + other

/** The other one as the page is told of them; null while they are not here. */
export const otherOf = ({ other }: Pick<Seat, 'other'>, now: number): RoomOther | null =>
  other && other.until > now
    ? { state: other.state, leftMs: Math.floor(other.until - now), connection: other.connection }
    : null

/**
 * What holds a seat does on what happens. It knows its own lease by the beats that arrived, and the other's by what their
 * node tells; each ends by itself.
 */
export function seatReducer(seat: Seat, event: SeatEvent, options: SeatOptions): Step {
  if (seat.isOver) return [seat, []]
  const { now, leaseFor } = options
  switch (event.kind) {
    case 'seated':
      return [seat, [publish(seat, now, true), inCall(seat.until - now)]]
    case 'beat': {
      const next = { ...seat, until: now + leaseFor }
      const otherLeftMs = otherOf(next, now)?.leftMs ?? null
      return [
        next,
        [
          { kind: 'send', message: { type: 'beat', n: event.n, otherLeftMs } },
          publish(next, now, false),
          inCall(leaseFor),
        ],
      ]
    }
    case 'state': {
      const next = { ...seat, state: event.state }
      return [next, [publish(next, now, false)]]
    }
    case 'signal': {
      const { epoch, signal } = event
      if (epoch !== epochOf(seat) || !seat.state.joined) return [seat, []]
      return [seat, [{ kind: 'publish', message: { kind: 'signal', side: seat.side, epoch, signal } }]]
    }
    case 'heard':
      return hear(seat, event.message, options)
    case 'closed': {
      const gone = { ...seat, isOver: true }
      return event.byPage ? [gone, [publishGone(seat, 'left'), inCall(0)]] : [gone, []]
    }
    case 'ended':
      return end(seat, event.why)
    case 'tick':
      if (seat.until <= now)
        return [
          { ...seat, isOver: true },
          [publishGone(seat, 'silent'), inCall(0), { kind: 'close', why: 'silent' }],
        ]
      return seat.other && seat.other.until <= now ? leave(seat, 'silent') : [seat, []]
  }
}

function hear(seat: Seat, message: SeatMessage, options: SeatOptions): Step {
  switch (message.kind) {
    case 'seat':
      return message.side === seat.side ? hearOwn(seat, message, options) : hearOther(seat, message, options)
    case 'gone':
      return message.side !== seat.side && message.connection === seat.other?.connection
        ? leave(seat, message.why)
        : [seat, []]
    case 'signal': {
      const { side, epoch, signal } = message
      if (side === seat.side || epoch !== epochOf(seat) || !seat.state.joined) return [seat, []]
      return [seat, [{ kind: 'send', message: { type: 'signal', epoch, signal } }]]
    }
    case 'ended':
      return end(seat, message.by === seat.side ? 'hungUp' : 'otherHungUp')
  }
}

/** Another connection has this very seat, or had it. */
function hearOwn(seat: Seat, message: SeatMessage & { kind: 'seat' }, { now }: SeatOptions): Step {
  if (message.connection === seat.connection) return [seat, []]
  if (message.connection < seat.connection) return [seat, [publish(seat, now, false)]]
  const over = { ...seat, isOver: true }
  // From here on the newer one says whether their person is in a call.
  if (message.page === seat.pages.own) return [over, [inCall(0), { kind: 'close', why: 'superseded' }]]
  return [
    over,
    [inCall(0), { kind: 'send', message: { type: 'replaced' } }, { kind: 'close', why: 'replaced' }],
  ]
}

function hearOther(seat: Seat, message: SeatMessage & { kind: 'seat' }, { now }: SeatOptions): Step {
  const { connection, page, state, left, asks } = message
  const answer = asks ? [publish(seat, now, false)] : []
  if (connection < seat.newest) return [seat, answer]
  const next: Seat = {
    ...seat,
    newest: connection,
    pages: { ...seat.pages, other: Math.max(seat.pages.other, page) },
    other: left > 0 ? { connection, state, until: now + left } : null,
  }
  // As the page has it: a lease that is over was told to be so by the answer to a beat, which may have come before the tick.
  const told = otherOf(seat, now)
  const isSame =
    next.other?.connection === told?.connection &&
    JSON.stringify(next.other?.state) === JSON.stringify(told?.state) &&
    epochOf(next) === epochOf(seat)
  return [next, isSame ? answer : [...answer, tellOther(next, null, now)]]
}

const leave = (seat: Seat, why: 'left' | 'silent'): Step => {
  const next = { ...seat, other: null }
  return [next, [tellOther(next, why, 0)]]
}

const end = (seat: Seat, why: RoomEnd): Step => [
  { ...seat, isOver: true },
  [{ kind: 'send', message: { type: 'ended', why } }, inCall(0), { kind: 'close', why: 'ended' }],
]

const tellOther = (seat: Seat, why: 'left' | 'silent' | null, now: number): SeatEffect => ({
  kind: 'send',
  message: { type: 'other', epoch: epochOf(seat), here: otherOf(seat, now), why },
})

const publish = (seat: Seat, now: number, asks: boolean): SeatEffect => ({
  kind: 'publish',
  message: seatMessage(seat, Math.max(0, seat.until - now), asks),
})

const seatMessage = ({ side, connection, pages, state }: Seat, left: number, asks: boolean): SeatMessage => ({
  kind: 'seat',
  side,
  connection,
  page: pages.own,
  state,
  left,
  asks,
})

/** What is said of a seat that was written down for a page that was gone by then: it counts, and nobody has it. */
export const unheld = (seat: Seat): SeatMessage => seatMessage(seat, 0, false)

const publishGone = ({ side, connection }: Seat, why: 'left' | 'silent'): SeatEffect => ({
  kind: 'publish',
  message: { kind: 'gone', side, connection, why },
})

const inCall = (left: number): SeatEffect => ({ kind: 'in-call', left: Math.max(0, left) })
