import type { IncomingCall } from '../../../messages/state.ts'
import type { DeviceMessage, RingingCall, ServerMessage } from '../../../protocol/line.ts'
import { type CallEvent, isOver, reduceCalls } from './calls.ts'
import type { Presenter } from './presenter.ts'

export interface Incoming {
  readonly calls: () => readonly IncomingCall[]
  readonly happen: (event: CallEvent) => void
  readonly ring: (call: RingingCall, test?: boolean) => void
  readonly over: (message: Extract<ServerMessage, { type: 'over' }>) => void
  readonly press: (call: string, button: 'answer' | 'decline') => void
  /** A new line works: what was pressed while there was none is said again. */
  readonly lineProven: () => void
}

export interface IncomingWorld {
  readonly send: (message: DeviceMessage) => void
  readonly presenter: Presenter
  readonly changed: () => void
}

/** How long the end of a call is shown, and how long past its time a call is waited for, in milliseconds. */
const shownFor = 4_000
const grace = 2_000

/** The calls that ring this device: it presents them, tells the server, and takes the person's answer. */
export function createIncoming(world: IncomingWorld): Incoming {
  let calls: readonly IncomingCall[] = []
  const presented = new Map<string, Promise<void>>()

  function happen(event: CallEvent): void {
    const before = calls
    calls = reduceCalls(before, event)
    if (calls === before) return
    for (const { id } of before.filter((call) => !isOver(call))) {
      const now = calls.find((call) => call.id === id)
      if (!now || isOver(now)) finish(id, now !== undefined)
    }
    world.presenter.ringing(calls.filter(({ phase }) => phase === 'ringing'))
    world.changed()
  }

  function finish(id: string, shown: boolean): void {
    world.presenter.withdraw(id)
    if (shown) setTimeout(() => leave(id), shownFor)
    else leave(id)
  }

  function leave(id: string): void {
    presented.delete(id)
    world.presenter.close(id)
    happen({ type: 'leave', call: id })
  }

  function ring(call: RingingCall, test = false): void {
    happen({ type: 'ring', call, test })
    const known = calls.find(({ id }) => id === call.id)
    if (!known || isOver(known)) return
    const shown = presented.get(call.id) ?? present(known, call.ringsFor)
    // A call that could not be shown is not acknowledged: the server must not believe that it rings here (T4).
    shown.then(
      () => test || world.send({ type: 'rings', call: call.id }),
      () => {},
    )
  }

  function present(call: IncomingCall, ringsFor: number): Promise<void> {
    setTimeout(() => happen({ type: 'expire', call: call.id }), ringsFor + grace)
    const shown = world.presenter.present(call)
    presented.set(call.id, shown)
    return shown
  }

  function press(id: string, button: 'answer' | 'decline'): void {
    const call = calls.find((known) => known.id === id)
    if (call?.phase !== 'ringing') return
    happen({ type: 'press', call: id, button })
    if (call.test)
      happen({ type: 'over', call: id, outcome: button === 'answer' ? 'answered' : 'declined', here: true })
    else world.send({ type: button, call: id })
  }

  return {
    calls: () => calls,
    happen,
    ring,
    press,
    over: ({ call, outcome, here, room }) => {
      happen({ type: 'over', call, outcome, here })
      if (outcome === 'answered' && here && room !== undefined) world.presenter.enter(room)
    },
    lineProven: () => {
      for (const { id, phase } of calls) {
        if (phase === 'answering') world.send({ type: 'answer', call: id })
        if (phase === 'declining') world.send({ type: 'decline', call: id })
      }
    },
  }
}
