import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { generateKeyPair as generateDevicePair } from 'dpop'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { hashOf } from '../../server/accounts/secrets.ts'
import { forge } from '../server/accounts/forge.ts'
import { type DeviceKey, newKey, proofOf } from '../server/support/dpop-proofs.ts'

/** A door that opens to a proof by a device's key, and that key. */
export interface Door {
  readonly url: string
  readonly method: string
  readonly key: DeviceKey
  /** Without one the door asks for no session: whoever comes has a key of their own. */
  readonly token?: string
  /** Only of a connection. */
  readonly nonce?: string
}

/** Proofs that are none, by what is wrong with them. */
type Forgeries = Record<string, () => string | Promise<string>>

export const forgeriesOf = async (door: Door): Promise<Forgeries> => {
  const jwk = await exportJWK(door.key.pair.publicKey)
  return {
    ...algorithms(door, jwk),
    ...(await signatures(door)),
    ...headers(door, jwk),
    ...claims(door),
    ...rawClaims(door, jwk),
  }
}

const thief = await newKey()
const thiefJwk = await exportJWK(thief.pair.publicKey)
const shown = await generateKeyPair('ES256', { extractable: true })
const shownJwk = await exportJWK(shown.privateKey)

const encoded = (text: string | Buffer) => Buffer.from(text).toString('base64url')
const seconds = () => Math.floor(Date.now() / 1_000)

const claimsOf = ({ url, method, token, nonce }: Door) => ({
  ...{ jti: randomUUID(), htm: method, htu: url, iat: seconds() },
  ...(token !== undefined && { ath: hashOf(token) }),
  ...(nonce !== undefined && { nonce }),
})

/** Signs whatever text stands in the two parts. */
async function signed({ pair }: DeviceKey, header: string, payload: string): Promise<string> {
  const input = `${encoded(header)}.${encoded(payload)}`
  const by = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(by, pair.privateKey, Buffer.from(input))
  return `${input}.${encoded(Buffer.from(signature))}`
}

/** The same by other means. */
function signedBy(door: Door, header: object, make: (input: string) => string | Buffer): string {
  const input = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claimsOf(door)))}`
  return `${input}.${encoded(make(input))}`
}

const curves = [
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
  ['ES256K', 'secp256k1'],
  ['ES256', 'P-384'],
  ['ES256', 'secp256k1'],
] as const

const curveKeys = curves.map(([alg, namedCurve]) => ({
  ...{ alg, namedCurve },
  ...generateKeyPairSync('ec', { namedCurve }),
}))

const otherKeys = await Promise.all(
  (['RS256', 'PS256', 'Ed25519'] as const).map(async (alg) => ({
    alg,
    key: { pair: await generateDevicePair(alg), thumbprint: '' },
  })),
)

/** Whatever is not ES256. */
function algorithms(door: Door, jwk: JWK): Forgeries {
  const typ = 'dpop+jwt'
  const all: Forgeries = {}
  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'ES256 ',
    'es256',
    'ES256K',
    null,
    ['ES256'],
    undefined,
  ])
    for (const signature of [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(64)])
      all[`alg ${JSON.stringify(alg)} with ${signature.length} bytes of signature`] = () =>
        signedBy(door, { alg, typ, jwk }, () => signature)
  // The public key as a shared secret, in each way that it can be written.
  const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  for (const [written, secret] of Object.entries({ pem, x: jwk.x ?? '', jwk: JSON.stringify(jwk), none: '' }))
    for (const bits of [256, 384, 512])
      all[`HS${bits} by the public key (${written})`] = () =>
        signedBy(door, { alg: `HS${bits}`, typ, jwk }, (input) =>
          createHmac(`sha${bits}`, secret).update(input).digest(),
        )
  for (const { alg, namedCurve, privateKey, publicKey } of curveKeys) {
    const own = publicKey.export({ format: 'jwk' })
    const make = (input: string) =>
      sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    for (const [what, key] of Object.entries({
      own,
      'called P-256': { ...own, crv: 'P-256' },
      'showing the device’s': jwk,
    }))
      all[`${alg} by a key of ${namedCurve} (${what})`] = () => signedBy(door, { alg, typ, jwk: key }, make)
  }
  for (const { alg, key } of otherKeys) {
    all[alg] = () => proofOf(key, door)
    all[`${alg} showing the device’s key`] = async () => {
      const [, payload, signature] = (await proofOf(key, door)).split('.')
      return [encoded(JSON.stringify({ alg, typ, jwk })), payload, signature].join('.')
    }
  }
  return all
}

/** The order of P-256, by which a signature has a twin that is as good. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const bytesOf = (n: bigint) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex')

/** The same proof with the other good signature of the same message. */
export function twinOf(proof: string): string {
  const [header, payload, signature = ''] = proof.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  return [header, payload, encoded(Buffer.concat([bytes.subarray(0, 32), bytesOf(s)]))].join('.')
}

/** The same proof in other letters: its last one has bits that no byte is made of. */
export function respelled(proof: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${proof.slice(0, -1)}${letters[letters.indexOf(proof.at(-1) ?? '') ^ 1]}`
}

