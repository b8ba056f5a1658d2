import type { IncomingMessage } from 'node:http'
import type { IssuerError, IssuerStart } from '../../protocol/http.ts'
import { audit, type Client } from '../accounts/audit.ts'
import { makeSignInCode } from '../accounts/code-sign-in.ts'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import { comparableEmail } from '../accounts/login-name.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'
import type { Log } from '../log.ts'
import { IssuerUnavailable, IssuerUntrusted } from './issuer-fetch.ts'
import { beginFlow, endFlow, type Flow } from './issuer-flows.ts'
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
  /** Send the browser to `url`, with `browserSecret` in a cookie. */
  | { readonly kind: 'begun'; readonly url: URL; readonly state: string; readonly browserSecret: string }
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

/** Signing in at the issuer, from the extension's request to the code that only this extension can spend. */
export interface SignInAtIssuer {
  begin(request: IssuerStart, callbackUrl: string, incoming: IncomingMessage): Promise<Began>
  end(
    answered: URL,
    callback: { readonly state: string; readonly browserSecret: string | undefined },
    incoming: IncomingMessage,
  ): Promise<Ended>
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
  const admit = async (db: Database, flow: Flow, claims: IssuerClaims, from: Client): Promise<Completed> => {
    const now = clock.wall()
    const found = await resolvePerson(db, dependencies, claims, from, now)
    if (found.kind === 'refused') return { ended: await refuse(db, flow, found.error, from, found.userId) }
    const { userId } = found
    const taken = { ...issuerProfileOf(claims), email: comparableEmail(claims.email) ?? null }
    const changed = await takeProfile(db, userId, taken, from, now)
    const code = await makeSignInCode(db, userId, flow.challenge, now)
    return { ended: backTo(flow, { code }), changed: changed ? userId : undefined }
  }

  return {
    async begin(request, callbackUrl, incoming) {
      const { address } = clientOf(incoming)
      const begun = await beginFlow(db, secret, request, address, clock.wall())
      if (!begun) return { kind: 'too-many' }
      try {
        const url = await issuerClient.authorizationUrl(begun.secrets, callbackUrl)
        return { kind: 'begun', url, state: begun.secrets.state, browserSecret: begun.browserSecret }
      } catch (error) {
        return { kind: 'refused', error: errorOf(error) }
      }
    },

    async end(answered, callback, incoming) {
      const from = clientOf(incoming)
      const begun = await db.transaction().execute(async (transaction) => {
        const ended = await endFlow(transaction, secret, callback, clock.wall())
        if (ended.kind === 'unknown') return ended
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
              : admit(transaction, begun.flow, claims, from),
        )
      if (changed !== undefined) await notify.accountChanged(changed)
      return ended
    },
  }
}

interface Completed {
  readonly ended: Ended
  /** Whose devices are to be told of a new profile once it is committed. */
  readonly changed?: string | undefined
}

const backTo = (
  { returnTo, state }: Flow,
  outcome: { readonly code: string } | { readonly error: IssuerError },
): Ended => ({ kind: 'ended', returnTo, state, outcome })

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
