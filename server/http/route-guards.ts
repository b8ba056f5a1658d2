import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { Authentication } from './authentication.ts'
import { isExtensionOrigin } from './extension-origins.ts'
import { Refused } from './refused.ts'
import type { Env, Route } from './route.ts'

export interface RouteGuardDependencies {
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly authentication: Authentication
  readonly scimAuthentication: MiddlewareHandler<Env>
}

export interface RouteGuards {
  /** Before what browsers ask to know whether they may ask, too. */
  readonly extension: MiddlewareHandler<Env>
  /** What stands before a route, by whom it admits. */
  before(route: Route): MiddlewareHandler<Env>
}

export function createRouteGuards({
  mayConnect,
  authentication,
  scimAuthentication,
}: RouteGuardDependencies): RouteGuards {
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
  const before = (route: Route): MiddlewareHandler<Env> => {
    const { credential } = route
    switch (route.admits) {
      case 'anyone':
        return (_context, next) => next()
      case 'extension':
        return (context, next) => {
          const origin = context.req.header('origin') ?? ''
          // An extension that we do not know can tell a refusal from silence so, and no site can.
          if (!mayConnect(origin) && isExtensionOrigin(origin)) {
            context.header('Access-Control-Allow-Origin', origin)
            context.header('Vary', 'Origin')
          }
          return extension(context, next)
        }
      case 'device':
        return (context, next) =>
          extension(context, async () => {
            context.set('jkt', await authentication.device(context, credential))
            await next()
          })
      case 'session':
        return (context, next) =>
          extension(context, async () => {
            context.set('session', await authentication.session(context))
            await next()
          })
      case 'api-key':
        return async (context, next) => {
          context.set('caller', await authentication.caller(context, route.scope))
          await next()
        }
      case 'scim':
        return scimAuthentication
      case 'metrics':
        return async (context, next) => {
          await authentication.watcher(context)
          await next()
        }
      case 'operator':
        return async (context, next) => {
          await authentication.operator(context)
          await next()
        }
    }
  }
  return { extension, before }
}
