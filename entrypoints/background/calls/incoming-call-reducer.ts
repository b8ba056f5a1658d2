import type { IncomingCall } from '../../../messages/state.ts'
import type { DeviceMessage, MissedCall, Outcome, RingingCall } from '../../../protocol/connection.ts'
import { elapsed, type Instant } from '../clocks.ts'
import { type FurtherCall, isTimely, nextFurtherEnd, stillFurther, withRing } from './further-calls.ts'
import {
  type Button,
  type CurrentConnection,
  endCall,
  endOf,
  isSettled,
  type Leg,
  nextChange,
  type Press,
  passTime,
  phaseOf,
} from './leg.ts'
import { roomAddress } from './room-address.ts'

/** The calls on this device, oldest first. */
export interface CallsState {
  readonly connection: CurrentConnection
  /** What was last to take its place, and what its server said was ringing as it welcomed that; null without one. */
  readonly successor: { readonly number: number; readonly ringing: readonly string[] } | null
  readonly legs: readonly Leg[]
  /** The calls whose room has been opened, oldest first: each is opened once (P7.5). */
  readonly entered: readonly string[]
  /** What the connection of now rings beyond what is shown, oldest first: counted, and shown when its turn comes. */
  readonly further: readonly FurtherCall[]
  /** When the last few calls began to be shown, oldest first. */
  readonly begun: readonly Instant[]
}

export const noCalls: CallsState = {
  connection: { number: null, leased: false },
  successor: null,
  legs: [],
  entered: [],
  further: [],
  begun: [],
}

export type IncomingCallEvent =
  /** How the device's connection stands now; said at each change, and as often as you like. */
  | ({ readonly type: 'connection' } & CurrentConnection)
  /** A connection was welcomed: all the calls that still ring for this person, and all missed and unseen. */
  | { readonly type: 'welcome'; readonly ringing: readonly string[]; readonly missed: readonly MissedCall[] }
  /** A connection was welcomed that takes the place of the present one once it has a lease. */
  | { readonly type: 'successor-welcome'; readonly connection: number; readonly ringing: readonly string[] }
  | { readonly type: 'missed'; readonly missed: readonly MissedCall[] }
  /** The server of this connection heard of no call for a while: what it has rung may be over, or it is rung anew. */
  | { readonly type: 'routing-lost'; readonly connection: number }
  | { readonly type: 'ring'; readonly connection: number; readonly call: RingingCall }
  /** A rehearsal: nobody is calling, and the server is told nothing. */
  | { readonly type: 'test-ring'; readonly call: RingingCall }
  /** A window or a notification now says that the call rings. */
  | { readonly type: 'shown'; readonly call: string }
  | {
      readonly type: 'press'
      readonly call: string
      readonly button: Button
      /** With a decline: a short answer to the contact who calls. */
      readonly reply?: string | undefined
    }
  | {
      readonly type: 'over'
      readonly call: string
      readonly outcome: Outcome
      readonly here: boolean
      readonly room?: string | undefined
    }
  /** The browser did not open the room of a call that was answered here. */
  | { readonly type: 'room-not-opened'; readonly call: string }
  /** A deadline may have come. */
  | { readonly type: 'look' }
  /** What a worker that died kept. */
  | { readonly type: 'restored'; readonly legs: readonly Leg[]; readonly entered: readonly string[] }
  | { readonly type: 'sign-out' }

/** What is to be done about it, in order. Whether the tone sounds follows from the calls that ring. */
export type IncomingCallEffect =
  | { readonly type: 'send'; readonly connection: number; readonly message: CallMessage }
  /** Bring the ringing call before the person; answered by `shown`. */
  | { readonly type: 'present'; readonly call: IncomingCall }
  /** Say in place of the ring that it is not known whether the call still rings. */
  | { readonly type: 'notify-unproven'; readonly call: IncomingCall }
  | { readonly type: 'withdraw-notification'; readonly call: string }
  | { readonly type: 'close-window'; readonly call: string }
  /** Open the room in place of the call's window, once `entered` is kept; answered by `room-not-opened` if it fails. */
  | { readonly type: 'enter'; readonly call: string; readonly room: string }
  /** The server does not answer a press: the connection is to be proven anew. */
  | { readonly type: 'doubt' }

export type CallMessage = Extract<DeviceMessage, { type: 'rings' | 'answer' | 'decline' }>

export interface CallStep {
  readonly calls: CallsState
  readonly effects: readonly IncomingCallEffect[]
}

/** So many entered calls are remembered; none is told of twice after as many others. */
const mostEntered = 20

/** As many ring one person at once, of a server that keeps its own rules (P3.1). Each has a window. */
const mostShown = 5

/**
 * So many calls begin to be shown in so many milliseconds, so that no server opens windows by the hundred: as many as a
 * server of ours lets two callers place who do nothing else (C5.6).
 */
