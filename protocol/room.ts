import * as v from 'valibot'
import { id, instant, milliseconds, name, sequence } from './shapes.ts'

/**
 * What the page of a room and the server say to each other at `/rooms/:id/socket`. A room is for the two of one answered
 * call: the *caller* and the *callee*, each with one *seat*. Whoever has a seat holds a lease by their beats, so that "the
 * other one is here" is proven as everything here is.
 *
 * A page says `hello` first, with the ticket of its address (`#t=`) or with the *seat*, the secret by which it was
 * welcomed before. The page keeps the seat in `localStorage` under the room's id until the room ends: by it a reload, a
 * second tab of the same browser, and one that comes back after a crash come in, and the newest page of a side has its seat.
 */

/** The version of these messages. */
export const roomProtocol = 1

export const roomSides = ['caller', 'callee'] as const

/** In milliseconds. */
export const roomTiming = {
  /** The page sends a beat this often. */
  beatEvery: 2_000,
  /** A seat is held for so long: by the server from when a beat arrived, by the page from when it was sent. */
  leaseFor: 6_000,
  /** The server closes a connection whose `hello` has not come by then. */
  helloWithin: 5_000,
  /** A ticket is good for so long, and once. */
  ticketFor: 5 * 60_000,
  /** Credentials of a relay are good for so long. */
  credentialsFor: 10 * 60_000,
  /** A room is over so long after its call was answered. */
  longest: 6 * 60 * 60_000,
} as const

/** A frame of either side longer than this is refused, in bytes. */
export const longestRoomFrame = 65_536

/** A page may send so many frames a second, and so many bytes. */
export const mostRoomFrames = 100
export const mostRoomBytes = 1_048_576

/**
 * Why the server ended a room's connection, as WebSocket close codes of the private range (RFC 6455, 7.4.2), each with
 * what the page does on it: `retry` with its seat after the usual delay; `stay` away until the person asks for it.
 * A code that is none of these means the connection was lost: `retry`.
 */
export const roomCloseCodes = {
  malformed: { code: 4400, page: 'stay' },
  /** After `refused`. */
  refused: { code: 4403, page: 'stay' },
  helloLate: { code: 4408, page: 'retry' },
  /** After `replaced`. */
  replaced: { code: 4409, page: 'stay' },
  /** After `ended`. */
  ended: { code: 4410, page: 'stay' },
  /** No beat came while the lease lasted. */
  silent: { code: 4411, page: 'retry' },
  /** A newer connection of this very page was let in; where the page has given that one up, it comes again. */
  superseded: { code: 4412, page: 'retry' },
  tooMany: { code: 4429, page: 'retry' },
  /** The seat cannot be looked up or written down at the moment. */
  unavailable: { code: 4500, page: 'retry' },
  serverStopping: { code: 4503, page: 'retry' },
} as const

/** With what a page closes a connection that it takes for dead, to make another. */
export const roomReconnects = 4000

/**
 * With what a page closes its connection as it goes: it leaves its seat, and the other one is told so at once. The codes that
 * browsers use by themselves say nothing of it, since proxies that start anew use them, too.
 */
export const roomLeaves = 4001

/**
 * With what a browser closes what goes with its page. Some do so before the page can, as it goes to another: then it has left
 * where it said so before, by `leaving`.
 */
export const browserLeaves = 1001

export type RoomCloseReason = keyof typeof roomCloseCodes

/** What a side shows of itself. Before Join nothing is captured, nothing is sent, and no signal is passed on. */
export const roomState = v.object({
  /** Whether the person has pressed Join. */
  joined: v.boolean(),
  /** No sound of theirs is sent: muted, or there is no microphone. */
  muted: v.boolean(),
  /** Whether their camera is on: its picture is sent, or stands back for that of the screen. */
  camera: v.boolean(),
  /** Whether their screen is sent in its place. */
  sharing: v.boolean(),
})

/** As `RTCIceServer`. */
const iceServer = v.object({
  urls: v.pipe(v.array(v.pipe(v.string(), v.maxLength(500))), v.minLength(1), v.maxLength(10)),
  username: v.optional(v.pipe(v.string(), v.maxLength(500))),
  credential: v.optional(v.pipe(v.string(), v.maxLength(500))),
})

/** `goodFor` is how long the credentials in them are, in ms; null where they have none that end. */
const iceServers = v.object({
  servers: v.pipe(v.array(iceServer), v.maxLength(10)),
  goodFor: v.nullable(milliseconds),
})

const longestDescription = 60_000

/** As `RTCSessionDescriptionInit`, of the types that are sent here. */
const description = v.object({
  type: v.picklist(['offer', 'answer']),
  sdp: v.pipe(v.string(), v.maxLength(longestDescription)),
})

/** As `RTCIceCandidateInit`; an empty `candidate` is the last of its generation. */
const candidate = v.object({
  candidate: v.pipe(v.string(), v.maxLength(4_096)),
  sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  sdpMLineIndex: v.nullable(v.pipe(sequence, v.maxValue(65_535))),
  usernameFragment: v.nullable(v.pipe(v.string(), v.maxLength(256))),
})

/**
 * What one page tells the other in the perfect-negotiation pattern; the server reads no more of it than its shape. Each page
 * counts its offers, and an answer has the number of its offer: one that was said again is answered again, and an answer that
 * comes late is none to a later offer.
 */
export const roomSignal = v.union([v.object({ description, offer: sequence }), v.object({ candidate })])

