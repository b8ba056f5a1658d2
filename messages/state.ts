import type { LogInRefusal } from './commands.ts'

/**
 * The one state that every page draws, posted whole by the background worker at each change. It is
 * plain data (it crosses a message port) and holds no secret.
 */
export interface State {
  /** The server's origin, as the person set it: `https://reachable.example`. */
  readonly server: string
  readonly session: SessionState
  readonly offers: Offers
  readonly reachability: ReachabilityState
  /** Calls that ring this device now, oldest first. */
  readonly calls: readonly IncomingCall[]
  /** Calls that were missed and not yet seen, newest first. */
  readonly missed: readonly MissedCall[]
  /** The last stretch without reachability, until it is dismissed. */
  readonly gap: Gap | null
  readonly settings: Settings
}

export type SessionState =
  /** The worker has only just started and is still reading what it kept. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'signed-out'
      /** `ended`: the server ended it (revoked, expired). `exited`: the person chose Exit. */
      readonly why: 'never' | 'logged-out' | 'ended' | 'exited' | 'storage'
      /** What was typed into Username when the popup last closed. */
      readonly draft: string
      readonly atIssuer: IssuerState
    }
  | { readonly kind: 'signed-in'; readonly account: Account }

/** How a sign-in at the issuer stands. */
export type IssuerState = 'idle' | 'under-way' | { readonly refused: LogInRefusal }

/** How the server lets people sign in besides username and password. */
export interface Offers {
  /** The name on the button: "Google". */
  readonly issuer: string | null
  readonly forgot: boolean
  readonly signUp: boolean
}

export interface Account {
  readonly name: string
  readonly username: string | null
  readonly email: string
  /** Where their picture is, or null. */
  readonly picture: string | null
}

export type ReachabilityState =
  /** `confirmedAt`: when the beat that proves it was sent, by the device's wall clock (ms since 1970). */
  | { readonly kind: 'reachable'; readonly confirmedAt: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'unreachable'; readonly why: UnreachableReason }

/** Each has one sentence and one action that mends it (T5); see `components/reasons.ts`. */
export type UnreachableReason =
  | 'signed-out'
  | 'session-ended'
  | 'no-network'
  | 'server-silent'
  | 'server-cannot-keep-calls'
  | 'not-a-reachable-server'
  | 'outdated'
  /** Another living copy of this browser profile has the line (T9). */
  | 'taken-over'
  /** The server knows itself by another address than the one in Options. */
  | 'wrong-address'
  | 'too-many-devices'
  /** The browser cannot read or write what Reachable keeps. */
  | 'storage'

export interface IncomingCall {
  readonly id: string
  readonly from: string
  /** When it was placed, by the server's wall clock. */
  readonly at: number
  /** A rehearsal from the options page: nobody is calling. */
  readonly test: boolean
  readonly phase:
    | 'ringing'
    /** The person pressed Answer or Decline; the server has not said yet who was first. */
    | 'answering'
    | 'declining'
    | { readonly over: CallEnd }
}

export type CallEnd =
  | 'answered-here'
  | 'answered-elsewhere'
  | 'declined-here'
  | 'declined-elsewhere'
  | 'cancelled'
  | 'missed'
  | 'lost'

export interface MissedCall {
  readonly id: string
  readonly from: string
  readonly at: number
}

export interface Gap {
  readonly from: number
  readonly until: number
  readonly missed: number
}

export interface Settings {
  /** Whether a notification may name the caller; the call window always does. */
  readonly namesInNotifications: boolean
}
