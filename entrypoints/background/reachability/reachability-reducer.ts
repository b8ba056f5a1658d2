import { believedFor, driftMargin, isSound, welcomeWithin } from '../../../protocol/timing.ts'
import { jitteredBackoff } from '../backoff.ts'
import { elapsed, type Instant } from '../clocks.ts'
import type { ReachabilityEffect, ReachabilityEvent } from './events.ts'
import { atRest, type ConnectionReason, numberOf, type OpenConnection, type Reachability } from './state.ts'
import { callOff, closingOf, fail, lookAtSuccessor, move, reduceSuccessor, succession } from './successor.ts'
import { hasExpired } from './verdict.ts'

export interface Step {
  readonly state: Reachability
  readonly effects: readonly ReachabilityEffect[]
}

/**
 * A device whose connection was taken over asks again this often, in milliseconds: within the 45 s of T9 even when the
 * copy that has the connection dies in silence just after a heartbeat.
 */
export const askAgainAfter = 8_000

/** A heartbeat younger than this is proof enough for someone who has just come back, in milliseconds. */
const freshHeartbeat = 2_000

/**
 * Decides what an event does to reachability. Pure: `now` is this moment on both clocks, `random` a
 * number in [0, 1) that spreads the retries of many devices.
 *
 * A lease enters in one place only (`leased`), and every way out of it leaves the state without one.
 */
