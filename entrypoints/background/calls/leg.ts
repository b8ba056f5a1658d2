import type { DeviceCallEnd, IncomingCall } from '../../../messages/state.ts'
import type { Outcome } from '../../../protocol/connection.ts'
import { elapsed, type Instant } from '../clocks.ts'

/**
 * The device's connection at this moment: the number of the one that was welcomed, or null, and whether it is proven by
 * a lease.
 */
export interface CurrentConnection {
  readonly number: number | null
  readonly leased: boolean
}

export type Button = 'answer' | 'decline'

/** What the person pressed, and when. */
export interface Press {
  readonly button: Button
  /** With a decline: a short answer to the contact who calls. */
  readonly reply?: string | undefined
  readonly at: Instant
  /** The connection on which it was sent since the last ring, or null. */
  readonly sentOn: number | null
  /** When it was pressed or sent, whichever was later; `late`: nothing came of it for `answeredWithin` since. */
  readonly since: Instant
  readonly late: boolean
}

/** One call on this device (a leg of it, as SIP has it). All that is shown of it follows from this and the connection. */
export interface Leg {
  readonly id: string
  readonly from: string
  /** The contact who calls; left out where a program does. */
  readonly contact?: string | undefined
  /** When it was placed, by the server's wall clock. */
  readonly at: number
  readonly test: boolean
  /** The connection that rang it last; null when that was an earlier worker's. */
  readonly connection: number | null
  /** Since when it rings here (what only waits or is not proven does not), and whether it has stopped in between. */
  readonly firstRungAt: Instant | null
  readonly rungAgain: boolean
  /** When it was rung last, and for how many milliseconds from then on its caller waits. */
  readonly rungAt: Instant
  readonly waitsFor: number
  /** A window or a notification says that it rings. */
  readonly shown: boolean
  /** The last ring has not been acknowledged yet. */
  readonly owesRings: boolean
  readonly press: Press | null
  readonly end: { readonly how: DeviceCallEnd; readonly since: Instant } | null
}

/** A press that the server has not answered by then ends in a sentence, in milliseconds. */
const answeredWithin = 4_500

/** How long the end of a call is shown; longer where whoever answered has to read why no room opened. */
const shownFor = (how: DeviceCallEnd) => (leavesNoRoom(how) ? 60_000 : 4_000)

const leavesNoRoom = (how: DeviceCallEnd) => how === 'answered-without-room' || how === 'room-not-opened'

/** How long past its time the server's word on a call is waited for. */
const grace = 2_000

/** What was pressed is said again for so long: by then whatever was mended is reachable again (T6). */
const pressHolds = 45_000

/** An end that the server told. One that it did not tell is only "not known", and gives way to its word. */
export const isSettled = ({ end }: Pick<Leg, 'end'>): boolean =>
  end !== null && end.how !== 'lost' && end.how !== 'unknown'

export const endOf = (outcome: Outcome, here: boolean): DeviceCallEnd =>
  outcome === 'cancelled' || outcome === 'missed' ? outcome : `${outcome}-${here ? 'here' : 'elsewhere'}`

/** Where a call stands (P7): it rings only while the connection that brought it lives, and is proven to. */
export function phaseOf(leg: Leg, { number, leased }: CurrentConnection): IncomingCall['phase'] {
  const { press, end } = leg
  if (end) return { over: end.how }
  if (press) {
    const there = number !== null && (press.sentOn === number || leg.connection === number)
    if (!there) return { unheard: press.button, why: 'connection-lost' }
    if (press.late) return { unheard: press.button, why: 'server-silent' }
    return press.button === 'answer' ? 'answering' : 'declining'
  }
  if (leg.test) return 'ringing'
  if (number === null || leg.connection !== number) return 'connection-lost'
  return leased ? 'ringing' : 'checking'
}

/** The one way in which a call ends on this device. */
export const endCall = (leg: Leg, how: DeviceCallEnd, now: Instant): Leg => ({
  ...leg,
  end: { how, since: now },
})

/** What time alone does to a call; null when its end has been shown long enough. */
export function passTime(leg: Leg, connection: CurrentConnection, now: Instant): Leg | null {
  const { press, end } = leg
  if (end) return elapsed(end.since, now) >= shownFor(end.how) ? null : leg
  if (timeLeft(leg, now) <= 0) return endCall(leg, untoldEnd(leg, connection), now)
  if (press && !press.late && elapsed(press.since, now) >= answeredWithin)
    return { ...leg, press: { ...press, late: true } }
  return leg
}

/** In how many milliseconds time alone changes something about a call. */
export function nextChange(leg: Leg, now: Instant): number {
  const { press, end } = leg
  if (end) return shownFor(end.how) - elapsed(end.since, now)
  const late = press && !press.late ? answeredWithin - elapsed(press.since, now) : Number.POSITIVE_INFINITY
  return Math.min(late, timeLeft(leg, now))
}

/** How long the call is still waited for: to its own deadline, and for what was pressed until that must have got through. */
function timeLeft({ rungAt, waitsFor, test, press }: Leg, now: Instant): number {
  const left = waitsFor - elapsed(rungAt, now)
  if (test) return left
  return Math.max(left + grace, press ? pressHolds - elapsed(press.at, now) : 0)
}

/** Nobody said how it ended: it is never called missed, unless nobody was calling. */
function untoldEnd(leg: Leg, connection: CurrentConnection): DeviceCallEnd {
  if (leg.test) return 'missed'
  const heardOn = leg.press?.sentOn ?? leg.connection
  return connection.leased && heardOn === connection.number ? 'unknown' : 'lost'
}
