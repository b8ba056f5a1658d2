import type { IncomingCall, State } from '../messages/state.ts'

/**
 * What a call's window can say: the call itself; `waiting` while a worker that has just started finds
 * out what still rings; `gone` when nothing of that name rings any more.
 */
export type CallStanding = IncomingCall | 'waiting' | 'gone'

export function callStanding(state: State, id: string): CallStanding {
  const call = state.calls.find((one) => one.id === id)
  if (call) return call
  const finding =
    state.session.kind === 'unknown' ||
    (state.session.kind === 'signed-in' && state.reachability.kind === 'checking')
  return finding ? 'waiting' : 'gone'
}
