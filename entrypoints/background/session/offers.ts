import * as v from 'valibot'
import type { ServerAnswer } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { type SignInOffers, signInOffers } from '../../../protocol/http.ts'
import { lookAtServer } from './server-health.ts'

export interface KnownOffers {
  readonly now: () => SignInOffers
  /** How the server answered when it was last asked; `unknown` before that, whatever is kept. */
  readonly answer: () => ServerAnswer
  /** Takes up what the server offered when an earlier worker asked. Never rejects: it is only asked anew. */
  readonly restore: () => Promise<void>
  /** Asks the server anew; what it offered before stands while it does not answer. */
  readonly refresh: () => Promise<void>
}

const nothing: SignInOffers = { issuer: null, forgot: null, signUp: null }

interface Known {
  readonly server: string
  readonly answer: ServerAnswer
  readonly offers: SignInOffers
}

const kept = v.object({ server: v.string(), offers: signInOffers })

/**
 * How the server answers whoever is not signed in, for the login form. What it offers is kept, so that a form that opens
 * has its links at once and nothing moves under a hand; whether it answers is never kept.
 */
export function createSignInOffers(server: () => string | null, changed: () => void): KnownOffers {
  let known: Known | null = null
  let asked = 0
  let heard = 0
  const knownHere = () => (known?.server === server() ? known : null)

  async function refresh(): Promise<void> {
    const address = server()
    if (address === null) return
    asked += 1
    const mine = asked
    const { answer, offers } = await lookAtServer(address)
    // What was asked later knows better, also where it was answered sooner.
    if (mine < heard || address !== server()) return
    heard = mine
    known = { server: address, answer, offers: offers ?? knownHere()?.offers ?? nothing }
    changed()
    if (offers) await browser.storage.local.set({ offers: { server: address, offers } }).catch(() => {})
  }

  return {
    now: () => knownHere()?.offers ?? nothing,
    answer: () => knownHere()?.answer ?? 'unknown',
    restore: async () => {
      const found = await browser.storage.local.get('offers').catch(() => ({}) as { offers?: unknown })
      const parsed = v.safeParse(kept, found.offers)
      if (parsed.success && known === null) known = { ...parsed.output, answer: 'unknown' }
    },
    refresh,
  }
}
