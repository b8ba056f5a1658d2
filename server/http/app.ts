import { Hono } from 'hono'
import { PasswordsBusy } from '../accounts/passwords.ts'
import type { Log } from '../log.ts'
import { Refused, refusalOfError } from './refused.ts'
import type { Context, Env, Route } from './route.ts'
import { createRouteGuards, type RouteGuardDependencies } from './route-guards.ts'
import { securityHeaders } from './security-headers.ts'

/** What a browser is shown where a program is sent a refusal. */
export interface ErrorPages {
  notFound(context: Context): Response | Promise<Response>
  failed(context: Context): Response | Promise<Response>
  /** @param retryAfter seconds. */
  busy(context: Context, retryAfter: number): Response | Promise<Response>
}

export interface AppDependencies extends RouteGuardDependencies {
  readonly log: Log
  readonly errorPages: ErrorPages
  /** Whether people reach us by https. */
  readonly secure: boolean
  readonly routes: readonly Route[]
}

/** The HTTP side: its routes, each behind the guard that it names, and one way to refuse. */
export function createApp(dependencies: AppDependencies): Hono<Env> {
  const { log, secure, errorPages, routes } = dependencies
  const guards = createRouteGuards(dependencies)
  const hono = new Hono<Env>()

  hono.use(securityHeaders(secure))
  for (const route of routes) {
    const { method, path, admits, handle } = route
    // Browsers ask first, with no proof yet.
    if (admits === 'extension' || admits === 'device' || admits === 'session')
      hono.options(path, guards.extension, (context) => context.body(null, 204))
    hono.on(method, path, guards.before(route), handle)
  }
  hono.notFound((context) =>
    wantsPage(context)
      ? errorPages.notFound(context)
      : refuse(context, new Refused('not-found', 'There is nothing at this address.')),
  )
  hono.onError((error, context) => {
    if (error instanceof Refused) return refuse(context, error)
    if (error instanceof PasswordsBusy) {
      if (wantsPage(context)) return errorPages.busy(context, error.retryAfter)
      return refuse(context, refusalOfError(error))
    }
    log.error({ err: error, path: context.req.routePath }, 'a request failed')
    if (wantsPage(context)) return errorPages.failed(context)
    return refuse(context, refusalOfError(error))
  })
  return hono
}

const wantsPage = (context: Context) => context.req.header('accept')?.includes('text/html') === true

function refuse(context: Context, { body, status }: Refused): Response {
  if (body.retryAfter !== undefined) context.header('Retry-After', String(body.retryAfter))
  return context.json(body, status)
}
