import type { Selectable } from 'kysely'

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

/** A person as the clinic's system knows them; kept by the SCIM plugin. Here is what we read of it. */
export interface ScimUserTable {
  id: string
  userId: string
  userName: string
  primaryEmail: string
  displayName: string
  /** JSON of what else there is. */
  serializedAttributes: string | null
  active: number
}

/** That somebody was provisioned once; kept by the SCIM plugin. */
export interface ScimSubjectTable {
  userId: string
}

/** Who a person was to the clinic's system that de-provisioned them; kept by the SCIM plugin. */
export interface ScimIdentityTombstoneTable {
  userId: string
}

export type ScimUserRow = Selectable<ScimUserTable>
