import type { ReachabilityState, SessionState, UnreachableReason } from '../../../messages/state.ts'
import { alarmEvery, believedFor, defaultTiming } from '../../../protocol/timing.ts'
import type { Instant } from '../clocks.ts'
import { isEndedByServer } from '../ended-by-server.ts'

/** What a look at the light finds. */
export type Seen =
  /** The worker has only just started: nothing is known, and nothing is over. */
  | { readonly kind: 'unknown' }
  /** Who is signed in cannot be read: nothing is over, but of what stands on the screen nobody knows whether it holds. */
  | { readonly kind: 'unreadable' }
  /** Nobody is signed in, and nobody expects a call. */
  | { readonly kind: 'at-rest' }
  | { readonly kind: 'proven'; readonly confirmedAt: number }
  /** Somebody is signed in, or was until the server ended it; `why` is null while it is only being checked. */
  | { readonly kind: 'unproven'; readonly why: UnreachableReason | null }

/** A stretch in which this device's light was not green though somebody was signed in. */
export interface Outage {
  /** Since when no call could reach this device, by its wall clock; null where that is not known. */
  readonly since: number | null
  /** For how long the person could have seen it: milliseconds in which the machine was awake, since the last sleep. */
  readonly awake: number
  /** The last reason that was found. */
  readonly why: UnreachableReason | null
  readonly told: boolean
  /** The browser has said that it showed it: "again" is for whoever knows. */
  readonly heard: boolean
  /** How often what was told was put right since, because another reason was found. */
  readonly corrections: number
}

export type Notice =
  /** `why` is null where no reason holds for long enough to be named. */
  | { readonly says: 'off'; readonly why: UnreachableReason | null; readonly since: number | null }
  | { readonly says: 'back'; readonly confirmedAt: number }

export interface Outages {
  /** When the heartbeat was sent that was confirmed last, by the wall clock; null where that is not known. */
  readonly confirmedAt: number | null
  /** Whether somebody expects calls: is signed in, or was until the server ended it. */
  readonly session: 'unknown' | 'at-rest' | 'expected'
  readonly outage: Outage | null
  /** How long an outage lasts before it is told: milliseconds awake. */
  readonly patience: number
  /** When the last outage that was told ended, by the wall clock. */
  readonly toldUntil: number | null
  /** What stands on the screen, as far as is known. */
  readonly notice: Notice | null
  /** The browser was asked to show it, and has not said that it does. */
  readonly asked: boolean
  /** The person, or the browser, has taken it off the screen. */
  readonly closed: boolean
  /** An earlier worker died when it had begun to say that calls get through again: nobody knows whether it was heard. */
  readonly owesBack: boolean
  readonly lookedAt: Instant | null
  /** For how long, milliseconds awake, no worker lived to see the outage that this one may find. */
  readonly unseen: number
}

export type OutageEvent =
  /** `mayTell`: the person wants to be told; null until that is read. */
  | { readonly type: 'look'; readonly seen: Seen; readonly mayTell: boolean | null }
  /** What an earlier worker kept `ago` milliseconds ago; null where it kept nothing. `stands`: something is on the screen. */
  | {
      readonly type: 'restored'
      readonly kept: KeptOutages | null
      readonly ago: number
      readonly stands: boolean
    }
  /** What an earlier worker kept could not be read, and may be later. */
  | { readonly type: 'unreadable' }
  /** It is off the screen. */
  | { readonly type: 'closed' }
  /** The person has followed it. */
  | { readonly type: 'clicked' }
  /** The browser shows what it was asked to, or does not. */
  | { readonly type: 'appeared' | 'refused'; readonly notice: Notice }
  /** The browser has just been started: before that there was nothing to be reached by. */
  | { readonly type: 'browser-started' }

/** What outlives the worker; clocks that begin anew with it do not. */
export type KeptOutages = Omit<Outages, 'lookedAt' | 'unseen'>

export type OutageEffect = { readonly type: 'show'; readonly notice: Notice } | { readonly type: 'clear' }

export interface OutageStep {
  readonly state: Outages
  readonly effects: readonly OutageEffect[]
}

