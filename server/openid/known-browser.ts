import { hashOf, newSecret, readSigned, sign } from '../accounts/secrets.ts'
import { hostCookie } from '../http/host-cookie.ts'
import type { Context } from '../http/route.ts'

/** As long as browsers keep a cookie, in seconds. */
const keptFor = 400 * 86_400

const purpose = 'openid-browser'

/**
 * A browser in which somebody has signed in at the issuer before. It says nothing of who that was, and opens nothing:
 * its sign-ins that come to nothing are counted apart from those of strangers at the same address.
 */
export interface KnownBrowser {
  /** @returns what the browser is counted by; undefined for one that we do not know. */
  read(context: Context): string | undefined
  /** Knows a browser again from now on. */
  remember(context: Context): void
}

export function createKnownBrowser(secret: string, secure: boolean): KnownBrowser {
  const cookie = hostCookie({ secure, name: 'reachable-known-browser', path: '/auth/issuer' })
  const read = (context: Context) => {
    const id = readSigned(secret, purpose, cookie.read(context) ?? '')
    return id === undefined ? undefined : hashOf(id)
  }
  return {
    read,
    remember(context) {
      if (read(context) !== undefined) return
      cookie.set(context, sign(secret, purpose, newSecret()), keptFor)
    },
  }
}
