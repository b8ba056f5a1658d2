import type {
  RoomEnd,
  RoomIce,
  RoomOther,
  RoomPageMessage,
  RoomRefusal,
  RoomServerMessage,
  RoomSide,
  RoomSignal,
  RoomState,
} from '../../protocol/room.ts'
import { elapsed, type Instant } from './clocks.ts'
import type { Way } from './negotiation.ts'

/** Why the room is over for this page. `replaced` is by another page of the same person; `trouble` says nothing more. */
export type End = RoomEnd | RoomRefusal | 'replaced' | 'trouble'

/** What a person has decided: to look, to come in (their devices are asked for), or they are in. */
type Joining = 'lobby' | 'joining' | 'joined'

/** What the server said of the other one last, which is so for `leftMs` at most. */
interface Told extends RoomOther {
  readonly from: Instant
}

/** A room as its page knows it. All that is drawn follows from this and the time. */
export interface Room {
  readonly joining: Joining
  /** What this side sends, once it is in. */
  readonly own: Omit<RoomState, 'joined'>
  readonly end: End | null
  /** When the person hung up, while the server has not said that it knows; else null. */
  readonly unsaid: Instant | null
  /** The way to the server is open; its welcome came. */
  readonly isOpen: boolean
  /** For so long from `from` on this page has its seat; null before the first welcome. */
  readonly proof: { readonly from: Instant; readonly leaseMs: number } | null
  readonly polite: boolean
  /** What the other one is called; null before the first welcome. */
  readonly name: string | null
  readonly epoch: number
  /** Null while they are not here. */
  readonly other: Told | null
  /** What they showed last in this meeting; null where they have shown nothing. */
  readonly seen: RoomState | null
  /** Why they are not here; null where they never were. */
  readonly gone: 'left' | 'silent' | null
  /** The other one has joined in this meeting, and has not left it: what is told of them meanwhile is their lease alone. */
  readonly isMet: boolean
  /** The epoch that they left: its peer connection is gone here, so that it cannot go on should they be back in it. */
  readonly left: number | null
  /** For that this page comes back as another, which begins another meeting. */
  readonly beginsAgain: boolean
  readonly ice: (RoomIce & { readonly at: Instant }) | null
  /** Fresh servers were asked for on this connection, and have not come. */
  readonly asksForServers: boolean
  readonly relayOnly: boolean
  /** The epoch of the meeting for which there is a peer connection. */
  readonly meeting: number | null
  readonly way: Way
  /** When something of theirs came by the way last, as far as anybody looked, or it was found; null where nothing ever did. */
  readonly arrived: Instant | null
  /** Signals of a meeting for which there is none yet. */
  readonly held: readonly RoomSignal[]
  /** How long ago the call was answered, at `at`. */
  readonly call: { readonly agoMs: number; readonly at: Instant } | null
}

export type RoomEvent =
  /** The server let this page in: by a hello that was sent at `sentAt` and said `said` of this side. */
  | {
      readonly type: 'welcome'
      readonly message: Extract<RoomServerMessage, { type: 'welcome' }>
      readonly sentAt: Instant
      readonly said: RoomState
    }
  /** A beat that was sent at `sentAt` was answered. */
  | { readonly type: 'proven'; readonly sentAt: Instant; readonly otherLeftMs: number | null }
  | {
      readonly type: 'told'
      readonly message: Extract<
        RoomServerMessage,
        { type: 'other' | 'signal' | 'ice' | 'replaced' | 'ended' | 'refused' }
      >
    }
  /** The connection is gone, and another one is tried for. */
  | { readonly type: 'lost' }
  /** The connection is gone, and none is tried for. */
  | { readonly type: 'shut' }
  /** Join was pressed. */
  | { readonly type: 'join' }
  /** What this side has and shows, at each change. */
  | { readonly type: 'media'; readonly muted: boolean; readonly camera: boolean; readonly sharing: boolean }
  /** All that Join asks for has been had or refused. */
  | { readonly type: 'captured' }
  | { readonly type: 'hang-up' }
  | { readonly type: 'way'; readonly epoch: number; readonly way: Way }
  /** Since the last look something of theirs came by the way. */
  | { readonly type: 'arrived' }
  /** The peer connection of this meeting comes to nothing. */
  | { readonly type: 'broken'; readonly epoch: number }

