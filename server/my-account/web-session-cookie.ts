import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Request } from '../http/route.ts'

export interface VisitCookie {
  read(request: Request): string | undefined
  give(request: Request, secret: string): void
  take(request: Request): void
}

/** Goes to the account pages alone, and to nobody's script. @param secure whether people reach us by https. */
export function visitCookie(secure: boolean): VisitCookie {
  // Browsers keep a name that begins so from being set without https.
  const name = secure ? '__Secure-reachable-visit' : 'reachable-visit'
  const options = { path: '/account', httpOnly: true, sameSite: 'Lax', secure } as const
  return {
    read: (request) => getCookie(request, name),
    give: (request, secret) => setCookie(request, name, secret, options),
    take: (request) => void deleteCookie(request, name, options),
  }
}
