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
  readonly asking: Asking
  /** The connection of this worker on which it was asked for last. */
  readonly askedOn: number | null
  /** Nothing was heard of it within 4.5 s of the press, or of the time at which it was to end. */
  readonly late: boolean
  /** What the server said of it last, on which connection of this worker, and when that was heard. */
  readonly told: Told | null
  /** The person gave it up, which is said until it is over. */
  readonly cancel: GivenUp | null
  /** Why nothing more is expected of it, without a word of the server's on how it ended. */
  readonly end: PlacedCallPhase | null
  readonly endedAt: Instant | null
  /** What became of its room, which is opened once by itself; null while that was not tried. */
  readonly room: RoomOpening | null
}

/**
 * A call is kept before it is asked for. Once that was `said`, by this worker or maybe by an earlier one, nobody can say
 * that there is no such call.
 */
type Asking = 'no' | 'being-kept' | 'kept' | 'said'

/** Where and when this worker said it last, and how often it did so on that connection; null where it did not yet. */
interface GivenUp {
  readonly said: { readonly on: number; readonly at: Instant; readonly times: number } | null
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
  /** That it is about to be asked for is kept, or cannot be. */
  | { readonly type: 'kept'; readonly key: string }
  /** The server will not place it. `message` is for people. */
  | { readonly type: 'refused'; readonly key: string; readonly message: string }
  /** The person gives it up, or does so again. */
  | { readonly type: 'cancelled'; readonly key: string }
  /** The server has cancelled it. */
  | { readonly type: 'cancel-done'; readonly key: string }
  /** Its window was closed, which gives up a call that lasts. */
  | { readonly type: 'window-closed'; readonly key: string }
  /** The browser has opened its room, or could not. */
  | { readonly type: 'room'; readonly key: string; readonly is: 'open' | 'failed' }
  | { readonly type: 'look' }
  /** What an earlier worker kept. */
  | { readonly type: 'restored'; readonly calls: readonly PlacedCall[] }
  | { readonly type: 'sign-out' }

export type PlacedCallEffect =
  /** Wait until it is kept: a worker that is killed leaves no call of which the next one knows nothing. Answered by `kept`. */
  | { readonly type: 'keep'; readonly key: string }
  /**
   * Ask for it on this connection alone: however often it is asked for under its key, it is one call. Answered by `told`
   * or `refused`.
   */
  | { readonly type: 'place'; readonly on: number; readonly key: string; readonly contact: string }
  /** On this connection alone. `call` is its id, or its key where no more is known of it. Answered by `cancel-done`, or not. */
  | { readonly type: 'cancel'; readonly on: number; readonly key: string; readonly call: string }
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

/** That a call is given up is said again after so long on one connection, and then after twice that each time, in ms. */
const cancelAgainAfter = 1_000
const cancelAgainWithin = 8_000

/** A room that is heard of so long after the press is not opened any more, in ms: whoever pressed sits there no longer. */
const entersWithin = 3 * 60_000

/** How long what came of a call is kept for its window, in ms, and of how many calls. */
const shownFor = 60 * 60_000
const mostOver = 5

const endUnknown: PlacedCallPhase = { kind: 'over', how: 'unknown', busyUntil: null, reply: null }

const cancelled: PlacedCallPhase = { kind: 'over', how: 'cancelled', busyUntil: null, reply: null }

const neverPlaced: PlacedCallPhase = {
  kind: 'not-placed',
  message:
    'There is no connection to the server, so the call was not placed. Try again once calls can reach you.',
}

/** Decides what an event does to the calls that this person placed. Pure: `now` is this moment on both clocks. */
export function reducePlaced(before: PlacedCalls, event: PlacedCallEvent, now: Instant): PlacedCallStep {
  const timed = mapCalls(apply(before, event, now), (call) => passTime(call, now))
  const [said, saying] = sayDue(timed, now)
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
export function nextPlacedLook({ calls, connection }: PlacedCalls, now: Instant): number | null {
  const waits = calls
    .filter((call) => !isOver(call))
    .flatMap((call) => {
      const cancelIn = call.cancel && connection.number !== null ? [untilCancel(call.cancel, now)] : []
      const since = elapsed(call.pressedAt, now)
      if (!call.told) return [...cancelIn, (call.late ? askedFor : heardWithin) - since]
      return [...cancelIn, timeLeft(call.told, now) + (call.late ? endAskedFor : grace)]
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
      // What another device placed is heard of again when it changes; that it was given up here has still to be said.
      return number === state.connection.number
        ? next
        : without(next, (call) => call.elsewhere && !isToBeCancelled(call, now))
    }
    case 'told':
      return tell(state, event, now)
    case 'kept':
      return change(state, event.key, (call) =>
        call.asking === 'being-kept' ? { ...call, asking: 'kept' } : call,
      )
    case 'refused':
      return change(state, event.key, (call) =>
        call.told || isOver(call) ? call : over(call, { kind: 'not-placed', message: event.message }, now),
      )
    case 'cancelled':
      return change(state, event.key, (call) => cancel(call, now))
    case 'cancel-done':
      return change(state, event.key, (call) => (isOver(call) ? call : over(call, cancelled, now)))
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
  asking: 'no',
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
  // The answer to what another person asked for, who has logged out.
  if (asked !== undefined && !known) return state
  const heard = { call: told, on: connection, at: now }
  if (known)
    return change(state, key, (call) =>
      // An end is final: what was under way on another connection meanwhile is older.
      call.told && isEnd(call.told.call)
        ? call
        : {
            ...call,
            told: heard,
            asking: 'said',
            late: false,
            cancel: call.told && !call.end ? call.cancel : soon(call.cancel),
            // It was taken for unknown, and lasts after all.
            end: isEnd(told) || isCancelled(call) ? call.end : null,
            endedAt: isEnd(told) ? now : null,
          },
    )
  if (isEnd(told)) return state
  const { contact, name } = told
  const placed = pressed({ key, contact, name }, now)
  return { ...state, calls: [...state.calls, { ...placed, elsewhere: true, asking: 'said', told: heard }] }
}

/** It was given up before it was asked for, or the server has cancelled it. */
const isCancelled = ({ end }: PlacedCall) => end?.kind === 'over' && end.how === 'cancelled'

/**
 * Of what was never asked for nothing has to be taken back. Whoever gives it up again has it said again at once; of one that
 * was taken for over without a word of the server's, once it lasts after all.
 */
const cancel = (call: PlacedCall, now: Instant): PlacedCall => {
  if (call.told && isEnd(call.told.call)) return call
  const given = { ...call, cancel: { said: null } }
  return call.asking === 'said' || isOver(call) ? given : over(given, cancelled, now)
}

/** Of a call that is there after all it is said no later than after the first wait. */
const soon = (cancel: GivenUp | null): GivenUp | null =>
  cancel?.said ? { said: { ...cancel.said, times: 1 } } : cancel

const isToBeCancelled = ({ cancel, told }: PlacedCall, now: Instant): boolean =>
  cancel !== null && told !== null && timeLeft(told, now) > 0

/** In how many ms it is to be said again on the connection on which it was said last. */
const untilCancel = ({ said }: GivenUp, now: Instant): number =>
  said ? Math.min(cancelAgainWithin, cancelAgainAfter * 2 ** (said.times - 1)) - elapsed(said.at, now) : 0

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
  if (since >= heardWithin && call.asking !== 'said') return over(call, neverPlaced, now)
  if (since >= askedFor) return over(call, endUnknown, now)
  return since >= heardWithin && !call.late ? { ...call, late: true } : call
}

/** Says on the connection of now what was not said there yet, or has to be said there again. */
function sayDue(state: PlacedCalls, now: Instant): [PlacedCalls, PlacedCallEffect[]] {
  const { number } = state.connection
  if (number === null) return [state, []]
  const effects: PlacedCallEffect[] = []
  const after = mapCalls(state, (call) => {
    if (isOver(call)) return call
    const { key, contact, told, askedOn, late, asking } = call
    if (asking === 'no') {
      effects.push({ type: 'keep', key })
      return { ...call, asking: 'being-kept' }
    }
    if (asking === 'being-kept') return call
    const isHeard = told?.on === number && !late
    const isAsked = call.elsewhere || isHeard || askedOn === number
    if (call.cancel) {
      const before = call.cancel.said?.on === number ? call.cancel.said : null
      if (before && untilCancel(call.cancel, now) > 0) return call
      effects.push({ type: 'cancel', on: number, key, call: told?.call.id ?? key })
      // It may be over already, of which a server does not tell anew unless it is asked. One that it never told of may
      // not be there at all, and is not to come about by that.
      if (told && !call.elsewhere && (before || !isAsked))
        effects.push({ type: 'place', on: number, key, contact })
      const said = { on: number, at: now, times: (before?.times ?? 0) + 1 }
      return { ...call, askedOn: told ? number : askedOn, cancel: { said } }
    }
    if (isAsked) return call
    effects.push({ type: 'place', on: number, key, contact })
    return { ...call, asking: 'said', askedOn: number }
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
