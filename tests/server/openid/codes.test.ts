import { expect, test } from 'vitest'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { post } from '../support/api-client.ts'
import { signInAtIssuer, spendCode } from './extension.ts'
import { auditOf, withHostile } from './with-hostile.ts'

const refused = { error: 'wrong-credentials' }

test('O7.1 a code is spent once', async () => {
  const set = await withHostile()
  const came = await signInAtIssuer(set.at)
  expect((await spendCode(set.at, came)).status).toBe(200)
  const again = await spendCode(set.at, came)
  expect([again.status, await again.json()]).toMatchObject([401, refused])
  expect((await auditOf(set)).slice(-2)).toMatchObject([
    { what: 'signed-in', by: 'issuer' },
    { what: 'sign-in-refused', by: 'issuer', why: 'no-such-code', who: null },
  ])
})

test('O7.1 of many who spend a code at once, one is signed in', async () => {
  const { at } = await withHostile()
  const came = await signInAtIssuer(at)
  const spent = await Promise.all(
    Array.from({ length: 6 }, (_, n) => spendCode(at, came, { device: `d-${n}` })),
  )
  expect(spent.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('O7.1 a code without its verifier, or with another, signs nobody in and is over', async () => {
  const set = await withHostile()
  const came = await signInAtIssuer(set.at)
  expect((await spendCode(set.at, came, { verifier: undefined })).status).toBe(400)
  expect((await spendCode(set.at, came, { verifier: 'short' })).status).toBe(400)
  const wrong = await spendCode(set.at, { ...came, verifier: `${came.verifier.slice(0, -1)}_` })
  expect([wrong.status, await wrong.json()]).toMatchObject([401, refused])
  expect((await spendCode(set.at, came)).status).toBe(401)
  expect((await auditOf(set)).map((entry) => ('why' in entry ? entry.why : ''))).toEqual([
    '',
    'wrong-verifier',
    'no-such-code',
  ])
})

test('O7.1 a code is good for a minute', async () => {
  const { at, server } = await withHostile()
  const [late, intime] = [await signInAtIssuer(at), await signInAtIssuer(at)]
  server.clock.setWall(55_000)
  expect((await spendCode(at, intime)).status).toBe(200)
  server.clock.setWall(6_000)
  expect((await spendCode(at, late)).status).toBe(401)
})

test('O7.5 a code is no session, no password and no end token, and needs a proof', async () => {
  const { at } = await withHostile()
  const came = await signInAtIssuer(at)
  const body = { code: came.code, verifier: came.verifier, device: 'd', staySignedIn: false }
  expect((await post(at, '/api/session/code', body)).status).toBe(401)
  expect((await spendCode(at, came)).status).toBe(200)
})

test('O7.5 a code is over when its person was disabled meanwhile', async () => {
  const { at, server } = await withHostile()
  const came = await signInAtIssuer(at)
  await (await server.db()).updateTable('user').set({ disabledAt: 1 }).execute()
  expect((await spendCode(at, came)).status).toBe(401)
})

test('O7.7 an address that tries many codes that are none has to wait; a right one is never kept waiting', async () => {
  const set = await withHostile()
  const came = await signInAtIssuer(set.at)
  const made = { code: 'made-up', verifier: 'x'.repeat(43) }
  const statuses: number[] = []
  for (let n = 0; n < 23; n += 1) statuses.push((await spendCode(set.at, made)).status)
  expect(statuses).toEqual([...Array(20).fill(401), 429, 429, 429])
  expect((await spendCode(set.at, came)).status).toBe(200)
  expect((await auditOf(set)).filter(({ what }) => what === 'sign-in-refused')).toHaveLength(20)
})

test('O7.8 nothing that could finish a sign-in is in the database', async () => {
  const { at, server, there } = await withHostile()
  const came = await signInAtIssuer(at)
  const db = await server.db()
  const kept = JSON.stringify([
    await db.selectFrom('issuerFlow').selectAll().execute(),
    await db.selectFrom('signInCode').selectAll().execute(),
    await db.selectFrom('account').selectAll().execute(),
    await db.selectFrom('audit').selectAll().execute(),
  ])
  const atIssuer = came.ended.trail[1]?.searchParams
  const verifier = there.redeemed[0]?.form.get('code_verifier') ?? ''
  const secrets = [
    came.code,
    came.verifier,
    verifier,
    atIssuer?.get('state') ?? '',
    atIssuer?.get('nonce') ?? '',
  ]
  for (const secret of [...secrets, 'access']) {
    expect(secret.length).toBeGreaterThan(5)
    expect(kept).not.toContain(`"${secret}"`)
  }
  expect(kept).toContain(hashOf(came.code))
})
