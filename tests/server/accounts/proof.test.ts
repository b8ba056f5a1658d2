import { generateKeyPair as generateDevicePair } from 'dpop'
import { exportJWK, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { type ReadProof, readProof } from '../../../server/accounts/dpop-proof.ts'
import { type DeviceKey, newKey, proofOf } from '../support/dpop-proofs.ts'
import { type Forgery, forge, rawToken } from './forge.ts'

const here = { url: 'https://reachable.example/api/session', method: 'POST' }
const asked = { method: 'POST', urls: [here.url, 'http://127.0.0.1:8787/api/session'] }

const forged = async (key: DeviceKey, forgery: Forgery, more = {}): Promise<ReadProof> =>
  readProof(await forge(key, here, forgery), { ...asked, ...more })

const why = (read: ReadProof) => (read.kind === 'refused' ? read.why : read.kind)

test('K1.1 a proof of the library that the extension uses is sound, at each address of the server', async () => {
  const key = await newKey()
  const token = 'a-token'
  for (const url of asked.urls) {
    const proof = await proofOf(key, { url, method: 'POST', nonce: 'n', token })
    expect(await readProof(proof, { ...asked, token, jkt: key.thumbprint })).toMatchObject({
      kind: 'sound',
      jkt: key.thumbprint,
      nonce: 'n',
    })
  }
  expect(why(await forged(key, { claims: { htu: `${here.url}?a=1#b` } }))).toBe('sound')
})

test('K1.2 what is missing, malformed, oversized or given twice is no proof', async () => {
  const key = await newKey()
  const proof = await forge(key, here)
  const [header = '', payload = '', signature = ''] = proof.split('.')
  const tries = [
    'nonsense',
    '..',
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${signature.slice(2)}`,
    `${header}.${Buffer.from('{"jti":1}').toString('base64url')}.${signature}`,
    `${proof}, ${proof}`,
    `${proof} `,
  ]
  for (const given of tries) expect(why(await readProof(given, asked)), given).toBe('malformed')
  expect(why(await readProof(undefined, asked))).toBe('missing')
  expect(why(await readProof('', asked))).toBe('missing')
  expect(why(await forged(key, { claims: { padding: 'x'.repeat(4_096) } }))).toBe('malformed')
})

test('K1.3 nothing but ES256 counts: not none, not RS256, not a shared secret', async () => {
  const key = await newKey()
  const jwk = await exportJWK(key.pair.publicKey)
  const claims = { jti: 'j'.repeat(20), htm: 'POST', htu: here.url, iat: Math.floor(Date.now() / 1_000) }
  for (const alg of ['none', 'None', 'HS256', 'ES384', undefined])
    for (const signature of ['', 'AAAA'])
      expect(why(await readProof(rawToken({ alg, typ: 'dpop+jwt', jwk }, claims, signature), asked))).toBe(
        'malformed',
      )
  const rsa = await generateDevicePair('RS256')
  expect(why(await readProof(await proofOf({ pair: rsa, thumbprint: '' }, here), asked))).toBe('malformed')
  const edwards = await generateDevicePair('Ed25519')
  expect(why(await readProof(await proofOf({ pair: edwards, thumbprint: '' }, here), asked))).toBe(
    'malformed',
  )
})

test('K1.3 a header of another type, without a public key, or with a private one is refused', async () => {
  const key = await newKey()
  const pair = await generateKeyPair('ES256', { extractable: true })
  const whole = await exportJWK(pair.privateKey)
  const open = await exportJWK(key.pair.publicKey)
  const headers = [
    { typ: 'JWT' },
    { typ: undefined },
    { jwk: undefined },
    { jwk: 'x' },
    { jwk: {} },
    { jwk: null },
    { jwk: { kty: 'oct', k: 'AAAA' } },
    { jwk: { ...whole, crv: 'P-384' } },
    { jwk: { ...open, d: null } },
    { jwk: { ...open, x: open.y } },
    { jwk: { ...open, x: `${open.x}A` } },
    { jwk: { ...open, use: 'enc' } },
  ]
  for (const header of headers)
    expect(why(await forged(key, { header })), JSON.stringify(header)).toBe('malformed')
  const ownKey = { header: { jwk: whole }, signer: pair.privateKey }
  expect(why(await forged(key, ownKey)), 'private').toBe('malformed')
})

test('K1.3 a header that asks for something that would have to be understood is refused', async () => {
  const key = await newKey()
  const jwk = await exportJWK(key.pair.publicKey)
  const claims = { jti: 'j'.repeat(20), htm: 'POST', htu: here.url, iat: Math.floor(Date.now() / 1_000) }
  const signed = async (more: object) => {
    const header = { alg: 'ES256', typ: 'dpop+jwt', jwk, ...more }
    const said = rawToken(header, claims).slice(0, -1)
    const how = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(how, key.pair.privateKey, Buffer.from(said))
    return readProof(`${said}.${Buffer.from(signature).toString('base64url')}`, asked)
  }
  expect(why(await signed({}))).toBe('sound')
  for (const more of [{ crit: ['exp'] }, { crit: ['b64'], b64: true }, { b64: false }, { crit: [] }])
    expect(why(await signed(more)), JSON.stringify(more)).toBe('malformed')
})

test('K1.3 a proof signed by another key than the one it shows is refused', async () => {
  const [key, other] = [await newKey(), await newKey()]
  expect(why(await forged(key, { signer: other.pair.privateKey }))).toBe('malformed')
})

test('K1.6 a proof of another method or address is refused', async () => {
  const key = await newKey()
  for (const htm of ['GET', 'post', 'POST '])
    expect(why(await forged(key, { claims: { htm } })), htm).toBe('wrong-method')
  const others = [
    'https://reachable.example/api/session/end',
    'https://reachable.example/api/session/',
    'https://reachable.example/api//session',
    'http://reachable.example/api/session',
    'https://reachable.example.evil.example/api/session',
    'https://evil.example/api/session',
    'https://reachable.example@evil.example/api/session',
    'https://user@reachable.example/api/session',
    'https://reachable.example:8443/api/session',
    '/api/session',
    'nonsense',
  ]
  for (const htu of others) expect(why(await forged(key, { claims: { htu } })), htu).toBe('wrong-address')
})

test('K1.6 a proof of another token, of none, or of another key is refused', async () => {
  const [key, other] = [await newKey(), await newKey()]
  expect(why(await forged(key, {}, { token: 'mine' }))).toBe('wrong-token')
  expect(why(await forged(key, { token: 'another' }, { token: 'mine' }))).toBe('wrong-token')
  expect(why(await forged(key, { token: 'mine' }, { token: 'mine', jkt: other.thumbprint }))).toBe(
    'wrong-key',
  )
  expect(why(await forged(key, { token: 'mine' }, { token: 'mine', jkt: '' }))).toBe('wrong-key')
  // Of somebody else, whatever else is wrong with it: its owner is told.
  for (const claims of [{ htm: 'GET' }, { htu: 'https://evil.example' }, { ath: 'another' }])
    expect(why(await forged(key, { claims }, { token: 'mine', jkt: other.thumbprint }))).toBe('wrong-key')
})

test('K1.2 claims that are missing or of the wrong kind are refused', async () => {
  const key = await newKey()
  const faults = [
    { jti: undefined },
    { jti: 'short' },
    { jti: 'x'.repeat(129) },
    { jti: 7 },
    { htm: undefined },
    { htu: undefined },
    { htu: 'x'.repeat(2_001) },
    { iat: undefined },
    { iat: -1 },
    { iat: 1e12 },
    { iat: '1' },
    { nonce: 1 },
    { ath: ['a'] },
  ]
  for (const claims of faults)
    expect(why(await forged(key, { claims })), JSON.stringify(claims)).toBe('malformed')
})
