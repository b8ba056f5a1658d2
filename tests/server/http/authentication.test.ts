import { expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { guardedServer } from '../accounts/guarded-server.ts'
import { callerOf, post } from '../support/api-client.ts'
import { fetchWithProof, keyOf, newKey, proofOf } from '../support/dpop-proofs.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { expectNoMailTo, mailsTo } from '../support/mailbox.ts'
import { ann, sessionOf, settle } from '../support/people.ts'

const hour = 3_600_000

async function seated() {
  const server = await startInProcessServer()
  const [id] = await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const guarded = await guardedServer(server)
  const { url } = guarded
  const me = `${url}/api/me`
  const key = await keyOf('device-1')
  const ask = (headers: Record<string, string>) => fetch(me, { headers })
  const prove = (more: { nonce?: string; token?: string } = {}) =>
    proofOf(key, { url: me, method: 'GET', token, ...more })
  return { server, guarded, id, token, me, key, ask, prove }
}

async function auditOf(server: InProcessServer) {
  const rows = await (await server.db()).selectFrom('audit').selectAll().orderBy('id').execute()
  return rows.map(({ what, who, detail }) => ({ what, who, ...JSON.parse(detail) }))
}

/** So many seconds, of five at most, are told in both places: on a busy machine a part of them is over. */
function expectWait(response: Response, told: number) {
  expect(told).toBeGreaterThan(0)
  expect(told).toBeLessThanOrEqual(5)
  expect(response.headers.get('retry-after')).toBe(String(told))
}

test('K2.1 a session is admitted with a proof by its own key, and not without', async () => {
  const { id, token, me, key, ask } = await seated()
  const response = await fetchWithProof(me, { method: 'GET' }, key, token)
  expect([response.status, await response.json()]).toMatchObject([200, { id }])
  expect((await ask({})).status).toBe(401)
  expect((await ask({ authorization: `DPoP ${token}` })).status).toBe(401)
})

test('K2.1 Y1.4 a stolen token alone, or with the key of a thief, is refused and goes on record', async () => {
  const { server, id, token, me, ask } = await seated()
  const bearer = await ask({ authorization: `Bearer ${token}` })
  expect([bearer.status, await bearer.json()]).toMatchObject([401, { error: 'unauthorized' }])
  expect(bearer.headers.get('www-authenticate')).toContain('DPoP error="invalid_dpop_proof", algs="ES256"')
  const thief = await newKey()
  expect((await fetchWithProof(me, { method: 'GET' }, thief, token)).status).toBe(401)
  const proof = await proofOf(thief, { url: me, method: 'GET', token })
  expect((await ask({ authorization: `Bearer ${token}`, dpop: proof })).status).toBe(401)
  expect(await auditOf(server)).toEqual([
    { what: 'proof-refused', who: id, why: 'missing', path: '/api/me' },
    { what: 'proof-refused', who: id, why: 'wrong-key', path: '/api/me' },
    { what: 'proof-refused', who: id, why: 'missing', path: '/api/me' },
  ])
  expect(JSON.stringify(await auditOf(server))).not.toContain(token)
})

test('K2.3 Y1.4 a proof is good once, across a restart too, and its replay goes on record', async () => {
  const { server, token, ask, prove, guarded, id } = await seated()
  const headers = { authorization: `DPoP ${token}`, dpop: await prove() }
  expect((await ask(headers)).status).toBe(200)
  expect((await ask(headers)).status).toBe(401)
  await guarded.close()
  await guardedServer(server, guarded.port)
  expect((await ask(headers)).status).toBe(401)
  const replay = { what: 'proof-replayed', who: id, why: 'replayed', path: '/api/me' }
  expect(await auditOf(server)).toEqual([replay, replay])
})

test('K2.3 of two that use the same proof at once, one is admitted', async () => {
  const { token, ask, prove } = await seated()
  const headers = { authorization: `DPoP ${token}`, dpop: await prove() }
  const statuses = await Promise.all(
    Array.from({ length: 8 }, () => ask(headers).then(({ status }) => status)),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
})

test('K3.1 a device whose clock is an hour off is given a nonce, and its proof with that is good', async () => {
  for (const off of [-hour, hour, -70_000, 70_000]) {
    const { server, token, ask, prove } = await seated()
    server.clock.setWall(off)
    const authorization = `DPoP ${token}`
    const stale = await ask({ authorization, dpop: await prove() })
    expect([stale.status, await stale.json()]).toMatchObject([401, { error: 'use-dpop-nonce' }])
    expect(stale.headers.get('www-authenticate')).toContain('use_dpop_nonce')
    const nonce = stale.headers.get('dpop-nonce') ?? ''
    expect((await ask({ authorization, dpop: await prove({ nonce }) })).status, String(off)).toBe(200)
    expect(await auditOf(server)).toEqual([])
  }
})

test('K3.1 without a nonce a proof is good within 60 s of the server’s clock', async () => {
  const { server, token, ask, prove } = await seated()
  server.clock.setWall(50_000)
  expect((await ask({ authorization: `DPoP ${token}`, dpop: await prove() })).status).toBe(200)
  server.clock.setWall(-100_000)
  expect((await ask({ authorization: `DPoP ${token}`, dpop: await prove() })).status).toBe(200)
  server.clock.setWall(120_000)
  expect((await ask({ authorization: `DPoP ${token}`, dpop: await prove() })).status).toBe(401)
})

test('K3.1 a nonce that is made up, changed or older than 5 minutes is answered with a new one', async () => {
  const { server, token, ask, prove } = await seated()
  const authorization = `DPoP ${token}`
  const made = await ask({ authorization, dpop: await prove({ nonce: 'made-up' }) })
  expect([made.status, await made.json()]).toMatchObject([401, { error: 'use-dpop-nonce' }])
  const nonce = made.headers.get('dpop-nonce') ?? ''
  for (const changed of [`${nonce}x`, nonce.slice(1), `z${nonce}`, nonce.split('.')[0] ?? '', '.', ''])
    if (changed !== '')
      expect((await ask({ authorization, dpop: await prove({ nonce: changed }) })).status).toBe(401)
  server.clock.advance(299_000)
  expect((await ask({ authorization, dpop: await prove({ nonce }) })).status).toBe(200)
  server.clock.advance(2_000)
  expect((await ask({ authorization, dpop: await prove({ nonce }) })).status).toBe(401)
})

test('K2.3 a proof with a nonce is good once too, and stays used when the clock is set back', async () => {
  const { server, token, ask, prove } = await seated()
  const authorization = `DPoP ${token}`
  const first = await ask({ authorization, dpop: await prove({ nonce: 'x' }) })
  const nonce = first.headers.get('dpop-nonce') ?? ''
  const headers = { authorization, dpop: await prove({ nonce }) }
  expect((await ask(headers)).status).toBe(200)
  server.clock.advance(3_000_000)
  await expect
    .poll(async () => (await (await server.db()).selectFrom('proof').selectAll().execute()).length)
    .toBe(1)
  server.clock.setWall(-3_000_000)
  expect((await ask(headers)).status).toBe(401)
})

test('K2.1 a session that is over, or of somebody disabled, is admitted no more, whatever the proof', async () => {
  const { server, token, me, key, id } = await seated()
  const ask = () => fetchWithProof(me, { method: 'GET' }, key, token).then(({ status }) => status)
  const db = await server.db()
  await db
    .updateTable('user')
    .set({ disabledAt: 1 })
    .where('id', '=', id ?? '')
    .execute()
  expect(await ask()).toBe(401)
  await db.updateTable('user').set({ disabledAt: null }).execute()
  expect(await ask()).toBe(200)
  server.clock.setWall(13 * hour)
  expect(await ask()).toBe(401)
})

test('K2.6 an address with too many refused proofs waits and is put on record no more; sound ones are never kept waiting', async () => {
  const { server, token, me, key, ask } = await seated()
  const bad = { authorization: 'DPoP a-token-of-nobody', dpop: 'nonsense' }
  const statuses: number[] = []
  for (let n = 0; n < 25; n += 1) statuses.push((await ask(bad)).status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(20)
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429])
  expect(await auditOf(server)).toHaveLength(20)
  const late = await ask(bad)
  expectWait(late, (await late.json()).retryAfter)
  const restarted = await guardedServer(server)
  expect((await fetch(`${restarted.url}/api/me`, { headers: bad })).status).toBe(429)
  expect((await fetchWithProof(me, { method: 'GET' }, key, token)).status).toBe(200)
})

/** The proofs that an address may have refused before it waits, and some more. */
async function junkFromHere({ ask }: Awaited<ReturnType<typeof seated>>) {
  for (let n = 0; n < 25; n += 1) await ask({ authorization: 'DPoP a-token-of-nobody', dpop: 'nonsense' })
}

test('K2.10 a stolen token that is tried with another key is on record and mailed to its owner, whatever junk came from there before', async () => {
  const set = await seated()
  const { server, id, token, me } = set
  await junkFromHere(set)
  const thief = await newKey()
  const stolen = await fetchWithProof(me, { method: 'GET' }, thief, token)
  expect([stolen.status, await stolen.json()]).toMatchObject([401, { error: 'unauthorized' }])
  const entry = { what: 'proof-refused', who: id, why: 'wrong-key', path: '/api/me' }
  expect((await auditOf(server)).slice(20)).toEqual([entry])
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('Someone tried to use your login')
  expect(mail?.text).toContain('From the address: 127.0.0.1')
  expect(mail?.text).not.toContain(token)
})

test('K2.10 what concerns one session is counted for it alone: it is recorded by a pace of its own, and keeps no other waiting', async () => {
  const { server, id, token, me, ask, key } = await seated()
  const other = await sessionOf(server, ann, 'device-2')
  const thief = await newKey()
  const steal = (stolen: string) =>
    fetchWithProof(me, { method: 'GET' }, thief, stolen).then(({ status }) => status)
  const statuses: number[] = []
  for (let n = 0; n < 6; n += 1) statuses.push(await steal(token))
  expect(statuses).toEqual([401, 401, 401, 429, 429, 429])
  expect(await auditOf(server)).toHaveLength(3)
  expect(await steal(other), 'the first that concerns the other one').toBe(401)
  expect(await auditOf(server)).toHaveLength(4)
  server.clock.advance(60_000)
  expect([await steal(token), await steal(token)]).toEqual([401, 429])
  const entries = await auditOf(server)
  expect([entries.length, new Set(entries.map(({ who }) => who))]).toEqual([5, new Set([id])])
  expect((await ask({ authorization: 'DPoP a-token-of-nobody', dpop: 'x' })).status).toBe(401)
  expect((await fetchWithProof(me, { method: 'GET' }, key, token)).status).toBe(200)
})

test('K2.10 the owner is told once a day, and what they are told of is on record however much was before', async () => {
  const { server, token, me, ask } = await seated()
  const thief = await newKey()
  const dpop = await proofOf(thief, { url: me, method: 'GET', token })
  for (let n = 0; n < 10; n += 1) await ask({ authorization: `DPoP ${token}`, dpop: 'nonsense' })
  await expectNoMailTo(server, ann.email)
  expect((await ask({ authorization: `DPoP ${token}`, dpop })).status).toBe(429)
  expect((await auditOf(server)).map(({ why }) => why)).toEqual([...Array(3).fill('malformed'), 'wrong-key'])
  const again = async () => {
    server.clock.setWall(10 * hour)
    for (let n = 0; n < 3; n += 1) await fetchWithProof(me, { method: 'GET' }, thief, token)
  }
  await mailsTo(server, ann.email)
  await again()
  await mailsTo(server, ann.email, 1)
  const db = await server.db()
  await db
    .updateTable('session')
    .set({ expiresAt: new Date(server.clock.wall() + 24 * hour).toISOString() })
    .execute()
  server.clock.setWall(5 * hour)
  await again()
  await mailsTo(server, ann.email, 2)
})

test('K2.10 a token that comes as a mere bearer’s is somebody else’s try, and is mailed', async () => {
  const { server, token, ask, prove } = await seated()
  // No device shows its token so, not even with a proof that would be good.
  expect((await ask({ authorization: `Bearer ${token}`, dpop: await prove() })).status).toBe(401)
  expect((await auditOf(server)).map(({ why }) => why)).toEqual(['missing'])
  await mailsTo(server, ann.email)
})

test('K2.10 a token that is shown as the key of a program is a try at its session, at the calls and at SCIM', async () => {
  const { server, id, token } = await seated()
  const authorization = `Bearer ${token}`
  expect((await post(server, '/api/calls', { to: 'ann' }, { authorization })).status).toBe(401)
  expect((await fetch(`${server.url}/scim/v2/Users`, { headers: { authorization } })).status).toBe(401)
  const entry = { what: 'proof-refused', who: id, why: 'missing' }
  expect(await auditOf(server)).toEqual([
    { ...entry, path: '/api/calls' },
    { ...entry, path: '/scim/v2/*' },
  ])
  await mailsTo(server, ann.email)
})

type Seated = Awaited<ReturnType<typeof seated>>

test.each<[why: string, proof: (set: Seated) => Promise<string | undefined>]>([
  [
    'replayed',
    async ({ token, ask, prove }) => {
      const dpop = await prove()
      expect((await ask({ authorization: `DPoP ${token}`, dpop })).status).toBe(200)
      return dpop
    },
  ],
  ['missing', async () => undefined],
  ['malformed', async ({ prove }) => `${await prove()}, ${await prove()}`],
  ['wrong-token', ({ prove }) => prove({ token: 'the-token-that-it-had-before' })],
  ['wrong-method', ({ key, me, token }) => proofOf(key, { url: me, method: 'POST', token })],
  ['wrong-address', ({ key, token }) => proofOf(key, { url: 'https://old.example/', method: 'GET', token })],
])(
  'K2.10 what may be the device’s own doing, or its proxy’s, is recorded and frightens nobody: %s',
  async (why, proof) => {
    const set = await seated()
    const { server, id, token, ask } = set
    await junkFromHere(set)
    const dpop = await proof(set)
    expect((await ask({ authorization: `DPoP ${token}`, ...(dpop !== undefined && { dpop }) })).status).toBe(
      401,
    )
    expect((await auditOf(server)).slice(20)).toMatchObject([{ who: id, why }])
    await expectNoMailTo(server, ann.email)
  },
)

test('A3.12 refused keys of programs are on record with why, slowed, and a right one never waits', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const db = await server.db()
  const [good = '', scim = ''] = [
    await createApiKey(db, 'Switchboard', 1),
    await createApiKey(db, 'Clinic', 1, 'scim'),
  ]
  const place = (authorization: string) =>
    post(server, '/api/calls', { to: 'ann' }, authorization === '' ? {} : { authorization })
  for (const refused of ['', 'Bearer guess', `Bearer ${scim}`])
    expect((await place(refused)).status).toBe(401)
  const recheck = await post(
    server,
    '/api/operator/recheck',
    { user: 'x' },
    { authorization: `Bearer ${good}` },
  )
  expect(recheck.status).toBe(401)
  const entries = async () =>
    (await db.selectFrom('audit').selectAll().where('what', '=', 'api-key-refused').execute()).map(
      ({ address, detail }) => ({ address, ...JSON.parse(detail) }),
    )
  const [here, path] = [{ address: '127.0.0.1' }, '/api/calls']
  expect(await entries()).toEqual([
    { ...here, why: 'no-key', path },
    { ...here, why: 'unknown-key', path },
    { ...here, why: 'wrong-scope', path, key: 'Clinic' },
    { ...here, why: 'wrong-scope', path: '/api/operator/recheck', key: 'Switchboard' },
  ])
  const statuses: number[] = []
  for (let n = 0; n < 20; n += 1) statuses.push((await place(`Bearer guess-${n}`)).status)
  expect(statuses).toEqual([...Array(18).fill(401), 429, 429])
  const late = await place('Bearer guess')
  const { error, retryAfter } = await late.json()
  expect(error).toBe('too-many-attempts')
  expectWait(late, retryAfter)
  expect(await entries()).toHaveLength(22)
  expect(JSON.stringify(await entries())).not.toContain('guess')
  expect((await place(`Bearer ${good}`)).status).toBe(201)
  expect((await callerOf(server).place('ann')).state).toBeTruthy()
  const provisioned = await fetch(`${server.url}/scim/v2/Users`, {
    headers: { authorization: `Bearer ${scim}` },
  })
  expect(provisioned.status).toBe(200)
  // The clinic's door is slowed by the same count, in its own words.
  const guessed = await fetch(`${server.url}/scim/v2/Users`, { headers: { authorization: 'Bearer guess' } })
  const { status, detail } = await guessed.json()
  expect([guessed.status, status]).toEqual([429, '429'])
  expectWait(guessed, Number(/^Too many refused keys\. Try again in (\d) s\.$/.exec(detail)?.[1]))
  server.clock.advance(5_000)
  expect((await place('Bearer guess')).status).toBe(401)
})

