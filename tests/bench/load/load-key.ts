import { generateKeyPair, generateProof, type KeyPair } from 'dpop'
import { calculateJwkThumbprint, exportJWK, importJWK, type JWK } from 'jose'

/** A key that can travel to the processes of the fleet, as no device's own can. */
export interface LoadKey {
  readonly jwk: JWK
  readonly thumbprint: string
}

export async function newLoadKey(): Promise<LoadKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { jwk, thumbprint: await calculateJwkThumbprint(jwk) }
}

const pairs = new Map<string, Promise<KeyPair>>()

async function importPair(jwk: JWK): Promise<KeyPair> {
  const { d: _, ...open } = jwk
  const [privateKey, publicKey] = await Promise.all([
    importJWK(jwk, 'ES256'),
    importJWK(open, 'ES256', { extractable: true }),
  ])
  return { privateKey, publicKey } as KeyPair
}

/** What a `hello` proves with. */
export async function helloProof(server: string, jwk: JWK, nonce: string, token: string): Promise<string> {
  const known = pairs.get(jwk.x ?? '') ?? importPair(jwk)
  pairs.set(jwk.x ?? '', known)
  return generateProof(await known, `${server}/socket`, 'GET', nonce, token)
}
