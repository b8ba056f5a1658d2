import * as v from 'valibot'
import type { LogInRefusal } from '../../../messages/commands.ts'
import { browser } from '../../../platform/browser.ts'
import { type IssuerError, issuerErrors } from '../../../protocol/http.ts'
import { parseUrl } from '../parse-url.ts'

/** One sign-in at the issuer, from this device's side. It is kept until the way back, or its worker's death. */
export interface IssuerFlow {
  readonly state: string
  readonly verifier: string
}

const key = 'issuerFlow'

export const forgetFlow = (): Promise<void> => browser.storage.session.remove(key)

const refused = v.object({ why: v.string() })
const refusedKey = 'issuerRefused'

/** The popup is most often closed when a sign-in at the issuer fails, and the worker asleep when it opens again. */
export const keepRefusal = (refusal: LogInRefusal): Promise<void> =>
  browser.storage.session.set({ [refusedKey]: refusal })

export const forgetRefusal = (): Promise<void> => browser.storage.session.remove(refusedKey)

/** Why the last sign-in at the issuer came to nothing: also when its worker did not live to say so. */
export async function readRefusal(): Promise<LogInRefusal | null> {
  const { [refusedKey]: kept, [key]: unfinished } = await browser.storage.session.get([refusedKey, key])
  if (unfinished !== undefined) {
    await forgetFlow()
    return { why: 'interrupted' }
  }
  const parsed = v.safeParse(refused, kept)
  return parsed.success ? (parsed.output as LogInRefusal) : null
}

/**
 * Begins a sign-in at the server's issuer: authorization code flow with PKCE (RFC 7636), the server being
 * the issuer's client.
 *
 * @returns the flow and the address to open.
 */
export async function beginFlow(
  server: string,
): Promise<{ readonly flow: IssuerFlow; readonly url: string }> {
  const begun = { state: randomText(), verifier: randomText() }
  await browser.storage.session.set({ [key]: true })
  const url = new URL('/auth/issuer/start', server)
  url.searchParams.set('return_to', browser.identity.getRedirectURL())
  url.searchParams.set('state', begun.state)
  url.searchParams.set('code_challenge', await challengeOf(begun.verifier))
  return { flow: begun, url: url.href }
}

/** What the way back says: the code, or why there is none. A state that is not ours is nobody's. */
export function readWayBack(
  { state }: IssuerFlow,
  wayBack: string | undefined,
): { readonly code: string } | { readonly error: IssuerError } {
  const params = wayBack === undefined ? undefined : parseUrl(wayBack)?.searchParams
  if (params?.get('state') !== state) return { error: 'issuer-fault' }
  const code = params.get('code')
  if (code) return { code }
  const error = v.safeParse(v.picklist(issuerErrors), params.get('error'))
  return { error: error.success ? error.output : 'issuer-fault' }
}

const base64url = (bytes: Uint8Array<ArrayBuffer>) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return base64url(new Uint8Array(digest))
}
