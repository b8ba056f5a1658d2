import { generateKeyPair, generateProof, type KeyPair } from 'dpop'
import { calculateJwkThumbprint, exportJWK } from 'jose'

/** The key of a device, as the extension has one. */
export interface DeviceKey {
  readonly pair: KeyPair
  readonly thumbprint: string
}

export async function newKey(): Promise<DeviceKey> {
  const pair = await generateKeyPair('ES256')
  return { pair, thumbprint: await calculateJwkThumbprint(await exportJWK(pair.publicKey)) }
}

const keys = new Map<string, Promise<DeviceKey>>()

/** The key of the device of this name: the same one all through a test file. */
export function keyOf(device: string): Promise<DeviceKey> {
  const key = keys.get(device) ?? newKey()
  keys.set(device, key)
  return key
}

export interface Proof {
  readonly url: string
  readonly method: string
  readonly nonce?: string | undefined
  readonly token?: string
}

export const proofOf = ({ pair }: DeviceKey, { url, method, nonce, token }: Proof): Promise<string> =>
  generateProof(pair, url, method, nonce, token)

/** Asks as a device does: with a proof, made again once with a nonce when the server wants one. */
export async function fetchWithProof(
  url: string,
  init: RequestInit & { readonly method: string },
  key: DeviceKey,
  token?: string,
): Promise<Response> {
  const ask = async (nonce?: string) => {
    const headers = new Headers(init.headers)
    const proof = { url, method: init.method, nonce, ...(token !== undefined && { token }) }
    if (token !== undefined && !headers.has('authorization')) headers.set('authorization', `DPoP ${token}`)
    headers.set('dpop', await proofOf(key, proof))
    return fetch(url, { ...init, headers })
  }
  const first = await ask()
  const nonce = first.headers.get('dpop-nonce')
  return first.status === 401 && nonce !== null ? ask(nonce) : first
}
