import type { PlacedCallPhase, PlacedCallView } from '../../../messages/people.ts'
import type { PlacedCall as ToldCall } from '../../../protocol/people.ts'
import type { CurrentConnection } from '../calls/leg.ts'
import { roomAddress } from '../calls/room-address.ts'
import { elapsed, type Instant } from '../clocks.ts'

/** A call that this person placed. All that is shown of it follows from this and the connection. */
export interface PlacedCall {
  /** The id under which it was placed, and by which its window is known. */
  readonly key: string
  readonly contact: string
  readonly name: string
  /** Another device of this person placed it: it is shown while it lasts, and has no window here. */
  readonly elsewhere: boolean
  readonly pressedAt: Instant
  /** It was asked for at least once, so that nobody can say that there is no such call. */
  readonly asked: boolean
  /** The connection of this worker on which it was asked for last. */
  readonly askedOn: number | null
  /** Nothing was heard of it within 4.5 s of the press, or of the time at which it was to end. */
  readonly late: boolean
  /** What the server said of it last, on which connection of this worker, and when that was heard. */
  readonly told: Told | null
  /** The person gave it up; `sentOn` is the connection on which that was said last. */
  readonly cancel: { readonly sentOn: number | null } | null
  /** Why nothing more is expected of it, without a word of the server's on how it ended. */
  readonly end: PlacedCallPhase | null
  readonly endedAt: Instant | null
  /** What became of its room, which is opened once by itself; null while that was not tried. */
  readonly room: RoomOpening | null
}

/** `unknown` is of a worker that died meanwhile. */
export type RoomOpening = 'opening' | 'open' | 'failed' | 'unknown'

interface Told {
  readonly call: ToldCall
  readonly on: number | null
  readonly at: Instant
}

export interface PlacedCalls {
  readonly connection: CurrentConnection
  /** Oldest first. */
  readonly calls: readonly PlacedCall[]
}

export const nonePlaced: PlacedCalls = { connection: { number: null, leased: false }, calls: [] }

export type PlacedCallEvent =
  | { readonly type: 'pressed'; readonly key: string; readonly contact: string; readonly name: string }
  /** The connection on which the server is spoken to of people, or null; said at each change, and as often as you like. */
  | ({ readonly type: 'connection' } & CurrentConnection)
  /**
   * How a call stands: by a frame, or as the answer to `place` of this `key`. Who calls somebody who calls them has
   * answered that call, which has another key.
   */
  | {
      readonly type: 'told'
      readonly connection: number
      readonly call: ToldCall
      readonly key?: string | undefined
    }
  /** The server will not place it. `message` is for people. */
  | { readonly type: 'refused'; readonly key: string; readonly message: string }
  | { readonly type: 'cancelled'; readonly key: string }
  /** Its window was closed, which gives up a call that lasts. */
  | { readonly type: 'window-closed'; readonly key: string }
  /** The browser has opened its room, or could not. */
  | { readonly type: 'room'; readonly key: string; readonly is: 'open' | 'failed' }
  | { readonly type: 'look' }
  /** What an earlier worker kept. */
  | { readonly type: 'restored'; readonly calls: readonly PlacedCall[] }
  | { readonly type: 'sign-out' }

export type PlacedCallEffect =
  /** Ask for it: however often it is asked for under its key, it is one call. Answered by `told` or `refused`. */
  | { readonly type: 'place'; readonly key: string; readonly contact: string }
  /** `call` is its id, or its key where no more is known of it. */
  | { readonly type: 'cancel'; readonly key: string; readonly call: string }
  /** Open the room in place of the call's window, once it is kept that this is tried. Answered by `room`. */
  | { readonly type: 'enter'; readonly key: string; readonly room: string }
  | { readonly type: 'close-window'; readonly key: string }

export interface PlacedCallStep {
  readonly state: PlacedCalls
  readonly effects: readonly PlacedCallEffect[]
}

/** A press of which nothing was heard by then ends in a sentence, in ms. */
const heardWithin = 4_500

/** A call of which the server never spoke is asked for until so long after the press, in ms: nobody waits for longer. */
const askedFor = 45_000

