import type { MiddlewareHandler } from 'hono'
import { createProgramKeys, type ProgramKeyDependencies } from '../http/program-keys.ts'
import type { Env } from '../http/route.ts'
import { scimError, tooMany } from './scim-error.ts'

/** Lets in who may provision accounts: by a key that was made for that, and for nothing else. */
export function scimAuthentication(dependencies: ProgramKeyDependencies): MiddlewareHandler<Env> {
  const keys = createProgramKeys(dependencies)

  return async (context, next) => {
    const given = await keys.read(context)
    if (given.key?.scopes.includes('scim')) {
      context.set('caller', given.key)
      return next()
    }
    const wait = await keys.refuse(context, 'provisioning-refused', given)
    if (wait > 0) return tooMany('Too many refused keys.', wait)
    if (given.key)
      return scimError(
        403,
        'This key provisions nobody. Make one with: npm run api-key -- create NAME --scim',
      )
    const detail = 'This needs a key, sent as "Authorization: Bearer KEY".'
    return scimError(401, detail, undefined, { 'WWW-Authenticate': 'Bearer realm="scim"' })
  }
}
