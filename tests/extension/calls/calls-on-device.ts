import {
  type CallsState,
  furtherCalls,
  type IncomingCallEffect,
  type IncomingCallEvent,
  incomingCalls,
  nextCallLook,
  noCalls,
  reduceCalls,
} from '../../../entrypoints/background/calls/incoming-call-reducer.ts'
import type { Instant } from '../../../entrypoints/background/clocks.ts'
import type { MissedCall, RingingCall } from '../../../protocol/connection.ts'

export const ringingCall = (id = 'a'): RingingCall => ({ id, from: 'Clinic', at: 1, ringsFor: 45_000 })

export const missedCall = (id = 'a', why: MissedCall['why'] = 'no-answer'): MissedCall => ({
  id,
  from: 'Clinic',
  at: 1,
  why,
})

/** The real reducer on a device whose time passes as told, with every look that is due. */
export function callsOnDevice() {
  let calls: CallsState = noCalls
  let time = 0
  let heard: IncomingCallEffect[] = []
  const now = (): Instant => ({ mono: time, wall: time + 1_000_000 })

  function dispatch(event: IncomingCallEvent): void {
    const step = reduceCalls(calls, event, now())
    calls = step.calls
    heard.push(...step.effects)
  }

  /** Lets so many milliseconds pass, looking whenever the reducer asks for it. */
  function pass(milliseconds: number, each: () => void = () => {}): void {
    const until = time + milliseconds
    for (let looks = 0; ; looks += 1) {
      const wait = nextCallLook(calls, now())
      if (wait === null || time + wait > until) break
      // Time alone changes little about a call: more looks would find nothing, and never end.
      if (looks > 100) throw new Error('the calls are to be looked at again and again')
      time += wait
      dispatch({ type: 'look' })
      each()
    }
    time = until
  }

  return {
    dispatch,
    pass,
    state: () => calls,
    time: () => time,
    /** Time leaps as over a sleep: no look comes meanwhile. */
    leap: (milliseconds: number) => {
      time += milliseconds
    },
    call: (id = 'a') => incomingCalls(calls).find((call) => call.id === id),
    /** How many more ring than are shown. */
    further: () => furtherCalls(calls),
    phase: (id = 'a') => incomingCalls(calls).find((call) => call.id === id)?.phase,
    connect: (connection: number | null, leased = connection !== null) =>
      dispatch({ type: 'connection', number: connection, leased }),
    ring: (connection: number, id = 'a') => dispatch({ type: 'ring', connection, call: ringingCall(id) }),
    press: (button: 'answer' | 'decline', id = 'a') => dispatch({ type: 'press', call: id, button }),
    welcome: (ringing: readonly string[], missed: readonly MissedCall[] = []) =>
      dispatch({ type: 'welcome', ringing, missed }),
    over: (outcome: 'answered' | 'declined' | 'cancelled' | 'missed', here = false, room?: string) =>
      dispatch({ type: 'over', call: 'a', outcome, here, room }),
    /** The effects since this was last asked. */
    effects: () => {
      const since = heard
      heard = []
      return since
    },
    /** What was said to the server since `effects` was last asked. */
    said: () =>
      heard.flatMap((effect) =>
        effect.type === 'send' ? [[effect.connection, effect.message.type] as const] : [],
      ),
  }
}

/** A device that a call rings over connection 1. */
export function ringing() {
  const device = callsOnDevice()
  device.connect(1)
  device.ring(1)
  device.dispatch({ type: 'shown', call: 'a' })
  device.effects()
  return device
}