/** The other one while they are here. */
const otherHere = v.object({
  state: roomState,
  /** Their lease, from when this was said. */
  leftMs: milliseconds,
  /**
   * Another number for each connection of theirs: once it changes, signals may have been lost either way, and an offer
   * that waits for its answer is to be sent again. So it is after a `welcome` to a page that had one before.
   */
  connection: sequence,
})

/** By which a page is known that connects again. */
const page = v.pipe(id, v.minLength(16))

/** A secret: a ticket, or a seat. */
const secret = v.pipe(v.string(), v.minLength(16), v.maxLength(200))

/** What a page may send. */
export const roomPageMessage = v.variant('type', [
  v.object({
    type: v.literal('hello'),
    protocol: sequence,
    by: v.picklist(['ticket', 'seat']),
    secret,
    /**
     * Random, made anew with each load of the page, but for a load that nobody welcomed: its reload has its name, so that
     * the ticket that it may have used up is good for it.
     */
    page,
    /**
     * By which name this page was welcomed last; null before that. One whose seat another page has taken since is refused
     * as `elsewhere`.
     */
    was: v.nullable(page),
    state: roomState,
  }),
  v.object({ type: v.literal('beat'), n: sequence }),
  /** To the other one, of the meeting `epoch`: one of an earlier meeting is dropped. */
  v.object({ type: v.literal('signal'), epoch: sequence, signal: roomSignal }),
  v.object({ type: v.literal('state'), state: roomState }),
  /** Asks for fresh ICE servers; answered by `ice`. */
  v.object({ type: v.literal('ice') }),
  /** The page is about to go, if nothing keeps it: where the browser closes its connection before the next beat, it left. */
  v.object({ type: v.literal('leaving') }),
  /** Ends the room for both; answered by `ended`. */
  v.object({ type: v.literal('hangUp') }),
])

/** Why somebody is not let in. Nothing was changed. */
const roomRefusals = [
  /** Two others are in the room, and the page shows nothing by which it is one of them. */
  'full',
  /** The ticket is none of this room's, was used, or is too old; or the seat is none. */
  'ticket',
  /** The room has ended, or there is none. */
  'over',
  /** Another page of the same side has the seat. */
  'elsewhere',
] as const

const roomEnds = ['hungUp', 'otherHungUp', 'over'] as const

/** What the server may send. */
export const roomServerMessage = v.variant('type', [
  v.object({
    type: v.literal('welcome'),
    protocol: sequence,
    side: v.picklist(roomSides),
    /** The callee is. */
    polite: v.boolean(),
    /** By which this page, and others of this browser, come in from now on; it stays the same for a side. */
    seat: secret,
    beatMs: milliseconds,
    leaseMs: milliseconds,
    /**
     * Counts the meetings of two pages: it rises when either side's page is another one, and a peer connection lives in
     * one. A connection that is made again keeps it.
     */
    epoch: sequence,
    ice: iceServers,
    /** Whether media is to go by a relay alone. */
    relayOnly: v.boolean(),
    /** What the other one is called, and whether they are here. */
    name,
    other: v.nullable(otherHere),
    /** When the call was answered, and how long ago that is. */
    call: v.object({ startedAt: instant, agoMs: milliseconds }),
  }),
  /**
   * The answer to beat `n`: the seat is held for `leaseMs` from when that beat was sent. `otherLeftMs` is what is left of
   * the other one's lease, null while they are not here; the page counts it from the sending of that beat as well.
   */
  v.object({ type: v.literal('beat'), n: sequence, otherLeftMs: v.nullable(milliseconds) }),
  /** How it stands with the other one, at each change; `why` they are not here: they left, or nothing is heard of them. */
  v.object({
    type: v.literal('other'),
    epoch: sequence,
    here: v.nullable(otherHere),
    why: v.nullable(v.picklist(['left', 'silent'])),
  }),
  v.object({ type: v.literal('signal'), epoch: sequence, signal: roomSignal }),
  v.object({ type: v.literal('ice'), ice: iceServers }),
  /** Another page of the same side has the seat now. */
  v.object({ type: v.literal('replaced') }),
  v.object({ type: v.literal('ended'), why: v.picklist(roomEnds) }),
  v.object({ type: v.literal('refused'), why: v.picklist(roomRefusals) }),
])

export type RoomSide = (typeof roomSides)[number]
export type RoomState = v.InferOutput<typeof roomState>
export type RoomSignal = v.InferOutput<typeof roomSignal>
export type RoomOther = v.InferOutput<typeof otherHere>
export type RoomIce = v.InferOutput<typeof iceServers>
export type RoomPageMessage = v.InferOutput<typeof roomPageMessage>
/** What a page says once it has said hello, but for what is of its connection alone. */
export type RoomPageWord = Exclude<RoomPageMessage, { type: 'hello' | 'leaving' }>
export type RoomServerMessage = v.InferOutput<typeof roomServerMessage>
export type RoomRefusal = (typeof roomRefusals)[number]
export type RoomEnd = (typeof roomEnds)[number]

/** @returns undefined for a frame that is none: it is not JSON, or of no such shape. */
function parse<Message>(schema: v.GenericSchema<unknown, Message>, frame: string): Message | undefined {
  if (frame.length > longestRoomFrame) return undefined
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return undefined
  }
  const parsed = v.safeParse(schema, value)
  return parsed.success ? parsed.output : undefined
}

export const parseRoomPageMessage = (frame: string): RoomPageMessage | undefined =>
  parse(roomPageMessage, frame)

export const parseRoomServerMessage = (frame: string): RoomServerMessage | undefined =>
  parse(roomServerMessage, frame)
