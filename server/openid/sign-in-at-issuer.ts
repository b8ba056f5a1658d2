import type { IncomingMessage } from 'node:http'
import type { IssuerError, IssuerStart } from '../../protocol/http.ts'
import { audit, type Origin } from '../accounts/audit.ts'
import { makeSignInCode } from '../accounts/code-sign-in.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { beginFlow, endFlow } from './flows.ts'
import { type Issuer, IssuerFault, IssuerSilent } from './issuer.ts'
import { type AtIssuer, type Found, personAtIssuer } from './person-at-issuer.ts'
import { takeProfile } from './take-profile.ts'
import { comparableEmail, takenProfile } from './taken-profile.ts'

export interface SignInAtIssuerParts extends AtIssuer {
  readonly at: Issuer
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly originOf: (incoming: IncomingMessage) => Origin
}

export type Began =
  /** Send the browser to `address`, with `browser` in a cookie. */
  | { readonly kind: 'begun'; readonly address: URL; readonly state: string; readonly browser: string }
  | { readonly kind: 'refused'; readonly error: IssuerError }
  | { readonly kind: 'too-many' }

export type Ended =
  | {
      readonly kind: 'ended'
      readonly returnTo: string
      /** The extension's. */
      readonly state: string
      readonly outcome: { readonly code: string } | { readonly error: IssuerError }
    }
  | { readonly kind: 'unknown' }

/** Signing in at the issuer, from the extension's wish to the code that only this extension can spend. */
export interface SignInAtIssuer {
  begin(wish: IssuerStart, callback: string, incoming: IncomingMessage): Promise<Began>
  end(
    answered: URL,
    came: { readonly state: string; readonly browser: string | undefined },
    incoming: IncomingMessage,
  ): Promise<Ended>
}

export function signInAtIssuer(parts: SignInAtIssuerParts): SignInAtIssuer {
  const { db, at, clock, secret, originOf } = parts

  const errorOf = (fault: unknown): IssuerError => {
    if (!(fault instanceof IssuerSilent || fault instanceof IssuerFault)) throw fault
    // Not the faults themselves: the library puts what the issuer said of a person into them.
    parts.log.warn({ issuer: parts.issuer, why: whyOf(fault) }, 'a sign-in at the issuer failed')
    return fault instanceof IssuerSilent ? 'issuer-silent' : 'issuer-fault'
  }

  const whoIs = async (
    answered: URL,
    secrets: Parameters<Issuer['whoSignedIn']>[0],
    from: Origin,
  ): Promise<Found> => {
    const error = answered.searchParams.get('error')
    if (error !== null)
      return { kind: 'refused', error: error === 'access_denied' ? 'denied' : 'issuer-fault' }
    try {
      const claims = await at.whoSignedIn(secrets, answered)
      const found = await personAtIssuer(parts, claims, from, clock.wall())
      const taken = { ...takenProfile(claims), email: comparableEmail(claims.email) ?? null }
      if (found.kind === 'found') await takeProfile(db, parts.bus, found.userId, taken, clock.wall())
      return found
    } catch (fault) {
      return { kind: 'refused', error: errorOf(fault) }
    }
  }

  return {
    async begin(wish, callback, incoming) {
      const { address } = originOf(incoming)
      const begun = await beginFlow(db, secret, wish, address, clock.wall())
      if (!begun) return { kind: 'too-many' }
      try {
        const to = await at.signInAddress(begun.secrets, callback)
        return { kind: 'begun', address: to, state: begun.secrets.state, browser: begun.browser }
      } catch (fault) {
        return { kind: 'refused', error: errorOf(fault) }
      }
    },

    async end(answered, came, incoming) {
      const ended = await endFlow(db, secret, came, clock.wall())
      if (ended.kind === 'unknown') return ended
      const { returnTo, state, challenge } = ended.flow
      const from = originOf(incoming)
      const found: Found =
        ended.kind === 'expired'
          ? { kind: 'refused', error: 'expired' }
          : await whoIs(answered, ended.secrets, from)
      if (found.kind === 'found') {
        const code = await makeSignInCode(db, found.userId, challenge, clock.wall())
        return { kind: 'ended', returnTo, state, outcome: { code } }
      }
      const { error, userId: who } = found
      await audit(db, { at: clock.wall(), what: 'issuer-refused', who, from, detail: { why: error } })
      return { kind: 'ended', returnTo, state, outcome: { error } }
    },
  }
}

function whyOf(fault: unknown): string {
  const messages: string[] = []
  for (let at = fault; at instanceof Error; at = at.cause) messages.push(at.message)
  return messages.join(': ')
}
