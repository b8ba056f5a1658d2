import { isSound, welcomeWithin } from '../../../protocol/timing.ts'
import { jitteredBackoff } from '../backoff.ts'
import { elapsed, type Instant } from '../clocks.ts'
import type { ReachabilityEffect, ReachabilityEvent } from './events.ts'
import {
  type ConnectionState,
  numberOf,
  type OpenConnection,
  type Reachability,
  type Successor,
} from './state.ts'

interface Step {
  readonly state: Reachability
  readonly effects: readonly ReachabilityEffect[]
}

/** A device that was not asked to move for so long, in ms, moves at once when it is. */
const restAfterMove = 60_000

/** Of a successor that is between two attempts. */
const unproven = { isFirst: false, leaves: false } as const

type SuccessorEvent = Extract<ReachabilityEvent, { connection: number }>

/**
 * Make before break: decides what an event on the successor does, but for the end of the session. The connection in whose
 * place it is to come stays as it is, and with it what the badge says, until the successor holds a lease.
 */
export function reduceSuccessor(
  state: Reachability,
  successor: Successor,
  event: SuccessorEvent,
  now: Instant,
  random: number,
): Step {
  const { connection } = successor
  switch (event.type) {
    case 'challenged': {
      if (connection.at !== 'opening') return same(state)
      const { connection: number, nonce } = event
      return {
        state: { ...state, overtaken: true },
        effects: [{ type: 'hello', connection: number, nonce, takeOver: !state.yields }],
      }
    }
    case 'welcomed': {
      if (connection.at !== 'opening') return same(state)
      if (!isSound(event.timing)) return callOff(state)
      const { connection: number, timing } = event
      const open: OpenConnection = {
        at: 'open',
        number,
        timing,
        heartbeat: { n: 1, sentAt: now, answered: false },
        lease: null,
      }
      return {
        state: { ...state, successor: { ...successor, connection: open } },
        effects: [{ type: 'heartbeat', connection: number, n: 1 }],
      }
    }
    // Of its one heartbeat: the connection takes it in as its own once it has come to its place.
    case 'leased':
      return connection.at === 'open' && event.heartbeat === connection.heartbeat.n
        ? succeed(state, connection)
        : same(state)
    case 'outranked': {
      // A copy of the profile has come between. Whose the device is, the present connection hears by itself.
      const { state: without, effects } = yielded(state)
      return { state: without, effects: [{ type: 'renumber', above: event.boot }, ...effects] }
    }
    case 'closed':
      if (event.after === 'taken-over') return yielded(state)
      return event.after === 'outdated' ? callOff(state) : fail(state, successor, now, random)
    case 'storage-failed':
    case 'not-leased':
      return fail(state, successor, now, random)
    // It came to the same server, or to another that goes away too; it may hold a lease by now, and be all there is.
    case 'move':
      return same({ ...state, successor: { ...successor, leaves: true } })
    default:
      return event satisfies never
  }
}

/**
 * Does what a server asks that goes away: at once, but not again and again, since servers that answer each lease so would
 * have the device connect without a pause.
 */
export function move(state: Reachability, now: Instant, random: number): Step {
  const { moved } = state
  const isAgain = moved !== null && elapsed(moved.at, now) < restAfterMove
  const before = isAgain ? moved.before + 1 : 0
  const asked = { ...state, moved: { at: now, before } }
  if (!isAgain) return openSuccessor(asked, 0, now)
  const retry = { from: now, after: jitteredBackoff(before, random) }
  return same({ ...asked, successor: { failures: 0, ...unproven, connection: { at: 'closed', retry } } })
}

/** Opens the successor, in however many attempts. */
function openSuccessor(state: Reachability, failures: number, now: Instant): Step {
  const number = state.newest + 1
  return {
    state: {
      ...state,
      newest: number,
      successor: {
        failures,
        isFirst: !state.overtaken,
        leaves: false,
        connection: { at: 'opening', number, since: now },
      },
    },
    effects: [{ type: 'open', connection: number }],
  }
}

/** What time alone does to the successor. */
export function lookAtSuccessor(state: Reachability, now: Instant, random: number): Step {
  const { successor } = state
  if (!successor) return same(state)
  const { connection, failures } = successor
  switch (connection.at) {
    case 'closed':
      return connection.retry && elapsed(connection.retry.from, now) >= connection.retry.after
        ? openSuccessor(state, failures, now)
        : same(state)
    case 'opening':
      return elapsed(connection.since, now) >= welcomeWithin
        ? fail(state, successor, now, random)
        : same(state)
    case 'open':
      return elapsed(connection.heartbeat.sentAt, now) >= connection.timing.answerWithin
        ? fail(state, successor, now, random)
        : same(state)
    default:
      return connection satisfies never
  }
}

/**
 * The successor comes in the place of the connection, as it is; null where it is between two attempts.
 *
 * @param isLeased whether the server has said on the connection that a newer one holds a lease. That may come sooner than
 *   the lease itself, which is under way on the successor: until then the lease of the connection stands for it, unless
 *   it may be of a successor before.
 */
export function succession(state: Reachability, isLeased = false): Step | null {
  const { connection, successor } = state
  if (!successor || successor.connection.at === 'closed') return null
  const { connection: by, isFirst } = successor
  const keeps = isLeased && isFirst && by.at === 'open' && connection.at === 'open'
  return succeed(state, keeps ? { ...by, lease: connection.lease } : by)
}

function succeed(state: Reachability, by: ConnectionState): Step {
  return {
    state: { ...state, connection: by, successor: null, overtaken: false },
    effects: closingOf(state.connection),
  }
}

/** No successor is sought any more. */
export const callOff = (state: Reachability): Step => ({
  state: { ...state, successor: null },
  effects: state.successor ? closingOf(state.successor.connection) : [],
})

/** A copy of the profile has come between, and not the successor: what ends the connection now is that copy. */
const yielded = (state: Reachability): Step => callOff({ ...state, overtaken: false })

/** Another attempt comes after a while, spread over that of ten thousand devices which move at once. */
export function fail(
  state: Reachability,
  { connection, failures }: Successor,
  now: Instant,
  random: number,
): Step {
  const retry = { from: now, after: jitteredBackoff(failures, random) }
  return {
    state: {
      ...state,
      successor: { failures: failures + 1, ...unproven, connection: { at: 'closed', retry } },
    },
    effects: closingOf(connection),
  }
}

export const closingOf = (connection: Reachability['connection']): ReachabilityEffect[] => {
  const number = numberOf(connection)
  return number === null ? [] : [{ type: 'close', connection: number }]
}

const same = (state: Reachability): Step => ({ state, effects: [] })
