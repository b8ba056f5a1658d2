import { expect, test } from 'vitest'
import { findAccount } from '../../../server/accounts/find-account.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { addPeople, ann } from '../support/people.ts'
import { nurse, startClinic } from './clinic.ts'

const login = { username: 'nora.n', password: nurse.password }

test('N3.1 a person made by the clinic logs in with the same name or address and the same password', async () => {
  const { server, ask } = await startClinic()
  const made = await ask('POST', '/Users', nurse)
  expect(made.status).toBe(201)
  expect(made.headers.get('content-type')).toContain('application/scim+json')
  expect(made.headers.get('location')).toBe(`${server.url}/scim/v2/Users/${made.body.id}`)
  expect(made.body).toMatchObject({ userName: 'Nora.N', externalId: 'staff-7', active: true })
  const { account } = await signIn(server, login)
  expect(account).toMatchObject({
    username: 'Nora.N',
    email: 'nora@clinic.example',
    name: 'Nora Nurse',
    language: 'de',
  })
  const byEmail = await trySignIn(server, { login: 'NORA@clinic.example', password: nurse.password })
  expect(byEmail.status).toBe(200)
})

test('N3.2 the password is never told and never kept in clear', async () => {
  const { server, ask, make, patch } = await startClinic()
  const id = await make()
  const answers = [
    await ask('GET', `/Users/${id}`),
    await ask('GET', '/Users'),
    await ask('GET', `/Users/${id}?attributes=password`),
    await patch(id, { op: 'replace', path: 'password', value: 'Evening-primrose-2' }),
  ]
  const db = await server.db()
  const tables = await db.introspection.getTables()
  const kept = await Promise.all(
    tables.map(({ name }) =>
      db
        .selectFrom(name as 'user')
        .selectAll()
        .execute(),
    ),
  )
  for (const text of [...answers.map((answer) => answer.text), JSON.stringify(kept)]) {
    expect(text).not.toContain(nurse.password)
    expect(text).not.toContain('Evening-primrose-2')
  }
})

test('N3.3 a password that breaks the rules makes nobody, and says which', async () => {
  const { server, ask } = await startClinic()
  for (const password of ['short', 'no-capital-1', 'Aa0!\0aaaa', `Aa0!${'x'.repeat(125)}`, 7, { a: 1 }]) {
    const { status, body } = await ask('POST', '/Users', { ...nurse, password })
    expect([status, body.scimType]).toEqual([400, 'invalidValue'])
    expect(body.detail).toMatch(/password/i)
  }
  expect(await findAccount(await server.db(), 'nora.n')).toBeUndefined()
})

test('N3.4 without a password nobody logs in until there is one', async () => {
  const { server, make, patch } = await startClinic()
  const id = await make({ password: undefined })
  expect((await trySignIn(server, { login: 'nora.n', password: '' })).status).toBe(400)
  expect((await trySignIn(server, { login: 'nora.n', password: nurse.password })).status).toBe(401)
  expect((await patch(id, { op: 'add', value: { password: nurse.password } })).status).toBe(200)
  expect((await signIn(server, login)).account.username).toBe('Nora.N')
})

test('N3.5 attribute names are the same in any case', async () => {
  const { server, ask } = await startClinic()
  const { status } = await ask('POST', '/Users', {
    SCHEMAS: nurse.schemas,
    USERNAME: 'nora.n',
    eMails: [{ Value: 'nora@clinic.example', PRIMARY: true }],
    PassWord: nurse.password,
  })
  expect(status).toBe(201)
  expect((await signIn(server, login)).account.email).toBe('nora@clinic.example')
})

test('N3.6 a name, an address or an id that somebody has is refused, whatever its case and whoever made them', async () => {
  const { server, ask, make } = await startClinic()
  await addPeople(server.dataDir, ann)
  await make()
  const other = {
    ...nurse,
    userName: 'other',
    externalId: 'staff-8',
    emails: [{ value: 'other@clinic.example' }],
  }
  for (const taken of [
    { userName: 'NORA.n' },
    { externalId: 'staff-7' },
    { emails: [{ value: 'Nora@Clinic.example' }] },
    { userName: 'ANN' },
    { emails: [{ value: ann.email }] },
  ]) {
    const { status, body } = await ask('POST', '/Users', { ...other, ...taken })
    expect([JSON.stringify(taken), status, body.scimType]).toEqual([JSON.stringify(taken), 409, 'uniqueness'])
    expect(body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '409' })
    expect(body.detail).not.toContain('Better Auth')
  }
  const db = await server.db()
  expect(await db.selectFrom('user').select('email').orderBy('email').execute()).toEqual([
    { email: ann.email },
    { email: 'nora@clinic.example' },
  ])
})

