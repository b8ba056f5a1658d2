import type { MiddlewareHandler } from 'hono'
import { findApiKey } from '../accounts/api-keys.ts'
import { type RefusedKey, recordRefusedKey } from '../accounts/refused-key.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { bearerToken } from '../http/authorization-header.ts'
import type { ClientOf } from '../http/client-address.ts'
import type { Context, Env } from '../http/route.ts'
import { scimError, tooMany } from './scim-error.ts'

export interface ScimAuthenticationDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly clientOf: ClientOf
  /** Of this installation. */
  readonly secret: string
  /** OPERATOR_EMAIL, if there is one. */
  readonly operatorEmail?: string | undefined
}

/** Lets in who may provision accounts: by a key that was made for that, and for nothing else. */
export function scimAuthentication({
  clock,
  clientOf,
  ...dependencies
}: ScimAuthenticationDependencies): MiddlewareHandler<Env> {
  /** @param refusal what is answered while the address does not try too many. */
  const refuse = async (
    context: Context,
    refused: Pick<RefusedKey, 'why' | 'key'>,
    refusal: Response,
  ): Promise<Response> => {
    const from = clientOf(context.env.incoming)
    const shown = bearerToken(context.req.header('authorization'))
    const about = {
      what: 'provisioning-refused',
      shown,
      from,
      path: context.req.routePath,
      ...refused,
    } as const
    const wait = await recordRefusedKey(dependencies, about, clock.wall())
    if (wait === 0) return refusal
    return tooMany('Too many refused keys.', wait)
  }

  return async (context, next) => {
    const key = bearerToken(context.req.header('authorization'))
    const caller = key && (await findApiKey(dependencies.db, key, clock.wall()))
    if (!caller) {
      const detail = 'This needs a key, sent as "Authorization: Bearer KEY".'
      const refusal = scimError(401, detail, undefined, { 'WWW-Authenticate': 'Bearer realm="scim"' })
      return refuse(context, { why: key === undefined ? 'no-key' : 'unknown-key' }, refusal)
    }
    if (caller.scope !== 'scim') {
      const detail = 'This key provisions nobody. Make one with: npm run api-key -- create NAME --scim'
      return refuse(context, { why: 'wrong-scope', key: caller }, scimError(403, detail))
    }
    context.set('caller', caller)
    return next()
  }
}
