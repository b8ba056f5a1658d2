import type { MissedCall, Outcome } from '../../protocol/connection.ts'
import {
  acknowledgedOn,
  allLost,
  anyAsked,
  anyRings,
  askedOn,
  endLate,
  type Legs,
  lostOn,
  lostOnNode,
  replacedOn,
  ringingDevices,
} from './legs.ts'

/**
 * One call that is not over, as a value: the part of calling that decides. It owns the call's deadline, its legs
 * and their acknowledgements, and knows no clock, socket or database; every time in it is a millisecond of one
 * monotonic clock. "Ringing" holds in here exactly while a leg that acknowledged can still ring (P1).
 */
export interface ActiveCall {
  readonly state: CallState
  /** What the caller was told first; null until then. */
  readonly disposition: Disposition | null
  readonly legs: Legs
  /** How many `ask`s have not returned. */
  readonly asking: number
  readonly ringFor: number
  /** While the call has never rung, it is not given up before. */
  readonly waitUntil: number
  /**
   * Whether its caller is not to learn that it rings from now on, nor by its length: it ends at `waitUntil`, and where it
   * had rung before, when it would have then.
   */
  readonly capped: boolean
  /** When it has rung long enough; null while it has never rung and nobody is being asked. */
  readonly ringUntil: number | null
  /** A device has acknowledged it once: it ends at `ringUntil`, whatever becomes of that device. */
  readonly rung: boolean
  /** How it ends: being written, or written once the state says so too. */
  readonly end: CallEnd | null
  /** When an end that could not be written is tried again; no device is to ring from then on. */
  readonly retryAt: number | null
}

/** What a caller hears: `waiting` is for a device to be reached; an outcome is for good. */
export type CallState = 'placed' | 'ringing' | 'waiting' | Outcome
export type Disposition = 'ringing' | 'unreachable' | 'busy'
/** Why a call was missed, as its callee is told. */
export type MissedWhy = MissedCall['why']

export interface CallEnd {
  readonly outcome: Outcome
  /** With `missed` and `cancelled`. */
  readonly why: MissedWhy | null
  /** The device that answered or declined. */
  readonly device: string | null
  /** What was said with a decline. */
  readonly reply?: string | undefined
}

export type ActiveCallEvent =
  /** A ring is on its way to this connection, which holds a lease. */
  | {
      readonly kind: 'asked'
      readonly connection: string
      readonly device: string
      /** Which node holds the connection, of several. */
      readonly node?: string | undefined
    }
  /** An `ask` has reached all it could: each connection that it reached was `asked` before this. */
  | { readonly kind: 'ask-returned' }
  /** In place of `asked`: a connection holds a lease, and its person chose to be busy. */
  | { readonly kind: 'found-busy' }
  /** The person is invisible by now, and the call does not ring. */
  | { readonly kind: 'found-invisible' }
  /** The device says that it rings, by a connection that holds a lease. */
  | { readonly kind: 'acknowledged'; readonly connection: string }
  /** The connection can ring no more: closed, signed out, or without a lease, for whatever reason. */
  | { readonly kind: 'lost'; readonly connection: string }
  /** The device opened a newer connection, which has no lease yet; the older one can ring no more. */
  | { readonly kind: 'replaced'; readonly connection: string; readonly by: string }
  | { readonly kind: 'lease-gained'; readonly connection: string }
  /** Nothing is known of any leg: no report can come through, or none was heard for a while. */
  | { readonly kind: 'bus-lost' }
  /** Reports come through again: every device is asked anew. */
  | { readonly kind: 'bus-returned' }
  /** Nothing can be known of what a node holds. */
  | { readonly kind: 'node-lost'; readonly node: string }
  | { readonly kind: 'answered'; readonly device: string }
  | { readonly kind: 'declined'; readonly device: string; readonly reply?: string | undefined }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'server-stopped' }
  /** The record says that the call is over, in this way: by our `end`, or by somebody else's before it. */
  | { readonly kind: 'ended'; readonly end: CallEnd }
  /** The `end` could not be written. */
  | { readonly kind: 'unwritten' }
  /** Only time has passed. */
  | { readonly kind: 'tick' }

export type ActiveCallEffect =
  /** Send a ring to every connection that holds a lease, or to this one; `ask-returned` is awaited. */
  | { readonly kind: 'ask'; readonly connection: string | null; readonly ringsFor: number }
  /** The connection was asked in vain: what it promised was not so (T4.2). */
  | { readonly kind: 'unanswered'; readonly connection: string }
  /** What the caller hears has changed. */
  | { readonly kind: 'changed' }
  /** Write this end; `ended` or `unwritten` is awaited. Nobody has been told. */
  | { readonly kind: 'end'; readonly end: CallEnd }
  /** It has had its time, though that could not be written: devices stop ringing, and how it ended is nowhere yet. */
  | { readonly kind: 'silence' }
  /** It is over and written: everybody is told, and nothing comes after this. */
  | { readonly kind: 'over'; readonly end: CallEnd }

/** An end that could not be written is tried again after this, in ms. */
const retryAfter = 1_000