/** How long after its time the server's word on how it ended is waited for, and how long that is asked for, in ms. */
const grace = 2_000
const endAskedFor = 10 * 60_000

/** A room that is heard of so long after the press is not opened any more, in ms: whoever pressed sits there no longer. */
const entersWithin = 3 * 60_000

/** How long what came of a call is kept for its window, in ms, and of how many calls. */
const shownFor = 60 * 60_000
const mostOver = 5

const endUnknown: PlacedCallPhase = { kind: 'over', how: 'unknown', busyUntil: null, reply: null }

const neverPlaced: PlacedCallPhase = {
  kind: 'not-placed',
  message:
    'There is no connection to the server, so the call was not placed. Try again once calls can reach you.',
}

/** Decides what an event does to the calls that this person placed. Pure: `now` is this moment on both clocks. */
export function reducePlaced(before: PlacedCalls, event: PlacedCallEvent, now: Instant): PlacedCallStep {
  const timed = mapCalls(apply(before, event, now), (call) => passTime(call, now))
  const [said, saying] = sayDue(timed)
  const [after, entering] = enterDue(said, now)
  return {
    state: forgetOver(after, now),
    effects: [...saying, ...entering, ...closing(before, after)],
  }
}

export const placedViews = ({ calls, connection }: PlacedCalls): readonly PlacedCallView[] =>
  calls.map((call) => ({
    id: call.told?.call.id ?? call.key,
    key: call.key,
    contact: call.contact,
    name: call.name,
    at: call.told?.call.at ?? call.pressedAt.wall,
    phase: phaseOfPlaced(call, connection),
  }))

/** In how many ms the clocks are to be looked at again; null when nothing lasts. */
export function nextPlacedLook({ calls }: PlacedCalls, now: Instant): number | null {
  const waits = calls
    .filter((call) => !isOver(call))
    .map((call) => {
      const since = elapsed(call.pressedAt, now)
      if (!call.told) return (call.late ? askedFor : heardWithin) - since
      return timeLeft(call.told, now) + (call.late ? endAskedFor : grace)
    })
  return waits.length === 0 ? null : Math.max(0, Math.min(...waits))
}

/** Whether a call that was placed here lasts. */
export const isCalling = ({ calls }: PlacedCalls): boolean =>
  calls.some((call) => !call.elsewhere && !isOver(call))

/** The key of the call to this contact that lasts here; undefined without one. */
export const callTo = ({ calls }: PlacedCalls, contact: string): string | undefined =>
  calls.find((call) => call.contact === contact && !call.elsewhere && !call.cancel && !isOver(call))?.key

/** How a call stands, as far as the connection of now can say (P1, P2, P5). */
export function phaseOfPlaced(call: PlacedCall, { number, leased }: CurrentConnection): PlacedCallPhase {
  const { told, end, late } = call
  if (told && isEnd(told.call)) return { kind: 'over', ...outcomeOf(told.call, call) }
  if (end) return end
  if (late) return { kind: 'unknown' }
  if (!told) return { kind: 'placing' }
  if (!leased || number === null || told.on !== number) return { kind: 'unknown' }
  const { state, disposition, left, ringsOn } = told.call
  if (state === 'placed') return { kind: 'placing' }
  if (state === 'ringing') return { kind: 'ringing', devices: ringsOn }
  return { kind: 'waiting', until: told.at.wall + left, hasRung: disposition === 'ringing' }
}

/** Whether a call of which the server says so is over. */
export const isEnd = ({ state }: ToldCall): boolean =>
  state !== 'placed' && state !== 'ringing' && state !== 'waiting'

/** Whether nothing more comes of a call. */
export const isOver = ({ told, end }: PlacedCall): boolean =>
  end !== null || (told !== null && isEnd(told.call))

const timeLeft = ({ call, at }: Told, now: Instant): number => call.left - elapsed(at, now)

type Outcome = Omit<Extract<PlacedCallPhase, { kind: 'over' }>, 'kind'>

