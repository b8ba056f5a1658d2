import { createHash, randomBytes } from 'node:crypto'
import { chromiumId } from '../../../protocol/extension.ts'
import { postFrom } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { type Browser, type Ended, newBrowser } from './browser.ts'

export const returnTo = `https://${chromiumId}.chromiumapp.org/`

/** One sign-in as the extension begins it. */
export interface Wish {
  readonly verifier: string
  readonly state: string
  readonly start: URL
}

export function newWish(server: string, more: Record<string, string> = {}): Wish {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const start = new URL('/auth/issuer/start', server)
  const parameters = {
    return_to: returnTo,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    ...more,
  }
  for (const [name, value] of Object.entries(parameters)) start.searchParams.set(name, value)
  return { verifier, state, start }
}

export interface AtIssuer {
  readonly url: string
  readonly issuer: string
}

export interface CameBack extends Wish {
  readonly browser: Browser
  readonly ended: Ended
  readonly code: string
  readonly error: string | null
}

/** Goes to the issuer and back in a browser, to where the extension takes over. */
export async function signInAtIssuer(
  { url, issuer }: AtIssuer,
  browser: Browser = newBrowser([url, issuer]),
): Promise<CameBack> {
  const wish = newWish(url)
  const ended = await browser.open(wish.start)
  const answer = ended.to?.searchParams
  return { ...wish, browser, ended, code: answer?.get('code') ?? '', error: answer?.get('error') ?? null }
}

/** Spends a code, as the extension does. */
export const spendCode = async (
  at: { readonly url: string },
  { code, verifier }: { readonly code: string; readonly verifier: string },
  more: object = {},
): Promise<Response> =>
  postFrom(await keyOf('device-1'), at, '/api/session/code', {
    code,
    verifier,
    device: 'device-1',
    staySignedIn: false,
    ...more,
  })
