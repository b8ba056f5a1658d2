import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Context } from './route.ts'

export interface HostCookie {
  /** As browsers have it. */
  readonly name: string
  read(context: Context): string | undefined
  /** @param maxAge seconds; without it the cookie goes when the browser ends. */
  set(context: Context, value: string, maxAge?: number): void
  clear(context: Context): void
}

export interface HostCookieOptions {
  /** Whether people reach us by https. */
  readonly secure: boolean
  readonly name: string
  /** Which of our pages it is for, where people do not come by https. */
  readonly path: string
}

/**
 * A cookie that is ours alone: no script reads it, no form of another site is sent with it. By https its name begins
 * with `__Host-`, so that no browser takes one from a neighbour under the same domain in its place, or by http; for
 * that it has to be for all our pages. Without https there is no such name, and it goes to its pages alone: other
 * ports of the same machine would get it too.
 */
export function hostCookie({ secure, name: plain, path }: HostCookieOptions): HostCookie {
  const name = secure ? `__Host-${plain}` : plain
  const options = { path: secure ? '/' : path, httpOnly: true, sameSite: 'Lax', secure } as const
  return {
    name,
    read: (context) => getCookie(context, name),
    set: (context, value, maxAge) =>
      setCookie(context, name, value, { ...options, ...(maxAge !== undefined && { maxAge }) }),
    clear: (context) => void deleteCookie(context, name, options),
  }
}
