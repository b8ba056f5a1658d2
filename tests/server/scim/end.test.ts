import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { callerOf, post, signIn, trySignIn } from '../support/api-client.ts'
import { getPage, sendForm } from '../support/html-pages.ts'
import { expectNoMailTo, linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { type Clinic, nurse, startClinic } from './clinic.ts'

const email = 'nora@clinic.example'
const login = { username: 'nora.n', password: nurse.password }

const audited = async ({ server }: Clinic) => {
  const db = await server.db()
  const rows = await db.selectFrom('audit').select(['what', 'who', 'detail']).orderBy('id').execute()
  return rows.filter(({ detail }) => detail.includes('"by":"Clinic"')).map(({ what }) => what)
}

test('N4.3 de-provisioning ends every session within a second, and nobody signs in', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const { token } = await signIn(clinic.server, login)
  const connection = await connectDevice(clinic.server.url, token, 'device-1')
  const { status, text } = await clinic.ask('DELETE', `/Users/${id}`)
  const told = performance.now()
  expect([status, text]).toEqual([204, ''])
  expect((await connection.closed()).code).toBe(closeCodes.sessionEnded.code)
  expect(performance.now() - told).toBeLessThan(1_000)
  expect((await trySignIn(clinic.server, { login: email, password: nurse.password })).status).toBe(401)
  expect((await clinic.ask('GET', `/Users/${id}`)).status).toBe(404)
  expect((await clinic.ask('DELETE', `/Users/${id}`)).status).toBe(404)
})

test('N5.2 whoever is disabled cannot be called, until they are enabled', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  await clinic.patch(id, { op: 'replace', path: 'active', value: false })
  const { authorization, place } = callerOf(clinic.server)
  for (const to of ['nora.n', email]) {
    const refused = await post(clinic.server, '/api/calls', { to }, authorization)
    expect([refused.status, (await refused.json()).error]).toEqual([404, 'no-such-account'])
  }
  await clinic.patch(id, { op: 'replace', path: 'active', value: true })
  expect((await place('nora.n')).disposition).toBe('unreachable')
})

test('N5.3 links that were mailed before are over, and no new one is mailed', async () => {
  const clinic = await startClinic()
  const { server } = clinic
  const id = await clinic.make()
  await sendForm(server, '/password/forgot', { login: email })
  const link = linkIn(await mailsTo(server, email))
  expect((await getPage(server, link)).status).toBe(200)
  await clinic.patch(id, { op: 'replace', path: 'active', value: false })
  expect((await getPage(server, link)).status).toBe(410)
  const again = { password: 'New-lantern-9', again: 'New-lantern-9' }
  expect((await sendForm(server, link, again)).status).toBe(410)
  await addPeople(server.dataDir, ann)
  for (const one of [email, ann.email]) await sendForm(server, '/password/forgot', { login: one })
  // Whoever asked later has theirs: so there is none to come for the one before.
  await mailsTo(server, ann.email)
  await mailsTo(server, email, 1)
})

test('N5.4 enabled again, a person is who they were', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const { account } = await signIn(clinic.server, login)
  await clinic.patch(id, { op: 'replace', path: 'active', value: false })
  await clinic.patch(id, { op: 'replace', path: 'active', value: 'True' })
  expect((await signIn(clinic.server, login)).account).toEqual(account)
})

test('N5.4 made again after they were de-provisioned, a person is who they were', async () => {
  const clinic = await startClinic()
  for (const person of [{}, { externalId: undefined }, { userName: 'nora.2', externalId: 'staff-7' }]) {
    const id = await clinic.make(person)
    const username = 'userName' in person ? 'nora.2' : 'nora.n'
    const { account } = await signIn(clinic.server, { ...login, username })
    expect(account.email).toBe(email)
    await clinic.ask('DELETE', `/Users/${id}`)
  }
  const db = await clinic.server.db()
  expect(await db.selectFrom('user').select('email').execute()).toEqual([{ email }])
})

test('N3.4 a person may be made who may not sign in yet', async () => {
  const clinic = await startClinic()
  const id = await clinic.make({ active: false })
  expect((await trySignIn(clinic.server, { login: 'nora.n', password: nurse.password })).status).toBe(401)
  await clinic.patch(id, { op: 'replace', path: 'active', value: true })
  expect((await signIn(clinic.server, login)).account.email).toBe(email)
})

test('Y1.7 all that the clinic does is on record, by the name of its key', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  await clinic.patch(id, { op: 'replace', path: 'displayName', value: 'Nora New' })
  await clinic.patch(id, { op: 'replace', path: 'password', value: 'Evening-primrose-2' })
  await clinic.patch(id, { op: 'replace', path: 'active', value: false })
  await clinic.patch(id, { op: 'replace', path: 'active', value: true })
  await clinic.ask('DELETE', `/Users/${id}`)
  expect(await audited(clinic)).toEqual([
    'provisioned',
    'provisioning-changed',
    'provisioning-changed',
    'password-changed',
    'provisioning-changed',
    'account-disabled',
    'provisioning-changed',
    'account-enabled',
    'deprovisioned',
    'account-disabled',
  ])
  await expectNoMailTo(clinic.server, 'nobody@clinic.example')
})
