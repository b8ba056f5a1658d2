import type { IncomingCall } from '../../../messages/state.ts'
import { clockLookEvery } from '../../../protocol/timing.ts'
import type { Instant } from '../clocks.ts'
import { type After, createTimer } from '../timer.ts'
import {
  type CallMessage,
  furtherCalls,
  type IncomingCallEffect,
  type IncomingCallEvent,
  incomingCalls,
  nextCallLook,
  noCalls,
  reduceCalls,
} from './incoming-call-reducer.ts'
import type { Button } from './leg.ts'
import type { Presenter } from './presenter.ts'
import { type CallStore, restoredFrom, toStored } from './stored-calls.ts'

export interface CallDriver {
  readonly now: () => readonly IncomingCall[]
  /** How many more ring than are shown, as the state of the pages counts them. */
  readonly further: () => number
  /** Takes an event in, carries out what follows from it, and sets the next look at the clocks. */
  readonly dispatch: (event: IncomingCallEvent) => void
  /** `reply` goes with a decline, to a contact who calls. */
  readonly press: (call: string, button: Button, reply?: string) => void
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly restore: () => Promise<void>
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  readonly store: CallStore
  readonly send: (connection: number, message: CallMessage) => void
  readonly presenter: Presenter
  /** The server does not answer a press: the connection is to be proven anew. */
  readonly doubt: () => void
  readonly changed: () => void
}

/** Gives the pure reducer of calls clocks, a timer, a memory and hands. */
export function createCallDriver(dependencies: Dependencies): CallDriver {
  const { clocks, presenter } = dependencies
  let calls = noCalls
  let stored = JSON.stringify(toStored(noCalls))
  const lookIn = createTimer(dependencies.after, () => dispatch({ type: 'look' }))

  function dispatch(event: IncomingCallEvent): void {
    const before = calls
    const step = reduceCalls(calls, event, clocks())
    calls = step.calls
    setNextLook()
    if (calls === before) return
    store()
    for (const effect of step.effects) carryOut(effect)
    presenter.soundFor(incomingCalls(calls).filter(({ phase }) => phase === 'ringing'))
    dependencies.changed()
  }

  /** Often, whatever is due: a timer may stand still while the machine sleeps, and a deadline pass meanwhile. */
  function setNextLook(): void {
    const wait = nextCallLook(calls, clocks())
    lookIn(wait === null ? null : Math.min(clockLookEvery, wait))
  }

  function store(): void {
    const next = toStored(calls)
    const text = JSON.stringify(next)
    if (text === stored) return
    stored = text
    dependencies.store.write(next)
  }

  function carryOut(effect: IncomingCallEffect): void {
    switch (effect.type) {
      case 'send':
        dependencies.send(effect.connection, effect.message)
        break
      case 'present': {
        const { id } = effect.call
        // A call that could not be shown is not acknowledged: the server must not believe that it rings here (T4).
        presenter.present(effect.call, () => dispatch({ type: 'shown', call: id }))
        break
      }
      case 'notify-unproven':
        presenter.notifyUnproven(effect.call)
        break
      case 'withdraw-notification':
        presenter.withdraw(effect.call)
        break
      case 'close-window':
        presenter.close(effect.call)
        break
      case 'enter': {
        const { call, room } = effect
        const failed = () => dispatch({ type: 'room-not-opened', call })
        dependencies.store.whenWritten(() => presenter.enter(call, room, failed))
        break
      }
      case 'doubt':
        dependencies.doubt()
        break
      default:
        effect satisfies never
    }
  }

  return {
    now: () => incomingCalls(calls),
    further: () => furtherCalls(calls),
    dispatch: (event) => {
      dispatch(event)
      if (event.type === 'welcome') void presenter.withdrawOthers(event.ringing)
    },
    press: (call, button, reply) => dispatch({ type: 'press', call, button, reply }),
    restore: async () => {
      dispatch(restoredFrom(await dependencies.store.read(), clocks()))
      await presenter.withdrawOthers(incomingCalls(calls).map(({ id }) => id))
    },
  }
}
