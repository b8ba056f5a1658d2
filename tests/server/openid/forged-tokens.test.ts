import { generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { rawToken } from '../accounts/forge.ts'
import { clientId, clientSecret, withHostile } from './with-hostile.ts'

const now = () => Math.floor(Date.now() / 1_000)

test('O5.1 a right id token signs in', async () => {
  const { outcome } = await withHostile()
  expect(await outcome({})).toBe('code')
})

test('O5.1 a wrong nonce, audience, issuer or time, or none of them, is refused', async () => {
  const { outcome, server } = await withHostile()
  const wrongs = [
    { nonce: 'another' },
    { nonce: undefined },
    { aud: 'another-client' },
    { aud: undefined },
    { aud: [clientId, 'another-client'] },
    { azp: 'another-client' },
    { iss: 'https://accounts.google.com' },
    { iss: undefined },
    { exp: now() - 3_600 },
    { exp: undefined },
    { iat: undefined },
    { nbf: now() + 3_600 },
    { sub: undefined },
    { sub: '' },
    { sub: 'x'.repeat(256) },
  ]
  for (const claims of wrongs) expect(await outcome({ claims }), JSON.stringify(claims)).toBe('issuer-fault')
  const db = await server.db()
  expect(await db.selectFrom('signInCode').selectAll().execute()).toEqual([])
  const linked = await db.selectFrom('account').select('providerId').execute()
  expect(linked).toEqual([{ providerId: 'credential' }])
})

test('O5.1 a token that the issuer has not signed with its key is refused', async () => {
  const { outcome, there } = await withHostile()
  const { privateKey } = await generateKeyPair('RS256')
  const forgeries = [
    (claims: object) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey),
    (claims: object) => rawToken({ alg: 'none' }, claims),
    (claims: object) => rawToken({ alg: 'RS256', kid: 'k' }, claims, 'AAAA'),
    (claims: object) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(clientSecret.padEnd(32, '-'))),
    () => 'nonsense',
    () => '',
  ]
  for (const [index, token] of forgeries.entries())
    expect(await outcome({ token }), String(index)).toBe('issuer-fault')
  there.wrong = {}
  expect(await outcome({})).toBe('code')
})

test('O5.4 an answer that is none is refused, and one that does not come is said to be missing', async () => {
  const { outcome, there } = await withHostile()
  const said = (status: number, body: string) => ({
    answer: (response: import('node:http').ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(body),
  })
  expect(await outcome(said(200, '{"access_token":"a","token_type":"Bearer"}'))).toBe('issuer-fault')
  expect(await outcome(said(200, '<html>'))).toBe('issuer-fault')
  expect(await outcome(said(400, '{"error":"invalid_grant"}'))).toBe('issuer-fault')
  expect(await outcome(said(500, ''))).toBe('issuer-silent')
  expect(await outcome({ answer: (response) => void response.destroy() })).toBe('issuer-silent')
  // Once it answers again, all is well.
  there.down = true
  expect(await outcome({})).toBe('page 503')
  there.down = false
  expect(await outcome({})).toBe('code')
})

test('O5.4 an issuer that cannot be found is said to be silent, and found as soon as it answers', async () => {
  const { outcome, there } = await withHostile()
  there.down = true
  expect(await outcome({})).toBe('issuer-silent')
  there.down = false
  expect(await outcome({})).toBe('code')
})

test('O5.4 an issuer that takes too long is waited for 8 s', async () => {
  const { outcome } = await withHostile()
  const began = performance.now()
  expect(await outcome({ answer: () => {} })).toBe('issuer-silent')
  expect(performance.now() - began).toBeGreaterThan(7_500)
})

test('O1.5 the secret is sent to the issuer alone, in the body or in the header as configured', async () => {
  const post = await withHostile()
  await post.outcome({})
  expect(post.there.redeemed[0]?.form.get('client_secret')).toBe(clientSecret)
  const basic = await withHostile([], { OPENID_CLIENT_AUTH: 'basic' })
  await basic.outcome({})
  expect(basic.there.redeemed[0]?.authorization).toMatch(/^Basic /)
  expect(basic.there.redeemed[0]?.form.has('client_secret')).toBe(false)
  expect(basic.there.redeemed[0]?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
})
