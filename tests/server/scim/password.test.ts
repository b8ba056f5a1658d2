import { expect, test } from 'vitest'
import { putPassword } from '../../../server/accounts/credential-rows.ts'
import { firstPasswordEnds, noteFirstPassword } from '../../../server/accounts/first-passwords.ts'
import { hashPassword } from '../../../server/accounts/password-hash.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { idOf } from '../support/people.ts'
import { type Clinic, nurse, startClinic } from './clinic.ts'

const login = { username: 'nora.n', password: nurse.password }

const norasId = ({ server }: Clinic) => idOf(server, 'nora@clinic.example')

test.each([
  ['Password1!', 'it is a common password, word or name'],
  ['Qwertz-12345', 'easy to guess'],
  ['Nora-Nurse-2026!', "it is built on the person's name or address"],
  ['Clinic.example-7', "it is built on the person's name or address"],
])(
  'N3.3 W4.9 the clinic gives nobody a password that is easy to guess, and hears why: %s',
  async (password, words) => {
    const clinic = await startClinic()
    const refused = await clinic.ask('POST', '/Users', { ...nurse, password })
    expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidValue'])
    expect(refused.body.detail).toContain(words)
    expect(refused.text).not.toContain(password)
    const id = await clinic.make()
    const changed = await clinic.patch(id, { op: 'replace', value: { displayName: 'Nora New', password } })
    expect([changed.status, changed.body.scimType]).toEqual([400, 'invalidValue'])
    expect((await clinic.ask('GET', `/Users/${id}`)).body.displayName).toBe('Nora Nurse')
    await signIn(clinic.server, login)
  },
)

test('N4.4 a password that a person has, and that would not be taken any more, may be sent again and changes nothing', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  await putPassword(await clinic.server.db(), await norasId(clinic), await hashPassword('Password1!'), 1)
  expect((await clinic.ask('PUT', `/Users/${id}`, { ...nurse, password: 'Password1!' })).status).toBe(200)
  await signIn(clinic.server, { ...login, password: 'Password1!' })
})

test('N1.10 a password from the clinic does not end, not even where it is the one that the operator gave', async () => {
  const clinic = await startClinic()
  const { server } = clinic
  const id = await clinic.make()
  const db = await server.db()
  expect(await firstPasswordEnds(db)).toEqual(new Map())
  await noteFirstPassword(db, await norasId(clinic), server.clock.wall() + 1_000)
  expect((await clinic.patch(id, { op: 'replace', path: 'password', value: nurse.password })).status).toBe(
    200,
  )
  server.clock.advance(90 * 86_400_000)
  expect((await trySignIn(server, { login: login.username, password: login.password })).status).toBe(200)
})
