import { believedFor, driftMargin, timingFaults, welcomeWithin } from '../../../protocol/timing.ts'
import { backoff } from './backoff.ts'
import type { ReachabilityEffect, ReachabilityEvent } from './events.ts'
import { elapsed, type Instant } from './instant.ts'
import { atRest, type Fault, type OpenLine, type Reachability } from './state.ts'
import { hasExpired } from './verdict.ts'

export interface Step {
  readonly state: Reachability
  readonly effects: readonly ReachabilityEffect[]
}

/**
 * A device whose line was taken over asks again this often, in milliseconds: within the 45 s of T9 even when the
 * copy that has the line dies in silence just after a beat.
 */
export const askAgainAfter = 8_000

/** A beat younger than this is proof enough for someone who has just come back, in milliseconds. */
const freshBeat = 2_000

/**
 * Decides what an event does to reachability. Pure: `now` is this moment on both clocks, `random` a
 * number in [0, 1) that spreads the retries of many devices.
 *
 * A lease enters in one place only (`leased`), and every way out of it leaves the state without one.
 */
export function reduce(state: Reachability, event: ReachabilityEvent, now: Instant, random: number): Step {
  if ('line' in event && event.line !== numberOf(state)) return same(state)
  switch (event.type) {
    case 'wanted':
      return state.wanted ? same(state) : open({ ...state, wanted: true, fault: null, failures: 0 })
    case 'unwanted':
      return { state: { ...atRest, newest: state.newest }, effects: closing(state) }
    case 'challenged':
      if (state.line.at !== 'opening') return same(state)
      return {
        state,
        effects: [{ type: 'hello', line: event.line, nonce: event.nonce, takeOver: !state.yields }],
      }
    case 'outranked': {
      // A newer line of this very worker would be the current one: so it is another copy's.
      const outranked = lose(yieldLine(state, event.live || state.line.at === 'open'), false)
      return { ...outranked, effects: [{ type: 'renumber', above: event.boot }, ...outranked.effects] }
    }
    case 'storage-failed':
      return lose(told(state, 'storage'), false)
    case 'welcomed':
      if (state.line.at !== 'opening') return same(state)
      if (timingFaults(event.timing).length > 0) return giveUp(state, 'outdated')
      return beat(state, {
        at: 'open',
        number: event.line,
        timing: event.timing,
        beat: { n: 0, sentAt: now, answered: true },
        lease: null,
      })
    case 'leased': {
      const { line } = state
      if (line.at !== 'open' || line.beat.answered || line.beat.n !== event.beat) return same(state)
      const lasts = Math.min(event.leaseFor - driftMargin, believedFor(line.timing))
      const lease = { sentAt: line.beat.sentAt, lasts }
      const answered = { ...line, beat: { ...line.beat, answered: true }, lease }
      return same({ ...state, fault: null, failures: 0, yields: false, line: answered })
    }
    case 'not-leased': {
      const { line } = state
      if (line.at !== 'open' || event.beat > line.beat.n) return same(state)
      // It may name an older beat than the one under way: storage failed between the two.
      const answered = line.beat.answered || event.beat === line.beat.n
      const refused = { ...line, beat: { ...line.beat, answered }, lease: null }
      return same({ ...state, fault: 'server-cannot-keep-calls', line: refused })
    }
    case 'closed':
      switch (event.after) {
        case 'retry':
          return lose(state, state.line.at === 'opening')
        case 'sign-out':
          return { state: { ...atRest, newest: state.newest }, effects: [{ type: 'session-ended' }] }
        case 'taken-over':
          return lose(yieldLine(state, true), false)
        case 'wrong-address':
        case 'too-many-devices':
          return lose(told(state, event.after), false)
        case 'outdated':
          return giveUp(state, 'outdated')
        default:
          return event.after satisfies never
      }
    case 'diagnosed':
      if (!state.wanted || state.line.at === 'open' || event.attempt <= state.toldOn) return same(state)
      // A server that answers questions but never a line: after some tries that is a fault too.
      return same({ ...state, fault: event.fault ?? (state.failures >= 3 ? 'server-silent' : state.fault) })
    case 'look':
      return look()
    case 'woke': {
      const { state: looked, effects } = look()
      if (effects.length > 0) return { state: looked, effects }
      if (looked.line.at === 'closed' && looked.wanted) return open(looked)
      const { line } = looked
      const stale = line.at === 'open' && line.beat.answered && elapsed(line.beat.sentAt, now) > freshBeat
      return stale ? beat(looked, line) : same(looked)
    }
    case 'doubted': {
      const { line } = state
      if (line.at !== 'open') return same(state)
      const doubted = { ...line, lease: null }
      const late = !line.beat.answered && elapsed(line.beat.sentAt, now) >= line.timing.answerWithin
      // After a long sleep the line is most likely gone too, and a new one is quicker than to find out.
      if (late || (line.lease && hasExpired(line.lease, now))) return open(state)
      // An answer already on its way was given before the doubt: only a beat sent after it counts.
      return beat(state, doubted)
    }
    case 'try-now':
      return state.wanted ? open({ ...state, fault: null, failures: 0, yields: false }) : same(state)
    default:
      return event satisfies never
  }

  function look(): Step {
    const { line } = state
    switch (line.at) {
      case 'closed':
        return line.retry && elapsed(line.retry.from, now) >= line.retry.after ? open(state) : same(state)
      case 'opening':
        return elapsed(line.since, now) >= welcomeWithin ? lose(state, true) : same(state)
      case 'open': {
        const age = elapsed(line.beat.sentAt, now)
        // A lease that ran out while its beats were answered can only mean that time leapt: a sleep.
        if (line.lease && hasExpired(line.lease, now) && line.beat.answered) return open(state)
        if (line.beat.answered) return age >= line.timing.beatEvery ? beat(state, line) : same(state)
        if (age < line.timing.answerWithin) return same(state)
        return line.lease ? open(state) : lose(state, true)
      }
      default:
        return line satisfies never
    }
  }

  function open(from: Reachability): Step {
    const number = from.newest + 1
    return {
      state: { ...from, newest: number, line: { at: 'opening', number, since: now } },
      effects: [...closing(from), { type: 'open', line: number }],
    }
  }

  function lose(from: Reachability, unexplained: boolean): Step {
    const after = from.fault === 'taken-over' ? askAgainAfter : backoff(from.failures, random)
    return {
      state: { ...from, failures: from.failures + 1, line: { at: 'closed', retry: { from: now, after } } },
      effects: [
        ...closing(from),
        ...(unexplained ? [{ type: 'diagnose', attempt: from.newest } as const] : []),
      ],
    }
  }

  function beat(from: Reachability, line: OpenLine): Step {
    const n = line.beat.n + 1
    return {
      state: { ...from, line: { ...line, beat: { n, sentAt: now, answered: false } } },
      effects: [{ type: 'beat', line: line.number, n }],
    }
  }
}

/** Closes the line until the next wake-up: nothing that time alone brings would help. */
const giveUp = (state: Reachability, fault: Fault): Step => ({
  state: { ...told(state, fault), line: { at: 'closed', retry: null } },
  effects: closing(state),
})

/** The line is another copy's; it is said so only when that one is known to live. */
const yieldLine = (state: Reachability, lives: boolean): Reachability => ({
  ...(lives ? told(state, 'taken-over') : state),
  yields: true,
})

/** A fault that needs no look: the server said so, or the browser's storage did. */
const told = (state: Reachability, fault: Fault): Reachability => ({ ...state, fault, toldOn: state.newest })

const same = (state: Reachability): Step => ({ state, effects: [] })

const numberOf = ({ line }: Reachability) => (line.at === 'closed' ? null : line.number)

const closing = ({ line }: Reachability): ReachabilityEffect[] =>
  line.at === 'closed' ? [] : [{ type: 'close', line: line.number }]
