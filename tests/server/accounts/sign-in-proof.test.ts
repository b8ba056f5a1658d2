import * as v from 'valibot'
import { expect, test } from 'vitest'
import { refusal, signInResponse } from '../../../protocol/http.ts'
import { endSession, post, signIn, trySignIn } from '../support/api-client.ts'
import { keyOf, proofOf } from '../support/dpop-proofs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

const own = 'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd'
const login = { login: 'ann', password: ann.password, device: 'device-1', staySignedIn: false }

test('K4.1 nobody signs in without a proof, and a session is bound to the key that was proven', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const without = await post(server, '/api/session', login)
  expect([without.status, v.parse(refusal, await without.json()).error]).toEqual([401, 'unauthorized'])
  await signIn(server, ann)
  const device = await (await server.db()).selectFrom('device').select('key').executeTakeFirstOrThrow()
  expect(device.key).toBe((await keyOf('device-1')).thumbprint)
})

test('K2.3 one proof signs in once', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const url = `${server.url}/api/session`
  const dpop = await proofOf(await keyOf('device-1'), { url, method: 'POST' })
  expect((await post(server, '/api/session', login, { dpop })).status).toBe(200)
  const again = await post(server, '/api/session', login, { dpop })
  expect([again.status, await again.json()]).toMatchObject([401, { error: 'unauthorized' }])
})

test('A2.4 a session is ended by its end token and a proof of any key, and by no end token without a proof', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const first = await signIn(server, ann, 'device-1')
  const second = await signIn(server, ann, 'device-2')
  expect((await post(server, '/api/session/end', { endToken: first.endToken })).status).toBe(401)
  // The helper proves the key of device-1: device-2 may have lost its own.
  for (const { endToken } of [first, second]) expect((await endSession(server, endToken)).status).toBe(204)
  const db = await server.db()
  expect(await db.selectFrom('session').select('id').execute()).toEqual([])
  const ended = await db.selectFrom('audit').select('detail').where('what', '=', 'signed-out').execute()
  expect(ended.map(({ detail }) => JSON.parse(detail))).toEqual([{ sameKey: true }, { sameKey: false }])
})

test('S5.1 the extension may read the nonce that it is given, and may send proofs', async () => {
  const server = await startInProcessServer()
  server.clock.setWall(3_600_000)
  const dpop = await proofOf(await keyOf('d'), { url: `${server.url}/api/session`, method: 'POST' })
  const stale = await post(server, '/api/session', login, { dpop, origin: own })
  expect([stale.status, v.parse(refusal, await stale.json()).error]).toEqual([401, 'use-dpop-nonce'])
  expect(stale.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('dpop-nonce')
  expect(stale.headers.get('access-control-allow-origin')).toBe(own)
  expect(stale.headers.get('dpop-nonce')).toMatch(/^[\w.-]{20,}$/)
})

test('K4.5 a stale proof does not count as an attempt at a password', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  server.clock.setWall(3_600_000)
  const dpop = await proofOf(await keyOf('d'), { url: `${server.url}/api/session`, method: 'POST' })
  for (let n = 0; n < 30; n += 1) await post(server, '/api/session', login, { dpop })
  expect((await trySignIn(server, login)).status).toBe(200)
})

test('K1.9 the server knows itself by its public address and by each name of its own machine, whatever Host says', async () => {
  const server = await startInProcessServer()
  const { port } = new URL(server.url)
  const key = await keyOf('device-1')
  const ask = async (origin: string, headers = {}) => {
    const dpop = await proofOf(key, { url: `${origin}/api/session`, method: 'POST' })
    const response = await post(server, '/api/session', login, { dpop, ...headers })
    return [response.status, await response.json()]
  }
  for (const name of ['127.0.0.1', 'localhost', '[::1]'])
    expect(await ask(`http://${name}:${port}`), name).toMatchObject([401, { error: 'wrong-credentials' }])
  for (const origin of ['https://evil.example', `https://127.0.0.1:${port}`, 'http://127.0.0.1:1'])
    expect(await ask(origin, { 'x-forwarded-host': new URL(origin).host })).toMatchObject([
      401,
      { error: 'wrong-address', message: expect.stringContaining('PUBLIC_URL') },
    ])
  const behind = await startInProcessServer({ env: { PUBLIC_URL: 'https://reachable.example' } })
  const operator = JSON.parse(
    await import('node:fs/promises').then(({ readFile }) =>
      readFile(`${behind.dataDir}/operator.json`, 'utf8'),
    ),
  ) as { url: string }
  const dpop = await proofOf(key, { url: 'https://reachable.example/api/session', method: 'POST' })
  const response = await post(operator, '/api/session', login, { dpop })
  expect(await response.json()).toMatchObject({ error: 'wrong-credentials' })
})

test('A2.2 the lives of sessions are as configured, and a short one that is used does not end', async () => {
  const server = await startInProcessServer({ env: { SESSION_HOURS: '1', SESSION_DAYS: '2' } })
  await addPeople(server.dataDir, ann)
  const minutes = 60_000
  const lifetimeOf = async (staySignedIn: boolean, device: string) => {
    const response = await trySignIn(server, { ...login, staySignedIn, device })
    v.parse(signInResponse, await response.json())
    const db = await server.db()
    const row = await db
      .selectFrom('session')
      .innerJoin('device', 'device.sessionId', 'session.id')
      .select('expiresAt')
      .where('device', '=', device)
      .executeTakeFirstOrThrow()
    return Math.round((Date.parse(row.expiresAt) - server.clock.wall()) / minutes)
  }
  expect(await lifetimeOf(false, 'a')).toBe(60)
  expect(await lifetimeOf(true, 'b')).toBe(2 * 24 * 60)
  const device = await connectDevice(server.url, (await signIn(server, ann, 'c')).token, 'c')
  for (let used = 0; used < 8; used += 1) {
    server.clock.setWall(10 * minutes)
    // What was read of the session is believed for 10 s.
    server.clock.advance(10_001)
    await device.lease()
  }
})
