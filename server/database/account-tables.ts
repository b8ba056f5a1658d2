import type { Generated, Selectable } from 'kysely'
import type { SessionEndReason } from '../../protocol/close-codes.ts'

/** What we keep about signing in, and about who did what. */

/** One browser profile where a person is signed in, and the session it has. */
export interface DeviceTable {
  sessionId: string
  userId: string
  /** The id that the device gave itself. */
  device: string
  endTokenHash: string
  /** The thumbprint (RFC 7638) of the key that its proofs are made with. */
  key: string
  staySignedIn: number
  label: string
  address: string
  seenAt: number
  /** When its person was last told that its token was tried without its key. */
  tokenToldAt: number | null
}

/** Why the last session of a device was ended, where it is to hear that. */
export interface SessionEndTable {
  userId: string
  device: string
  sessionId: string
  /** A hash, as in `session`. */
  token: string
  /** As in `device`. */
  key: string
  why: SessionEndReason
  endedAt: number
  /** How often the device was told. */
  told: Generated<number>
}

/** A device key with which a person has signed in by their password. */
export interface KnownDeviceTable {
  userId: string
  /** Its thumbprint (RFC 7638). */
  key: string
  /** When they last signed in with it, or used a session of it. */
  seenAt: number
}

/** A password that somebody else chose for a person and that they have not used yet. */
export interface FirstPasswordTable {
  userId: string
  endsAt: number
}

/** What opens the account pages once, for the device that asked. With its session it goes. */
export interface WebSessionCodeTable {
  hash: string
  sessionId: string
  madeAt: number
}

/** A browser that may see the account pages, by way of a device's session. With that it goes. */
export interface WebSessionTable {
  hash: string
  sessionId: string
  usedAt: number
}

/** What ends a sign-in at the issuer, to be spent once by the device that began it. */
export interface SignInCodeTable {
  hash: string
  userId: string
  challenge: string
  madeAt: number
}

/** A proof that was used, until it could be good no longer. */
export interface ProofTable {
  /** Of its key and its `jti`. */
  hash: string
  until: number
}

/** A link that was mailed: it proves that whoever opens it reads that mailbox, and works once. */
export interface LinkTable {
  id: string
  kind: 'reset' | 'invitation' | 'sign-up'
  /** Of its token; null until its mail leaves. */
  hash: string | null
  /** Whose password a reset is for. */
  userId: string | null
  email: string
  /** The name to suggest in an invitation. */
  name: string | null
  language: string | null
  madeAt: number
  diesAt: number
  endedAt: number | null
  endedBy: 'used' | 'newer' | 'password-changed' | 'address-changed' | 'withdrawn' | null
}

export interface ApiKeyTable {
  id: string
  name: string
  hash: string
  /** What it may do: names of `server/key-scopes.ts` with spaces between. */
  scope: Generated<string>
  /** The provisioning domain whose people it may see, reach and change, and no others; null for one that has none. */
  provisioningDomain: string | null
  /** The domains at which its people have their addresses, with spaces between; null for one that has none. */
  emailDomains: string | null
  /** How many people its provisioning domain may have; null for one that has none. */
  mostPeople: number | null
  createdAt: number
  usedAt: number | null
}

/** Wrong passwords and other refusals in a row. */
export interface FailedAttemptTable {
  /** A keyed hash of whose they are: people type passwords where a name is asked for. */
  key: string
  failures: number
  lastAt: number
}

/** Each time something was asked for that may be asked only so often. */
export interface RateLimitedTable {
  /** A keyed hash, as in `failedAttempt`. */
  key: string
  at: number
}

/** How many entries of the record strangers have caused of late, and how many more were only counted. */
export interface AuditRateLimitTable {
  /** Of what is counted together: a kind of entry, and whom it concerns. */
  key: string
  what: string
  who: string | null
  /** How many entries there is no room for, at the moment `at`: a leaky bucket. */
  level: number
  at: number
  more: number
  /** Of the first of them. */
  since: number | null
  /** When it is told how many there are. */
  dueAt: number | null
  /** After how many ms that is, the next time. */
  wait: number
}

/** Only ever added to, and what is old goes: the database refuses anything else. */
export interface AuditTable {
  id: Generated<number>
  at: number
  what: string
  /** The id of an account that was known at the time. */
  who: string | null
  /** A keyed hash of what was typed when nobody was known by it. */
  login: string | null
  address: string | null
  device: string | null
  label: string | null
  /** JSON without secrets. */
  detail: string
}

export type LinkRow = Selectable<LinkTable>
export type AuditRow = Selectable<AuditTable>
export type AuditRateLimitRow = Selectable<AuditRateLimitTable>
