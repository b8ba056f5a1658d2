import type { IncomingCall, State } from '../messages/state.ts'

/**
 * What a call's window can say: the call itself; `waiting` while a worker that has just started finds
 * out what still rings; `gone` when nothing of that name rings any more; `unknown` when that cannot be found out.
 */
export type CallStanding = IncomingCall | 'waiting' | 'gone' | 'unknown'

export function callStanding(state: State, id: string): CallStanding {
  const call = state.calls.find((one) => one.id === id)
  if (call) return call
  if (state.session.kind === 'unknown') return 'waiting'
  if (state.session.kind === 'signed-out') return 'gone'
  switch (state.reachability.kind) {
    case 'checking':
      return 'waiting'
    case 'reachable':
      return 'gone'
    case 'unreachable':
      return 'unknown'
  }
}
