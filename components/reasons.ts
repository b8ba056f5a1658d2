import type { SignedOutReason, UnreachableReason } from '../messages/state.ts'

/** The one thing that mends a state in which no call can come (T5.1). */
export type Mend =
  | { readonly kind: 'log-in' }
  | { readonly kind: 'try-now' }
  | { readonly kind: 'check-server' }
  /** It mends itself; the sentence says what is waited for. */
  | { readonly kind: 'wait'; readonly sentence: string }
  /** No button of ours can do it; the sentence says what the person can do. */
  | { readonly kind: 'advice'; readonly sentence: string }

export interface ReasonWording {
  /** Ends the sentence "Calls cannot reach you: …". */
  readonly because: string
  /** One more sentence where the reason alone leaves a question open. */
  readonly more?: string
  readonly mend: Mend
}

const reasons: Readonly<Record<UnreachableReason, ReasonWording>> = {
  'signed-out': { because: 'you are not logged in', mend: { kind: 'log-in' } },
  'session-ended': { because: 'your session ended', mend: { kind: 'log-in' } },
  'no-network': {
    because: 'this computer is offline',
    mend: { kind: 'wait', sentence: 'Waiting for the network…' },
  },
  'server-silent': {
    because: 'the server is not answering',
    more: 'Reachable keeps trying by itself.',
    mend: { kind: 'try-now' },
  },
  'server-cannot-keep-calls': {
    because: 'the server has no room to keep calls',
    more: 'Whoever runs the server needs to free some storage.',
    mend: { kind: 'try-now' },
  },
  'not-a-reachable-server': {
    because: 'the address of the server leads to something else',
    mend: { kind: 'check-server' },
  },
  outdated: {
    because: 'this version of Reachable and the server’s do not understand each other',
    mend: {
      kind: 'advice',
      sentence: 'Update the extension. If it is up to date, ask whoever runs the server to update that.',
    },
  },
  'taken-over': {
    because: 'a copy of this browser profile is connected in its place',
    more: 'Reachable comes back by itself when that one is closed.',
    mend: { kind: 'try-now' },
  },
  'wrong-address': {
    because: 'the server knows itself by another address than the one in Options',
    mend: { kind: 'check-server' },
  },
  'too-many-devices': {
    because: 'you are connected on too many devices at once',
    more: 'Close Reachable on one of them, or end a session in My account.',
    mend: { kind: 'try-now' },
  },
  storage: {
    because: 'this browser cannot read or write what Reachable keeps',
    more: 'Reachable keeps trying. If it stays so, check that the disk has room, or restart the browser.',
    mend: { kind: 'try-now' },
  },
}

export const reasonFor = (why: UnreachableReason): ReasonWording => reasons[why]

/** Why there is a login form where the badge was, in one sentence. */
const signedOut: Readonly<Record<SignedOutReason, string>> = {
  never: 'Log in, and this light tells you whether calls can reach you.',
  'logged-out': 'You are logged out. Calls cannot reach you here.',
  ended: 'Your session ended. Log in to be reachable again.',
  exited: 'You left Reachable. Log in to be reachable again.',
  'server-changed': 'The server was changed while you were logging in. Log in to the new one.',
}

export const signedOutSentence = (why: SignedOutReason): string => signedOut[why]
