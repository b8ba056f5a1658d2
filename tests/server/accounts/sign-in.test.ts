import { argon2Sync } from 'node:crypto'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { signInResponse } from '../../../protocol/http.ts'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { endSession, signIn, trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben } from '../support/people.ts'
import { connectDevice, openConnection, sendHello } from '../support/websocket-device.ts'

const hour = 3_600_000

test('A1.1 a person signs in with username or email, in any case, and their password', async () => {
  const server = await startInProcessServer()
  const [, benId] = await addPeople(server.dataDir, ann, ben)
  for (const login of ['Ben.B-1', 'ben.b-1', ' BEN.B-1 ', ben.email, 'BEN@Clinic.Example']) {
    const response = await trySignIn(server, { login, password: ben.password })
    expect(response.status, login).toBe(200)
    const { token, endToken, account } = v.parse(signInResponse, await response.json())
    expect(account).toEqual({
      id: benId,
      username: 'Ben.B-1',
      email: ben.email,
      name: ben.name,
      picture: null,
      language: null,
    })
    // 128 random bits are 22 characters of base 64.
    expect(token.length).toBeGreaterThanOrEqual(22)
    expect(endToken.length).toBeGreaterThanOrEqual(22)
  }
})

test('A1.2 a wrong password, an unknown person and an account without a password are refused alike', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await addPeople(server.dataDir, ann, ben)
  const db = await server.db()
  await db
    .updateTable('account')
    .set({ password: null })
    .where('userId', 'in', db.selectFrom('user').select('id').where('email', '=', ben.email))
    .execute()
  const logins = ['ann', ann.email, 'nobody', 'no@body.example', ben.username, ben.email, 'bad name!', '@']
  const responses = await Promise.all(
    logins.map((login) => trySignIn(server, { login, password: 'Wrong-horse-7' })),
  )
  const answers = new Set<string>()
  for (const response of responses) answers.add(`${response.status} ${await response.text()}`)
  expect([...answers]).toHaveLength(1)
  expect([...answers][0]).toMatch(/^401 .*wrong-credentials/)
})

test('A1.3 empty fields, and fields that are no text, are refused with what is wrong', async () => {
  const server = await startInProcessServer()
  for (const [body, words] of [
    [{ login: ' ', password: 'x' }, 'Enter your username.'],
    [{ login: 'ann', password: '' }, 'Enter your password.'],
    [{ login: { $ne: 1 }, password: 'x' }, 'login'],
    [{ login: 'ann', password: 'x', device: '' }, 'device'],
    [{ login: 'ann', password: 'x', staySignedIn: 'yes' }, 'staySignedIn'],
  ] as const) {
    const response = await trySignIn(server, body as never)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: 'bad-request',
      message: expect.stringContaining(words),
    })
  }
})

test('A2.1 W4.7 no token of a session, and no password, is in the database, but what argon2id made of it', async () => {
  const server = await startInProcessServer({ fullHashCost: true })
  await addPeople(server.dataDir, ann)
  const { token, endToken } = await signIn(server, ann)
  const db = await server.db()
  const rows = [
    ...(await db.selectFrom('session').selectAll().execute()),
    ...(await db.selectFrom('device').selectAll().execute()),
    ...(await db.selectFrom('account').selectAll().execute()),
    ...(await db.selectFrom('failedAttempt').selectAll().execute()),
  ]
  const kept = JSON.stringify(rows)
  for (const secret of [token, endToken, ann.password]) expect(kept).not.toContain(secret)
  expect(kept).toContain(hashOf(token))
  const [, salt = '', hash] = /"password":"\$argon2id\$v=19\$m=47104,t=2,p=1\$(.+?)\$(.+?)"/.exec(kept) ?? []
  const cost = { memory: 47_104, passes: 2, parallelism: 1, tagLength: 32 }
  const nonce = Buffer.from(salt, 'base64')
  const made = argon2Sync('argon2id', { ...cost, message: ann.password, nonce })
  expect(made.toString('base64').replace('=', '')).toBe(hash)
})

test('A2.2 a session lives 12 hours from its last use, or 30 days when the person stays signed in', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const holds = async (token: string, device: string) => {
    const connection = await openConnection(server.url)
    await sendHello(connection, server.url, { token, device })
    return Promise.race([
      connection.next('welcome').then(
        () => true,
        () => false,
      ),
      connection.closed().then(() => false),
    ])
  }
  const tokenOf = async (staySignedIn: boolean, device: string) => {
    const response = await trySignIn(server, { login: 'ann', password: ann.password, staySignedIn, device })
    return v.parse(signInResponse, await response.json()).token
  }
  const short = await tokenOf(false, 'short')
  const long = await tokenOf(true, 'long')
  const used = await tokenOf(false, 'used')
  const device = await connectDevice(server.url, used, 'used')
  server.clock.setWall(11 * hour)
  await device.lease()
  server.clock.setWall(2 * hour)
  expect(await holds(short, 'short')).toBe(false)
  expect(await holds(used, 'used')).toBe(true)
  expect(await holds(long, 'long')).toBe(true)
  server.clock.setWall(30 * 24 * hour)
  expect(await holds(long, 'long')).toBe(false)
})

test('A2.3 signing in again on the same device ends its older session and connection; other devices keep theirs', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const first = await connectDevice(server.url, (await signIn(server, ann, 'device-1')).token, 'device-1')
  const other = await connectDevice(server.url, (await signIn(server, ann, 'device-2')).token, 'device-2')
  const second = await signIn(server, ann, 'device-1')
  expect(await first.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  await connectDevice(server.url, second.token, 'device-1')
  await other.lease()
  const rows = await (await server.db()).selectFrom('session').select('id').execute()
  expect(rows).toHaveLength(2)
})

test('A2.4 an end token ends its one session and closes its connection, and can do nothing else', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const one = await signIn(server, ann, 'device-1')
  const two = await signIn(server, ann, 'device-2')
  const first = await connectDevice(server.url, one.token, 'device-1')
  const second = await connectDevice(server.url, two.token, 'device-2')
  const end = (endToken: string) => endSession(server, endToken)
  expect((await end(one.token)).status).toBe(204)
  expect((await end('made-up')).status).toBe(204)
  await first.lease()
  expect((await end(one.endToken)).status).toBe(204)
  expect(await first.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  expect((await end(one.endToken)).status).toBe(204)
  await second.lease()
})

test('A2.5 one person cannot end the session of another by claiming their device', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann, ben)
  const device = await connectDevice(server.url, (await signIn(server, ann, 'shared')).token, 'shared')
  await signIn(server, ben, 'shared')
  await device.lease()
})
