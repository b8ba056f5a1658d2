import { scim } from '@better-auth/scim'
import { type BetterAuthPlugin, betterAuth } from 'better-auth'
import type { Database } from '../database/tables.ts'
import { currentProvisioning, knowingTransactions } from './provisioning-context.ts'
import { reconcileUser } from './reconcile-user.ts'
import { notUnique } from './scim-error.ts'

/** All keys are of one clinic: what one has made, another may change. */
const connection = { id: 'clinic', provisioningDomainId: 'clinic' }

/**
 * better-auth with its SCIM plugin and nothing else, apart from the one that signs people in: it needs
 * transactions, and is reached through our own routes alone.
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
          verifyBearerToken: () => ({
            connection,
            credentialId: currentProvisioning().caller.id,
            scopes: ['scim.users.read', 'scim.users.write'],
          }),
        },
        identity: {
          resolveUser: ({ resource }) => resolveUser(db, resource.primaryEmail),
          reconcileUser: ({ userId, active }) => reconcileUser(currentProvisioning(), userId, active),
        },
        // Its types leave out that what is not there may be undefined.
      }) as BetterAuthPlugin,
    ],
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
 * Who it is that the clinic's system tells us of for the first time: whoever has that address here, if it
 * was shown to be theirs, or if the clinic's system had them before; else somebody new.
 *
 * @throws when the address belongs to an account, but nobody has shown to whom.
 */
async function resolveUser(db: Database, email: string): Promise<ResolvedUser> {
  const person = await db
    .selectFrom('user')
    .leftJoin('scimSubject', 'scimSubject.userId', 'user.id')
    .leftJoin('scimUser', 'scimUser.userId', 'user.id')
    .select(['user.id', 'user.emailVerified', 'scimSubject.userId as subject', 'scimUser.id as source'])
    .where('user.email', '=', email.toLowerCase())
    .executeTakeFirst()
  if (!person) return { action: 'create' }
  if (person.source !== null) throw notUnique('emails: somebody has this address already.')
  if (person.subject !== null || person.emailVerified === 1)
    return { action: 'link', userId: person.id, profile: 'manage' }
  throw notUnique('emails: an account has this address, and nobody has shown yet that it is theirs.')
}