export type RoomEffect =
  | { readonly type: 'send'; readonly message: RoomPageMessage }
  /** Answered by `captured`. */
  | { readonly type: 'capture' }
  | {
      readonly type: 'meet'
      readonly epoch: number
      readonly polite: boolean
      readonly ice: RoomIce
      readonly relayOnly: boolean
    }
  | { readonly type: 'part' }
  | { readonly type: 'hear'; readonly signal: RoomSignal }
  | { readonly type: 'resume'; readonly own: boolean }
  | { readonly type: 'use-servers'; readonly ice: RoomIce }
  /** Everything that is captured stops, and its marks in the browser go. */
  | { readonly type: 'stop-media' }
  | { readonly type: 'keep-seat'; readonly side: RoomSide; readonly seat: string }
  | { readonly type: 'forget-seat' }
  /** Comes back as another page, for which both sides make new peer connections. */
  | { readonly type: 'begin-again' }
  | { readonly type: 'leave' }

export interface RoomStep {
  readonly room: Room
  readonly effects: readonly RoomEffect[]
}

const nothing = { muted: false, camera: false, sharing: false }

export const atDoor: Room = {
  joining: 'lobby',
  own: nothing,
  end: null,
  unsaid: null,
  isOpen: false,
  proof: null,
  polite: false,
  name: null,
  epoch: 0,
  other: null,
  seen: null,
  gone: null,
  isMet: false,
  left: null,
  beginsAgain: false,
  ice: null,
  asksForServers: false,
  relayOnly: false,
  meeting: null,
  way: 'connecting',
  arrived: null,
  held: [],
  call: null,
}

/** More signals than a meeting begins with are from nobody who keeps to the protocol. */
export const mostHeld = 200

/** Credentials of a relay that are good for no longer than this are asked for anew before they are used, in ms. */
export const freshFor = 60_000

/**
 * What came by the way proves for so long that they are there, in ms: some looks. A way that was found before a sleep is said
 * to be there for seconds after it, though the other one may be gone since an hour.
 */
export const arrivalFor = 6_000

/** Who hangs up is told for so long nothing of a server that has not answered yet, in ms. */
const answeredWithin = 2_000

/** Decides what an event does to the room. Pure: `now` is this moment on both clocks. */
export function reduceRoom(before: Room, event: RoomEvent, now: Instant): RoomStep {
  if (before.end) return reduceOver(before, event)
  const { room, effects } = apply(before, event, now)
  return room.end ? { room, effects } : meet({ room, effects }, now)
}

const only = (room: Room, ...effects: readonly RoomEffect[]): RoomStep => ({ room, effects })
const send = (message: RoomPageMessage): RoomEffect => ({ type: 'send', message })

/** What still comes of a room that is over. */
function reduceOver(room: Room, event: RoomEvent): RoomStep {
  // What was asked for before the end is had after it.
  if (event.type === 'captured' || event.type === 'media') return only(room, { type: 'stop-media' })
  if (!room.unsaid) return only(room)
  switch (event.type) {
    case 'welcome':
      return only(room, send({ type: 'hangUp' }))
    case 'shut':
      return only({ ...room, unsaid: null })
    case 'told':
      if (!['ended', 'refused', 'replaced'].includes(event.message.type)) return only(room)
      return only({ ...room, unsaid: null }, { type: 'leave' })
    default:
      return only(room)
  }
}

function apply(room: Room, event: RoomEvent, now: Instant): RoomStep {
  switch (event.type) {
    case 'welcome':
      return welcome(room, event, now)
    case 'proven': {
      const { sentAt, otherLeftMs } = event
      const proof = room.proof && { ...room.proof, from: sentAt }
      const other =
        otherLeftMs === null || !room.other ? null : { ...room.other, leftMs: otherLeftMs, from: sentAt }
      return only(tellOther({ ...room, proof }, other, room.other ? 'silent' : null))
    }
    case 'told':
      return hear(room, event.message, now)
    case 'lost':
      return only({ ...room, isOpen: false, asksForServers: false })
    case 'shut':
      return end(room, 'trouble')
    case 'join':
      return room.joining === 'lobby'
        ? only({ ...room, joining: 'joining' }, { type: 'capture' })
        : only(room)
    case 'media': {
      const { muted, camera, sharing } = event
      return say(room, { ...room, own: { muted, camera, sharing } })
    }
    case 'captured':
      if (room.joining !== 'joining') return only(room)
      return say(room, { ...room, joining: 'joined' })
    case 'hang-up': {
      const step = end({ ...room, unsaid: now }, 'hungUp')
      return room.isOpen ? only(step.room, ...step.effects, send({ type: 'hangUp' })) : step
    }
    case 'way':
      return only(event.epoch === room.meeting ? { ...room, way: event.way, arrived: now } : room)
    case 'arrived':
      return only({ ...room, arrived: now })
    case 'broken':
      return event.epoch === room.meeting ? only(room, { type: 'begin-again' }) : only(room)
  }
}