const mostBegun = 30
const begunWithin = 10_000

/** Decides what an event does to the calls on this device. Pure: `now` is this moment on both clocks. */
export function reduceCalls(before: CallsState, event: IncomingCallEvent, now: Instant): CallStep {
  const timed = keepFurther(
    mapLegs(before, (leg) => passTime(leg, before.connection, now)),
    isTimely(now),
  )
  const [entered, entering] = enter(timed, event)
  const [after, sent] = sendDue(noteRings(before, admit(apply(entered, event, now), now), now), now)
  return {
    calls: after,
    effects: [...sent, ...screenEffects(before, after), ...entering, ...doubtEffects(before, after)],
  }
}

export const incomingCalls = ({ legs, connection }: CallsState): readonly IncomingCall[] =>
  legs.map((leg) => viewOf(leg, connection))

/** How many more calls ring than are shown, so far as the server's word is proven. */
export const furtherCalls = ({ further, connection }: CallsState): number =>
  connection.leased ? further.length : 0

/** In how many milliseconds the clocks must be looked at again; null when there is no call. */
export function nextCallLook(calls: CallsState, now: Instant): number | null {
  const { legs, further } = calls
  if (legs.length === 0 && further.length === 0) return null
  const turn = further.length > 0 && hasRoom(calls) ? nextTurn(calls, now) : Number.POSITIVE_INFINITY
  const changes = legs.map((leg) => nextChange(leg, now))
  return Math.max(0, Math.min(...changes, nextFurtherEnd(further, now), turn))
}

const viewOf = (leg: Leg, connection: CurrentConnection): IncomingCall => {
  const { id, from, contact, at, firstRungAt, rungAgain, test } = leg
  return {
    id,
    from,
    ...(contact !== undefined && { contact }),
    at,
    firstRungAt: firstRungAt?.wall ?? null,
    rungAgain,
    test,
    phase: phaseOf(leg, connection),
  }
}

/** Only a press of Answer here leads into a room, and only once: `entered` says so. */
function enter(
  calls: CallsState,
  event: IncomingCallEvent,
): readonly [CallsState, readonly IncomingCallEffect[]] {
  if (event.type !== 'over') return [calls, []]
  const { call } = event
  const room = roomAddress(event.room)
  const leg = calls.legs.find(({ id }) => id === call)
  if (!leg || room === null || !isAnsweredHere(leg, event) || calls.entered.includes(call)) return [calls, []]
  return [
    { ...calls, entered: [...calls.entered, call].slice(-mostEntered) },
    [{ type: 'enter', call, room }],
  ]
}

type Over = Extract<IncomingCallEvent, { type: 'over' }>

/** This device pressed Answer, and is told that it was first. */
const isAnsweredHere = (leg: Leg, { outcome, here }: Over): boolean =>
  leg.press?.button === 'answer' && !isSettled(leg) && outcome === 'answered' && here

function apply(calls: CallsState, event: IncomingCallEvent, now: Instant): CallsState {
  const { connection, legs, entered } = calls
  switch (event.type) {
    case 'connection': {
      const { number, leased } = event
      if (number === connection.number && leased === connection.leased) return calls
      const { successor } = calls
      if (successor && successor.number === number && connection.leased && leased)
        return carryOver({ ...calls, connection: { number, leased } }, connection.number, successor)
      // What an older connection rang is rung anew on this one, if it still rings.
      const current = keepFurther(calls, (one) => one.connection === number)
      return { ...current, connection: { number, leased } }
    }
    case 'welcome':
      return mapLegs(endMissed(event.missed), (leg) => {
        // What was pressed is said again on this connection, and the server then tells how the call ended.
        const open = leg.test || leg.end || leg.press || event.ringing.includes(leg.id)
        return open ? leg : endCall(leg, 'unknown', now)
      })
    case 'successor-welcome':
      return { ...calls, successor: { number: event.connection, ringing: event.ringing } }
    case 'missed':
      return endMissed(event.missed)
    case 'routing-lost': {
      const isTheirs = (rung: number | null) => rung === event.connection
      return mapLegs(
        keepFurther(calls, (one) => !isTheirs(one.connection)),
        (leg) =>
          isTheirs(leg.connection) || isTheirs(leg.press?.sentOn ?? null)
            ? { ...leg, connection: null, press: leg.press && { ...leg.press, sentOn: null } }
            : leg,
      )
    }
    case 'ring':
      return takeRing(calls, event.call, event.connection, now)
    case 'test-ring':
      return takeRing(calls, event.call, null, now)
    case 'shown':
      return mapLeg(calls, event.call, (leg) => {
        const rings = phaseOf(leg, connection) === 'ringing'
        return rings && !leg.shown ? { ...leg, shown: true } : leg
      })
    case 'press':
      return mapLeg(calls, event.call, (leg) => {
        const { button, reply } = event
        if (leg.end || leg.press) return leg
        if (leg.test) return endCall(leg, button === 'answer' ? 'answered-here' : 'declined-here', now)
        const said = reply === undefined ? {} : { reply }
        return { ...leg, press: { button, ...said, at: now, sentOn: null, since: now, late: false } }
      })
    case 'over':
      return mapLeg(
        keepFurther(calls, ({ call }) => call.id !== event.call),
        event.call,
        (leg) => {
          if (isSettled(leg)) return leg
          const nowhere = isAnsweredHere(leg, event) && roomAddress(event.room) === null
          return endCall(leg, nowhere ? 'answered-without-room' : endOf(event.outcome, event.here), now)
        },
      )
    case 'room-not-opened':
      return mapLeg(calls, event.call, (leg) =>
        leg.end?.how === 'answered-here' ? endCall(leg, 'room-not-opened', now) : leg,
      )
    case 'look':
      return calls
    case 'restored': {
      const found = event.legs.filter(({ id }) => !legs.some((leg) => leg.id === id))
      const known = [...event.entered, ...entered].slice(-mostEntered)
      return { ...calls, legs: withinBound([...found, ...legs]), entered: known }
    }
    case 'sign-out':
      return { ...noCalls, connection }
    default:
      return event satisfies never
  }

  function endMissed(missed: readonly MissedCall[]): CallsState {
    const whys = new Map(missed.map(({ id, why }) => [id, why]))
    const ringing = keepFurther(calls, ({ call }) => !whys.has(call.id))
    return mapLegs(ringing, (leg) => {
      const why = isSettled(leg) ? undefined : whys.get(leg.id)
      return why ? endCall(leg, why === 'cancelled' ? 'cancelled' : 'missed', now) : leg
    })
  }
}

