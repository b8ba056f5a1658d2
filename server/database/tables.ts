import type { Generated, Kysely, Selectable } from 'kysely'
import type {
  ScimIdentityTombstoneTable,
  ScimSubjectTable,
  ScimUserTable,
  WebSessionCodeTable,
  WebSessionTable,
} from './account-tables.ts'
import type {
  AuditTable,
  IssuerFlowTable,
  IssuerProfileTable,
  ProofTable,
  SignInCodeTable,
} from './key-tables.ts'
import type { LinkTable, MailTable, RateLimitedTable } from './mail-tables.ts'

/** Times of our own tables are wall-clock milliseconds since 1970; better-auth keeps ISO texts in its own. */
export interface Tables {
  user: UserTable
  session: SessionTable
  account: AccountTable
  verification: VerificationTable
  device: DeviceTable
  failedAttempt: FailedAttemptTable
  apiKey: ApiKeyTable
  call: CallTable
  callLeg: CallLegTable
  writeProbe: WriteProbeTable
  serverAway: ServerAwayTable
  reachability: ReachabilityTable
  mail: MailTable
  link: LinkTable
  rateLimited: RateLimitedTable
  proof: ProofTable
  issuerFlow: IssuerFlowTable
  signInCode: SignInCodeTable
  issuerProfile: IssuerProfileTable
  audit: AuditTable
  webSessionCode: WebSessionCodeTable
  webSession: WebSessionTable
  scimUser: ScimUserTable
  scimSubject: ScimSubjectTable
  scimIdentityTombstone: ScimIdentityTombstoneTable
}

export type Database = Kysely<Tables>

interface UserTable {
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
  /** Whether such a mail may say who called; 0 unless they said yes. */
  mailNames: Generated<number>
  /** Since when they may not sign in; null while they may. */
  disabledAt: number | null
}

interface SessionTable {
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

interface AccountTable {
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

interface VerificationTable {
  id: string
  identifier: string
  value: string
  expiresAt: string
  createdAt: string
  updatedAt: string
}

/** One browser profile where a person is signed in, and the session it has. */
interface DeviceTable {
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
}

/** Wrong passwords in a row, for an account as typed or for an address. */
interface FailedAttemptTable {
  key: string
  failures: number
  lastAt: number
}

interface ApiKeyTable {
  id: string
  name: string
  hash: string
  /** What it may do: place calls, or provision accounts. */
  scope: Generated<'calls' | 'scim'>
  createdAt: number
  usedAt: number | null
}

interface CallTable {
  id: string
  userId: string
  /** As the caller wrote it. */
  to: string
  from: string
  /** Who may see and cancel it: an API key's id, or `operator`. */
  placedBy: string
  /** The caller's own id of it: one caller makes one call with it. */
  idempotencyKey: string | null
  state: 'placed' | 'ringing' | 'waiting' | 'answered' | 'declined' | 'cancelled' | 'missed'
  /** What the caller was told first. */
  disposition: 'ringing' | 'unreachable' | 'busy' | null
  why: 'unreachable' | 'no-answer' | 'cancelled' | 'busy' | 'server-restarted' | null
  /** How many devices ring now. */
  devices: number
  /** Which of the calls that may ring one person at once it is, from 1; null for one that never could. */
  appearance: number | null
  at: number
  /** For how many seconds it waits when nobody can be reached. */
  waitFor: Generated<number>
  /** When it ends by itself. */
  deadline: Generated<number>
  endedAt: number | null
  room: string
  /** The device that answered or declined. */
  byDevice: string | null
  /** When the callee saw that it was missed. */
  seenAt: number | null
  /** When a mail about it was put into the outbox, or that none is to be sent. */
  mailedAt: number | null
}

/** What one device did about one call, as far as it has come. */
interface CallLegTable {
  call: string
  device: string
  state: 'asked' | 'acknowledged' | 'unanswered' | 'lost' | 'answered' | 'declined'
  askedAt: number
  acknowledgedAt: number | null
}

interface WriteProbeTable {
  id: number
  at: number
}

/** When this server was not running, or its database took no write. */
interface ServerAwayTable {
  from: number
  until: number
}

/** The last stretch in which calls could reach a person; `until` is null while it lasts. */
interface ReachabilityTable {
  userId: string
  from: number
  until: number | null
}

export type CallRow = Selectable<CallTable>
export type CallLegRow = Selectable<CallLegTable>