/** Milliseconds from now. */
interface CallToBegin {
  readonly ringFor: number
  readonly waitFor: number
  readonly capped?: boolean | undefined
}

/** A call that has just been written down: every device is to be asked. */
export function beginCall(
  { ringFor: longest, waitFor, capped = false }: CallToBegin,
  now: number,
): [ActiveCall, ActiveCallEffect[]] {
  const ringFor = capped ? Math.min(longest, waitFor) : longest
  const call: ActiveCall = {
    state: 'placed',
    disposition: null,
    legs: new Map(),
    asking: 1,
    ringFor,
    waitUntil: now + waitFor,
    capped,
    ringUntil: now + ringFor,
    rung: false,
    end: null,
    retryAt: null,
  }
  return [call, [{ kind: 'ask', connection: null, ringsFor: ringFor }]]
}

/** What its record says of a call that another server drove; milliseconds from now. */
export interface CallToAdopt {
  readonly disposition: Disposition | null
  readonly rung: boolean
  readonly ringFor: number
  readonly waitLeft: number
  /** Until it ends by itself. */
  readonly left: number
  readonly capped?: boolean | undefined
}

/**
 * A call that another server drove, and drives no more: its deadline stays, of its legs nothing is known, and every
 * device is asked anew. One that had its time meanwhile ends as what happened to it: nobody drove it.
 */
export function adoptCall(
  { disposition, rung, ringFor, waitLeft, left, capped = false }: CallToAdopt,
  now: number,
): [ActiveCall, ActiveCallEffect[]] {
  // Of one whose caller was told nothing yet the ring had begun.
  const ringUntil = rung || disposition === null || left > waitLeft ? now + left : null
  const call: ActiveCall = {
    ...beginCall({ ringFor, waitFor: waitLeft }, now)[0],
    capped,
    state: disposition === null ? 'placed' : 'waiting',
    disposition,
    asking: 0,
    ringUntil,
    rung,
  }
  const [asked, asks] =
    deadlineOf(call) <= now ? endBy(call, missed('server-restarted')) : askMore(call, null, now)
  const [adopted] = settle(asked, now)
  return [adopted, [{ kind: 'changed' }, ...asks]]
}

const outcomes: ReadonlySet<CallState> = new Set(['answered', 'declined', 'cancelled', 'missed'])

export const isOver = ({ state }: { readonly state: CallState }): boolean => outcomes.has(state)

/** On how many devices it rings now. */
export const devicesOf = (call: ActiveCall): number => (isOver(call) ? 0 : ringingDevices(call.legs))

/** Whether somebody is being asked, so that the call may soon ring, or ring on more devices. */
export const isTrying = ({ asking, legs }: ActiveCall): boolean => asking > 0 || anyAsked(legs)

/**
 * Whether its caller can be told how it stands. One that rings is told as soon as nobody who was asked is waited for,
 * though a ring may still be on its way to others: they raise the count.
 */
export const canBeTold = (call: ActiveCall): boolean =>
  call.state === 'ringing' ? !anyAsked(call.legs) : !isTrying(call)

/** When it ends by itself; later than `waitUntil` only once a device is asked, and then by `ringFor` at most. */
export function deadlineOf({ waitUntil, ringUntil, rung }: ActiveCall): number {
  if (ringUntil === null) return waitUntil
  return rung ? ringUntil : Math.max(waitUntil, ringUntil)
}

/**
 * When it ends as far as its record says. One that waits and never rang is not put off by whom it is asking: that is so of
 * somebody offline alone, and whoever takes it over would end it later than one of which its caller is not to learn more.
 */
export const recordedDeadlineOf = (call: ActiveCall): number =>
  call.state === 'waiting' && !call.rung ? call.waitUntil : deadlineOf(call)

/**
 * What an event makes of a call. Legs that had their time by `now` are ended first, so that an event never meets
 * one that is late. To a call that is over nothing happens any more: the same value comes back.
 */
export function reduceCall(
  call: ActiveCall,
  event: ActiveCallEvent,
  now: number,
): [ActiveCall, ActiveCallEffect[]] {
  if (isOver(call)) return [call, []]
  // Of an acknowledgement that could not come through nobody says that it did not come.
  const known = event.kind === 'bus-lost' ? allLost(call.legs) : call.legs
  const [legs, inVain] = endLate(known, now)
  const [next, effects] = apply({ ...call, legs }, event, now)
  const [settled, ends] = settle(next, now)
  const late = inVain.map((connection): ActiveCallEffect => ({ kind: 'unanswered', connection }))
  return [settled, [...late, ...effects, ...changeOf(call, settled), ...ends]]
}

function changeOf(before: ActiveCall, after: ActiveCall): ActiveCallEffect[] {
  // What the caller was told first changes only as the state leaves `placed`.
  const same = before.state === after.state && devicesOf(before) === devicesOf(after)
  // Of an end, `over` tells.
  return same || isOver(after) ? [] : [{ kind: 'changed' }]
}