/** An outage is told when it has lasted so long; the next ones of a network that comes and goes, later and later. */
export const patienceAtFirst = 30_000
export const patienceAtMost = 480_000
const patienceGrows = 4
/** So long after one that was told, an outage is news again. */
export const newsAfter = 900_000

/** Looks come every second; of a longer gap, as on a busy machine, no more than this counts. */
const gapCounts = 3_000
/** A longer gap than this was a sleep, */
const sleptFor = 10_000
/** and so was one on which the clocks disagree by more than this: one of them stood still, or was set. */
const clocksAgree = 3_000
/** A dead worker is woken by the alarm, which may be late; a longer gap than this was a sleep. */
const deadFor = 2.5 * alarmEvery
/** What a new worker needs to prove that all is well again, before it may tell of an outage that an earlier one saw. */
export const firstLookFor = 8_000
/** A server that gives one reason after another does not get each of them onto the screen. */
export const mostCorrections = 3

export const noOutages: Outages = {
  confirmedAt: null,
  session: 'unknown',
  outage: null,
  patience: patienceAtFirst,
  toldUntil: null,
  notice: null,
  asked: false,
  closed: false,
  owesBack: false,
  lookedAt: null,
  unseen: 0,
}

export function seenOf(session: SessionState, reachability: ReachabilityState): Seen {
  if (session.kind === 'signed-out') {
    return isEndedByServer(session.why) && !session.resting
      ? { kind: 'unproven', why: 'session-ended' }
      : { kind: 'at-rest' }
  }
  // Whoever cannot be read may be nobody, who is told nothing.
  if (session.kind === 'unknown') return { kind: reachability.kind === 'checking' ? 'unknown' : 'unreadable' }
  switch (reachability.kind) {
    case 'reachable':
      return { kind: 'proven', confirmedAt: reachability.confirmedAt }
    case 'checking':
      return { kind: 'unproven', why: null }
    case 'unreachable':
      return { kind: 'unproven', why: reachability.why }
    default:
      return reachability satisfies never
  }
}

/**
 * Decides when the person is told that calls cannot reach them, and that they can again. Pure.
 *
 * What stands on the screen is true, or taken away: "again" goes with the proof, and a reason with the outage. So that a
 * network that comes and goes does not nag, an outage soon after one that was told is told later than that.
 */
export function reduceOutages(state: Outages, event: OutageEvent, now: Instant): OutageStep {
  switch (event.type) {
    case 'restored':
      return restored(state, event, now)
    case 'unreadable':
      return { state, effects: stale(state) }
    case 'closed':
      return same({ ...state, closed: true })
    case 'clicked':
      return { state: { ...state, closed: true }, effects: [{ type: 'clear' }] }
    case 'appeared':
      return same(appeared(state, event.notice))
    case 'refused':
      // Of what was shown in its place since, it says nothing.
      return state.notice === null || event.notice === state.notice
        ? refused(state, event.notice)
        : same(state)
    case 'browser-started':
      return same(browserStarted(state, now))
    case 'look':
      return look({ ...state, lookedAt: now }, event, state.lookedAt, now)
    default:
      return event satisfies never
  }
}

/** In how many milliseconds an outage is told unless it ends, at the earliest; null where none is waiting for that. */
export const tellsIn = ({ outage, patience }: Outages): number | null =>
  outage === null || outage.told ? null : Math.max(0, patience - outage.awake)

function look(
  found: Outages,
  { seen, mayTell }: Extract<OutageEvent, { type: 'look' }>,
  before: Instant | null,
  now: Instant,
): OutageStep {
  const state = hasLoggedInAgain(found, seen) ? { ...paced(found, now), ...nobody } : found
  switch (seen.kind) {
    case 'unknown':
      return mayTell === false ? silent(state) : same(state)
    case 'unreadable':
      return silent(state)
    case 'at-rest':
      return silent({ ...paced(state, now), ...nobody, unseen: 0 })
    case 'proven': {
      const ended = { session: 'expected', outage: null, confirmedAt: seen.confirmedAt, unseen: 0 } as const
      const { outage, notice, owesBack } = state
      const told: Outages = { ...paced(state, now), ...ended }
      if (mayTell && (outage?.heard || owesBack))
        return shown({ ...told, owesBack: false }, { says: 'back', confirmedAt: seen.confirmedAt })
      return mayTell && notice?.says !== 'off' ? same(told) : silent({ ...told, owesBack: false })
    }
    case 'unproven': {
      // A session that was over before anybody looked is no news.
      if (seen.why === 'session-ended' && state.session !== 'expected') return silent({ ...state, ...nobody })
      const begun = state.outage ? lasting(state, state.outage, before, now) : beginning(state, now)
      const outage = begun.outage && { ...begun.outage, why: seen.why ?? begun.outage.why }
      const current: Outages = { ...begun, session: 'expected', outage }
      if (outage === null) return same(current)
      return tell(current, outage, mayTell === true)
    }
    default:
      return seen satisfies never
  }
}

