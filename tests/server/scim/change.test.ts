import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { makeLink } from '../../../server/accounts/links.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { mailsTo } from '../support/mailbox.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { type Clinic, nurse, startClinic } from './clinic.ts'

const login = { username: 'nora.n', password: nurse.password }

async function norasDevice({ server }: Clinic) {
  const { token } = await signIn(server, login)
  return connectDevice(server.url, token, 'device-1')
}

test('N4.1 what the clinic changes is on the person’s devices at once', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const connection = await norasDevice(clinic)
  await clinic.patch(id, { op: 'replace', path: 'displayName', value: 'Nora New' })
  expect((await connection.next('account')).account).toMatchObject({ name: 'Nora New', username: 'Nora.N' })
  await clinic.patch(id, { op: 'replace', value: { userName: 'nora.new', preferredLanguage: 'fr' } })
  expect((await connection.next('account')).account).toMatchObject({ username: 'nora.new', language: 'fr' })
  const { password: _, ...put } = { ...nurse, emails: [{ value: 'nora.new@clinic.example', primary: true }] }
  expect((await clinic.ask('PUT', `/Users/${id}`, put)).status).toBe(200)
  expect((await connection.next('account')).account).toMatchObject({
    username: 'Nora.N',
    email: 'nora.new@clinic.example',
    name: 'Nora Nurse',
  })
})

test('N4.2 what the person chose stays until the clinic says otherwise anew', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const db = await clinic.server.db()
  await db.updateTable('user').set({ name: 'Nora, chosen', language: 'es' }).execute()
  await clinic.patch(id, { op: 'replace', path: 'title', value: 'Head nurse' })
  const { password: _, ...same } = nurse
  await clinic.ask('PUT', `/Users/${id}`, { ...same, title: 'Nurse' })
  const read = () => db.selectFrom('user').select(['name', 'language']).executeTakeFirstOrThrow()
  expect(await read()).toEqual({ name: 'Nora, chosen', language: 'es' })
  await clinic.patch(id, { op: 'replace', value: { displayName: 'Nora New', preferredLanguage: 'fr' } })
  expect(await read()).toEqual({ name: 'Nora New', language: 'fr' })
})

test.each([
  [{ op: 'Replace', path: 'active', value: 'False' }],
  [{ op: 'replace', path: 'active', value: false }],
  [{ op: 'Add', path: 'Active', value: 'false' }],
  [{ op: 'replace', value: { active: false } }],
  [{ op: 'replace', value: { Active: 'False' } }],
])('N4.3 %j ends every session within a second, and nobody signs in', async (operation) => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const connection = await norasDevice(clinic)
  await connection.lease()
  const { status, body } = await clinic.patch(id, operation)
  const told = performance.now()
  expect([status, body.active]).toEqual([200, false])
  expect((await connection.closed()).code).toBe(closeCodes.sessionEnded.code)
  expect(performance.now() - told).toBeLessThan(1_000)
  const [refused, wrong] = await Promise.all(
    [nurse.password, 'wrong'].map((password) => trySignIn(clinic.server, { login: 'nora.n', password })),
  )
  expect([refused?.status, await refused?.text()]).toEqual([401, await wrong?.text()])
})

test('N4.4 A8.16 a new password from the clinic ends the sessions of the old one, and a mail says so', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const connection = await norasDevice(clinic)
  await clinic.patch(id, { op: 'replace', path: 'password', value: 'Evening-primrose-2' })
  expect((await connection.closed()).code).toBe(closeCodes.passwordChanged.code)
  const [mail] = await mailsTo(clinic.server, 'nora@clinic.example')
  expect(mail?.subject).toBe('Ihr Passwort wurde geändert')
  expect((await trySignIn(clinic.server, { login: 'nora.n', password: nurse.password })).status).toBe(401)
  await signIn(clinic.server, { username: 'nora.n', password: 'Evening-primrose-2' })
})

test('N4.4 the same password sent again changes nothing', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const connection = await norasDevice(clinic)
  expect((await clinic.ask('PUT', `/Users/${id}`, { ...nurse, title: 'Nurse' })).status).toBe(200)
  expect((await clinic.patch(id, { op: 'replace', path: 'password', value: nurse.password })).status).toBe(
    200,
  )
  await connection.lease()
})

test('N3.3 a bad password changes nothing else, and none can be taken away', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  for (const operation of [
    { op: 'replace', value: { displayName: 'Nora New', password: 'short' } },
    { op: 'remove', path: 'password' },
    { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value: 'short' },
  ]) {
    const { status, body } = await clinic.patch(id, operation)
    expect([status, body.scimType]).toEqual([400, 'invalidValue'])
  }
  expect((await clinic.ask('GET', `/Users/${id}`)).body.displayName).toBe('Nora Nurse')
  await signIn(clinic.server, login)
})

test('N3.10 what cannot be here is refused and undone with the clinic too', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  for (const operation of [
    { op: 'replace', path: 'displayName', value: 'x'.repeat(10_240) },
    { op: 'replace', path: 'userName', value: 'nоrа' },
    { op: 'replace', path: 'emails', value: [{ value: 'nora@clinıc.example' }] },
  ])
    expect((await clinic.patch(id, operation)).status).toBe(400)
  const { body } = await clinic.ask('GET', `/Users/${id}`)
  expect(body).toMatchObject({ userName: 'Nora.N', displayName: 'Nora Nurse', emails: nurse.emails })
  await signIn(clinic.server, login)
})

test('N4.8 the clinic finds its people by name, id and address, page by page', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  for (const n of [1, 2, 3])
    await clinic.make({
      userName: `p${n}`,
      externalId: `x${n}`,
      emails: [{ value: `p${n}@clinic.example` }],
    })
  for (const filter of [
    'userName eq "NORA.N"',
    'username EQ "nora.n"',
    'externalId eq "staff-7"',
    'emails.value eq "Nora@clinic.example"',
  ]) {
    const { status, body } = await clinic.ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    expect([filter, status, body.totalResults, body.Resources?.[0]?.id]).toEqual([filter, 200, 1, id])
  }
  const none = await clinic.ask('GET', `/Users?filter=${encodeURIComponent('userName eq "nobody"')}`)
  expect([none.status, none.body.totalResults, none.body.Resources]).toEqual([200, 0, []])
  const bad = await clinic.ask('GET', `/Users?filter=${encodeURIComponent('userName xx "nobody"')}`)
  expect([bad.status, bad.body.scimType]).toEqual([400, 'invalidFilter'])
  const page = await clinic.ask('GET', '/Users?startIndex=2&count=2')
  expect(page.body).toMatchObject({ totalResults: 4, startIndex: 2, itemsPerPage: 2 })
  expect(page.body.Resources.map(({ userName }: { userName: string }) => userName)).toEqual(['p1', 'p2'])
})

test('W3.4 another address ends the links that were mailed to the old one', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const db = await clinic.server.db()
  const { id: userId, email } = await db.selectFrom('user').select(['id', 'email']).executeTakeFirstOrThrow()
  await makeLink(db, { kind: 'reset', userId, email }, clinic.server.clock.wall())
  const endedBy = async () => (await db.selectFrom('link').select('endedBy').execute())[0]?.endedBy
  await clinic.patch(id, { op: 'replace', path: 'displayName', value: 'Nora New' })
  expect(await endedBy()).toBe(null)
  const { password: _, ...put } = { ...nurse, emails: [{ value: 'nora.new@clinic.example', primary: true }] }
  await clinic.ask('PUT', `/Users/${id}`, put)
  expect(await endedBy()).toBe('address-changed')
})
