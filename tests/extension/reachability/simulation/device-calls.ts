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

export interface Phone {
  readonly dispatch: (event: IncomingCallEvent) => void
  readonly now: () => CallsState
  readonly shown: () => readonly IncomingCall[]
}

export interface PhoneHands {
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

/** The extension's real reducer of calls, with hands. */
export function createPhone(hands: PhoneHands): Phone {
  let calls = noCalls
  let cancel = () => {}

  function dispatch(event: IncomingCallEvent): void {
    const { calls: next, effects } = reduceCalls(calls, event, hands.clocks())
    if (next !== calls) hands.keep(next)
    calls = next
    for (const effect of effects) carryOut(effect)
    cancel()
    const wait = nextCallLook(calls, hands.clocks())
    cancel = wait === null ? () => {} : hands.after(Math.ceil(wait), () => dispatch({ type: 'look' }))
  }

  function carryOut(effect: IncomingCallEffect): void {
    if (effect.type === 'send') hands.say(effect.connection, effect.message)
    if (effect.type === 'present')
      hands.after(hands.random() * shownWithin, () => dispatch({ type: 'shown', call: effect.call.id }))
    if (effect.type === 'enter') hands.enter(effect.room)
    if (effect.type === 'doubt') hands.after(0, hands.doubt)
  }

  return { dispatch, now: () => calls, shown: () => incomingCalls(calls) }
}