/** What is known of whoever expects calls, when nobody does. */
const nobody = { session: 'at-rest', outage: null, confirmedAt: null, owesBack: false } as const

/** Another person, as like as not: nothing of before is theirs, and what hinders them now is another matter. */
const hasLoggedInAgain = ({ outage }: Outages, seen: Seen): boolean =>
  outage?.why === 'session-ended' &&
  (seen.kind === 'proven' || (seen.kind === 'unproven' && seen.why !== 'session-ended'))

/** Once an outage ends that was told, the next one is told later than it was. */
function paced(state: Outages, now: Instant): Outages {
  const isTold = state.outage?.told || state.outage?.heard
  return isTold ? { ...state, toldUntil: now.wall, patience: longer(state.patience) } : state
}

const longer = (patience: number): number => Math.min(patienceAtMost, patience * patienceGrows)

const isRecent = (toldUntil: number | null, now: Instant): toldUntil is number =>
  toldUntil !== null && Math.abs(now.wall - toldUntil) <= newsAfter

function beginning(state: Outages, now: Instant): Outages {
  return {
    ...state,
    patience: isRecent(state.toldUntil, now) ? state.patience : patienceAtFirst,
    unseen: 0,
    outage: {
      since: beginOf(state, now),
      awake: state.unseen,
      why: null,
      told: false,
      heard: false,
      corrections: 0,
    },
  }
}

/** A lease ends by itself, also while nobody looks: so long after the last proof, no call could get through. */
function beginOf({ confirmedAt, session }: Outages, now: Instant): number | null {
  if (confirmedAt !== null) return Math.min(now.wall, confirmedAt + believedFor(defaultTiming))
  // Somebody has just signed in: before that there was nothing to be reached by. A new worker knows no such thing.
  return session === 'at-rest' ? now.wall : null
}

function lasting(state: Outages, outage: Outage, before: Instant | null, now: Instant): Outages {
  const [mono, wall] = before === null ? [0, 0] : [now.mono - before.mono, now.wall - before.wall]
  // A sleep is what either clock calls one; awake is only what both call so.
  const slept = Math.max(mono, wall) > sleptFor || Math.abs(mono - wall) > clocksAgree
  const awake = slept ? 0 : outage.awake + Math.max(0, Math.min(mono, wall, gapCounts))
  return { ...state, outage: { ...outage, awake } }
}

function tell(state: Outages, outage: Outage, mayTell: boolean): OutageStep {
  const notice: Notice = { says: 'off', why: outage.why, since: outage.since }
  if (!mayTell) return silent(state)
  if (!outage.told) {
    const due = outage.why === 'session-ended' || outage.awake >= state.patience
    return due
      ? shown({ ...state, owesBack: false, outage: { ...outage, told: true } }, notice)
      : silent(state)
  }
  if (state.notice?.says !== 'off' || state.closed || state.notice.why === outage.why) return same(state)
  if (state.notice.why === null && outage.corrections > mostCorrections) return same(state)
  const corrected = { ...state, outage: { ...outage, corrections: outage.corrections + 1 } }
  return shown(corrected, outage.corrections < mostCorrections ? notice : { ...notice, why: null })
}

function appeared(state: Outages, notice: Notice): Outages {
  const { outage } = state
  const asked = state.asked && notice !== state.notice
  // Another reason may have been found since.
  const heard = outage?.told && notice.says === 'off' && notice.since === outage.since
  return heard ? { ...state, asked, outage: { ...outage, heard } } : { ...state, asked }
}

