import type { IncomingCall } from '../../../messages/state.ts'
import { clockLookEvery } from '../../../protocol/timing.ts'
import { readClocks } from '../reachability/instant.ts'
import { inTime } from '../timeout.ts'
import type { Button } from './leg.ts'
import { withdrawStaleNotifications } from './notification.ts'
import type { Presenter } from './presenter.ts'
import {
  type CallEffect,
  type CallEvent,
  type CallMessage,
  incomingCalls,
  nextCallLook,
  noCalls,
  reduceCalls,
} from './reduce.ts'
import { keepCalls, readKeptCalls, takeUp, toKeep } from './stored-calls.ts'

export interface Incoming {
  readonly calls: () => readonly IncomingCall[]
  /** Takes an event in, carries out what follows from it, and sets the next look at the clocks. */
  readonly dispatch: (event: CallEvent) => void
  readonly press: (call: string, button: Button) => void
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly start: () => Promise<void>
}

export interface IncomingDependencies {
  readonly send: (connection: number, message: CallMessage) => void
  readonly presenter: Presenter
  /** The server does not answer a press: the connection is to be proven anew. */
  readonly doubt: () => void
  readonly changed: () => void
}

/** That a room is entered is kept before it is opened; a storage that takes longer than this is not waited for. */
const keptWithin = 1_000

/** Gives the pure reducer of calls clocks, a timer, a memory and hands. */
export function createIncoming(dependencies: IncomingDependencies): Incoming {
  let calls = noCalls
  let kept = JSON.stringify(toKeep(noCalls))
  let keeping = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  function dispatch(event: CallEvent): void {
    const before = calls
    const step = reduceCalls(calls, event, readClocks())
    calls = step.calls
    clearTimeout(timer)
    const wait = nextCallLook(calls, readClocks())
    // Often, whatever is due: a timer may stand still while the machine sleeps, and a deadline pass meanwhile.
    if (wait !== null)
      timer = setTimeout(() => dispatch({ type: 'look' }), Math.min(clockLookEvery, Math.ceil(wait)))
    if (calls === before) return
    keep()
    for (const effect of step.effects) act(effect)
    dependencies.presenter.ringing(incomingCalls(calls).filter(({ phase }) => phase === 'ringing'))
    dependencies.changed()
  }

  function keep(): void {
    const next = toKeep(calls)
    const text = JSON.stringify(next)
    if (text === kept) return
    kept = text
    keeping = keepCalls(next).catch(() => {})
  }

  function act(effect: CallEffect): void {
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
        inTime(keptWithin, keeping).then(enter, enter)
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
    calls: () => incomingCalls(calls),
    dispatch,
    press: (call, button) => dispatch({ type: 'press', call, button }),
    start: async () => {
      const restored = takeUp(await readKeptCalls(), readClocks())
      dispatch(restored)
      await withdrawStaleNotifications(restored.legs.map(({ id }) => id)).catch(() => {})
    },
  }
}
