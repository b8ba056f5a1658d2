import type { AfterClose, SessionEndReason } from '../../../protocol/close-codes.ts'
import type { NoLeaseReason } from '../../../protocol/connection.ts'
import type { Timing } from '../../../protocol/timing.ts'
import type { ConnectionReason } from './state.ts'

/** All that can happen to reachability. `connection` says on which connection, `heartbeat` which of its heartbeats. */
export type ReachabilityEvent =
  | { readonly type: 'wanted' }
  | { readonly type: 'unwanted' }
  | { readonly type: 'challenged'; readonly connection: number; readonly nonce: string }
  /**
   * A newer connection of this device was welcomed; `boot` is its boot number, `isOwn` says that this is one of this
   * worker's, and `live` that it holds a lease (T9).
   */
  | {
      readonly type: 'outranked'
      readonly connection: number
      readonly boot: number
      readonly isOwn: boolean
      readonly live: boolean
    }
  /** What the hello needs cannot be read from the browser's storage. */
  | { readonly type: 'storage-failed'; readonly connection: number }
  | { readonly type: 'welcomed'; readonly connection: number; readonly timing: Timing }
  | {
      readonly type: 'leased'
      readonly connection: number
      readonly heartbeat: number
      readonly leaseFor: number
    }
  | {
      readonly type: 'not-leased'
      readonly connection: number
      readonly heartbeat: number
      readonly why: NoLeaseReason
    }
  /** The server will go away: another connection is to take this one's place, which is good until then. */
  | { readonly type: 'move'; readonly connection: number }
  /** `why` the session is over, where the server said so. */
  | {
      readonly type: 'closed'
      readonly connection: number
      readonly after: AfterClose
      readonly why?: SessionEndReason | undefined
    }
  /** What became of the look after connection `attempt`; `reason` is null when the server answers as it should. */
  | { readonly type: 'diagnosed'; readonly attempt: number; readonly reason: ConnectionReason | null }
  /** The clocks are to be looked at: a deadline has come, or may have. */
  | { readonly type: 'look' }
  /** Something woke the worker or the person: an alarm, the end of idleness, the network's return. */
  | { readonly type: 'woke' }
  /** The network is said to be gone, time has leapt, the machine has slept: old proof is none, ask anew. */
  | { readonly type: 'doubted' }
  | { readonly type: 'try-now' }

/** What is to be done about it, in order. */
export type ReachabilityEffect =
  | { readonly type: 'open'; readonly connection: number }
  | { readonly type: 'close'; readonly connection: number }
  /** Without `takeOver` the connection is wanted only if no other connection of this device holds a lease. */
  | {
      readonly type: 'hello'
      readonly connection: number
      readonly nonce: string
      readonly takeOver: boolean
    }
  /** Connections from now on come after those of boot number `above`. */
  | { readonly type: 'renumber'; readonly above: number }
  | { readonly type: 'heartbeat'; readonly connection: number; readonly n: number }
  /** Find out why no connection comes about; answered by `diagnosed`. */
  | { readonly type: 'diagnose'; readonly attempt: number }
  /** The server says that the session is over, and perhaps why. */
  | { readonly type: 'session-ended'; readonly why?: SessionEndReason | undefined }