/**
 * What the browser refused was told to nobody: an outage is told when its patience has passed once more. What it was to
 * replace may still stand.
 */
function refused(state: Outages, notice: Notice): OutageStep {
  const { outage } = state
  const isOfIt = notice.says === 'off' && notice.since === outage?.since
  const again = outage !== null && outage.why !== 'session-ended' && isOfIt
  return {
    state: { ...state, notice: null, outage: again ? { ...outage, told: false, awake: 0 } : outage },
    effects: [{ type: 'clear' }],
  }
}

/** What stands there of a worker that is dead, nobody vouches for; what this one shows has taken its place. */
const stale = ({ notice }: Outages): readonly OutageEffect[] => (notice === null ? [{ type: 'clear' }] : [])

function restored(
  state: Outages,
  { kept, ago, stands }: Extract<OutageEvent, { type: 'restored' }>,
  now: Instant,
): OutageStep {
  if (kept === null) return { state, effects: stale(state) }
  // A worker that has looked already knows better, but for how often the person was told.
  if (state.session !== 'unknown')
    return { state: { ...state, ...pacing(state, kept, ago, now) }, effects: stale(state) }
  const { outage } = kept
  // The click that closes a notification is what wakes a worker: it comes before what was kept.
  const closed = state.closed || kept.closed
  // It died before it heard whether that was shown.
  const lost = kept.asked && !closed ? kept.notice : null
  // What was never heard to be shown may have been told to nobody, also where it was taken away again or something was closed.
  const told = outage?.told === true && outage.heard && lost?.says !== 'off'
  const slept = ago < 0 || ago > deadFor
  const awake = Math.max(0, Math.min((outage?.awake ?? 0) + ago, kept.patience - firstLookFor))
  const current: Outages = {
    ...kept,
    closed,
    asked: false,
    // Whatever else is on the screen is not what it should be, and is taken away.
    notice: kept.asked || closed || !stands ? null : kept.notice,
    owesBack: kept.owesBack || lost?.says === 'back',
    outage: outage && { ...outage, told, awake: told || !slept ? awake : 0 },
    lookedAt: state.lookedAt,
    unseen: kept.session === 'expected' && outage === null ? unseenSince(kept, now) : 0,
  }
  return { state: current, effects: stale(current) }
}

/** How long an outage lasts before it is told, after what both this worker and an earlier one have told. */
function pacing(
  state: Outages,
  kept: KeptOutages,
  ago: number,
  now: Instant,
): Pick<Outages, 'patience' | 'toldUntil'> {
  const until = kept.outage?.told ? now.wall - ago : kept.toldUntil
  if (!isRecent(until, now)) return state
  const patience = kept.outage?.told ? longer(kept.patience) : kept.patience
  return {
    patience: Math.max(state.patience, patience),
    toldUntil: Math.max(state.toldUntil ?? until, until),
  }
}

/** A worker that died under a green light: no call came through from then on, though the light still said so. */
function unseenSince({ confirmedAt, patience }: KeptOutages, now: Instant): number {
  if (confirmedAt === null || now.wall - confirmedAt > deadFor) return 0
  const ended = confirmedAt + believedFor(defaultTiming)
  return Math.max(0, Math.min(now.wall - ended, patience - firstLookFor))
}

function browserStarted(state: Outages, now: Instant): Outages {
  if (state.session === 'unknown') return { ...state, session: 'at-rest' }
  const { outage } = state
  return outage?.since === null ? { ...state, outage: { ...outage, since: now.wall } } : state
}

const shown = (state: Outages, notice: Notice): OutageStep => ({
  state: { ...state, notice, asked: true, closed: false },
  effects: [{ type: 'show', notice }],
})

/** Nothing stays on the screen that is not so, or that nobody wants to be told. */
const silent = (state: Outages): OutageStep =>
  state.notice === null
    ? same(state)
    : { state: { ...state, notice: null, asked: false, closed: false }, effects: [{ type: 'clear' }] }

const same = (state: Outages): OutageStep => ({ state, effects: [] })
