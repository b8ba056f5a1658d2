import { expect, test } from 'vitest'
import { makeSignInCode } from '../../../server/accounts/code-sign-in.ts'
import { createProofRateLimit } from '../../../server/accounts/proof-rate-limit.ts'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { endSession, postFrom, signIn, trySignIn } from '../support/api-client.ts'
import { type DeviceKey, keyOf, newKey, proofOf } from '../support/dpop-proofs.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, sessionOf, settle } from '../support/people.ts'

/** So many proofs, spread evenly. @returns how many were let in. */
function letIn(count: (n: number, now: number) => number, proofs: number, every = 0): number {
  let admitted = 0
  for (let n = 0; n < proofs; n += 1) if (count(n, n * every) === 0) admitted += 1
  return admitted
}

const address = '192.0.2.1'
const ofAddress = () => {
  const limit = createProofRateLimit()
  return (n: number, now: number) => limit.ofStranger({ key: `key-${n}`, address }, now)
}
const ofKey = () => {
  const limit = createProofRateLimit()
  return (_: number, now: number) => limit.ofStranger({ key: 'one', address }, now)
}
const ofKnown = () => {
  const limit = createProofRateLimit()
  return (_: number, now: number) => limit.ofKnown('ann', now)
}

test('K2.7 K2.9 so many of a kind may come in the same moment, and so many each second', () => {
  expect([letIn(ofAddress(), 1_000), letIn(ofKey(), 1_000), letIn(ofKnown(), 1_000)]).toEqual([300, 30, 60])
  expect(letIn(ofAddress(), 3_000, 1_000 / 6)).toBe(3_000)
  expect([letIn(ofKey(), 1_000, 1_000), letIn(ofKnown(), 1_000, 1_000)]).toEqual([1_000, 1_000])
  expect(letIn(ofAddress(), 10_000, 1)).toBeLessThanOrEqual(300 + 60)
  const count = ofAddress()
  letIn(count, 300)
  expect([count(301, 0), count(302, 166), count(303, 167)]).toEqual([167, 1, 0])
})

/** Each proof of a stranger with a key of its own. */
const strangers = (limit: ReturnType<typeof createProofRateLimit>, address: string, most = 300) => {
  let waited = 0
  for (let n = 0; n < most; n += 1) waited += limit.ofStranger({ key: `${address}-${n}`, address }, 0)
  return waited
}

test('K2.7 each address has its own bucket, and a whole IPv6 network one', () => {
  const limit = createProofRateLimit()
  expect(strangers(limit, '192.0.2.1')).toBe(0)
  expect(limit.ofStranger({ key: 'x', address: '192.0.2.1' }, 0)).toBeGreaterThan(0)
  expect(limit.ofStranger({ key: 'x', address: '192.0.2.2' }, 0)).toBe(0)
  for (let n = 0; n < 300; n += 1) limit.ofStranger({ key: `v6-${n}`, address: `2001:db8::${n}` }, 0)
  expect(limit.ofStranger({ key: 'y', address: '2001:db8::ffff' }, 0)).toBeGreaterThan(0)
  expect(limit.ofStranger({ key: 'y', address: '2001:db8:0:1::1' }, 0)).toBe(0)
})

test('K2.7 a key beyond its own share waits and takes nothing from its address, nor an address that is full from the key', () => {
  const limit = createProofRateLimit()
  const one = { key: 'one', address: '192.0.2.1' }
  const waits = Array.from({ length: 5_000 }, () => limit.ofStranger(one, 0))
  expect(waits.filter((wait) => wait === 0)).toHaveLength(30)
  expect(strangers(limit, '192.0.2.1', 270), 'there was room for all but thirty').toBe(0)
  const late = { key: 'late', address: '192.0.2.1' }
  for (let n = 0; n < 1_000; n += 1) expect(limit.ofStranger(late, 0)).toBeGreaterThan(0)
  const waited = Array.from({ length: 40 }, () => limit.ofStranger({ ...late, address: '192.0.2.2' }, 0))
  expect(waited.filter((wait) => wait === 0)).toHaveLength(30)
})

