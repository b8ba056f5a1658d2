import { createHash, createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import { generateKeyPair } from 'dpop'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'

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

const known = new Map<string, { readonly key: KeyObject; readonly header: string }>()

function signerOf(jwk: JWK) {
  const { d: _, ...open } = jwk
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const signer = { key, header: encoded({ alg: 'ES256', typ: 'dpop+jwt', jwk: open }) }
  known.set(jwk.x ?? '', signer)
  return signer
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/**
 * What a `hello` proves with. Made in place, as `dpop` has it: thousands of devices of one process would wake other
 * threads for each, on the machine of the server that is measured.
 */
export function helloProof(server: string, jwk: JWK, nonce: string, token: string): string {
  const { key, header } = known.get(jwk.x ?? '') ?? signerOf(jwk)
  const ath = createHash('sha256').update(token).digest('base64url')
  const iat = Math.floor(Date.now() / 1_000)
  const said = `${header}.${encoded({ iat, jti: randomUUID(), htm: 'GET', nonce, htu: `${server}/socket`, ath })}`
  const signature = sign('sha256', Buffer.from(said), { key, dsaEncoding: 'ieee-p1363' })
  return `${said}.${signature.toString('base64url')}`
}
