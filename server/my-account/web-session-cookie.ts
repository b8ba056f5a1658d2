import { deleteCookie } from 'hono/cookie'
import { type HostCookie, hostCookie } from '../http/host-cookie.ts'
import type { Context } from '../http/route.ts'

/** Where a browser keeps the secret of its web session. */
export interface WebSessionCookie extends Pick<HostCookie, 'read' | 'set'> {
  /** Takes the cookie away, and with it whatever the browser kept of our pages (`Clear-Site-Data`). */
  clearWithSiteData(context: Context): void
}

/** What it was called until 2026-11, where people come by https. */
const older = { name: '__Secure-reachable-web-session', path: '/account' }

/** @param secure whether people reach us by https. */
export function createWebSessionCookie(secure: boolean): WebSessionCookie {
  const cookie = hostCookie({ secure, name: 'reachable-web-session', path: '/account' })
  const dropOlder = (context: Context) => {
    if (secure) deleteCookie(context, older.name, { path: older.path, secure })
  }
  return {
    read: cookie.read,
    set(context, secret) {
      cookie.set(context, secret)
      dropOlder(context)
    },
    /** Whoever leaves leaves nothing in the browser for the next one at it, who may press "back". */
    clearWithSiteData(context) {
      cookie.clear(context)
      dropOlder(context)
      // Not "cookies": that takes those of every site under the same domain, and of sign-ins in other windows.
      context.header('Clear-Site-Data', '"cache", "storage"')
    },
  }
}