function outcomeOf({ state, why, busyUntil, reply }: ToldCall, call: PlacedCall): Outcome {
  const how =
    state === 'answered'
      ? answeredHow(call)
      : state === 'declined' || state === 'cancelled'
        ? state
        : (why ?? 'no-answer')
  return { how, busyUntil, reply }
}

function answeredHow(call: PlacedCall): Outcome['how'] {
  if (call.elsewhere) return 'answered-elsewhere'
  if (roomOf(call) === null) return 'answered-without-room'
  switch (call.room) {
    case 'opening':
      return 'opening-room'
    case 'open':
      return 'answered'
    case 'unknown':
      return 'room-unknown'
    case 'failed':
    case null:
      return 'room-not-opened'
    default:
      return call.room satisfies never
  }
}

/** The address of the room of a call that was answered; null where there is none that may be opened. */
export const roomOf = ({ told }: PlacedCall): string | null =>
  told?.call.state === 'answered' ? roomAddress(told.call.room ?? undefined) : null

function apply(state: PlacedCalls, event: PlacedCallEvent, now: Instant): PlacedCalls {
  switch (event.type) {
    case 'pressed':
      return { ...state, calls: [...state.calls, pressed(event, now)] }
    case 'connection': {
      const { number, leased } = event
      const next = { ...state, connection: { number, leased } }
      // What another device placed is heard of again when it changes.
      return number === state.connection.number ? next : without(next, ({ elsewhere }) => elsewhere)
    }
    case 'told':
      return tell(state, event, now)
    case 'refused':
      return change(state, event.key, (call) =>
        call.told ? call : over(call, { kind: 'not-placed', message: event.message }, now),
      )
    case 'cancelled':
      return change(state, event.key, (call) => cancel(call, now))
    case 'window-closed': {
      const closed = change(state, event.key, (call) => cancel(call, now))
      return without(closed, (call) => call.key === event.key && isOver(call))
    }
    case 'room':
      return change(state, event.key, (call) => ({ ...call, room: event.is }))
    case 'look':
      return state
    case 'restored': {
      const known = new Set(state.calls.map(({ key }) => key))
      return { ...state, calls: [...event.calls.filter(({ key }) => !known.has(key)), ...state.calls] }
    }
    case 'sign-out':
      return { ...state, calls: [] }
    default:
      return event satisfies never
  }
}

const pressed = (
  { key, contact, name }: Pick<PlacedCall, 'key' | 'contact' | 'name'>,
  now: Instant,
): PlacedCall => ({
  key,
  contact,
  name,
  elsewhere: false,
  pressedAt: now,
  asked: false,
  askedOn: null,
  late: false,
  told: null,
  cancel: null,
  end: null,
  endedAt: null,
  room: null,
})

function tell(
  state: PlacedCalls,
  { connection, call: told, key: asked }: Extract<PlacedCallEvent, { type: 'told' }>,
  now: Instant,
): PlacedCalls {
  const byId = state.calls.find((call) => call.told?.call.id === told.id)
  const key = asked ?? byId?.key ?? told.key ?? told.id
  const known = state.calls.some((call) => call.key === key)
  const heard = { call: told, on: connection, at: now }
  if (known)
    return change(state, key, (call) =>
      // An end is final: what was under way on another connection meanwhile is older.
      call.told && isEnd(call.told.call)
        ? call
        : {
            ...call,
            told: heard,
            asked: true,
            late: false,
            // It was given up for unknown, and lasts after all.
            end: isEnd(told) || isCancelled(call) ? call.end : null,
            endedAt: isEnd(told) ? now : null,
          },
    )
  if (isEnd(told)) return state
  const { contact, name } = told
  const placed = pressed({ key, contact, name }, now)
  return { ...state, calls: [...state.calls, { ...placed, elsewhere: true, asked: true, told: heard }] }
}

/** It was given up before it was asked for. */
const isCancelled = ({ end }: PlacedCall) => end?.kind === 'over' && end.how === 'cancelled'

/** Of what was never asked for nothing has to be taken back. */
const cancel = (call: PlacedCall, now: Instant): PlacedCall => {
  if (isOver(call) || call.cancel) return call
  const given = { ...call, cancel: { sentOn: null } }
  return call.asked
    ? given
    : over(given, { kind: 'over', how: 'cancelled', busyUntil: null, reply: null }, now)
}

