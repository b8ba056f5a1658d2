import type { MiddlewareHandler } from 'hono'
import { findApiKey } from '../accounts/api-keys.ts'
import { audit } from '../accounts/audit.ts'
import { countRefusal } from '../accounts/failed-attempts.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { bearerToken } from '../http/authorization-header.ts'
import type { ClientOf } from '../http/client-address.ts'
import type { Context, Env } from '../http/route.ts'
import { scimError } from './scim-error.ts'

export interface ScimAuthenticationDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly clientOf: ClientOf
}

/** Lets in who may provision accounts: by a key that was made for that, and for nothing else. */
export function scimAuthentication({
  db,
  clock,
  clientOf,
}: ScimAuthenticationDependencies): MiddlewareHandler<Env> {
  const record = (context: Context, why: string) =>
    db.transaction().execute(async (transaction) => {
      const [from, at] = [clientOf(context.env.incoming), clock.wall()]
      const wait = await countRefusal(transaction, 'key', from.address, at)
      if (wait === 0) await audit(transaction, { at, what: 'provisioning-refused', from, detail: { why } })
    })

  return async (context, next) => {
    const key = bearerToken(context.req.header('authorization'))
    const caller = key && (await findApiKey(db, key, clock.wall()))
    if (!caller) {
      await record(context, key === undefined ? 'no-key' : 'unknown-key')
      const detail = 'This needs a key, sent as "Authorization: Bearer KEY".'
      return scimError(401, detail, undefined, { 'WWW-Authenticate': 'Bearer realm="scim"' })
    }
    if (caller.scope !== 'scim') {
      await record(context, 'wrong-scope')
      return scimError(403, 'This key places calls. Make one with: npm run api-key -- create NAME --scim')
    }
    context.set('caller', caller)
    return next()
  }
}
