import { randomUUID } from 'node:crypto'
import { exportJWK, type JWK, SignJWT } from 'jose'
import { hashOf } from '../../../server/accounts/secrets.ts'
import type { DeviceKey } from '../support/dpop-proofs.ts'

export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Signs instead of the device's own key. */
  readonly signer?: CryptoKey
  readonly token?: string
}

/** A proof that is sound but for what is asked for; `undefined` leaves a claim or header out. */
export async function forge(
  { pair }: DeviceKey,
  { url, method }: { readonly url: string; readonly method: string },
  { header, claims, signer = pair.privateKey, token }: Forgery = {},
): Promise<string> {
  const jwk = await exportJWK(pair.publicKey)
  const sound = {
    jti: randomUUID(),
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1_000),
    ...(token !== undefined && { ath: hashOf(token) }),
  }
  return new SignJWT({ ...sound, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header } as { alg: string; jwk: JWK })
    .sign(signer)
}

/** A token whose parts are taken as they are, signature and all. */
export const rawToken = (header: object, claims: object, signature = ''): string =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
  `.${signature}`
