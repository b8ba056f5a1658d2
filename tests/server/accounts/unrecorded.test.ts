import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../server/database/tables.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { signInAtIssuer, spendCode } from '../openid/extension.ts'
import { withHostile } from '../openid/with-hostile.ts'
import { endSession, postFrom, signIn, trySignIn } from '../support/api-client.ts'
import { keyOf, newKey, proofOf } from '../support/dpop-proofs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

/** From now on nothing can be put on record. */
const stopRecording = (db: Database) =>
  sql`create trigger no_more before insert on audit begin select raise(abort, 'not now'); end`.execute(db)

/** Everything that says who there is, how they may sign in, and where they are signed in. */
const standing = async (db: Database) =>
  JSON.stringify([
    await db.selectFrom('user').selectAll().orderBy('id').execute(),
    await db.selectFrom('account').selectAll().orderBy('id').execute(),
    await db.selectFrom('session').selectAll().orderBy('id').execute(),
    await db.selectFrom('device').selectAll().orderBy('sessionId').execute(),
    await db.selectFrom('issuerProfile').selectAll().orderBy('userId').execute(),
    await db.selectFrom('signInCode').selectAll().orderBy('hash').execute(),
    await db.selectFrom('issuerFlow').selectAll().orderBy('hash').execute(),
    await db.selectFrom('audit').selectAll().orderBy('id').execute(),
  ])

test('Y1.6 nobody signs in whose sign-in cannot be recorded, and the session that they had stays', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  await signIn(server, ann)
  const db = await server.db()
  const before = await standing(db)
  await stopRecording(db)
  const response = await trySignIn(server, { login: 'ann', password: ann.password })
  expect([response.status, await response.json()]).toMatchObject([500, { error: 'internal' }])
  expect(await standing(db)).toBe(before)
})

test('Y1.6 nobody is signed out whose signing out cannot be recorded', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { endToken } = await signIn(server, ann)
  const db = await server.db()
  const before = await standing(db)
  await stopRecording(db)
  expect((await endSession(server, endToken)).status).toBe(500)
  expect(await standing(db)).toBe(before)
  await sql`drop trigger no_more`.execute(db)
  expect((await endSession(server, endToken)).status).toBe(204)
  expect(await db.selectFrom('session').select('id').execute()).toEqual([])
})

test('Y1.6 the operator neither revokes nor removes what cannot be recorded', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const device = await reachableDevice(server, ann)
  const db = await server.db()
  const before = await standing(db)
  await stopRecording(db)
  for (const verb of ['revoke', 'remove'])
    expect(await runCommand(server.dataDir, 'account', verb, 'ann')).toMatchObject({
      code: 1,
      err: 'not now',
    })
  expect(await standing(db)).toBe(before)
  await device.lease()
})

test('Y1.6 nobody is linked at the issuer, or made, or changed, unless that can be recorded', async () => {
  const set = await withHostile()
  const db = await set.server.db()
  const links = { email: ann.email }
  const makes = { sub: 'sub-2', email: 'zoe@welcome.example', name: 'Zoe' }
  const before = await standing(db)
  await stopRecording(db)
  for (const claims of [links, makes]) {
    expect(await set.outcome({ claims })).toBe('page 500')
    const [user, account, , , profile, code] = JSON.parse(await standing(db))
    const [userBefore, accountBefore] = JSON.parse(before)
    expect([user, account, profile, code]).toEqual([userBefore, accountBefore, [], []])
  }
  await sql`drop trigger no_more`.execute(db)
  expect(await set.outcome({ claims: makes })).toBe('code')

  // Somebody who is linked already comes back under another name.
  const made = await standing(db)
  await stopRecording(db)
  expect(await set.outcome({ claims: { ...makes, name: 'Zoe Zander' } })).toBe('page 500')
  const stands = (text: string) => JSON.parse(text).filter((_: unknown, table: number) => table !== 6)
  expect(stands(await standing(db))).toEqual(stands(made))
})

test('Y1.6 a sign-in that the issuer refused is not over before that is recorded', async () => {
  const set = await withHostile()
  const db = await set.server.db()
  await stopRecording(db)
  const back = (state: string) => ({ state, error: 'access_denied' })
  expect(await set.outcome({ back })).toBe('page 500')
  expect(await db.selectFrom('issuerFlow').select('endedAt').execute()).toEqual([])
})

test('Y1.6 a one-time code is neither spent nor refused unless that can be recorded', async () => {
  const { at, server } = await withHostile()
  const came = await signInAtIssuer(at)
  const db = await server.db()
  const before = await standing(db)
  await stopRecording(db)
  expect((await spendCode(at, came)).status).toBe(500)
  expect((await spendCode(at, { ...came, verifier: 'x'.repeat(43) })).status).toBe(500)
  expect(await standing(db)).toBe(before)
  expect(await db.selectFrom('failedAttempt').selectAll().execute(), 'nor counted').toEqual([])
  await sql`drop trigger no_more`.execute(db)
  expect((await spendCode(at, came)).status).toBe(200)
})

test('Y1.6 nobody comes into My account whose coming cannot be recorded', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { token } = await signIn(server, ann)
  const asked = await postFrom(await keyOf('device-1'), server, '/api/account/link', {}, {}, token)
  const { url } = (await asked.json()) as { url: string }
  const db = await server.db()
  await stopRecording(db)
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(500)
  expect(await db.selectFrom('webSession').selectAll().execute()).toEqual([])
  await sql`drop trigger no_more`.execute(db)
  const response = await fetch(url, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([303, '/account'])
})

test('Y1.6 a refused proof counts for its address only with its entry', async () => {
  const server = await startInProcessServer()
  const db = await server.db()
  await stopRecording(db)
  const wrong = { url: `${server.url}/api/session/end`, method: 'GET' }
  const headers = { dpop: await proofOf(await newKey(), wrong), 'content-type': 'application/json' }
  const response = await fetch(wrong.url, { method: 'POST', headers, body: '{"endToken":"x"}' })
  expect(response.status).toBe(500)
  expect(await db.selectFrom('failedAttempt').selectAll().execute()).toEqual([])
})
