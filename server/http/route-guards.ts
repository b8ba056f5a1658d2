import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { Authentication } from './authentication.ts'
import { Refused } from './refused.ts'
import type { Env, Route } from './route.ts'

export interface RouteGuardDependencies {
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly authentication: Authentication
  readonly scimAuthentication: MiddlewareHandler<Env>
}

/** What stands before a route, by whom it admits. */
export function createRouteGuards({
  mayConnect,
  authentication,
  scimAuthentication,
}: RouteGuardDependencies): Record<Route['admits'], MiddlewareHandler<Env>> {
  const shared = cors({
    origin: (origin) => (mayConnect(origin) ? origin : null),
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['content-type', 'authorization', 'dpop'],
    exposeHeaders: ['dpop-nonce', 'retry-after'],
    maxAge: 600,
  })
  const extension: MiddlewareHandler<Env> = async (context, next) => {
    if (!mayConnect(context.req.header('origin')))
      throw new Refused('unauthorized', 'This origin may not use this server. See EXTENSION_ORIGINS.')
    return shared(context, next)
  }
  return {
    anyone: (_context, next) => next(),
    extension,
    device: (context, next) =>
      extension(context, async () => {
        context.set('jkt', await authentication.device(context))
        await next()
      }),
    session: (context, next) =>
      extension(context, async () => {
        context.set('session', await authentication.session(context))
        await next()
      }),
    'api-key': async (context, next) => {
      context.set('caller', await authentication.caller(context))
      await next()
    },
    scim: scimAuthentication,
    operator: async (context, next) => {
      await authentication.operator(context)
      await next()
    },
  }
}
