import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { type ApiKey, findApiKey } from '../accounts/api-keys.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { ProofDoor } from './authentication.ts'
import { Refused } from './refused.ts'
import type { Env, Request, Route } from './route.ts'

/** The commands of this machine's operator, by the key that the running server wrote down for them. */
export const operator: ApiKey = { id: 'operator', name: 'Terminal', scope: 'calls' }

export interface Admission {
  readonly db: Database
  readonly clock: Clock
  readonly operatorKey: string
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly proofs: ProofDoor
  readonly provisioners: MiddlewareHandler<Env>
}

/** What stands before a route, by whom it admits. */
export function admission(parts: Admission): Record<Route['admits'], MiddlewareHandler<Env>> {
  const shared = cors({
    origin: (origin) => (parts.mayConnect(origin) ? origin : null),
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['content-type', 'authorization', 'dpop'],
    exposeHeaders: ['dpop-nonce', 'retry-after'],
    maxAge: 600,
  })
  const extension: MiddlewareHandler<Env> = async (request, next) => {
    if (!parts.mayConnect(request.req.header('origin')))
      throw new Refused('unauthorized', 'This origin may not use this server. See EXTENSION_ORIGINS.')
    return shared(request, next)
  }
  return {
    anyone: (_request, next) => next(),
    extension,
    device: (request, next) =>
      extension(request, async () => {
        request.set('key', await parts.proofs.device(request))
        await next()
      }),
    session: (request, next) =>
      extension(request, async () => {
        request.set('session', await parts.proofs.session(request))
        await next()
      }),
    'api-key': async (request, next) => {
      request.set('caller', await callerOf(parts, request))
      await next()
    },
    scim: parts.provisioners,
    operator: async (request, next) => {
      const caller = await callerOf(parts, request)
      if (caller.id !== operator.id) throw new Refused('unauthorized', 'Only the operator may do this.')
      await next()
    },
  }
}

async function callerOf({ db, clock, operatorKey }: Admission, request: Request): Promise<ApiKey> {
  const key = /^Bearer +(\S{1,200})$/i.exec(request.req.header('authorization') ?? '')?.[1]
  const caller =
    key === operatorKey ? operator : key === undefined ? undefined : await findApiKey(db, key, clock.wall())
  if (caller?.scope === 'calls') return caller
  if (caller) throw new Refused('unauthorized', 'This key provisions accounts, and places no calls.')
  throw new Refused(
    'unauthorized',
    'This needs an API key, sent as "Authorization: Bearer KEY". Make one with: npm run api-key -- create NAME',
  )
}
