import * as v from 'valibot'
import type { ServerAnswer } from '../../../messages/commands.ts'
import { browser } from '../../../platform/browser.ts'
import { type SignInOffers, signInOffers } from '../../../protocol/http.ts'
import { lookAtServer } from './server-health.ts'

export interface KnownOffers {
  readonly now: () => SignInOffers
  /** Takes up what the server offered when an earlier worker asked. Never rejects: it is only asked anew. */
  readonly restore: () => Promise<void>
  /**
   * Asks the server anew; what it offered before stands while it does not answer.
   *
   * @returns how it answered this time; null where nobody has named a server, or another was named meanwhile.
   */
  readonly refresh: () => Promise<ServerAnswer | null>
}

const nothing: SignInOffers = { issuer: null, forgot: null, signUp: null }

interface Known {
  readonly server: string
  readonly offers: SignInOffers
}

const kept = v.object({ server: v.string(), offers: signInOffers })

/**
 * What the server offers whoever is not signed in. It is kept, so that a form that opens has its links at once and
 * nothing moves under a hand. Whether it answers is told to whoever asks, and never kept.
 */
export function createSignInOffers(server: () => string | null, changed: () => void): KnownOffers {
  let known: Known | null = null
  let asked = 0
  let heard = 0

  async function refresh(): Promise<ServerAnswer | null> {
    const address = server()
    if (address === null) return null
    asked += 1
    const mine = asked
    const { answer, offers } = await lookAtServer(address)
    if (address !== server()) return null
    // What was asked later knows better, also where it was answered sooner.
    if (!offers || mine < heard) return answer
    heard = mine
    known = { server: address, offers }
    changed()
    await browser.storage.local.set({ offers: known }).catch(() => {})
    return answer
  }

  return {
    now: () => (known?.server === server() ? known.offers : nothing),
    restore: async () => {
      const found = await browser.storage.local.get('offers').catch(() => ({}) as { offers?: unknown })
      const parsed = v.safeParse(kept, found.offers)
      if (parsed.success && known === null) known = parsed.output
    },
    refresh,
  }
}
