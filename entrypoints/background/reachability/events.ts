import type { AfterClose } from '../../../protocol/close-codes.ts'
import type { Timing } from '../../../protocol/timing.ts'
import type { Fault } from './state.ts'

/** All that can happen to reachability. `line` says on which line, `beat` which of its beats. */
export type ReachabilityEvent =
  | { readonly type: 'wanted' }
  | { readonly type: 'unwanted' }
  | { readonly type: 'challenged'; readonly line: number; readonly nonce: string }
  | { readonly type: 'welcomed'; readonly line: number; readonly timing: Timing }
  | { readonly type: 'leased'; readonly line: number; readonly beat: number; readonly leaseFor: number }
  | { readonly type: 'not-leased'; readonly line: number; readonly beat: number }
  | { readonly type: 'closed'; readonly line: number; readonly after: AfterClose }
  /** `fault` is null when the server answers as it should. */
  | { readonly type: 'diagnosed'; readonly fault: Fault | null }
  /** The clocks are to be looked at: a deadline has come, or may have. */
  | { readonly type: 'look' }
  /** Something woke the worker or the person: an alarm, the end of idleness, the network's return. */
  | { readonly type: 'woke' }
  /** The network is said to be gone, time has leapt, the machine has slept: old proof is none, ask anew. */
  | { readonly type: 'doubted' }
  | { readonly type: 'try-now' }

/** What the world is to do about it, in order. */
export type ReachabilityEffect =
  | { readonly type: 'open'; readonly line: number }
  | { readonly type: 'close'; readonly line: number }
  | { readonly type: 'hello'; readonly line: number; readonly nonce: string }
  | { readonly type: 'beat'; readonly line: number; readonly n: number }
  /** Find out why no line comes about; answered by `diagnosed`. */
  | { readonly type: 'diagnose' }
  /** The server says that the session is over. */
  | { readonly type: 'session-ended' }