function apply(call: ActiveCall, event: ActiveCallEvent, now: number): [ActiveCall, ActiveCallEffect[]] {
  const { legs } = call
  switch (event.kind) {
    case 'tick':
    case 'bus-lost':
      return [call, []]
    case 'asked':
      return [{ ...call, legs: askedOn(legs, event, now) }, []]
    case 'ask-returned':
      // Nobody who was found there is told of as gone while that is being written.
      return [isFoundBusy(call) ? call : { ...call, asking: Math.max(0, call.asking - 1) }, []]
    case 'found-busy':
      return endBy(call, missed('busy'))
    case 'found-invisible':
      return [{ ...call, capped: true, ringUntil: cappedOf(call) }, []]
    case 'acknowledged':
      return [{ ...call, legs: acknowledgedOn(legs, event.connection, now) }, []]
    case 'lost':
      return [{ ...call, legs: lostOn(legs, event.connection) }, []]
    case 'replaced':
      return [{ ...call, legs: replacedOn(legs, event.connection, event.by) }, []]
    case 'lease-gained':
      return askMore(call, event.connection, now)
    case 'bus-returned':
      return askMore(call, null, now)
    case 'node-lost':
      return [{ ...call, legs: lostOnNode(legs, event.node) }, []]
    case 'answered':
      return endBy(call, { outcome: 'answered', why: null, device: event.device })
    case 'declined':
      return endBy(call, { outcome: 'declined', why: null, device: event.device, reply: event.reply })
    case 'cancelled':
      return endBy(call, { outcome: 'cancelled', why: 'cancelled', device: null })
    case 'server-stopped':
      return endBy(call, missed('server-restarted'))
    case 'ended':
      return [overBy(call, event.end), [{ kind: 'over', end: event.end }]]
    case 'unwritten':
      // What was to happen has not; but a call that has had its time is over for its devices all the same.
      if (call.end?.outcome !== 'missed') return [{ ...call, end: null }, []]
      return [{ ...call, retryAt: now + retryAfter }, [{ kind: 'silence' }]]
  }
}

/** What follows from the legs and the time: the state, what the caller is told first, and the end. */
function settle(call: ActiveCall, now: number): [ActiveCall, ActiveCallEffect[]] {
  if (isOver(call)) return [call, []]
  // Silenced: nobody rings, nor whoever was being asked meanwhile.
  const legs = call.retryAt === null ? call.legs : allLost(call.legs)
  const ringing = anyRings(legs)
  const rung = call.rung || ringing
  const trying = isTrying({ ...call, legs })
  const state = ringing ? 'ringing' : rung || !trying ? 'waiting' : call.state
  const told = ringing && !call.capped ? 'ringing' : 'unreachable'
  const disposition = call.disposition ?? (state === 'placed' ? null : told)
  const ringUntil = rung || trying ? call.ringUntil : null
  const settled = { ...call, legs, state, disposition, rung, ringUntil }
  if (settled.end) {
    if (settled.retryAt === null || settled.retryAt > now) return [settled, []]
    return [{ ...settled, retryAt: now + retryAfter }, [{ kind: 'end', end: settled.end }]]
  }
  if (deadlineOf(settled) > now) return [settled, []]
  return endBy(settled, missed(ringing ? 'no-answer' : 'unreachable'))
}

const cappedOf = ({ ringUntil, rung, waitUntil }: ActiveCall) =>
  ringUntil === null || rung ? ringUntil : Math.min(ringUntil, waitUntil)

const isFoundBusy = ({ end }: ActiveCall) => end?.why === 'busy'

/** The first end wins; a later one finds it being written. */
const endBy = (call: ActiveCall, end: CallEnd): [ActiveCall, ActiveCallEffect[]] =>
  call.end ? [call, []] : [{ ...call, end }, [{ kind: 'end', end }]]

const missed = (why: MissedWhy): CallEnd => ({ outcome: 'missed', why, device: null })

/** A device that can be reached from now on, or every one, is asked too, until the call is being ended. */
function askMore(call: ActiveCall, connection: string | null, now: number): [ActiveCall, ActiveCallEffect[]] {
  const { end, rung, ringFor, asking } = call
  if (end || deadlineOf(call) <= now) return [call, []]
  const begun = call.ringUntil !== null && (rung || call.ringUntil > now)
  const full = now + ringFor
  const anew = call.capped ? Math.min(full, call.waitUntil) : full
  const ringUntil = begun ? call.ringUntil : anew
  return [
    { ...call, ringUntil, asking: asking + 1 },
    [{ kind: 'ask', connection, ringsFor: ringUntil - now }],
  ]
}

const overBy = (call: ActiveCall, end: CallEnd): ActiveCall => ({
  ...call,
  state: end.outcome,
  end,
  retryAt: null,
  disposition: call.disposition ?? firstTold(end),
})

/** Of a call that ended before its caller was told anything. */
export function firstTold({ outcome, why }: CallEnd): Disposition | null {
  if (why === 'unreachable' || why === 'busy') return why
  return outcome === 'answered' || outcome === 'declined' ? 'ringing' : null
}
