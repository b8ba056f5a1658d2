import type { Generated } from 'kysely'

/**
 * Tables of the shape that better-auth wants, with some columns of our own, so that its plugins can build on them: SCIM
 * does, in an instance of its own. It keeps times as ISO texts.
 *
 * Every write but that plugin's is ours (`user-rows.ts`, `credential-rows.ts`, `session-rows.ts`), for what better-auth's
 * API cannot do: take part in a transaction of ours, so that nobody is made, signed in or changed without the entry in
 * the record and the mail that belong to it; keep hashes of session tokens and not the tokens; bind a session to a device
 * and its key.
 */

export interface UserTable {
  id: string
  name: string
  email: string
  emailVerified: number
  image: string | null
  createdAt: string
  updatedAt: string
  /** Lower case; `displayUsername` is as it was given. */
  username: string | null
  displayUsername: string | null
  /** A language that we write in; null while nobody has said. */
  language: string | null
  /** Whether to mail about calls missed while no device was reachable; 1 unless they said no. */
  mailMissed: Generated<number>
  /** Whether such mails may say who called or wrote; 0 unless they said yes. */
  mailNames: Generated<number>
  /** Whether to mail about messages that stayed unread; 1 unless they said no. */
  mailUnread: Generated<number>
  /** Whether contacts who want it too may know how far they have read; 0 unless they said yes. */
  tellsRead: Generated<number>
  /** Since when they may not sign in; null while they may. */
  disabledAt: number | null
  /** Since when there is nobody behind this row any more: it stands for the calls of whoever it was. */
  deletedAt: Generated<number | null>
}

export interface SessionTable {
  id: string
  expiresAt: string
  /** The hash of the token that the device has. */
  token: string
  createdAt: string
  updatedAt: string
  ipAddress: string | null
  userAgent: string | null
  userId: string
}

export interface AccountTable {
  id: string
  accountId: string
  providerId: string
  userId: string
  accessToken: string | null
  refreshToken: string | null
  idToken: string | null
  accessTokenExpiresAt: string | null
  refreshTokenExpiresAt: string | null
  scope: string | null
  password: string | null
  createdAt: string
  updatedAt: string
}

export interface VerificationTable {
  id: string
  identifier: string
  value: string
  expiresAt: string
  createdAt: string
  updatedAt: string
}
