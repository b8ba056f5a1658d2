import * as v from 'valibot'
import type { LogInRefusal } from '../../../messages/commands.ts'
import { browser } from '../../../platform/browser.ts'
import { type IssuerError, issuerErrors } from '../../../protocol/http.ts'
import { parseUrl } from '../parse-url.ts'
import { deviceId } from './device-identity.ts'
import { diagnose } from './server-health.ts'
import { type SignInResult, signInByCode, untilAfter } from './sign-in.ts'

/**
 * Signs in at the server's issuer (Google, or another) in a window that the browser opens. Runs in the
 * worker, since the popup closes as soon as that window takes the focus.
 */
export async function signInAtIssuer(
  server: string,
  staySignedIn: boolean,
  stillWanted: () => boolean,
): Promise<SignInResult> {
  const reason = await diagnose(server)
  if (reason !== null) return { ok: false, why: reason === 'outdated' ? 'outdated' : 'server-silent' }
  try {
    const { flow, url } = await beginFlow(server)
    const redirect = await openWindow(url)
    if (redirect === 'closed') return { ok: false, why: await whyClosed(server) }
    const read = readRedirect(flow, redirect)
    if ('why' in read) return { ok: false, ...read }
    // Spending the code would end the session of whoever has logged in by password meanwhile.
    if (!stillWanted()) return { ok: false, why: 'interrupted' }
    return await signInByCode(server, {
      code: read.code,
      verifier: flow.verifier,
      staySignedIn,
      device: await deviceId(),
    })
  } catch {
    return { ok: false, why: 'storage' }
  } finally {
    await clearFlow().catch(() => {})
  }
}

/** Browsers say with one rejection that the person closed the window and that nothing loaded in it. */
async function openWindow(url: string): Promise<string | undefined | 'closed'> {
  try {
    return await browser.identity.launchWebAuthFlow({ url, interactive: true })
  } catch {
    return 'closed'
  }
}

async function whyClosed(server: string): Promise<LogInRefusal['why']> {
  return (await diagnose(server)) === null ? 'window-closed' : 'server-silent'
}

/** One sign-in at the issuer, from this device's side. It is kept until the redirect back, or its worker's death. */
export interface IssuerFlow {
  readonly state: string
  readonly verifier: string
}

const key = 'issuerFlow'

export const clearFlow = (): Promise<void> => browser.storage.session.remove(key)

const refused = v.object({ why: v.string(), until: v.optional(v.number()) })
const refusedKey = 'issuerRefused'

/** The popup is most often closed when a sign-in at the issuer fails, and the worker asleep when it opens again. */
export const storeIssuerRefusal = (refusal: LogInRefusal): Promise<void> =>
  browser.storage.session.set({ [refusedKey]: refusal })

export const clearIssuerRefusal = (): Promise<void> => browser.storage.session.remove(refusedKey)

/** Why the last sign-in at the issuer came to nothing: also when its worker did not live to say so. */
export async function readIssuerRefusal(): Promise<LogInRefusal | null> {
  const { [refusedKey]: kept, [key]: unfinished } = await browser.storage.session.get([refusedKey, key])
  if (unfinished !== undefined) {
    await clearFlow()
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

/** What the redirect back says: the code, or why there is none. A state that is not ours is nobody's. */
export function readRedirect(
  { state }: IssuerFlow,
  redirect: string | undefined,
): { readonly code: string } | { readonly why: IssuerError; readonly until?: number } {
  const params = redirect === undefined ? undefined : parseUrl(redirect)?.searchParams
  if (params?.get('state') !== state) return { why: 'issuer-fault' }
  const code = params.get('code')
  if (code) return { code }
  const error = v.safeParse(v.picklist(issuerErrors), params.get('error'))
  if (!error.success) return { why: 'issuer-fault' }
  const wait = v.safeParse(seconds, params.get('retry_after'))
  return { why: error.output, ...(wait.success && { until: untilAfter(wait.output) }) }
}

const seconds = v.pipe(v.string(), v.regex(/^\d{1,6}$/), v.transform(Number))

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