/**
 * The successor has the lease that the connection before it had: what rang there rings here, where the server knew of it
 * as it welcomed this one. All else it rings anew, or it is over.
 */
function carryOver(
  calls: CallsState,
  from: number | null,
  { number, ringing }: NonNullable<CallsState['successor']>,
): CallsState {
  const rings = (id: string, connection: number | null) => connection === from && ringing.includes(id)
  const further = calls.further
    .filter(({ call, connection }) => rings(call.id, connection))
    .map((one) => ({ ...one, connection: number }))
  return mapLegs({ ...calls, further }, (leg) =>
    rings(leg.id, leg.connection) ? { ...leg, connection: number } : leg,
  )
}

/** `connection` is null for a test ring. */
function takeRing(calls: CallsState, call: RingingCall, connection: number | null, now: Instant): CallsState {
  const known = calls.legs.find(({ id }) => id === call.id)
  if (!known)
    return connection === null
      ? { ...calls, legs: [...calls.legs, begin(call, null, now)] }
      : // Shown in this very step, if its turn is now.
        { ...calls, further: withRing(calls.further, { call, connection, rungAt: now }) }
  if (isSettled(known)) return calls
  const ring = ringOf(call, connection, now)
  // A server that rings has not got what was pressed, though it was sent: it may have failed to write it.
  return mapLeg(calls, call.id, (leg) => ({
    ...leg,
    ...ring,
    press: leg.press && { ...leg.press, sentOn: null },
  }))
}

const ringOf = ({ ringsFor }: RingingCall, connection: number | null, rungAt: Instant) => ({
  connection,
  rungAt,
  waitsFor: ringsFor,
  owesRings: connection !== null,
  end: null,
})

function begin(call: RingingCall, connection: number | null, rungAt: Instant): Leg {
  const { id, from, contact, at } = call
  const ring = ringOf(call, connection, rungAt)
  return {
    ...{ id, from, at, test: connection === null },
    ...(contact !== undefined && { contact }),
    ...{ firstRungAt: null, rungAgain: false, ...ring },
    ...{ shown: false, press: null },
  }
}

const isOpen = (leg: Leg) => !leg.test && !leg.end

const hasRoom = ({ legs }: CallsState) => legs.filter(isOpen).length < mostShown

/** In how many milliseconds, or how long ago, one more call may begin to be shown. */
function nextTurn({ begun }: CallsState, now: Instant): number {
  const [oldest] = begun
  return oldest && begun.length >= mostBegun ? begunWithin - elapsed(oldest, now) : 0
}

/** Shows what has waited its turn, oldest first; what has ended makes room for it. */
function admit(calls: CallsState, now: Instant): CallsState {
  const [next, ...further] = calls.further
  if (!next || !hasRoom(calls) || nextTurn(calls, now) > 0) return calls
  const { call, connection, rungAt } = next
  const legs = withinBound([...calls.legs, begin(call, connection, rungAt)])
  return admit({ ...calls, legs, further, begun: [...calls.begun, now].slice(-mostBegun) }, now)
}

