import type { ReachabilityState } from '../../../messages/state.ts'
import type { Instant } from '../clocks.ts'
import { type After, createTimer } from '../timer.ts'
import {
  type Notice,
  noOutages,
  type OutageEvent,
  type Outages,
  reduceOutages,
  type Seen,
  tellsIn,
} from './outage-reducer.ts'
import type { OutageStore } from './stored-outages.ts'

export interface OutageDriver {
  /** Looks at the light; to be called whenever it may have changed. */
  readonly look: () => void
  /** What is known besides of a light that is not green: since when, and when it was last confirmed. */
  readonly described: (reachability: ReachabilityState) => ReachabilityState
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly restore: () => Promise<void>
  readonly browserStarted: () => void
  /** The browser says that the notification was closed: by whomever, or because another took its place. */
  readonly closed: () => void
  /** The person has clicked the notification. */
  readonly clicked: () => void
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  readonly seen: () => Seen
  /** Whether the person wants to be told; null until that is read. */
  readonly mayTell: () => boolean | null
  readonly store: OutageStore
  readonly show: (notice: Notice) => Promise<void>
  readonly clear: () => Promise<void>
  /** Whether anything stands there once all is done that was asked before. */
  readonly stands: () => Promise<boolean>
}

/** So that a sleep is told from time awake. */
const lookEvery = 1_000

/** Gives the pure reducer of outages clocks, a timer, a memory and a screen. */
export function createOutageDriver(dependencies: Dependencies): OutageDriver {
  const { clocks, store } = dependencies
  let outages: Outages = noOutages
  let restored = false
  let shows = 0
  const lookIn = createTimer(dependencies.after, look)

  function dispatch(event: OutageEvent): void {
    const step = reduceOutages(outages, event, clocks())
    outages = step.state
    // What an earlier worker kept is not written over before it is read.
    if (restored) store.write(outages, clocks().wall)
    for (const effect of step.effects)
      if (effect.type === 'show') show(effect.notice)
      else void dependencies.clear().catch(() => {})
    const wait = tellsIn(outages)
    // One that is due and may not be told is looked at no more often than others.
    lookIn(wait === null ? null : Math.min(lookEvery, wait || lookEvery))
  }

  function show(notice: Notice): void {
    shows += 1
    void dependencies.show(notice).then(
      () => dispatch({ type: 'appeared', notice }),
      () => dispatch({ type: 'refused', notice }),
    )
  }

  /** Firefox says so too of a notification that another one replaces, and as if the person had done it. */
  async function closed(): Promise<void> {
    const before = shows
    if (!(await stands()) && shows === before) dispatch({ type: 'closed' })
  }

  /** Where the browser does not say, what was shown last stands. */
  const stands = () => dependencies.stands().catch(() => true)

  async function readKept() {
    try {
      const read = await store.read()
      return { ...read, stands: read.kept?.notice != null && (await stands()) }
    } catch (error) {
      dispatch({ type: 'unreadable' })
      throw error
    }
  }

  function look(): void {
    // What it shows before it could read, and so could not write, the next worker would take for something else.
    const mayTell = restored ? dependencies.mayTell() : null
    dispatch({ type: 'look', seen: dependencies.seen(), mayTell })
  }

  function described(reachability: ReachabilityState): ReachabilityState {
    const { confirmedAt, outage } = outages
    switch (reachability.kind) {
      case 'reachable':
        return reachability
      case 'checking':
        return confirmedAt === null ? reachability : { ...reachability, lastConfirmedAt: confirmedAt }
      case 'unreachable':
        return outage === null || outage.since === null
          ? reachability
          : { ...reachability, since: outage.since }
      default:
        return reachability satisfies never
    }
  }

  return {
    look,
    described,
    restore: async () => {
      if (restored) return
      const { kept, at, stands } = await readKept()
      if (restored) return
      restored = true
      dispatch({ type: 'restored', kept, ago: clocks().wall - at, stands })
    },
    browserStarted: () => dispatch({ type: 'browser-started' }),
    closed: () => void closed(),
    clicked: () => dispatch({ type: 'clicked' }),
  }
}
