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
import {
  type FlowSecrets,
  type Issuer,
  type IssuerClaims,
  IssuerUnavailable,
  IssuerUntrusted,
} from './issuer.ts'
import { beginFlow, endFlow, type Flow } from './issuer-flows.ts'
import { issuerProfileOf, takeProfile } from './issuer-profile.ts'
import { type IssuerPolicy, resolvePerson } from './resolve-person.ts'

export interface SignInAtIssuerDependencies extends IssuerPolicy {
  readonly db: Database
  readonly issuerClient: Issuer
  readonly notify: DeviceNotifier
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly clientOf: ClientOf
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

export function signInAtIssuer(dependencies: SignInAtIssuerDependencies): SignInAtIssuer {
  const { db, issuerClient, notify, clock, log, secret, clientOf } = dependencies

  const errorOf = (error: unknown): IssuerError => {
    if (!(error instanceof IssuerUnavailable || error instanceof IssuerUntrusted)) throw error
    // Not the errors themselves: the library puts what the issuer said of a person into them.
    log.warn({ issuer: dependencies.issuer, why: whyOf(error) }, 'a sign-in at the issuer failed')
    return error instanceof IssuerUnavailable ? 'issuer-silent' : 'issuer-fault'
  }

  /** What the issuer says of whoever signed in, or why nothing is to be believed. */
  const claimsOf = (answered: URL, secrets: FlowSecrets): Promise<IssuerClaims | IssuerError> =>
    issuerClient.whoSignedIn(secrets, answered).catch(errorOf)

  const refuse = async (db: Database, flow: Flow, error: IssuerError, from: Client, who?: string) => {
    await audit(db, { at: clock.wall(), what: 'issuer-refused', who, from, detail: { why: error } })
    return backTo(flow, { error })
  }

  /** Makes a code for whom the issuer vouches for, or puts on record why not. */
  const admit = async (db: Database, flow: Flow, claims: IssuerClaims, from: Client): Promise<Landed> => {
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
    async begin(wish, callback, incoming) {
      const { address } = clientOf(incoming)
      const begun = await beginFlow(db, secret, wish, address, clock.wall())
      if (!begun) return { kind: 'too-many' }
      try {
        const to = await issuerClient.signInAddress(begun.secrets, callback)
        return { kind: 'begun', address: to, state: begun.secrets.state, browser: begun.browser }
      } catch (error) {
        return { kind: 'refused', error: errorOf(error) }
      }
    },

    async end(answered, came, incoming) {
      const from = clientOf(incoming)
      const begun = await db.transaction().execute(async (transaction) => {
        const ended = await endFlow(transaction, secret, came, clock.wall())
        if (ended.kind === 'unknown') return ended
        if (ended.kind === 'expired') return refuse(transaction, ended.flow, 'expired', from)
        const error = errorSaid(answered)
        return error === undefined ? ended : refuse(transaction, ended.flow, error, from)
      })
      if (begun.kind !== 'good') return begun
      const claims = await claimsOf(answered, begun.secrets)
      const { ended, changed } = await db
        .transaction()
        .execute(
          async (transaction): Promise<Landed> =>
            typeof claims === 'string'
              ? { ended: await refuse(transaction, begun.flow, claims, from) }
              : admit(transaction, begun.flow, claims, from),
        )
      if (changed !== undefined) await notify.accountChanged(changed)
      return ended
    },
  }
}

interface Landed {
  readonly ended: Ended
  /** Whose devices are to be told of a new profile once it is committed. */
  readonly changed?: string | undefined
}

const backTo = (
  { returnTo, state }: Flow,
  outcome: { readonly code: string } | { readonly error: IssuerError },
): Ended => ({ kind: 'ended', returnTo, state, outcome })

/** The issuer may send a person back with an error in place of a code. */
function errorSaid(answered: URL): IssuerError | undefined {
  const error = answered.searchParams.get('error')
  if (error === null) return undefined
  return error === 'access_denied' ? 'denied' : 'issuer-fault'
}

function whyOf(error: unknown): string {
  const messages: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) messages.push(at.message)
  return messages.join(': ')
}
