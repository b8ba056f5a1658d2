import type { Account } from '../../protocol/connection.ts'
import type { Database } from '../database/tables.ts'
import type { ApiKey } from './api-keys.ts'
import { findActiveAccount } from './find-account.ts'
import { provisioningDomainOf } from './scim-owner-rows.ts'

/**
 * Finds whom a program means. A key that is limited to the people of its provisioning domain finds nobody else: they are
 * as those who are not there.
 *
 * @param login a username or an email address.
 */
export async function findPersonOf(
  db: Database,
  { provisioningDomain }: Pick<ApiKey, 'provisioningDomain'>,
  login: string,
): Promise<Account | undefined> {
  const account = await findActiveAccount(db, login)
  if (!account || provisioningDomain === undefined) return account
  return (await provisioningDomainOf(db, account.id)) === provisioningDomain ? account : undefined
}