test('A3.14 a key that is tried where it is good for nothing is on record whatever junk came before, and the operator is told once a day', async () => {
  const env = { TRUST_PROXY: '1', OPERATOR_EMAIL: 'operator@clinic.example' }
  const server = await startInProcessServer({ env })
  const db = await server.db()
  const scim = (await createApiKey(db, 'Clinic', 1, 'scim')) ?? ''
  const calls = (await createApiKey(db, 'Switchboard', 1)) ?? ''
  const ask = (path: string, key: string, address: string) =>
    post(server, path, { to: 'ann' }, { authorization: `Bearer ${key}`, 'x-forwarded-for': address })
  const junk = '203.0.113.5'
  for (let n = 0; n < 21; n += 1) await ask('/api/calls', `guess-${n}`, junk)
  for (let n = 0; n < 130; n += 1) await ask('/api/calls', `guess-${n}`, `198.51.100.${n}`)
  const misused = async () =>
    (await db.selectFrom('audit').select('detail').where('detail', 'like', '%wrong-scope%').execute()).map(
      ({ detail }) => JSON.parse(detail).key,
    )
  expect((await ask('/api/calls', scim, junk)).status).toBe(401)
  expect((await ask('/api/operator/recheck', calls, junk)).status).toBe(401)
  expect((await ask('/scim/v2/Users', calls, junk)).status).toBe(403)
  expect(await misused()).toEqual(['Clinic', 'Switchboard', 'Switchboard'])
  const mails = await mailsTo(server, 'operator@clinic.example')
  expect(mails.map(({ text }) => text)).toEqual([expect.stringMatching(/Clinic[\s\S]*203\.0\.113\.5/)])
  // Who holds it fills nothing with it: three, and then as for a session's token.
  for (let n = 0; n < 10; n += 1) await ask('/api/calls', scim, `198.51.100.${n}`)
  expect((await misused()).filter((key) => key === 'Clinic')).toHaveLength(3)
  server.clock.advance(24 * 3_600_000)
  await ask('/api/calls', scim, junk)
  expect(await mailsTo(server, 'operator@clinic.example', 2)).toHaveLength(2)
}, 60_000)