test('K2.7 K2.9 what is in memory is bounded by what is let in, and strangers push out nobody who is known', () => {
  const limit = createProofRateLimit()
  for (let n = 0; n < 100_000; n += 1) limit.ofStranger({ key: `key-${n}`, address }, n / 1_000)
  expect(limit.remembered, 'of one address').toBeLessThan(1_000)
  // From ever new addresses with ever new keys, two hundred a second for ten minutes.
  for (let n = 0; n < 120_000; n += 1) {
    if (n === 119_000) for (let own = 0; own < 60; own += 1) limit.ofKnown('ann', n * 5)
    limit.ofStranger({ key: `other-${n}`, address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` }, n * 5)
  }
  expect(limit.remembered).toBeLessThan(2 * 200 * 60)
  expect(limit.ofKnown('ann', 119_000 * 5), 'still counted').toBeGreaterThan(0)
})

/**
 * Sound proofs with ever new keys, as one machine may make them, at the door that costs it least.
 *
 * @returns what makes more of them until the address is full.
 */
async function flooded(server: InProcessServer) {
  const unknown = { endToken: 'x'.repeat(43) }
  let admitted = 0
  const fill = async (atOnce: number): Promise<Response> => {
    for (let made = 0; made < 2_000; made += atOnce) {
      const keys = await Promise.all(Array.from({ length: atOnce }, newKey))
      const answers = await Promise.all(keys.map((key) => postFrom(key, server, '/api/session/end', unknown)))
      const refused = answers.filter(({ status }) => status === 429)
      admitted += answers.length - refused.length
      if (refused[0]) return refused[0]
    }
    throw new Error('the address was never full')
  }
  const refused = await fill(33)
  return { fill, refused, admitted }
}

test('K2.7 proofs of strangers beyond the limit are refused and cost no write', async () => {
  const server = await startInProcessServer()
  const { refused, admitted } = await flooded(server)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ error: 'too-many-attempts' })
  expect(admitted).toBeGreaterThanOrEqual(300)
  const rows = await (await server.db()).selectFrom('proof').select('hash').execute()
  expect(rows).toHaveLength(admitted)
})

test('K2.9 whatever one machine does at an address, the known devices, right codes and log-outs there never wait', async () => {
  const server = await startInProcessServer()
  const [id = ''] = await addPeople(server.dataDir, ann)
  const [second, third] = [await signIn(server, ann, 'device-2'), await signIn(server, ann, 'device-3')]
  await signIn(server, ann)
  const db = await server.db()
  const verifier = 'v'.repeat(43)
  const { fill } = await flooded(server)
  const statuses = { signIn: [] as number[], code: [] as number[], page: [] as number[] }
  for (let n = 0; n < 6; n += 1) {
    await fill(10)
    const own = await trySignIn(server, { login: 'ann', password: ann.password })
    statuses.signIn.push(own.status)
    const { token } = (await own.json()) as { token: string }
    const link = await postFrom(await keyOf('device-1'), server, '/api/account/link', {}, {}, token)
    statuses.page.push(link.status)
    // By an issuer, on a device that was never seen.
    const code = await makeSignInCode(db, id, hashOf(verifier), server.clock.wall())
    const ask = { code, verifier, device: `new-${n}`, staySignedIn: false }
    statuses.code.push((await postFrom(await newKey(), server, '/api/session/code', ask)).status)
    server.clock.advance(1_000)
  }
  const all = Array(6).fill(200)
  expect(statuses).toEqual({ signIn: all, code: all, page: all })
  await fill(10)
  const over = (endToken: string, key: DeviceKey) => postFrom(key, server, '/api/session/end', { endToken })
  expect((await over(second.endToken, await keyOf('device-2'))).status).toBe(204)
  expect((await over(third.endToken, await newKey())).status, 'with a key that was lost, too').toBe(204)
  const left = await db.selectFrom('device').select('device').where('device', 'in', ['device-2', 'device-3'])
  expect(await left.execute()).toEqual([])
  // Heard twice, since the first answer was lost: by then the token is nobody's, but the key is known.
  expect((await over(second.endToken, await keyOf('device-2'))).status).toBe(204)
  // A stranger with a code that is none waits with the others.
  const none = { code: 'none', verifier, device: 'd', staySignedIn: false }
  const others = await Promise.all(Array.from({ length: 40 }, newKey))
  await fill(10)
  const tried = await Promise.all(others.map((key) => postFrom(key, server, '/api/session/code', none)))
  const said = await Promise.all(tried.map((response) => response.text()))
  expect(said.filter((text) => text.includes('Too many requests at once.')).length).toBeGreaterThan(0)
}, 60_000)

test('K2.9 a clinic whose people come back behind one address after a restart waits for nothing, amid a flood there', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const devices = Array.from({ length: 400 }, (_, n) => `device-of-the-clinic-${n}`)
  const keys = await Promise.all(devices.map(keyOf))
  const db = await server.db()
  // Some by password before, some signed in by whatever way.
  const known = keys.slice(200).map(({ thumbprint: key }) => ({ userId, key, seenAt: server.clock.wall() }))
  await db.insertInto('knownDevice').values(known).execute()
  for (const device of devices.slice(0, 200)) await sessionOf(server, ann, device)
  const { fill } = await flooded(server)
  for (let n = 0; n < 400; n += 100) {
    await fill(10)
    const some = keys.slice(n, n + 100)
    const answers = await Promise.all(
      some.map((key) => postFrom(key, server, '/api/session/end', { endToken: 'x'.repeat(43) })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(204))
  }
}, 60_000)

test('K2.9 whoever has seen proofs of a device uses up nothing of what it may ask', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  await signIn(server, ann)
  const url = `${server.url}/api/session/end`
  const dpop = await proofOf(await keyOf('device-1'), { url, method: 'POST' })
  const headers = { dpop, 'content-type': 'application/json' }
  const replay = () => fetch(url, { method: 'POST', headers, body: '{"endToken":"x"}' })
  const statuses: number[] = []
  for (let n = 0; n < 120; n += 1) statuses.push((await replay()).status)
  expect(statuses.slice(0, 2)).toEqual([204, 401])
  const { endToken } = await signIn(server, ann)
  expect((await endSession(server, endToken)).status).toBe(204)
})

test('K2.9 a body that is none is refused before the proof is used up', async () => {
  const server = await startInProcessServer()
  const key = await newKey()
  const bodies = ['{', '{}', `{"endToken":"${'x'.repeat(20_000)}"}`]
  const answers = await Promise.all(bodies.map((body) => postFrom(key, server, '/api/session/end', body)))
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 413])
  expect(await (await server.db()).selectFrom('proof').selectAll().execute()).toEqual([])
})
