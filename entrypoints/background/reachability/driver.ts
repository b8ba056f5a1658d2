import type { ReachabilityState } from '../../../messages/state.ts'
import { elapsed, type Instant } from '../clocks.ts'
import { type After, createTimer } from '../timer.ts'
import type { ReachabilityEffect, ReachabilityEvent } from './events.ts'
import { lookEvery, nextLook } from './next-look.ts'
import { reduce } from './reachability-reducer.ts'
import { atRest } from './state.ts'
import { verdict } from './verdict.ts'

export interface ReachabilityDriver {
  /** Takes an event in, carries out what follows from it, and sets the next look at the clocks. */
  readonly dispatch: (event: ReachabilityEvent) => void
  readonly verdict: () => ReachabilityState
  /** The connection that messages count on now, or null. */
  readonly openConnection: () => number | null
  /** The newest heartbeat on that connection, or on its successor; null on any other. */
  readonly newestHeartbeat: (connection: number) => number | null
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly random: () => number
  readonly after: After
  /** The browser's word on the network. Workers never hear its `offline` event, so it is looked at. */
  readonly online: () => boolean
  readonly carryOut: (effect: ReachabilityEffect) => void
  /** Called after an event that made another verdict, or another open connection, and after no other. */
  readonly changed: () => void
}

/** A wall clock set back by more than this could hide a sleep from a monotonic clock that slept too. */
const setBack = 500

/** Timers come late, but a look that comes so much later than it was due was a sleep, and who knows what it ended. */
const sleptLate = 2_500

/** Gives the pure reducer clocks, a timer and hands. */
export function createReachabilityDriver(dependencies: Dependencies): ReachabilityDriver {
  let state = atRest
  let last = { online: true, clocks: dependencies.clocks() }
  let lastNotified = fingerprint()
  const lookIn = createTimer(dependencies.after, () => dispatch({ type: 'look' }))

  function dispatch(event: ReachabilityEvent): void {
    checkClocks()
    apply(event)
    lookIn(nextLook(state, dependencies.clocks()))
    const now = fingerprint()
    if (now === lastNotified) return
    lastNotified = now
    dependencies.changed()
  }

  /** Before anything else is believed: has time leapt, has the machine slept, has the network come or gone? */
  function checkClocks(): void {
    const before = last
    last = { online: dependencies.online(), clocks: dependencies.clocks() }
    const passed = elapsed(before.clocks, last.clocks)
    const wentBack = passed - (last.clocks.wall - before.clocks.wall) > setBack
    const gone = before.online && !last.online
    if (wentBack || gone || passed > lookEvery(state) + sleptLate) apply({ type: 'doubted' })
    else if (!before.online && last.online) apply({ type: 'woke' })
  }

  function apply(event: ReachabilityEvent): void {
    const step = reduce(state, event, dependencies.clocks(), dependencies.random())
    state = step.state
    for (const effect of step.effects) dependencies.carryOut(effect)
  }

  /** What others know of this, as one text to compare: time alone changes it too, when a lease runs out. */
  function fingerprint(): string {
    return JSON.stringify([verdict(state, dependencies.clocks()), openConnection()])
  }

  function openConnection(): number | null {
    return state.connection.at === 'open' ? state.connection.number : null
  }

  return {
    dispatch,
    verdict: () => verdict(state, dependencies.clocks()),
    openConnection,
    newestHeartbeat: (connection) => {
      for (const one of [state.connection, state.successor?.connection])
        if (one?.at === 'open' && one.number === connection) return one.heartbeat.n
      return null
    },
  }
}