function welcome(room: Room, event: Extract<RoomEvent, { type: 'welcome' }>, now: Instant): RoomStep {
  const { message, sentAt, said } = event
  const { other, epoch, call } = message
  const told = other && { ...other, from: sentAt }
  const next: Room = {
    ...inMeeting(room, epoch),
    isOpen: true,
    asksForServers: false,
    proof: { from: sentAt, leaseMs: message.leaseMs },
    polite: message.polite,
    name: message.name,
    relayOnly: message.relayOnly,
    ice: { ...message.ice, at: now },
    call: room.call ?? { agoMs: call.agoMs, at: now },
  }
  return only(
    tellOther(next, told, told || next.other === null ? null : 'silent'),
    { type: 'keep-seat', side: message.side, seat: message.seat },
    ...(isSame(said, shown(room)) ? [] : [send({ type: 'state', state: shown(room) })]),
    ...(room.meeting === epoch ? [{ type: 'resume', own: true } as const] : []),
  )
}

function hear(room: Room, message: Extract<RoomEvent, { type: 'told' }>['message'], now: Instant): RoomStep {
  switch (message.type) {
    case 'other': {
      const { epoch, here, why } = message
      if (epoch < room.epoch) return only(room)
      const next = inMeeting(room, epoch)
      // It was said after the last beat was answered, so that it is younger than that.
      const told = here && { ...here, from: room.proof?.from ?? now }
      const isAnew = here !== null && room.meeting === epoch && room.other?.connection !== here.connection
      // Of whoever was here, and of whom nobody says more, nothing is heard.
      const silent = told || room.other === null ? null : 'silent'
      return only(
        tellOther(next, told, why ?? silent),
        ...(isAnew ? [{ type: 'resume', own: false } as const] : []),
      )
    }
    case 'signal': {
      if (message.epoch !== room.epoch || room.joining !== 'joined') return only(room)
      if (room.meeting === room.epoch) return only(room, { type: 'hear', signal: message.signal })
      return only({ ...room, held: [...room.held, message.signal].slice(0, mostHeld) })
    }
    case 'ice': {
      const next = { ...room, ice: { ...message.ice, at: now }, asksForServers: false }
      return only(
        next,
        ...(room.meeting === null ? [] : [{ type: 'use-servers', ice: message.ice } as const]),
      )
    }
    case 'replaced':
      return end(room, 'replaced')
    case 'ended':
    case 'refused':
      return end(room, message.why)
  }
}

/** Nothing of another meeting counts in this one. */
const inMeeting = (room: Room, epoch: number): Room =>
  epoch === room.epoch ? room : { ...room, epoch, seen: null, isMet: false, beginsAgain: false, held: [] }

function tellOther(room: Room, other: Told | null, why: 'left' | 'silent' | null): Room {
  const isMet = other ? other.state.joined : room.isMet && why !== 'left'
  const seen = other ? other.state : room.seen
  const left = why === 'left' ? room.epoch : room.left
  return { ...room, other, seen, gone: other ? null : (why ?? room.gone), isMet, left }
}

/** What this side shows of itself: before it has joined nothing is sent, whatever is tried out, and after the end neither. */
export const shown = ({ joining, own, end }: Room): RoomState =>
  joining === 'joined' && end === null ? { joined: true, ...own } : { joined: false, ...nothing }

/** Says what is shown of this side, where that is something else now. */
function say(before: Room, room: Room): RoomStep {
  if (!room.isOpen || isSame(shown(before), shown(room))) return only(room)
  return only(room, send({ type: 'state', state: shown(room) }))
}

function end(room: Room, why: End): RoomStep {
  // What another page has now is not this one's to forget.
  const keepsSeat = why === 'replaced' || why === 'elsewhere' || why === 'trouble'
  return only(
    { ...room, end: why, meeting: null, held: [] },
    ...(room.meeting === null ? [] : [{ type: 'part' } as const]),
    { type: 'stop-media' },
    ...(keepsSeat ? [] : [{ type: 'forget-seat' } as const]),
    ...(room.unsaid ? [] : [{ type: 'leave' } as const]),
  )
}

