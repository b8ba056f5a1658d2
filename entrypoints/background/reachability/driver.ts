import type { ReachabilityState } from '../../../messages/state.ts'
import type { ReachabilityEffect, ReachabilityEvent } from './events.ts'
import type { Instant } from './instant.ts'
import { nextLook } from './next-look.ts'
import { reduce } from './reduce.ts'
import { atRest } from './state.ts'
import { verdict } from './verdict.ts'

export interface ReachabilityDriver {
  /** Takes an event in, carries out what follows from it, and sets the next look at the clocks. */
  readonly happen: (event: ReachabilityEvent) => void
  readonly verdict: () => ReachabilityState
  /** The line that messages count on now, or null. */
  readonly openLine: () => number | null
}

export interface ReachabilityWorld {
  readonly clocks: () => Instant
  readonly random: () => number
  /** The browser's word on the network. Workers never hear its `offline` event, so it is looked at. */
  readonly online: () => boolean
  readonly act: (effect: ReachabilityEffect) => void
  /** Called after every event: the verdict may be another. */
  readonly changed: () => void
}

/** Gives the pure reducer a clock, a timer and hands. */
export function driveReachability(world: ReachabilityWorld): ReachabilityDriver {
  let state = atRest
  let timer: ReturnType<typeof setTimeout> | undefined
  let wasOnline = true

  function happen(event: ReachabilityEvent): void {
    const step = reduce(state, event, world.clocks(), world.random())
    state = step.state
    for (const effect of step.effects) world.act(effect)
    clearTimeout(timer)
    const wait = nextLook(state, world.clocks())
    timer = wait === null ? undefined : setTimeout(look, Math.ceil(wait))
    world.changed()
  }

  function look(): void {
    const online = world.online()
    if (online !== wasOnline) happen({ type: online ? 'woke' : 'doubted' })
    wasOnline = online
    happen({ type: 'look' })
  }

  return {
    happen,
    verdict: () => verdict(state, world.clocks()),
    openLine: () => (state.line.at === 'open' ? state.line.number : null),
  }
}
