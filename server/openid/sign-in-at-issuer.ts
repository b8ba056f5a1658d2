import type { IncomingMessage } from 'node:http'
import type { IssuerError, IssuerStart } from '../../protocol/http.ts'
import { addressKey } from '../accounts/address-key.ts'
import { audit, type Client } from '../accounts/audit.ts'
import { makeSignInCode } from '../accounts/code-sign-in.ts'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import { comparableEmail } from '../accounts/login-name.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'
import type { Log } from '../log.ts'
import { IssuerUnavailable, IssuerUntrusted } from './issuer-fetch.ts'
import { beginFlow, type EndedFlow, endFlow, type Flow, flowSucceeded } from './issuer-flows.ts'
import { issuerProfileOf, takeProfile } from './issuer-profile.ts'
import type { FlowSecrets, IssuerClaims, OpenIdClient } from './openid-client.ts'
import { type IssuerPolicy, resolvePerson } from './resolve-person.ts'

export interface SignInAtIssuerDependencies extends IssuerPolicy {
  readonly db: Database
  readonly issuerClient: OpenIdClient
  readonly notify: DeviceNotifier
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly clientOf: ClientOf
}

export type Began =
  /** Send the browser to `url`, with `kept` in a cookie of this state. */
  | { readonly kind: 'begun'; readonly url: URL; readonly state: string; readonly kept: string }
  | { readonly kind: 'refused'; readonly error: IssuerError }

export type Ended =
  | {
      readonly kind: 'ended'
      readonly returnTo: string
      /** The extension's. */
      readonly state: string
      readonly outcome: Outcome
    }
  | { readonly kind: 'unknown' }

export type Outcome =
  | { readonly code: string }
  /** `retry_after`: seconds, with `too-many-attempts`. */
  | { readonly error: IssuerError; readonly retry_after?: string }

/** What a browser brings back from the issuer. */
export interface Brought {
  readonly state: string
  /** What it was given at the beginning. */
  readonly kept: string | undefined
  /** By what it is counted, where it is known. */
  readonly browser: string | undefined
}

/** Signing in at the issuer, from the extension's request to the code that only this extension can spend. */
export interface SignInAtIssuer {
  begin(request: IssuerStart, callbackUrl: string): Promise<Began>
  end(answered: URL, brought: Brought, incoming: IncomingMessage): Promise<Ended>
}

export function createSignInAtIssuer(dependencies: SignInAtIssuerDependencies): SignInAtIssuer {
  const { db, issuerClient, notify, clock, log, secret, clientOf } = dependencies

  const errorOf = (error: unknown): IssuerError => {
    if (!(error instanceof IssuerUnavailable || error instanceof IssuerUntrusted)) throw error
    // Not the errors themselves: the library puts what the issuer said of a person into them.
    log.warn({ issuer: dependencies.issuer, why: whyOf(error) }, 'a sign-in at the issuer failed')
    return error instanceof IssuerUnavailable ? 'issuer-silent' : 'issuer-fault'
  }

  /** What the issuer says of whoever signed in, or why nothing is to be believed. */
  const claimsOf = (answered: URL, secrets: FlowSecrets): Promise<IssuerClaims | IssuerError> =>
    issuerClient.redeemCallback(secrets, answered).catch(errorOf)

  const refuse = async (db: Database, flow: Flow, error: IssuerError, from: Client, who?: string) => {
    await audit(db, { at: clock.wall(), what: 'issuer-refused', who, from, detail: { why: error } })
    return backTo(flow, { error })
  }

  /** Makes a code for whom the issuer vouches for, or puts on record why not. */
  const admit = async (
    db: Database,
    { flow, secrets }: GoodFlow,
    claims: IssuerClaims,
    from: Client,
  ): Promise<Completed> => {
    const now = clock.wall()
    const found = await resolvePerson(db, dependencies, claims, from, now)
    if (found.kind === 'refused') return { ended: await refuse(db, flow, found.error, from, found.userId) }
    const { userId } = found
    const taken = { ...issuerProfileOf(claims), email: comparableEmail(claims.email) ?? null }
    const changed = await takeProfile(db, userId, taken, from, now)
    const code = await makeSignInCode(db, userId, flow.challenge, now)
    await flowSucceeded(db, secrets.state)
    return { ended: backTo(flow, { code }), changed: changed ? userId : undefined }
  }

  return {
    async begin(request, callbackUrl) {
      const { secrets, kept } = beginFlow(secret, request, clock.wall())
      try {
        const url = await issuerClient.authorizationUrl(secrets, callbackUrl)
        return { kind: 'begun', url, state: secrets.state, kept }
      } catch (error) {
        return { kind: 'refused', error: errorOf(error) }
      }
    },

    async end(answered, { state, kept, browser }, incoming) {
      const from = clientOf(incoming)
      const by = browser === undefined ? `address ${addressKey(from.address)}` : `browser ${browser}`
      const begun = await db.transaction().execute(async (transaction) => {
        const ended = await endFlow(transaction, secret, { state, kept, by }, clock.wall())
        if (ended.kind === 'unknown') return ended
        if (ended.kind === 'too-many') return comeLater(ended.flow, ended.wait)
        if (ended.kind === 'expired') return refuse(transaction, ended.flow, 'expired', from)
        const error = errorInCallback(answered)
        return error === undefined ? ended : refuse(transaction, ended.flow, error, from)
      })
      if (begun.kind !== 'good') return begun
      const claims = await claimsOf(answered, begun.secrets)
      const { ended, changed } = await db
        .transaction()
        .execute(
          async (transaction): Promise<Completed> =>
            typeof claims === 'string'
              ? { ended: await refuse(transaction, begun.flow, claims, from) }
              : admit(transaction, begun, claims, from),
        )
      if (changed !== undefined) notify.accountChanged(changed)
      return ended
    },
  }
}

interface Completed {
  readonly ended: Ended
  /** Whose devices are to be told of a new profile once it is committed. */
  readonly changed?: string | undefined
}

type GoodFlow = Extract<EndedFlow, { readonly kind: 'good' }>

const backTo = ({ returnTo, state }: Flow, outcome: Outcome): Ended => ({
  kind: 'ended',
  returnTo,
  state,
  outcome,
})

const comeLater = (flow: Flow, wait: number): Ended =>
  backTo(flow, { error: 'too-many-attempts', retry_after: String(Math.ceil(wait / 1_000)) })

/** The issuer may send a person back with an error in place of a code. */
function errorInCallback(answered: URL): IssuerError | undefined {
  const error = answered.searchParams.get('error')
  if (error === null) return undefined
  return error === 'access_denied' ? 'denied' : 'issuer-fault'
}

function whyOf(error: unknown): string {
  const messages: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) messages.push(at.message)
  return messages.join(': ')
}
