import { scim } from '@better-auth/scim'
import { type BetterAuthPlugin, betterAuth } from 'better-auth'
import type { Database } from '../database/tables.ts'
import { followSource } from './follow-source.ts'
import { currentProvisioning, knowingTransactions } from './provisioning.ts'
import { resolvePerson } from './resolve-person.ts'

/** All keys are of one clinic: what one has made, another may change. */
const connection = { id: 'clinic', provisioningDomainId: 'clinic' }

/**
 * better-auth with its SCIM plugin and nothing else, apart from the one that signs people in: it needs
 * transactions, and is reached through our own routes alone.
 */
export const openScim = (db: Database, secret: string, baseURL: string) =>
  betterAuth({
    database: { db: knowingTransactions(db), type: 'sqlite', transaction: true },
    secret,
    baseURL,
    basePath: '/',
    plugins: [
      scim({
        connections: [],
        // The door has looked at the key already.
        authentication: {
          verifyBearerToken: () => ({
            connection,
            credentialId: currentProvisioning().caller.id,
            scopes: ['scim.users.read', 'scim.users.write'],
          }),
        },
        identity: {
          resolveUser: ({ resource }) => resolvePerson(db, resource.primaryEmail),
          reconcileUser: ({ userId, active }) => followSource(currentProvisioning(), userId, active),
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

export type Scim = ReturnType<typeof openScim>
