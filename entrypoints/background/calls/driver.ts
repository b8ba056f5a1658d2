import type { IncomingCall } from '../../../messages/state.ts'
import { clockLookEvery } from '../../../protocol/timing.ts'
import { readClocks } from '../reachability/instant.ts'
import { withTimeout } from '../timeout.ts'
import type { Button } from './leg.ts'
import type { Presenter } from './presenter.ts'
import {
  type CallMessage,
  type IncomingCallEffect,
  type IncomingCallEvent,
  incomingCalls,
  nextCallLook,
  noCalls,
  reduceCalls,
} from './reduce.ts'
import { readStoredCalls, restoredFrom, storeCalls, toStored } from './stored-calls.ts'

export interface CallDriver {
  readonly now: () => readonly IncomingCall[]
  /** Takes an event in, carries out what follows from it, and sets the next look at the clocks. */
  readonly dispatch: (event: IncomingCallEvent) => void
  readonly press: (call: string, button: Button) => void
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly restore: () => Promise<void>
}

interface Dependencies {
  readonly send: (connection: number, message: CallMessage) => void
  readonly presenter: Presenter
  /** The server does not answer a press: the connection is to be proven anew. */
  readonly doubt: () => void
  readonly changed: () => void
}

/** That a room is entered is kept before it is opened; a storage that takes longer than this is not waited for. */
const keptWithin = 1_000

/** Gives the pure reducer of calls clocks, a timer, a memory and hands. */
export function createCallDriver(dependencies: Dependencies): CallDriver {
  let calls = noCalls
  let stored = JSON.stringify(toStored(noCalls))
  let storing = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  function dispatch(event: IncomingCallEvent): void {
    const before = calls
    const step = reduceCalls(calls, event, readClocks())
    calls = step.calls
    clearTimeout(timer)
    const wait = nextCallLook(calls, readClocks())
    // Often, whatever is due: a timer may stand still while the machine sleeps, and a deadline pass meanwhile.
    if (wait !== null)
      timer = setTimeout(() => dispatch({ type: 'look' }), Math.min(clockLookEvery, Math.ceil(wait)))
    if (calls === before) return
    store()
    for (const effect of step.effects) carryOut(effect)
    dependencies.presenter.ringing(incomingCalls(calls).filter(({ phase }) => phase === 'ringing'))
    dependencies.changed()
  }

  function store(): void {
    const next = toStored(calls)
    const text = JSON.stringify(next)
    if (text === stored) return
    stored = text
    storing = storeCalls(next).catch(() => {})
  }

  function carryOut(effect: IncomingCallEffect): void {
    const { presenter } = dependencies
    switch (effect.type) {
      case 'send':
        dependencies.send(effect.connection, effect.message)
        break
      case 'present': {
        const { id } = effect.call
        // A call that could not be shown is not acknowledged: the server must not believe that it rings here (T4).
        presenter.present(effect.call).then(
          () => dispatch({ type: 'shown', call: id }),
          () => {},
        )
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
        const enter = () => presenter.enter(effect.room)
        withTimeout(storing, keptWithin).then(enter, enter)
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
    dispatch: (event) => {
      dispatch(event)
      if (event.type === 'welcome') void dependencies.presenter.withdrawOthers(event.ringing)
    },
    press: (call, button) => dispatch({ type: 'press', call, button }),
    restore: async () => {
      const restored = restoredFrom(await readStoredCalls(), readClocks())
      dispatch(restored)
      await dependencies.presenter.withdrawOthers(restored.legs.map(({ id }) => id))
    },
  }
}