/** Signatures that are none, and three parts that are not three. */
async function signatures(door: Door): Promise<Forgeries> {
  const { key, nonce } = door
  const proof = await proofOf(key, door)
  const [header = '', payload = '', signature = ''] = proof.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)]
  const bad: Record<string, Buffer> = {
    none: Buffer.alloc(0),
    'zero and zero': Buffer.alloc(64),
    'r and zero': Buffer.concat([r, Buffer.alloc(32)]),
    's and r': Buffer.concat([s, r]),
    'r and the order': Buffer.concat([r, bytesOf(order)]),
    'one and one': Buffer.concat([bytesOf(1n), bytesOf(1n)]),
    'one byte less': bytes.subarray(0, 63),
    'one byte more': Buffer.concat([bytes, Buffer.alloc(1)]),
    'one bit flipped': Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))),
    'in DER': Buffer.concat([Buffer.from([0x30, 0x44, 2, 32]), r, Buffer.from([2, 32]), s]),
  }
  const texts: Forgeries = {
    'two parts': () => `${header}.${payload}`,
    'four parts': () => `${proof}.${signature}`,
    'five parts, as if encrypted': () => `${header}.${signature}.${signature}.${payload}.${signature}`,
    padded: () => `${header}=.${payload}=.${signature}=`,
    'standard base64': () => `${proof.replaceAll('-', '+').replaceAll('_', '/')}+/`,
    'two with a comma': () => `${proof}, ${proof}`,
    'with a scheme': () => `DPoP ${proof}`,
    'as JSON': () => JSON.stringify({ protected: header, payload, signature }),
    'the header of another key': async () =>
      [(await proofOf(thief, door)).split('.')[0], payload, signature].join('.'),
    'the claims of another proof': async () =>
      [header, (await proofOf(key, { ...door, method: 'PUT' })).split('.')[1], signature].join('.'),
    'of 5,000 letters': () => forge(key, door, { claims: { nonce, padding: 'x'.repeat(5_000) } }),
    'of 12,000 dots': () => '.'.repeat(12_000),
    'signed by another key': () =>
      forge(key, door, { ...door, claims: { nonce }, signer: thief.pair.privateKey }),
    'another’s key with its private half': () =>
      forge(key, door, { ...door, claims: { nonce }, header: { jwk: shownJwk }, signer: shown.privateKey }),
  }
  const signed = Object.entries(bad).map(([what, other]) => [
    `signature: ${what}`,
    () => `${header}.${payload}.${encoded(other)}`,
  ])
  return { ...Object.fromEntries(signed), ...texts }
}

/** Headers that the device's key has signed itself, and headers that a thief wrote. */
function headers(door: Door, jwk: JWK): Forgeries {
  const zeros = encoded(Buffer.alloc(32))
  const wrong: Record<string, object> = {
    'typ JWT': { typ: 'JWT' },
    'no typ': { typ: undefined },
    'typ null': { typ: null },
    'typ at+jwt': { typ: 'at+jwt' },
    'typ with a space': { typ: 'dpop+jwt ' },
    'typ in a list': { typ: ['dpop+jwt'] },
    'no key': { jwk: undefined },
    'key null': { jwk: null },
    'key a string': { jwk: JSON.stringify(jwk) },
    'key {}': { jwk: {} },
    'key in a list': { jwk: [jwk] },
    'key of a shared secret': { jwk: { kty: 'oct', k: 'AAAA' } },
    'key with a private half': { jwk: { ...jwk, d: shownJwk.d } },
    'key off the curve': { jwk: { ...jwk, y: jwk.x } },
    'key of zeros': { jwk: { ...jwk, x: zeros, y: zeros } },
    'key without y': { jwk: { ...jwk, y: undefined } },
    'key of p-256': { jwk: { ...jwk, crv: 'p-256' } },
    'key of type ec': { jwk: { ...jwk, kty: 'ec' } },
    'key for encryption': { jwk: { ...jwk, use: 'enc', key_ops: ['encrypt'] } },
    'key by jku alone': { jwk: undefined, jku: 'http://127.0.0.1:1/keys', kid: '1' },
    'key by x5u alone': { jwk: undefined, x5u: 'http://127.0.0.1:1/keys' },
    'key by x5c alone': { jwk: undefined, x5c: ['AAAA'] },
    'key by kid alone': { jwk: undefined, kid: door.key.thumbprint },
    'crit b64': { crit: ['b64'], b64: false },
    'crit of nothing known': { crit: ['hostile'], hostile: true },
    'crit empty': { crit: [] },
  }
  const start = '{"alg":"ES256","typ":"dpop+jwt"'
  const texts: Record<string, string> = {
    'two keys, the device’s last': `${start},"jwk":${JSON.stringify(thiefJwk)},"jwk":${JSON.stringify(jwk)}}`,
    'a key by __proto__': `${start},"__proto__":{"jwk":${JSON.stringify(thiefJwk)}}}`,
    'two algorithms': `{"alg":"none",${start.slice(1)},"jwk":${JSON.stringify(jwk)}}`,
    'a header that is no object': '"dpop+jwt"',
    'a header that is no JSON': start,
    // Where there is a session these are a thief's own proofs; where there is none, proofs of the thief's key.
    ...(door.token !== undefined && {
      'two keys, the device’s first': `${start},"jwk":${JSON.stringify(jwk)},"jwk":${JSON.stringify(thiefJwk)}}`,
      'a key within a key': `${start},"jwk":${JSON.stringify({ ...thiefJwk, jwk })}}`,
      'a header with a byte order mark': `\ufeff${start},"jwk":${JSON.stringify(thiefJwk)}}`,
      'the thief’s own': `${start},"jwk":${JSON.stringify(thiefJwk)}}`,
    }),
  }
  const own = Object.entries(wrong).map(([what, change]) => [
    what,
    () => {
      const header = JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...change })
      return signed(door.key, header, JSON.stringify(claimsOf(door)))
    },
  ])
  const strange = Object.entries(texts).map(([what, header]) => [
    what,
    () => signed(thief, header, JSON.stringify(claimsOf(door))),
  ])
  return Object.fromEntries([...own, ...strange])
}

