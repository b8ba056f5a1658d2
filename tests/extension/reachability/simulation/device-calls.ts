import {
  type CallMessage,
  type CallsState,
  type IncomingCallEffect,
  type IncomingCallEvent,
  incomingCalls,
  nextCallLook,
  noCalls,
  reduceCalls,
} from '../../../../entrypoints/background/calls/reduce.ts'
import type { Instant } from '../../../../entrypoints/background/reachability/instant.ts'
import type { IncomingCall } from '../../../../messages/state.ts'

export interface DeviceCalls {
  readonly dispatch: (event: IncomingCallEvent) => void
  readonly now: () => CallsState
  readonly shown: () => readonly IncomingCall[]
}

export interface DeviceCallsDependencies {
  readonly clocks: () => Instant
  /** Does something in so many milliseconds, if the worker still lives. */
  readonly after: (milliseconds: number, act: () => void) => () => void
  readonly random: () => number
  readonly say: (connection: number, message: CallMessage) => void
  readonly doubt: () => void
  readonly enter: (room: string) => void
  /** Keeps the calls over the worker's death. */
  readonly keep: (calls: CallsState) => void
}

/** A window takes so long to open, at most, in milliseconds. */
const shownWithin = 300

/** The extension's real reducer of calls, driven by the simulation. */
export function createDeviceCalls(dependencies: DeviceCallsDependencies): DeviceCalls {
  let calls = noCalls
  let cancel = () => {}

  function dispatch(event: IncomingCallEvent): void {
    const { calls: next, effects } = reduceCalls(calls, event, dependencies.clocks())
    if (next !== calls) dependencies.keep(next)
    calls = next
    for (const effect of effects) carryOut(effect)
    cancel()
    const wait = nextCallLook(calls, dependencies.clocks())
    cancel = wait === null ? () => {} : dependencies.after(Math.ceil(wait), () => dispatch({ type: 'look' }))
  }

  function carryOut(effect: IncomingCallEffect): void {
    if (effect.type === 'send') dependencies.say(effect.connection, effect.message)
    if (effect.type === 'present')
      dependencies.after(dependencies.random() * shownWithin, () =>
        dispatch({ type: 'shown', call: effect.call.id }),
      )
    if (effect.type === 'enter') dependencies.enter(effect.room)
    if (effect.type === 'doubt') dependencies.after(0, dependencies.doubt)
  }

  return { dispatch, now: () => calls, shown: () => incomingCalls(calls) }
}
