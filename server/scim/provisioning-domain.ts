import type { ApiKey } from '../accounts/api-keys.ts'
import { domainOfEmail } from '../accounts/login-name.ts'
import { invalidValue } from './scim-error.ts'

/**
 * Whose people are whose. The plugin keeps people by connection, and shows a connection none of another's. Keys of one
 * provisioning domain share a connection, so that a key can be replaced by another without losing anybody; keys without
 * one share the connection of the whole installation.
 */

/** As the plugin has it. */
export interface ScimConnection {
  readonly id: string
  readonly provisioningDomainId: string
}

export function connectionOf({ provisioningDomain }: Pick<ApiKey, 'provisioningDomain'>): ScimConnection {
  const id = provisioningDomain === undefined ? 'clinic' : `own:${provisioningDomain}`
  return { id, provisioningDomainId: id }
}

/**
 * @throws what the clinic's system is to be told, when an address is at none of the domains that it may vouch for:
 * whoever gave another clinic's people an account first could wait in it with a password of their own.
 */
export function checkAddress({ emailDomains }: Pick<ApiKey, 'emailDomains'>, email: string): void {
  if (emailDomains && !emailDomains.includes(domainOfEmail(email)))
    throw invalidValue(`emails: with this key the primary address must be at ${emailDomains.join(' or ')}.`)
}

/**
 * Whether an address that a key gives counts as shown to be its person's: of a limited key only at its domains, for an
 * account at an issuer is linked to whoever has such an address.
 */
export const vouchesFor = (
  { provisioningDomain, emailDomains }: Pick<ApiKey, 'provisioningDomain' | 'emailDomains'>,
  email: string,
): boolean => provisioningDomain === undefined || (emailDomains?.includes(domainOfEmail(email)) ?? false)
