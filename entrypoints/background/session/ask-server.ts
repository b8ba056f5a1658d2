import { generateProof } from 'dpop'
import { deviceKey } from './device-identity.ts'

export interface ServerAsk {
  /** An origin, such as `https://reachable.example`. */
  readonly server: string
  /** From the root: `/api/session`. */
  readonly path: string
  readonly body: object
  /** The session's token, where the question needs one. */
  readonly token?: string
  /** Milliseconds. */
  readonly within: number
}

/**
 * Asks the server something that only this device may ask: each request carries a proof by the device's
 * key (RFC 9449). A server that doubts the proof's freshness, since one of the clocks is wrong, names a
 * nonce, and the question is asked once more with that.
 *
 * @throws when no server answers, or the device's key cannot be had.
 */
export async function askServer(ask: ServerAsk): Promise<Response> {
  const first = await post(ask, undefined)
  const nonce = first.headers.get('dpop-nonce')
  return first.status === 401 && nonce !== null ? await post(ask, nonce) : first
}

async function post(
  { server, path, body, token, within }: ServerAsk,
  nonce: string | undefined,
): Promise<Response> {
  const url = `${server}${path}`
  return await fetch(url, {
    method: 'POST',
    credentials: 'omit',
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      dpop: await generateProof(await deviceKey(), url, 'POST', nonce, token),
      ...(token === undefined ? {} : { authorization: `DPoP ${token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(within),
  })
}