/** What the device's own key has signed for something else, or in another way. */
function claims(door: Door): Forgeries {
  const { url, method, key, token, nonce } = door
  const { origin, pathname, host } = new URL(url)
  const all: Forgeries = {}
  const wrong = (name: string, values: readonly unknown[]) => {
    for (const value of values)
      all[`${name} ${String(JSON.stringify(value)).slice(0, 120)}`] = () =>
        forge(key, door, {
          claims: { ...(nonce !== undefined && { nonce }), [name]: value },
          ...(token !== undefined && { token }),
        })
  }
  const nowhere = [undefined, null, '']
  wrong('htm', [...nowhere, method.toLowerCase(), `${method} `, 'PUT', 'OPTIONS', [method], { method }])
  const elsewhere = ['evil.example', `${host}.evil.example`, `${host}@evil.example`, `${host}:1`]
  wrong('htu', [...nowhere, ...elsewhere.map((other) => `http://${other}${pathname}`)])
  wrong('htu', [pathname, `//${host}${pathname}`, `${origin}/`, `${url}/`, `${url}%00`, `${url};x`])
  wrong('htu', [`https://${host}${pathname}`, `ws://${host}${pathname}`, `http://user@${host}${pathname}`])
  wrong('htu', [`http://evil.example/?${url}`, `http://evil.example/#${url}`, `blob:${url}`, [url], { url }])
  wrong('htu', [`${origin}/x/..%2f${pathname}`, `${url}${'x'.repeat(2_000)}`])
  wrong('jti', [...nowhere, 'short', 7, ['j'.repeat(20)], 'x'.repeat(129)])
  const now = seconds()
  wrong('iat', [...nowhere, '1', String(now), -1, 1e12, [now], true])
  // To whoever was given a nonce, the time means nothing.
  if (nonce === undefined) wrong('iat', [0, now - 3_600, now - 120, now + 120, now + 86_400, now * 1_000])
  const hash = hashOf(token ?? '')
  if (token !== undefined) wrong('ath', [...nowhere, token, hashOf('another'), hash.slice(1), [hash], true])
  wrong('nonce', [7, true, ['n'], {}, ''])
  if (nonce !== undefined) wrong('nonce', [undefined, `${nonce}x`, nonce.slice(1), hashOf(nonce)])
  const at = (now * 1_000).toString(36)
  if (nonce === undefined)
    wrong('nonce', ['made-up', `${at}.AAAA`, `${at}.${'A'.repeat(43)}`, '.', '__proto__'])
  return all
}

/** The same in JSON that says more than one thing. */
function rawClaims(door: Door, jwk: JWK): Forgeries {
  const { method, url, token, nonce } = door
  const jti = `"jti":"${'j'.repeat(20)}"`
  const bound = `${token === undefined ? '' : `,"ath":"${hashOf(token)}"`}${nonce === undefined ? '' : `,"nonce":"${nonce}"`}`
  const rest = `"htm":"${method}","htu":"${url}"${bound}`
  const texts: Record<string, string> = {
    'claims that are no JSON': '{"jti":',
    'claims that are a list': '[]',
    'claims that are null': 'null',
    'claims by __proto__': `{"__proto__":{${jti},"iat":${seconds()},${rest}}}`,
    'a time beyond numbers': `{${jti},"iat":1e999,${rest}}`,
    'a method twice, the right one first': `{${jti},"iat":${seconds()},${rest},"htm":"PUT"}`,
    'an address twice, the right one first': `{${jti},"iat":${seconds()},${rest},"htu":"http://evil.example"}`,
  }
  const header = JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk })
  return Object.fromEntries(
    Object.entries(texts).map(([what, claims]) => [what, () => signed(door.key, header, claims)]),
  )
}
