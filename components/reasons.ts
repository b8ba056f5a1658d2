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

/** What follows in the popup on the sentence that gives the reason. */
export interface ReasonWording {
  /** One more sentence where the reason alone leaves a question open. */
  readonly more?: string
  readonly mend: Mend
}

const reasons: Readonly<Record<UnreachableReason, ReasonWording>> = {
  'signed-out': { mend: { kind: 'log-in' } },
  exited: { mend: { kind: 'log-in' } },
  'session-ended': { mend: { kind: 'log-in' } },
  'no-network': { mend: { kind: 'wait', sentence: 'Waiting for the network…' } },
  'server-silent': {
    more: 'Reachable keeps trying by itself.',
    mend: { kind: 'try-now' },
  },
  'server-cannot-keep-calls': {
    more: 'Reachable keeps trying by itself. If it stays so, tell whoever runs the server.',
    mend: { kind: 'try-now' },
  },
  'server-cannot-bring-calls': {
    more: 'Reachable keeps trying by itself. If it stays so, tell whoever runs the server.',
    mend: { kind: 'try-now' },
  },
  'not-a-reachable-server': { mend: { kind: 'check-server' } },
  outdated: {
    mend: {
      kind: 'advice',
      sentence: 'Update the extension. If it is up to date, ask whoever runs the server to update that.',
    },
  },
  'taken-over': {
    more: 'Reachable comes back by itself when that one is closed.',
    mend: { kind: 'try-now' },
  },
  'wrong-address': { mend: { kind: 'check-server' } },
  'too-many-devices': {
    more: 'Close Reachable on one of them, or end a session in My account.',
    mend: { kind: 'try-now' },
  },
  storage: {
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
  'password-changed':
    'You were logged out because your password was changed. Log in with the new one to be reachable again.',
  'ended-in-my-account': 'You were logged out here in My account. Log in to be reachable again.',
  'browser-closed': 'You were logged out because “Stay signed in” was off. Log in to be reachable again.',
  lost: 'This browser has lost your session. Log in to be reachable again.',
  exited: 'You chose Exit, which logged you out. Log in to be reachable again.',
  returned: 'Exit logged you out and kept Reachable quiet until now. Log in to be reachable again.',
  'server-changed': 'Another server was chosen, and you are not logged in there yet.',
}

export const signedOutSentence = (why: SignedOutReason): string => signedOut[why]
