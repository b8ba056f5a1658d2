import type { LogInRefusal } from './commands.ts'
import type { PeopleState } from './people.ts'
import type { Settings } from './settings.ts'

/**
 * The one state that every page draws, posted whole by the background worker at each change. It is
 * plain data (it crosses a message port) and holds no secret.
 */
export interface State {
  /** The server's origin, as the person set it: `https://reachable.example`; null until somebody has. */
  readonly server: string | null
  readonly session: SessionState
  readonly offers: Offers
  readonly reachability: ReachabilityState
  /** Calls on this device now, oldest first. */
  readonly calls: readonly IncomingCall[]
  /** How many more ring than are shown here (C8.16); `furtherWording` says it. */
  readonly furtherCalls: number
  /** Calls that were missed and not yet seen, newest first. */
  readonly missed: readonly MissedCall[]
  /** What was marked as seen on this device, while it may be brought back into `missed`. */
  readonly seen: SeenCalls | null
  /** The stretches without reachability that were not dismissed yet, oldest first. */
  readonly gaps: readonly GapSummary[]
  /** Null where the server knows nothing of people, or nobody is signed in. */
  readonly people: PeopleState | null
  readonly readiness: Readiness
  /** The server's rooms have neither camera nor microphone, since it has no https. */
  readonly cannotSpeak?: true
  readonly settings: Settings
}

export type SessionState =
  /** The worker has only just started and is still reading what it kept. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'signed-out'
      readonly why: SignedOutReason
      /** The person chose Exit, whether or not somebody was signed in, and has opened nothing since. */
      readonly resting: boolean
      /** What Username begins with: what was typed when the popup last closed, or who logged in here last. */
      readonly draft: string
      /** What "Stay signed in" begins with. */
      readonly staySignedIn: boolean
      readonly atIssuer: IssuerState
    }
  | { readonly kind: 'signed-in'; readonly account: Account }

/** Why nobody is signed in, as far as it is known. */
export type SignedOutReason =
  | 'never'
  | 'logged-out'
  /** The server ended it (revoked, expired), and said no more. */
  | 'ended'
  /** The server ended it, since the person has another password. */
  | 'password-changed'
  /** The person logged this device out in My account. */
  | 'ended-in-my-account'
  /** The session was to die with the browser, and did. */
  | 'browser-closed'
  /** The session was to outlive the browser, and the browser no longer has it. */
  | 'lost'
  /** Exit logged the person out. */
  | 'exited'
  /** So it did, and they are back. */
  | 'returned'
  /** The session was of another server than the one that is set now. */
  | 'server-changed'

/** How a sign-in at the issuer stands. */
export type IssuerState = 'idle' | 'under-way' | { readonly refused: LogInRefusal }

/** What the server offers whoever is not signed in, or offered when it last answered. */
export interface Offers {
  /** The name on the button of the other way in: "Google". */
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
  /** `confirmedAt`: when the heartbeat that proves it was sent, by the device's wall clock (ms since 1970). */
  | { readonly kind: 'reachable'; readonly confirmedAt: number }
  /** `lastConfirmedAt`: the same of the last heartbeat that was confirmed, where that is known. */
  | { readonly kind: 'checking'; readonly lastConfirmedAt?: number }
  /** `since`: when no call could reach this device any more, by its wall clock, where that is known. */
  | { readonly kind: 'unreachable'; readonly why: UnreachableReason; readonly since?: number }

/** Each has one sentence (`unreachable-reasons.ts`) and one action that mends it (T5.1; `components/reasons.ts`). */
export type UnreachableReason =
  | 'signed-out'
  /** Signed out by Exit, and resting until a page of the extension is opened. */
  | 'exited'
  | 'session-ended'
  | 'no-network'
  | 'server-silent'
  | 'server-cannot-keep-calls'
  /** It answers, but what of it holds calls and what holds this connection are cut off from each other. */
  | 'server-cannot-bring-calls'
  | 'not-a-reachable-server'
  | 'outdated'
  /** Another living copy of this browser profile has the connection (T9). */
  | 'taken-over'
  /** The server knows itself by another address than the one in Options. */
  | 'wrong-address'
  | 'too-many-devices'
  /** The browser cannot read or write what Reachable keeps. */
  | 'storage'

export interface IncomingCall {
  readonly id: string
  readonly from: string
  /** Who calls, where it is a contact: they can be written to, and told something with a decline. */
  readonly contact?: string | null | undefined
  /** When it was placed, by the server's wall clock. */
  readonly at: number
  /** When it first rang on this device, by the device's own wall clock; null while it has not. */
  readonly firstRungAt: number | null
  /** After it first rang it did not for a while. */
  readonly rungAgain: boolean
  /** A rehearsal from the options page: nobody is calling. */
  readonly test: boolean
  readonly phase: CallPhase
}

/** Where a call stands on this device (P7). */
export type CallPhase =
  /** The connection that brought it lives, so that Answer would get through. */
  | 'ringing'
  /** The connection is there, but not proven at this moment. */
  | 'checking'
  /** The connection that brought it is gone: whoever called may still be waiting. */
  | 'connection-lost'
  /** The person pressed Answer or Decline; the server has not said yet who was first. */
  | 'answering'
  | 'declining'
  /** Nothing has come of a press yet, and `why`. It is said again on the next connection. */
  | { readonly unheard: 'answer' | 'decline'; readonly why: 'server-silent' | 'connection-lost' }
  | { readonly over: DeviceCallEnd }

export type DeviceCallEnd =
  | 'answered-here'
  | 'answered-elsewhere'
  /** Answered here, and the server named no room, or none that may be opened. */
  | 'answered-without-room'
  /** Answered here, and the browser opened neither a tab nor a window for the room. */
  | 'room-not-opened'
  | 'declined-here'
  | 'declined-elsewhere'
  | 'cancelled'
  | 'missed'
  /** Its time is over; the connection was lost, and nobody said how it ended. */
  | 'lost'
  /** The server says no more than that it does not ring. */
  | 'unknown'

export interface MissedCall {
  readonly id: string
  readonly from: string
  /** Who called, where it is a contact. */
  readonly contact?: string | null | undefined
  readonly at: number
  readonly why: MissedWhy
}

/** Why nobody answered, as far as the server knows (`docs/PROTOCOL.md`, `missed`). */
export type MissedWhy = 'unreachable' | 'no-answer' | 'cancelled' | 'busy' | 'server-restarted'

export interface SeenCalls {
  /** Newest first. */
  readonly calls: readonly MissedCall[]
  /** When they were marked, or the last of them, in ms since 1970. */
  readonly at: number
  /** False where the server is an older one, which takes no mark back. */
  readonly canUndo: boolean
}

/** `stretches` of time without reachability, the first from `from`, the last to `until` (ms since 1970). */
export interface GapSummary {
  readonly from: number
  readonly until: number
  readonly stretches: number
  readonly missed: number
  /** False when the server was away for a part of it: what calls were made then, nobody knows (P8). */
  readonly recorded: boolean
}

/** Whether a call would be seen and heard here, as far as anybody knows. */
export interface Readiness {
  /** The browser lets no notification of ours appear. */
  readonly blocked: boolean
  /** The last rehearsal (ms since 1970), and what the person said of it, null until they have; null: there was none. */
  readonly last: { readonly at: number; readonly seen: boolean | null; readonly heard: boolean | null } | null
  /** Since then the extension or the browser was updated. */
  readonly updated: boolean
}