const over = (call: PlacedCall, end: PlacedCallPhase, now: Instant): PlacedCall => ({
  ...call,
  end,
  endedAt: now,
})

/** What time alone does to a call. */
function passTime(call: PlacedCall, now: Instant): PlacedCall {
  if (isOver(call)) return call
  const { told } = call
  if (told) {
    const past = -timeLeft(told, now)
    if (past >= endAskedFor) return over(call, endUnknown, now)
    // Asked for anew: the answer says how it ended.
    return past >= grace && !call.late ? { ...call, late: true, askedOn: null } : call
  }
  const since = elapsed(call.pressedAt, now)
  if (since >= heardWithin && !call.asked) return over(call, neverPlaced, now)
  if (since >= askedFor) return over(call, endUnknown, now)
  return since >= heardWithin && !call.late ? { ...call, late: true } : call
}

/** Says on the connection of now what was not said there yet. */
function sayDue(state: PlacedCalls): [PlacedCalls, PlacedCallEffect[]] {
  const { number } = state.connection
  if (number === null) return [state, []]
  const effects: PlacedCallEffect[] = []
  const after = mapCalls(state, (call) => {
    if (isOver(call)) return call
    const { key, contact, told, askedOn, late } = call
    const isHeard = told?.on === number && !late
    const isAsked = call.elsewhere || isHeard || askedOn === number
    if (call.cancel) {
      if (call.cancel.sentOn === number) return call
      effects.push({ type: 'cancel', key, call: told?.call.id ?? key })
      // It may be over already, of which a server does not tell anew unless it is asked. One that it never told of may
      // not be there at all, and is not to come about by that.
      if (told && !isAsked) effects.push({ type: 'place', key, contact })
      return { ...call, askedOn: told ? number : askedOn, cancel: { sentOn: number } }
    }
    if (isAsked) return call
    effects.push({ type: 'place', key, contact })
    return { ...call, asked: true, askedOn: number }
  })
  return [after, effects]
}

/** Who gave it up, or placed it elsewhere, is led nowhere. */
function enterDue(state: PlacedCalls, now: Instant): [PlacedCalls, PlacedCallEffect[]] {
  const effects: PlacedCallEffect[] = []
  const after = mapCalls(state, (call) => {
    const room = roomOf(call)
    if (room === null || call.room || call.elsewhere || call.cancel) return call
    if (elapsed(call.pressedAt, now) >= entersWithin) return call
    effects.push({ type: 'enter', key: call.key, room })
    return { ...call, room: 'opening' }
  })
  return [after, effects]
}

/** Whoever cancelled has no more to read. */
const closing = (before: PlacedCalls, after: PlacedCalls): PlacedCallEffect[] =>
  after.calls
    .filter(
      (call) =>
        call.cancel && isOver(call) && before.calls.some((was) => was.key === call.key && !isOver(was)),
    )
    .map(({ key }) => ({ type: 'close-window', key }))

function forgetOver(state: PlacedCalls, now: Instant): PlacedCalls {
  const kept = state.calls.filter(({ endedAt }) => endedAt && elapsed(endedAt, now) < shownFor)
  const shown = new Set(kept.filter(({ elsewhere }) => !elsewhere).slice(-mostOver))
  return without(state, (call) => isOver(call) && !shown.has(call))
}

const without = (state: PlacedCalls, goes: (call: PlacedCall) => boolean): PlacedCalls =>
  state.calls.some(goes) ? { ...state, calls: state.calls.filter((call) => !goes(call)) } : state

const change = (state: PlacedCalls, key: string, how: (call: PlacedCall) => PlacedCall): PlacedCalls =>
  mapCalls(state, (call) => (call.key === key ? how(call) : call))

/** The same object where nothing changes. */
function mapCalls(state: PlacedCalls, how: (call: PlacedCall) => PlacedCall): PlacedCalls {
  const calls = state.calls.map(how)
  return calls.every((call, index) => call === state.calls[index]) ? state : { ...state, calls }
}
