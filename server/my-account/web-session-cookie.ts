import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Context } from '../http/route.ts'

export interface WebSessionCookie {
  read(context: Context): string | undefined
  give(context: Context, secret: string): void
  take(context: Context): void
}

/** Goes to the account pages alone, and to nobody's script. @param secure whether people reach us by https. */
export function webSessionCookie(secure: boolean): WebSessionCookie {
  // Browsers keep a name that begins so from being set without https.
  const name = secure ? '__Secure-reachable-webSession' : 'reachable-webSession'
  const options = { path: '/account', httpOnly: true, sameSite: 'Lax', secure } as const
  return {
    read: (context) => getCookie(context, name),
    give: (context, secret) => setCookie(context, name, secret, options),
    take: (context) => void deleteCookie(context, name, options),
  }
}
