import type { ReachabilityState } from '../messages/state.ts'
import { reasonFor } from './reasons.ts'
import type { ShapeName } from './shapes.ts'

export interface StatusView {
  readonly shape: Extract<ShapeName, 'reachable' | 'checking' | 'unreachable'>
  readonly sentence: string
}

/** The light and its one sentence. Nothing but a proof draws the reachable shape or says its words. */
export function statusView(reachability: ReachabilityState, name: string): StatusView {
  switch (reachability.kind) {
    case 'reachable':
      return { shape: 'reachable', sentence: `Calls can reach you, ${name}.` }
    case 'checking':
      return { shape: 'checking', sentence: 'Checking whether calls can reach you…' }
    case 'unreachable':
      return {
        shape: 'unreachable',
        sentence: `Calls cannot reach you: ${reasonFor(reachability.why).because}.`,
      }
  }
}