/** Notes since when each call rings here, and which of them ring again after they did not. */
function noteRings(before: CallsState, after: CallsState, now: Instant): CallsState {
  const rang = new Set(
    before.legs.filter((leg) => phaseOf(leg, before.connection) === 'ringing').map(({ id }) => id),
  )
  return mapLegs(after, (leg) => {
    if (phaseOf(leg, after.connection) !== 'ringing') return leg
    if (!leg.firstRungAt) return { ...leg, firstRungAt: now }
    return rang.has(leg.id) ? leg : { ...leg, rungAgain: true }
  })
}

/** At most five, test rings aside: the oldest of those go first that have ended, then of those that nobody pressed. */
function withinBound(legs: readonly Leg[]): readonly Leg[] {
  const real = legs.filter(({ test }) => !test)
  if (real.length <= mostShown) return legs
  const spare = real.find(({ end }) => end) ?? real.find(({ press }) => !press) ?? real[0]
  return withinBound(legs.filter((leg) => leg !== spare))
}

const pressMessage = (call: string, { button, reply }: Press): CallMessage =>
  button === 'decline' && reply !== undefined ? { type: button, call, reply } : { type: button, call }

/** Says on a proven connection what is to be said: each acknowledgement, and each press once for each connection and ring. */
function sendDue(calls: CallsState, now: Instant): readonly [CallsState, readonly IncomingCallEffect[]] {
  const { connection } = calls
  const { number, leased } = connection
  const sent: IncomingCallEffect[] = []
  const after = mapLegs(calls, (leg) => {
    // What no longer rings is not shown as a ring either; it is shown anew when it rings again.
    const unseen = leg.shown && phaseOf(leg, connection) !== 'ringing'
    let said = unseen ? { ...leg, shown: false } : leg
    if (leg.end || number === null || !leased) return said
    if (leg.owesRings && leg.connection === number && (leg.shown || leg.press)) {
      sent.push({ type: 'send', connection: number, message: { type: 'rings', call: leg.id } })
      said = { ...said, owesRings: false }
    }
    if (leg.press && leg.press.sentOn !== number) {
      sent.push({ type: 'send', connection: number, message: pressMessage(leg.id, leg.press) })
      said = { ...said, press: { ...leg.press, sentOn: number, since: now, late: false } }
    }
    return said
  })
  return [after, sent]
}

/** What is to be seen anew, from how each call stood before and stands now. */
function screenEffects(before: CallsState, after: CallsState): IncomingCallEffect[] {
  const was = new Map(incomingCalls(before).map((call) => [call.id, call]))
  const effects: IncomingCallEffect[] = []
  const calls = incomingCalls(after)
  // Before the next opens, so that there is never a window more than calls that are shown.
  for (const [id, { test }] of was) {
    if (calls.some((call) => call.id === id)) continue
    effects.push({ type: 'withdraw-notification', call: id })
    // That of a rehearsal asks what was seen and heard, and closes by itself.
    if (!test) effects.push({ type: 'close-window', call: id })
  }
  for (const call of calls) {
    const { id, phase } = call
    const old = was.get(id)?.phase
    if (old === phase) continue
    if (phase === 'ringing') effects.push({ type: 'present', call })
    else if (phase === 'connection-lost' || (phase === 'checking' && old === 'ringing'))
      effects.push({ type: 'notify-unproven', call })
    else if (isUnpressed(old)) effects.push({ type: 'withdraw-notification', call: id })
  }
  return effects
}

const isUnpressed = (phase: IncomingCall['phase'] | undefined) =>
  phase === 'ringing' || phase === 'checking' || phase === 'connection-lost'

function doubtEffects(before: CallsState, after: CallsState): IncomingCallEffect[] {
  const silent = ({ legs }: CallsState) => legs.filter(({ press }) => press?.late)
  const known = silent(before).map(({ id }) => id)
  return silent(after).some(({ id }) => !known.includes(id)) ? [{ type: 'doubt' }] : []
}

function keepFurther(calls: CallsState, goesOn: (one: FurtherCall) => boolean): CallsState {
  const further = stillFurther(calls.further, goesOn)
  return further === calls.further ? calls : { ...calls, further }
}

/** The same value when nothing changes, so that nobody has to look what did. */
function mapLegs(calls: CallsState, change: (leg: Leg) => Leg | null): CallsState {
  const legs = calls.legs.map(change)
  if (legs.every((leg, index) => leg === calls.legs[index])) return calls
  return { ...calls, legs: legs.filter((leg) => leg !== null) }
}

const mapLeg = (calls: CallsState, id: string, change: (leg: Leg) => Leg): CallsState =>
  mapLegs(calls, (leg) => (leg.id === id ? change(leg) : leg))
