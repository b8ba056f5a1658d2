import * as v from 'valibot'
import { type Call, call, type SignInResponse, signInResponse } from '../../../protocol/http.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { type DeviceKey, fetchWithProof, keyOf } from './dpop-proofs.ts'
import type { TestServer } from './in-process-server.ts'

interface At {
  readonly url: string
}

export const post = (
  { url }: At,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** The same from a device, which proves its key. */
export const postFrom = (
  key: DeviceKey,
  { url }: At,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  token?: string,
): Promise<Response> =>
  fetchWithProof(
    `${url}${path}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    key,
    token,
  )

export interface Login {
  readonly login: string
  readonly password: string
  readonly device?: string
  readonly staySignedIn?: boolean
}

export async function trySignIn(at: At, login: Login, headers?: Record<string, string>): Promise<Response> {
  const ask = { device: 'device-1', staySignedIn: false, ...login }
  return postFrom(await keyOf(ask.device), at, '/api/session', ask, headers)
}

/**
 * Asks so many times at once. Each wrong password is answered late, and none waits for another then.
 *
 * @returns the statuses.
 */
export const atOnce = (times: number, ask: (n: number) => Promise<Response>): Promise<number[]> =>
  Promise.all(Array.from({ length: times }, async (_, n) => (await ask(n)).status))

export const endSession = async (at: At, endToken: string): Promise<Response> =>
  postFrom(await keyOf('device-1'), at, '/api/session/end', { endToken })

export async function signIn(
  at: At,
  { username, password }: { username: string; password: string },
  device = 'device-1',
): Promise<SignInResponse> {
  const response = await trySignIn(at, { login: username, password, device })
  if (!response.ok) throw new Error(`sign-in was refused: ${await response.text()}`)
  return v.parse(signInResponse, await response.json())
}

/** A caller with a key of its own, made for it. */
export async function anotherCaller({ url, db }: Pick<TestServer, 'url' | 'db'>, name = 'Another') {
  const key = await createApiKey(await db(), name, Date.now())
  return callerOf({ url, operatorKey: key ?? '' })
}

/** A caller with the operator's key. */
export function callerOf(server: Pick<TestServer, 'url' | 'operatorKey'>) {
  const authorization = { authorization: `Bearer ${server.operatorKey}` }
  const parsed = async (response: Response): Promise<Call> => {
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return v.parse(call, await response.json())
  }
  return {
    authorization,
    place: (to: string, from = 'Dr Bell', more: { waitFor?: number } = {}) =>
      post(server, '/api/calls', { to, from, ...more }, authorization).then(parsed),
    /** Places a call with the caller's own id of it. */
    placeOnce: (key: string, body: object) =>
      post(server, '/api/calls', body, { ...authorization, 'idempotency-key': key }),
    get: (id: string) => fetch(`${server.url}/api/calls/${id}`, { headers: authorization }).then(parsed),
    cancel: (id: string) => post(server, `/api/calls/${id}/cancel`, {}, authorization),
  }
}
