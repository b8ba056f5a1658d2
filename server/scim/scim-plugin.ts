import { scim } from '@better-auth/scim'
import { type BetterAuthPlugin, betterAuth } from 'better-auth'
import type { ApiKey } from '../accounts/api-keys.ts'
import { provisioningDomainOf } from '../accounts/scim-owner-rows.ts'
import type { Database } from '../database/tables.ts'
import { currentProvisioning, knowingTransactions } from './provisioning-context.ts'
import { checkAddress, connectionOf } from './provisioning-domain.ts'
import { reconcileUser } from './reconcile-user.ts'
import { notUnique } from './scim-error.ts'

/**
 * better-auth with its SCIM plugin and nothing else. It needs transactions, and is reached through our own routes alone.
 */
export const createScim = (db: Database, secret: string, baseURL: string) =>
  betterAuth({
    database: { db: knowingTransactions(db), type: 'sqlite', transaction: true },
    secret,
    baseURL,
    basePath: '/',
    plugins: [
      scim({
        connections: [],
        // Authentication has looked at the key already.
        authentication: {
          verifyBearerToken() {
            const { caller } = currentProvisioning()
            return {
              connection: connectionOf(caller),
              credentialId: caller.id,
              scopes: ['scim.users.read', 'scim.users.write', 'scim.groups.read', 'scim.groups.write'],
            }
          },
        },
        identity: {
          resolveUser: ({ resource }) => resolveUser(db, currentProvisioning().caller, resource.primaryEmail),
          reconcileUser: ({ userId, active }) => reconcileUser(currentProvisioning(), userId, active),
        },
        // Entra marks its groups so.
        compatibility: { microsoftEntra: { acceptLegacyGroupSchema: true } },
        // Its types leave out that what is not there may be undefined.
      }) as BetterAuthPlugin,
    ],
    // The plugin asks for all members of a group, and would be given the first hundred.
    advanced: { database: { defaultFindManyLimit: 2_000 } },
    // What is no refusal is thrown, for our own log, and not written to the console.
    onAPIError: { throw: true },
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
  })

export type Scim = ReturnType<typeof createScim>

type ResolvedUser =
  | { readonly action: 'create' }
  | { readonly action: 'link'; readonly userId: string; readonly profile: 'manage' }

/**
 * Who it is that the clinic's system tells us of for the first time: whoever has that address here, if the clinic's
 * system had them before; or, by a key that is not limited to its own people, if it was shown to be theirs and no such
 * key has made them; else somebody new.
 *
 * @throws when the address is somebody's of whom that is not so. A limited key is told no more than that.
 */
async function resolveUser(db: Database, caller: ApiKey, email: string): Promise<ResolvedUser> {
  const { provisioningDomain } = caller
  // Before anybody is looked for: what is none of its own it is not told of.
  checkAddress(caller, email)
  const person = await db
    .selectFrom('user')
    .leftJoin('scimSubject', 'scimSubject.userId', 'user.id')
    .leftJoin('scimUser', 'scimUser.userId', 'user.id')
    .select(['user.id', 'user.emailVerified', 'scimSubject.userId as subject', 'scimUser.id as source'])
    .where('user.email', '=', email.toLowerCase())
    .executeTakeFirst()
  if (!person) return { action: 'create' }
  if (person.source !== null || (await provisioningDomainOf(db, person.id)) !== provisioningDomain)
    throw notUnique('emails: somebody has this address already.')
  // What a limited key knows to be its own needs no more to be shown; nothing else gets here by one.
  if (provisioningDomain !== undefined || person.subject !== null || person.emailVerified === 1)
    return { action: 'link', userId: person.id, profile: 'manage' }
  throw notUnique('emails: an account has this address, and nobody has shown yet that it is theirs.')
}
