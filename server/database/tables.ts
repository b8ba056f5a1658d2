import type { Kysely } from 'kysely'
import type {
  ApiKeyTable,
  AuditRateLimitTable,
  AuditTable,
  DeviceTable,
  FailedAttemptTable,
  FirstPasswordTable,
  KnownDeviceTable,
  LinkTable,
  ProofTable,
  RateLimitedTable,
  SessionEndTable,
  SignInCodeTable,
  WebSessionCodeTable,
  WebSessionTable,
} from './account-tables.ts'
import type { ReachabilityTable, ServerAwayTable, WriteProbeTable } from './availability-tables.ts'
import type { AccountTable, SessionTable, UserTable, VerificationTable } from './better-auth-tables.ts'
import type { CallLegTable, CallTable } from './call-tables.ts'
import type { ExpectedCallTable } from './expected-call-tables.ts'
import type { IssuerFlowTable, IssuerProfileTable } from './issuer-tables.ts'
import type { MailTable } from './mail-tables.ts'
import type { MessageReadTable, MessageTable, ThreadTable } from './message-tables.ts'
import type { BucketTable, ConnectionOrderTable, NodeTable } from './node-tables.ts'
import type {
  AccountCounterTable,
  AccountEventTable,
  ContactLinkTable,
  ContactTable,
  PersonChangeTable,
  StatusTable,
  TeamMemberTable,
  TeamTable,
} from './people-tables.ts'
import type { PlaceBlockTable, PlaceMemberTable, PlaceTable, VisitTable } from './place-tables.ts'
import type { RoomSeatTable, RoomTable, RoomTicketTable } from './room-tables.ts'
import type {
  ScimGroupMemberTable,
  ScimGroupTable,
  ScimIdentityTombstoneTable,
  ScimOwnerTable,
  ScimSubjectTable,
  ScimUserTable,
} from './scim-tables.ts'
import type { WebhookDeliveryTable, WebhookTable } from './webhook-tables.ts'

/** Every table, by subject. Times of our own are wall-clock milliseconds since 1970. */
export interface Tables {
  user: UserTable
  session: SessionTable
  account: AccountTable
  verification: VerificationTable

  device: DeviceTable
  sessionEnd: SessionEndTable
  knownDevice: KnownDeviceTable
  firstPassword: FirstPasswordTable
  webSessionCode: WebSessionCodeTable
  webSession: WebSessionTable
  signInCode: SignInCodeTable
  proof: ProofTable
  link: LinkTable
  apiKey: ApiKeyTable
  failedAttempt: FailedAttemptTable
  rateLimited: RateLimitedTable
  audit: AuditTable
  auditRateLimit: AuditRateLimitTable

  issuerFlow: IssuerFlowTable
  issuerProfile: IssuerProfileTable

  scimUser: ScimUserTable
  scimSubject: ScimSubjectTable
  scimIdentityTombstone: ScimIdentityTombstoneTable
  scimOwner: ScimOwnerTable
  scimGroup: ScimGroupTable
  scimGroupMember: ScimGroupMemberTable

  call: CallTable
  callLeg: CallLegTable
  room: RoomTable
  roomSeat: RoomSeatTable
  roomTicket: RoomTicketTable
  expectedCall: ExpectedCallTable

  status: StatusTable
  contact: ContactTable
  contactLink: ContactLinkTable
  team: TeamTable
  teamMember: TeamMemberTable
  accountEvent: AccountEventTable
  accountCounter: AccountCounterTable
  personChange: PersonChangeTable

  thread: ThreadTable
  message: MessageTable
  messageRead: MessageReadTable

  place: PlaceTable
  placeMember: PlaceMemberTable
  visit: VisitTable
  placeBlock: PlaceBlockTable

  webhook: WebhookTable
  webhookDelivery: WebhookDeliveryTable

  mail: MailTable

  reachability: ReachabilityTable
  serverAway: ServerAwayTable
  writeProbe: WriteProbeTable

  node: NodeTable
  connectionOrder: ConnectionOrderTable
  bucket: BucketTable
}

export type Database = Kysely<Tables>
