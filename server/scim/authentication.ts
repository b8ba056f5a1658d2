import type { MiddlewareHandler } from 'hono'
import { findApiKey } from '../accounts/api-keys.ts'
import { audit, type Origin } from '../accounts/audit.ts'
import { countRefusal } from '../accounts/failed-attempts.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Env, Request } from '../http/route.ts'
import { scimError } from './scim-error.ts'

export interface ProvisionerDoorParts {
  readonly db: Database
  readonly clock: Clock
  readonly originOf: (incoming: Request['env']['incoming']) => Origin
}

/** Lets in who may provision accounts: by a key that was made for that, and for nothing else. */
export function provisionerDoor({ db, clock, originOf }: ProvisionerDoorParts): MiddlewareHandler<Env> {
  const record = (request: Request, why: string) =>
    db.transaction().execute(async (transaction) => {
      const [from, at] = [originOf(request.env.incoming), clock.wall()]
      const { wait } = await countRefusal(transaction, 'key', from.address, at)
      if (wait === 0) await audit(transaction, { at, what: 'provisioning-refused', from, detail: { why } })
    })

  return async (request, next) => {
    const key = /^Bearer +(\S{1,200})$/i.exec(request.req.header('authorization') ?? '')?.[1]
    const caller = key && (await findApiKey(db, key, clock.wall()))
    if (!caller) {
      await record(request, key === undefined ? 'no-key' : 'unknown-key')
      const detail = 'This needs a key, sent as "Authorization: Bearer KEY".'
      return scimError(401, detail, undefined, { 'WWW-Authenticate': 'Bearer realm="scim"' })
    }
    if (caller.scope !== 'scim') {
      await record(request, 'wrong-scope')
      return scimError(403, 'This key places calls. Make one with: npm run api-key -- create NAME --scim')
    }
    request.set('caller', caller)
    return next()
  }
}