test('N3.6 of two that make the same person at once one does', async () => {
  const { server, ask } = await startClinic()
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/Users', nurse)))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').execute()).toHaveLength(1)
  expect(await db.selectFrom('account').select('id').execute()).toHaveLength(1)
})

test('N3.8 an account with an address that was shown to be theirs is taken over, with its name and sessions', async () => {
  const { server, make } = await startClinic()
  await addPeople(server.dataDir, { ...ann, verified: true })
  const before = await signIn(server, ann)
  await make({ userName: 'ann.able', emails: [{ value: ann.email }], password: undefined })
  const { account } = await signIn(server, { username: 'ann.able', password: ann.password })
  expect(account).toMatchObject({ id: before.account.id, username: 'ann.able', name: 'Nora Nurse' })
})

test('N3.1 a person whose userName is their address logs in by it', async () => {
  const { server, make } = await startClinic()
  await make({ userName: 'Nora@clinic.example' })
  const { account } = await signIn(server, { username: 'nora@clinic.example', password: nurse.password })
  expect(account.username).toBeNull()
})

test.each([
  ['a 10 kB name', { name: { formatted: 'x'.repeat(10_240) } }],
  ['a NUL in a name', { displayName: 'Nora\0' }],
  ['a name that turns its overrides round', { displayName: 'Nora\u202e' }],
  ['look-alike letters in a username', { userName: 'nоrа' }],
  ['a space in a username', { userName: 'nora n' }],
  ['a NUL in a username', { userName: 'nora\0' }],
  ['look-alike letters in a userName like an address', { userName: 'nоrа@clinic.example' }],
  ['a space in a userName like an address', { userName: 'nora n@clinic.example' }],
  ['a userName like an address that is too long', { userName: `${'x'.repeat(240)}@clinic.example` }],
  ['a name of which nothing can be seen', { displayName: '\u3164' }],
  ['a username that is too long', { userName: 'x'.repeat(65) }],
  ['a look-alike address', { emails: [{ value: 'nora@clinıc.example' }] }],
  ['no address', { emails: undefined, userName: 'nora' }],
  ['an address that is none', { emails: [{ value: 'nora' }] }],
  [
    'an address that is too long',
    {
      emails: [{ value: `${'x'.repeat(60)}@${'y'.repeat(60)}.${'z'.repeat(60)}.${'w'.repeat(20)}.example` }],
    },
  ],
  ['a userName that is a number', { userName: 7 }],
])('N3.10 %s makes nobody', async (_, bad) => {
  const { server, ask } = await startClinic()
  const { status, body } = await ask('POST', '/Users', { ...nurse, ...bad })
  expect([status, body.schemas, body.scimType]).toEqual([
    400,
    ['urn:ietf:params:scim:api:messages:2.0:Error'],
    'invalidValue',
  ])
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').execute()).toEqual([])
  expect(await db.selectFrom('scimUser').select('id').execute()).toEqual([])
})

test('W7.4 HTML in a name is a name', async () => {
  const { server, make } = await startClinic()
  await make({ displayName: '<b>"Nora"</b> & \'Co\'' })
  expect((await signIn(server, login)).account.name).toBe('<b>"Nora"</b> & \'Co\'')
})

test('N3.12 what is no request is answered as RFC 7644 wants', async () => {
  const { ask } = await startClinic()
  const bodies = [
    ['{', 400],
    ['[]', 400],
    ['"x"', 400],
    ['[['.repeat(10_000), 400],
    [`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 400],
    [JSON.stringify({ ...nurse, title: 'x'.repeat(70_000) }), 413],
    [JSON.stringify({ ...nurse, schemas: ['urn:nothing'] }), 400],
  ] as const
  for (const [body, expected] of bodies) {
    const { status, body: said } = await ask('POST', '/Users', body)
    expect([body.slice(0, 20), status, said.status]).toEqual([body.slice(0, 20), expected, String(expected)])
  }
  expect((await ask('POST', '/Users', nurse, { 'content-type': 'text/plain' })).status).toBe(415)
  for (const [method, path] of [
    ['GET', '/Groups/no-such-id'],
    ['GET', '/Users/no-such-id'],
    ['DELETE', '/Users/no-such-id'],
    ['GET', '/nothing'],
    ['POST', '/Users/../../sign-up/email'],
  ] as const) {
    const { status, body } = await ask(method, path, method === 'POST' ? {} : undefined)
    expect([path, status, body.status ?? body.error]).toEqual([
      path,
      404,
      expect.stringMatching(/404|not-found/),
    ])
  }
})
