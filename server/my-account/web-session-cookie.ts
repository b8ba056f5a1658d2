import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Context } from '../http/route.ts'

/** Where a browser keeps the secret of its web session. */
export interface WebSessionCookie {
  read(context: Context): string | undefined
  set(context: Context, secret: string): void
  clear(context: Context): void
}

/** Goes to My account alone, and to nobody's script. @param secure whether people reach us by https. */
export function createWebSessionCookie(secure: boolean): WebSessionCookie {
  // Browsers keep a name that begins so from being set without https.
  const name = secure ? '__Secure-reachable-web-session' : 'reachable-web-session'
  const options = { path: '/account', httpOnly: true, sameSite: 'Lax', secure } as const
  return {
    read: (context) => getCookie(context, name),
    set: (context, secret) => setCookie(context, name, secret, options),
    clear: (context) => void deleteCookie(context, name, options),
  }
}
