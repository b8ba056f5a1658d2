import type { Selectable } from 'kysely'

/** Tables of better-auth’s SCIM plugin, which writes them: here is what we read of them. */

/** A person as the clinic's system knows them. */
export interface ScimUserTable {
  id: string
  /** By which the plugin keeps people apart. */
  connectionId: string
  userId: string
  userName: string
  primaryEmail: string
  displayName: string
  /** JSON of what else there is. */
  serializedAttributes: string | null
  active: number
}

/** That somebody was provisioned once. */
export interface ScimSubjectTable {
  userId: string
}

/** Who a person was to the clinic's system that de-provisioned them. */
export interface ScimIdentityTombstoneTable {
  userId: string
}

/** A group of the clinic's system. */
export interface ScimGroupTable {
  id: string
  /** As with people. */
  connectionId: string
  displayName: string
}

export interface ScimGroupMemberTable {
  connectionId: string
  groupId: string
  scimUserId: string
}

export type ScimUserRow = Selectable<ScimUserTable>

/** Ours: whom a key that is limited to its own people has made, for good. */
export interface ScimOwnerTable {
  userId: string
  /** That of the key. */
  provisioningDomain: string
}
