import type { ApiKey } from '../accounts/api-keys.ts'
import type { Database } from '../database/tables.ts'
import { invalidValue } from './scim-error.ts'

/**
 * Whose people are whose. The plugin keeps people by connection, and shows a connection none of another's. Keys of one
 * provisioning domain share a connection, so that a key can be replaced by another without losing anybody; keys without
 * one share the connection of the whole installation.
 */

export interface Connection {
  readonly id: string
  readonly provisioningDomainId: string
}

export function connectionOf({ ownPeople }: Pick<ApiKey, 'ownPeople'>): Connection {
  const id = ownPeople === undefined ? 'clinic' : `own:${ownPeople}`
  return { id, provisioningDomainId: id }
}

/**
 * @returns the provisioning domain whose people somebody is one of: for good, also when they were de-provisioned.
 * Undefined for everybody else.
 */
export async function domainOf(db: Database, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('scimOwner')
    .select('domain')
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row?.domain
}

/** Counts somebody among the people of a provisioning domain, for good. They must not be another's. */
export async function putDomain(db: Database, userId: string, domain: string): Promise<void> {
  await db.insertInto('scimOwner').values({ userId, domain }).execute()
}

/**
 * @throws what the clinic's system is to be told, when an address is at none of the domains that it may vouch for:
 * whoever gave another clinic's people an account first could wait in it with a password of their own.
 */
export function checkAddress({ domains }: Pick<ApiKey, 'domains'>, email: string): void {
  if (domains && !domains.includes(email.slice(email.lastIndexOf('@') + 1).toLowerCase()))
    throw invalidValue(`emails: with this key the primary address must be at ${domains.join(' or ')}.`)
}
