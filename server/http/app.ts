import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
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
  /** `retryAfter` in seconds. */
  busy(
    context: Context,
    told: { retryAfter: number; status: ContentfulStatusCode },
  ): Response | Promise<Response>
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
    const refused = refusalOfError(error)
    const { retryAfter } = refused.body
    const what = { err: error, path: context.req.routePath }
    if (retryAfter === undefined) log.error(what, 'a request failed')
    else if (!(error instanceof PasswordsBusy)) log.warn(what, 'a request came while too much was going on')
    if (!wantsPage(context)) return refuse(context, refused)
    return retryAfter === undefined
      ? errorPages.failed(context)
      : errorPages.busy(context, { retryAfter, status: refused.status })
  })
  return hono
}

const wantsPage = (context: Context) => context.req.header('accept')?.includes('text/html') === true

function refuse(context: Context, { body, status }: Refused): Response {
  if (body.retryAfter !== undefined) context.header('Retry-After', String(body.retryAfter))
  return context.json(body, status)
}
