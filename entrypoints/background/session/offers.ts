import type { SignInOffers } from '../../../protocol/http.ts'
import { readHealth } from './server-health.ts'

export interface KnownOffers {
  readonly now: () => SignInOffers
  /** Asks the server anew what it offers; what it offered before stands while it does not answer. */
  readonly refresh: () => Promise<void>
}

const nothing: SignInOffers = { issuer: null, forgot: null, signUp: null }

/** How the server lets people sign in, for the popup. Known only while this worker lives, and cheap to ask. */
export function createSignInOffers(server: () => string, changed: () => void): KnownOffers {
  let known: { readonly server: string; readonly offers: SignInOffers } | null = null
  return {
    now: () => (known?.server === server() ? known.offers : nothing),
    refresh: async () => {
      const asked = server()
      const health = await readHealth(asked)
      if (health === null || asked !== server()) return
      known = { server: asked, offers: health.signIn }
      changed()
    },
  }
}
