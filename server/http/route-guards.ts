import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { type ApiKey, findApiKey } from '../accounts/api-keys.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Authentication } from './authentication.ts'
import { bearerToken } from './authorization-header.ts'
import { Refused } from './refused.ts'
import type { Context, Env, Route } from './route.ts'

/** The commands of this machine's operator, by the key that the running server wrote down for them. */
export const operator: ApiKey = { id: 'operator', name: 'Terminal', scope: 'calls' }

export interface AdmissionDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly operatorKey: string
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly authentication: Authentication
  readonly scimAuthentication: MiddlewareHandler<Env>
}

/** What stands before a route, by whom it admits. */
export function admission(
  dependencies: AdmissionDependencies,
): Record<Route['admits'], MiddlewareHandler<Env>> {
  const shared = cors({
    origin: (origin) => (dependencies.mayConnect(origin) ? origin : null),
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['content-type', 'authorization', 'dpop'],
    exposeHeaders: ['dpop-nonce', 'retry-after'],
    maxAge: 600,
  })
  const extension: MiddlewareHandler<Env> = async (context, next) => {
    if (!dependencies.mayConnect(context.req.header('origin')))
      throw new Refused('unauthorized', 'This origin may not use this server. See EXTENSION_ORIGINS.')
    return shared(context, next)
  }
  return {
    anyone: (_context, next) => next(),
    extension,
    device: (context, next) =>
      extension(context, async () => {
        context.set('key', await dependencies.authentication.device(context))
        await next()
      }),
    session: (context, next) =>
      extension(context, async () => {
        context.set('session', await dependencies.authentication.session(context))
        await next()
      }),
    'api-key': async (context, next) => {
      context.set('caller', await callerOf(dependencies, context))
      await next()
    },
    scim: dependencies.scimAuthentication,
    operator: async (context, next) => {
      const caller = await callerOf(dependencies, context)
      if (caller.id !== operator.id) throw new Refused('unauthorized', 'Only the operator may do this.')
      await next()
    },
  }
}

async function callerOf(
  { db, clock, operatorKey }: AdmissionDependencies,
  context: Context,
): Promise<ApiKey> {
  const key = bearerToken(context.req.header('authorization'))
  const caller =
    key === operatorKey ? operator : key === undefined ? undefined : await findApiKey(db, key, clock.wall())
  if (caller?.scope === 'calls') return caller
  if (caller) throw new Refused('unauthorized', 'This key provisions accounts, and places no calls.')
  throw new Refused(
    'unauthorized',
    'This needs an API key, sent as "Authorization: Bearer KEY". Make one with: npm run api-key -- create NAME',
  )
}