/** Has a peer connection for the meeting that there is, and for no other. */
function meet({ room, effects }: RoomStep, now: Instant): RoomStep {
  const isIn = room.joining === 'joined' && room.isMet
  const wanted = isIn && room.left !== room.epoch ? room.epoch : null
  const begins = isIn && wanted === null && !room.beginsAgain
  if (wanted === room.meeting && !begins) return { room, effects }
  const parting: readonly RoomEffect[] = room.meeting === null ? [] : [{ type: 'part' }]
  const parted: Room = { ...room, meeting: null, way: 'connecting' }
  if (begins) return only({ ...parted, beginsAgain: true }, ...effects, ...parting, { type: 'begin-again' })
  if (wanted === null || !room.ice) return only(parted, ...effects, ...parting)
  if (isStale(room.ice, now)) {
    if (room.asksForServers || !room.isOpen) return only(parted, ...effects, ...parting)
    return only({ ...parted, asksForServers: true }, ...effects, ...parting, send({ type: 'ice' }))
  }
  const { epoch, polite, ice, relayOnly, held } = room
  return only(
    { ...parted, meeting: wanted, held: [] },
    ...effects,
    ...parting,
    { type: 'meet', epoch, polite, ice, relayOnly },
    ...held.map((signal): RoomEffect => ({ type: 'hear', signal })),
  )
}

/** Whether credentials are about to end: a relay lengthens nothing by them after that. */
export const isStale = ({ goodFor, at }: NonNullable<Room['ice']>, now: Instant): boolean =>
  goodFor !== null && goodFor - elapsed(at, now) < Math.min(freshFor, goodFor / 2)

const isSame = (one: RoomState, other: RoomState): boolean =>
  one.joined === other.joined &&
  one.muted === other.muted &&
  one.camera === other.camera &&
  one.sharing === other.sharing

/** Whether this page has its seat at this moment: what it says of the other one rests on that. */
export const isProven = ({ proof }: Room, now: Instant): boolean =>
  proof !== null && elapsed(proof.from, now) < proof.leaseMs

/** What the other one shows, while it is proven that they are here. */
export const otherHere = (room: Room, now: Instant): RoomState | null =>
  room.other && isProven(room, now) && elapsed(room.other.from, now) < room.other.leftMs
    ? room.other.state
    : null

/** Whether what comes by the way proves by itself that the other one is there. */
export const isReached = ({ meeting, way, arrived }: Room, now: Instant): boolean =>
  meeting !== null && way === 'connected' && arrived !== null && elapsed(arrived, now) < arrivalFor

/**
 * Whether the server leaves somebody without an answer who has hung up: the way to it was lost, or it had more time than it
 * takes where all is well.
 */
export const isUnanswered = ({ unsaid, isOpen, proof }: Room, now: Instant): boolean =>
  unsaid !== null && ((!isOpen && proof !== null) || elapsed(unsaid, now) >= answeredWithin)

/** What the page is about. */
export type Phase =
  | { readonly kind: 'lobby' | 'joining' }
  | { readonly kind: 'meeting'; readonly way: Way }
  /** `door`: they have the page open, and have not joined. `server`: what is so is not known, for the server does not answer. */
  | { readonly kind: 'waiting'; readonly for: 'first' | 'door' | 'left' | 'silent' | 'server' }
  | { readonly kind: 'ended'; readonly why: End }

export function phaseOf(room: Room, now: Instant): Phase {
  if (room.end) return { kind: 'ended', why: room.end }
  if (room.joining !== 'joined') return { kind: room.joining }
  // Sound and picture of theirs are a proof of their own.
  if (isReached(room, now)) return { kind: 'meeting', way: room.way }
  const state = otherHere(room, now)
  if (state?.joined) return { kind: 'meeting', way: room.way }
  if (!isProven(room, now)) return { kind: 'waiting', for: 'server' }
  return { kind: 'waiting', for: state ? 'door' : absence(room) }
}

/** Why the other one is not here: of whoever was, and of whom nobody has said more, nothing is heard. */
export const absence = ({ gone, seen }: Room): 'first' | 'left' | 'silent' =>
  gone ?? (seen ? 'silent' : 'first')

/** How long ago the call was answered, in ms; null while that is not known. */
export const callAge = ({ call }: Room, now: Instant): number | null =>
  call && call.agoMs + elapsed(call.at, now)
