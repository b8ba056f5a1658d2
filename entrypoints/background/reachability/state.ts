import type { UnreachableReason } from '../../../messages/state.ts'
import type { Timing } from '../../../protocol/timing.ts'
import type { Instant } from '../clocks.ts'

/** What stands between a person who is signed in and a call, as far as the device has found out. */
export type ConnectionReason = Exclude<UnreachableReason, 'signed-out' | 'exited' | 'session-ended'>

export interface Reachability {
  /** Someone is signed in, so there ought to be a connection. */
  readonly wanted: boolean
  /** The last reason found; forgotten at the next lease. Without one, no proof means "checking". */
  readonly reason: ConnectionReason | null
  /** The connection on which that was reported, by the server or by the browser's storage: a look begun before knows less. */
  readonly reportedOn: number
  /** How many connections in a row ended before their second lease. */
  readonly failures: number
  /** The number of the newest connection; what an older one still says is not listened to. */
  readonly newest: number
  /** Another copy of this profile took the connection over: until the next lease this one asks without taking it back. */
  readonly yields: boolean
  readonly connection: ConnectionState
  /** What is to take the open connection's place, while the server has asked to move; null without that. */
  readonly successor: Successor | null
  /** A successor of this connection has said hello: what ends this one may be no other copy, but that. */
  readonly overtaken: boolean
  /** When a server last asked to move, and how often in a row before; null when none did since the log-in. */
  readonly moved: { readonly at: Instant; readonly before: number } | null
}

/** A second connection, which gives way to nothing and proves nothing until it has its first lease. */
export interface Successor {
  /** `closed` between two attempts, always with a retry. */
  readonly connection: ConnectionState
  /** How many attempts failed before. */
  readonly failures: number
  /** None before it said hello: if a connection of this worker holds a lease in the present one's place, it is this one. */
  readonly isFirst: boolean
  /** Its server will go away too: once it has taken its place, it is to be succeeded as well. */
  readonly leaves: boolean
}

export type ConnectionState =
  /** `retry` is null when only the person, or a wake-up, opens it again. */
  | { readonly at: 'closed'; readonly retry: Deadline | null }
  /** From the attempt to the welcome. */
  | { readonly at: 'opening'; readonly number: number; readonly since: Instant }
  | OpenConnection

export const numberOf = (connection: ConnectionState): number | null =>
  connection.at === 'closed' ? null : connection.number

export const leaseOf = (connection: ConnectionState): Lease | null =>
  connection.at === 'open' ? connection.lease : null

export interface OpenConnection {
  readonly at: 'open'
  readonly number: number
  readonly timing: Timing
  /** The newest heartbeat. Its answer is awaited until `answered`. */
  readonly heartbeat: { readonly n: number; readonly sentAt: Instant; readonly answered: boolean }
  readonly lease: Lease | null
}

/** Proof that a call would have been routed here, for `lasts` ms from the sending of the heartbeat it answers. */
export interface Lease {
  readonly sentAt: Instant
  readonly lasts: number
}

export interface Deadline {
  readonly from: Instant
  readonly after: number
}

export const atRest: Reachability = {
  wanted: false,
  reason: null,
  reportedOn: 0,
  failures: 0,
  newest: 0,
  yields: false,
  connection: { at: 'closed', retry: null },
  successor: null,
  overtaken: false,
  moved: null,
}
