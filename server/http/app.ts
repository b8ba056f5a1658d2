import { Hono } from 'hono'
import type { Log } from '../log.ts'
import { failedPage } from '../pages/failed-page.ts'
import { notFoundPage } from '../pages/not-found.ts'
import { type Admission, admission } from './admission.ts'
import { Refused, refusalOfFault } from './refused.ts'
import type { Env, Request, Route } from './route.ts'
import { securityHeaders } from './security-headers.ts'

export interface AppParts extends Admission {
  readonly log: Log
  /** Whether people reach us by https. */
  readonly secure: boolean
  readonly routes: readonly Route[]
}

/** The HTTP side: its routes, each behind the admission that it names, and one way to refuse. */
export function app(parts: AppParts): Hono<Env> {
  const { log, routes } = parts
  const guards = admission(parts)
  const hono = new Hono<Env>()

  hono.use(securityHeaders(parts.secure))
  for (const { method, path, admits, handle } of routes) {
    // Browsers ask first, with no proof yet.
    if (admits === 'extension' || admits === 'device' || admits === 'session')
      hono.options(path, guards.extension, (request) => request.body(null, 204))
    hono.on(method, path, guards[admits], handle)
  }
  hono.notFound((request) =>
    wantsPage(request)
      ? request.html(notFoundPage(), 404)
      : refuse(request, new Refused('not-found', 'There is nothing at this address.')),
  )
  hono.onError((fault, request) => {
    if (fault instanceof Refused) return refuse(request, fault)
    log.error({ err: fault, path: request.req.routePath }, 'a request failed')
    if (wantsPage(request)) return failedPage(request)
    return refuse(request, refusalOfFault(fault))
  })
  return hono
}

const wantsPage = (request: Request) => request.req.header('accept')?.includes('text/html') === true

function refuse(request: Request, { body, status }: Refused): Response {
  if (body.retryAfter !== undefined) request.header('Retry-After', String(body.retryAfter))
  return request.json(body, status)
}