export function reduce(state: Reachability, event: ReachabilityEvent, now: Instant, random: number): Step {
  if ('connection' in event && event.connection !== numberOf(state.connection)) {
    const { successor } = state
    if (!successor || event.connection !== numberOf(successor.connection)) return same(state)
    // The session is that of both.
    if (event.type === 'closed' && event.after === 'sign-out') return signOut(event)
    const step = reduceSuccessor(state, successor, event, now, random)
    // A lease is taken in below, by the connection that has come to its place.
    if (event.type !== 'leased' || step.state.successor) return step
    const taken = then(step, (from) => reduce(from, event, now, random))
    return successor.leaves ? then(taken, (from) => move(from, now, random)) : taken
  }
  switch (event.type) {
    case 'wanted':
      return state.wanted ? same(state) : open({ ...state, wanted: true, reason: null, failures: 0 })
    case 'unwanted':
      return { state: { ...atRest, newest: state.newest }, effects: closing(state) }
    case 'challenged':
      if (state.connection.at !== 'opening') return same(state)
      return {
        state,
        effects: [
          { type: 'hello', connection: event.connection, nonce: event.nonce, takeOver: !state.yields },
        ],
      }
    case 'outranked': {
      // By a newer connection of this very worker, or by another copy, of which that newer one hears itself.
      const step = overtakenStep(event.live && event.isOwn)
      if (step) return step
      const outranked = lose(yieldConnection(state, event.live || state.connection.at === 'open'), false)
      return { ...outranked, effects: [{ type: 'renumber', above: event.boot }, ...outranked.effects] }
    }
    case 'storage-failed':
      return lose(reported(state, 'storage'), false)
    case 'move':
      return state.connection.at === 'open' && !state.successor ? move(state, now, random) : same(state)
    case 'welcomed':
      if (state.connection.at !== 'opening') return same(state)
      if (!isSound(event.timing)) return giveUp(state, 'outdated')
      return heartbeat(state, {
        at: 'open',
        number: event.connection,
        timing: event.timing,
        heartbeat: { n: 0, sentAt: now, answered: true },
        lease: null,
      })
    case 'leased': {
      const { connection } = state
      if (
        connection.at !== 'open' ||
        connection.heartbeat.answered ||
        connection.heartbeat.n !== event.heartbeat
      )
        return same(state)
      const lasts = Math.min(event.leaseFor - driftMargin, believedFor(connection.timing))
      const lease = { sentAt: connection.heartbeat.sentAt, lasts }
      const answered = { ...connection, heartbeat: { ...connection.heartbeat, answered: true }, lease }
      // By its second answer the connection has lasted: one that ends before is one more that failed.
      const failures = event.heartbeat > 1 ? 0 : state.failures
      return same({ ...state, reason: null, failures, yields: false, connection: answered })
    }
    case 'not-leased': {
      const { connection } = state
      if (connection.at !== 'open' || event.heartbeat > connection.heartbeat.n) return same(state)
      // It may name an older heartbeat than the one under way: storage failed between the two.
      const answered = connection.heartbeat.answered || event.heartbeat === connection.heartbeat.n
      const refused = { ...connection, heartbeat: { ...connection.heartbeat, answered }, lease: null }
      const reason = event.why === 'storage' ? 'server-cannot-keep-calls' : 'server-cannot-bring-calls'
      return same({ ...state, reason, connection: refused })
    }
    case 'closed':
      switch (event.after) {
        case 'retry':
          return succession(state) ?? lose(state, state.connection.at === 'opening')
        case 'sign-out':
          return signOut(event)
        case 'taken-over':
          return overtakenStep(false) ?? lose(yieldConnection(state, true), false)
        case 'wrong-address':
        case 'too-many-devices':
          return lose(reported(state, event.after), false)
        case 'outdated':
          return giveUp(state, 'outdated')
        default:
          return event.after satisfies never
      }
    case 'diagnosed':
      if (!state.wanted || state.connection.at === 'open' || event.attempt <= state.reportedOn)
        return same(state)
      // A server that answers questions but never a connection: after some tries that is a reason too.
      return same({
        ...state,
        reason: event.reason ?? (state.failures >= 3 ? 'server-silent' : state.reason),
      })
    case 'look':
      return lookAtAll()
    case 'woke': {
      const { state: looked, effects } = lookAtAll()
      if (effects.length > 0) return { state: looked, effects }
      if (looked.connection.at === 'closed' && looked.wanted) return open(looked)
      const { connection } = looked
      const stale =
        connection.at === 'open' &&
        connection.heartbeat.answered &&
        elapsed(connection.heartbeat.sentAt, now) > freshHeartbeat
      return stale ? heartbeat(looked, connection) : same(looked)
    }
    case 'doubted': {
      const { connection } = state
      if (connection.at !== 'open') return same(state)
      const doubted = { ...connection, lease: null }
      const late =
        !connection.heartbeat.answered &&
        elapsed(connection.heartbeat.sentAt, now) >= connection.timing.answerWithin
      // After a long sleep the connection is most likely gone too, and a new one is quicker than to find out.
      if (late || (connection.lease && hasExpired(connection.lease, now))) return open(state)
      // An answer already on its way was given before the doubt: only a heartbeat sent after it counts.
      return then(heartbeat(state, doubted), doubtSuccessor)
    }
    case 'try-now':
      return state.wanted ? open({ ...state, reason: null, failures: 0, yields: false }) : same(state)
    default:
      return event satisfies never
  }

  function look(): Step {
    const { connection } = state
    switch (connection.at) {
      case 'closed':
        return connection.retry && elapsed(connection.retry.from, now) >= connection.retry.after
          ? open(state)
          : same(state)
      case 'opening':
        return elapsed(connection.since, now) >= welcomeWithin ? lose(state, true) : same(state)
      case 'open': {
        const age = elapsed(connection.heartbeat.sentAt, now)
        // A lease that ran out while its heartbeats were answered can only mean that time leapt: a sleep.
        if (connection.lease && hasExpired(connection.lease, now) && connection.heartbeat.answered)
          return open(state)
        if (connection.heartbeat.answered)
          return age >= connection.timing.heartbeatEvery ? heartbeat(state, connection) : same(state)
        if (age < connection.timing.answerWithin) return same(state)
        return succession(state) ?? (connection.lease ? open(state) : lose(state, true))
      }
      default:
        return connection satisfies never
    }
  }

  function lookAtAll(): Step {
    return then(look(), (looked) => lookAtSuccessor(looked, now, random))
  }

  /** What it was asked before the doubt is no proof, and what it was opened over may be gone. */
  function doubtSuccessor(from: Reachability): Step {
    const { successor } = from
    return successor && successor.connection.at !== 'closed' ? fail(from, successor, now, random) : same(from)
  }

  /** Where it may be our own newer connection that took the place of this one, nobody else is said to have. */
  function overtakenStep(isLeased: boolean): Step | null {
    return state.overtaken ? (succession(state, isLeased) ?? lose(state, false)) : null
  }

  function signOut({ connection: told, why }: Extract<ReachabilityEvent, { type: 'closed' }>): Step {
    const others = [state.connection, ...(state.successor ? [state.successor.connection] : [])]
    return {
      state: { ...atRest, newest: state.newest },
      effects: [
        ...others.filter((one) => numberOf(one) !== told).flatMap(closingOf),
        { type: 'session-ended', why },
      ],
    }
  }

  function open(from: Reachability): Step {
    const number = from.newest + 1
    return {
      state: {
        ...callOff(from).state,
        newest: number,
        connection: { at: 'opening', number, since: now },
        overtaken: false,
      },
      effects: [...closing(from), { type: 'open', connection: number }],
    }
  }

  function lose(from: Reachability, unexplained: boolean): Step {
    const after = from.reason === 'taken-over' ? askAgainAfter : jitteredBackoff(from.failures, random)
    return {
      state: {
        ...callOff(from).state,
        failures: from.failures + 1,
        connection: { at: 'closed', retry: { from: now, after } },
      },
      effects: [
        ...closing(from),
        ...(unexplained ? [{ type: 'diagnose', attempt: from.newest } as const] : []),
      ],
    }
  }

  function heartbeat(from: Reachability, connection: OpenConnection): Step {
    const n = connection.heartbeat.n + 1
    return {
      state: { ...from, connection: { ...connection, heartbeat: { n, sentAt: now, answered: false } } },
      effects: [{ type: 'heartbeat', connection: connection.number, n }],
    }
  }
}

/** Closes the connection until the next wake-up: nothing that time alone brings would help. */
const giveUp = (state: Reachability, reason: ConnectionReason): Step => ({
  state: { ...reported(callOff(state).state, reason), connection: { at: 'closed', retry: null } },
  effects: closing(state),
})

/** The connection is another copy's; it is said so only when that one is known to live. */
const yieldConnection = (state: Reachability, lives: boolean): Reachability => ({
  ...(lives ? reported(state, 'taken-over') : state),
  yields: true,
})

/** A reason that needs no look: the server gave it, or the browser's storage did. */
const reported = (state: Reachability, reason: ConnectionReason): Reachability => ({
  ...state,
  reason,
  reportedOn: state.newest,
})

const same = (state: Reachability): Step => ({ state, effects: [] })

/** One step after another. */
function then({ state, effects }: Step, next: (state: Reachability) => Step): Step {
  const after = next(state)
  return { state: after.state, effects: [...effects, ...after.effects] }
}

const closing = (state: Reachability): ReachabilityEffect[] => [
  ...closingOf(state.connection),
  ...callOff(state).effects,
]
