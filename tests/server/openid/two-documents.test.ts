import { expect, test } from 'vitest'
import { claimsOf } from '../../../server/openid/openid-client.ts'
import { ann } from '../support/people.ts'
import { auditOf, type HostileSetup, withHostile } from './with-hostile.ts'

/** An issuer that has userinfo besides its id tokens. */
async function withUserinfo(): Promise<HostileSetup> {
  const set = await withHostile()
  set.there.metadata = { userinfo_endpoint: `${set.there.issuer}/userinfo` }
  return set
}

const noEmail = { email: undefined, email_verified: undefined }
const anns = { email: ann.email, email_verified: true }

test('O3.11 an address from userinfo is not verified by what the id token says', async () => {
  const set = await withUserinfo()
  const without = { ...noEmail, email_verified: true }
  for (const userinfo of [{ email: ann.email }, { email: ann.email, email_verified: false }])
    expect(await set.outcome({ claims: without, userinfo }), JSON.stringify(userinfo)).toBe(
      'unverified-email',
    )
  expect((await auditOf(set)).map(({ what }) => what)).toEqual(['issuer-refused', 'issuer-refused'])
  expect(await set.outcome({ claims: without, userinfo: anns })).toBe('code')
})

test('O3.11 an address of the id token is not verified by userinfo, which is not even asked', async () => {
  const { outcome, there } = await withUserinfo()
  expect(await outcome({ claims: { email_verified: undefined }, userinfo: anns })).toBe('unverified-email')
  expect(there.asked).not.toContain('/userinfo')
})

test('O3.11 userinfo of another sub, or of none, is no word about whoever signed in', async () => {
  const { outcome } = await withUserinfo()
  for (const sub of ['sub-2', '', undefined, null, ['sub-1'], 1])
    expect(await outcome({ claims: noEmail, userinfo: { ...anns, sub } }), JSON.stringify(sub)).toBe(
      'issuer-fault',
    )
  expect(await outcome({ claims: noEmail, userinfo: anns })).toBe('code')
})

test('O3.11 O4.1 name, picture and language come from either document, and from the id token first', async () => {
  const set = await withUserinfo()
  const userinfo = { ...anns, name: 'Ann of userinfo', locale: 'fr' }
  expect(await set.outcome({ claims: { ...noEmail, name: 'Ann of the token' }, userinfo })).toBe('code')
  const db = await set.server.db()
  const taken = await db.selectFrom('issuerProfile').select(['email', 'language']).execute()
  expect(taken).toEqual([{ email: ann.email, language: 'fr' }])
  expect(claimsOf({ sub: 's', name: 'of the token' }, { ...userinfo, sub: 's' })).toMatchObject({
    name: 'of the token',
    locale: 'fr',
  })
})

test('O3.11 of all mixtures of two documents none is verified but by the document that has the address', () => {
  const absent = Symbol('absent')
  const emails = [absent, null, '', 5, 'eve@clinic.example', ann.email]
  const words = [absent, null, true, false, 'true', 1]
  const documents = emails.flatMap((email) =>
    words.map((verified) => ({
      ...(email !== absent && { email }),
      ...(verified !== absent && { email_verified: verified }),
    })),
  )
  let tried = 0
  for (const first of documents)
    for (const second of [undefined, ...documents]) {
      const claims = claimsOf({ ...first, sub: 's' }, second && { ...second, sub: 's' })
      const mixture = JSON.stringify([first, second])
      const source = (first.email ?? null) === null ? second : first
      const has = typeof source?.email === 'string' ? source.email : undefined
      expect(claims.email, mixture).toBe(has)
      expect(claims.emailVerified, mixture).toBe(has !== undefined && source?.email_verified === true)
      tried += 1
    }
  expect(tried).toBe(36 * 37)
})
