import type { SignedOutReason } from '../../messages/state.ts'

/** Whether it was the server that ended the session, for whatever reason: then nobody here has asked for it. */
export const isEndedByServer = (why: SignedOutReason): boolean =>
  why === 'ended' || why === 'password-changed' || why === 'ended-in-my-account'
