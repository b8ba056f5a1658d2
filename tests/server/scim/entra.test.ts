import { expect, test } from 'vitest'
import { signIn, trySignIn } from '../support/api-client.ts'
import { addPeople, ben } from '../support/people.ts'
import { type Clinic, patchSchema, startClinic, userSchema } from './clinic.ts'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const password = 'Entra-password-1'

/** What Entra sends of a person by its default mapping: the userName is the userPrincipalName, and no address. */
const jane = {
  schemas: [userSchema, enterprise],
  externalId: 'jane',
  userName: 'jane@tenant.onmicrosoft.example',
  active: 'True',
  displayName: 'Jane Doe',
  title: 'Nurse',
  emails: [{ primary: true, type: 'work', value: 'jane.doe@clinic.example' }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Jane Doe', familyName: 'Doe', givenName: 'Jane' },
  addresses: [{ primary: false, type: 'work', country: 'IE', formatted: 'Ward 7' }],
  phoneNumbers: [{ primary: 'True', type: 'work', value: '+353 1 234' }],
  roles: [],
  [enterprise]: { employeeNumber: '4711', department: 'Surgery' },
}

const find = ({ ask }: Clinic, filter: string) => ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)

test('N3.13 Entra’s round: who is not there is made, found, changed, disabled, enabled and deleted', async () => {
  const clinic = await startClinic()
  const { server, ask, patch } = clinic
  const byName = `userName eq "${jane.userName}"`
  // The test of the connection, and the look before anybody is made.
  for (const filter of ['userName eq "1c3a4a6e-7a3b-44c1-9a64-0f6a3c8f0c11"', byName])
    expect(await find(clinic, filter)).toMatchObject({
      status: 200,
      body: { totalResults: 0, Resources: [] },
    })
  const made = await ask('POST', '/Users', jane)
  expect(made).toMatchObject({
    status: 201,
    body: { userName: jane.userName, externalId: 'jane', active: true, emails: jane.emails },
  })
  const { id } = made.body
  expect((await ask('POST', '/Users', jane)).status).toBe(409)
  for (const filter of [
    byName,
    byName.toUpperCase().replace('USERNAME EQ', 'userName eq'),
    'externalId eq "jane"',
    'emails[type eq "work"].value eq "Jane.Doe@clinic.example"',
  ])
    expect([
      filter,
      (await find(clinic, filter)).body.Resources?.map((one: { id: string }) => one.id),
    ]).toEqual([filter, [id]])
  expect((await ask('GET', `/Users/${id}`)).body).toMatchObject({
    userName: jane.userName,
    [enterprise]: jane[enterprise],
  })

  const several = await patch(
    id,
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'jane.roe@clinic.example' },
    { op: 'Replace', path: 'name.familyName', value: 'Roe' },
    { op: 'Add', path: 'displayName', value: 'Jane Roe' },
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+353 86 1' },
    { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Cork' },
    { op: 'Replace', path: `${enterprise}:department`, value: 'Theatre' },
    { op: 'Add', path: `${enterprise}:manager`, value: '7f3c' },
  )
  expect(several).toMatchObject({
    status: 200,
    body: {
      displayName: 'Jane Roe',
      emails: [{ type: 'work', value: 'jane.roe@clinic.example', primary: true }],
      [enterprise]: { department: 'Theatre', manager: { value: '7f3c' } },
    },
  })
  const pathless = {
    'name.givenName': 'Joan',
    [`${enterprise}:employeeNumber`]: '4712',
    userName: 'joan@tenant.onmicrosoft.example',
  }
  const once = await ask('PATCH', `/Users/${id}`, {
    schemas: [patchSchema],
    Operations: [{ op: 'replace', value: pathless }],
  })
  expect(once).toMatchObject({
    status: 200,
    body: { userName: 'joan@tenant.onmicrosoft.example', name: { givenName: 'Joan' } },
  })
  await patch(id, { op: 'Add', value: { password } })
  const login = { username: 'jane.roe@clinic.example', password }
  expect((await signIn(server, login)).account).toMatchObject({
    email: 'jane.roe@clinic.example',
    username: null,
    name: 'Jane Roe',
  })

  expect((await patch(id, { op: 'Replace', path: 'active', value: 'False' })).body.active).toBe(false)
  expect((await trySignIn(server, { login: login.username, password })).status).toBe(401)
  expect((await find(clinic, 'userName eq "joan@tenant.onmicrosoft.example"')).body.Resources[0].active).toBe(
    false,
  )
  expect((await patch(id, { op: 'Replace', value: { active: 'True' } })).body.active).toBe(true)
  await signIn(server, login)
  expect((await patch(id, { op: 'Replace', path: 'active', value: false })).body.active).toBe(false)
  expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204)
  expect((await ask('GET', `/Users/${id}`)).status).toBe(404)
  expect((await ask('DELETE', `/Users/${id}`)).status).toBe(404)
  expect((await find(clinic, byName)).body.totalResults).toBe(0)
  expect((await trySignIn(server, { login: login.username, password })).status).toBe(401)
})

test('N3.13 the names that the validator makes up, guests, and who has no mailbox of their own, are made', async () => {
  const { server, ask } = await startClinic()
  const people = [
    {
      userName: 'Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1',
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      emails: [
        {
          primary: true,
          type: 'work',
          value: 'Test_User_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.example',
        },
      ],
    },
    {
      userName: 'jane_mail.example#EXT#@tenant.onmicrosoft.example',
      externalId: 'guest',
      emails: [{ type: 'work', value: "jane.o'neill@mail.example" }],
    },
    { userName: 'porter@tenant.onmicrosoft.example', externalId: 'porter', emails: undefined },
  ]
  for (const person of people) {
    const { status, body } = await ask('POST', '/Users', { ...jane, ...person, password })
    expect([status, body.userName]).toEqual([201, person.userName])
    const email = person.emails?.[0]?.value ?? person.userName
    expect((await signIn(server, { username: email, password })).account.email).toBe(email.toLowerCase())
  }
})

test('N3.1 a userName that is somebody else’s address is no way in to their account, nor anybody’s login', async () => {
  const { server, ask, patch } = await startClinic()
  await addPeople(server.dataDir, ben)
  const made = await ask('POST', '/Users', { ...jane, userName: ben.email, password })
  expect(made.status).toBe(201)
  const tryIt = async (login: string, tried: string) =>
    (await trySignIn(server, { login, password: tried })).status
  expect(await tryIt(ben.email, password)).toBe(401)
  expect((await signIn(server, { username: ben.email, password: ben.password })).account.email).toBe(
    ben.email,
  )
  expect(
    (await signIn(server, { username: 'jane.doe@clinic.example', password }, 'device-2')).account.email,
  ).toBe('jane.doe@clinic.example')
  // Nor when it was a username before, or becomes one.
  await patch(made.body.id, { op: 'Replace', path: 'userName', value: 'jane' })
  expect(await tryIt('jane', password)).toBe(200)
  await patch(made.body.id, { op: 'Replace', path: 'userName', value: 'jane@tenant.onmicrosoft.example' })
  expect([await tryIt('jane', password), await tryIt('jane@tenant.onmicrosoft.example', password)]).toEqual([
    401, 401,
  ])
  expect(await tryIt('jane.doe@clinic.example', password)).toBe(200)
})

test('N3.14 somebody whom today’s rules would not let in can be disabled, enabled and changed otherwise', async () => {
  const { server, ask, patch } = await startClinic()
  const { body } = await ask('POST', '/Users', { ...jane, password })
  const db = await server.db()
  const old = { displayName: '\u3164', primaryEmail: 'jane@clinic.invalid', userName: 'Jane D\u00f6e' }
  await db.updateTable('scimUser').set(old).execute()
  await db
    .updateTable('scimUser')
    .set({
      serializedAttributes: JSON.stringify({
        schemas: [userSchema],
        name: { formatted: '\u3164' },
        emails: [{ value: 'jane@clinic.invalid', primary: true }],
      }),
    })
    .execute()
  await db.updateTable('user').set({ email: 'jane@clinic.invalid', name: '\u3164' }).execute()
  for (const [active, status] of [
    ['False', 401],
    ['True', 200],
  ] as const) {
    const { status: changed } = await patch(body.id, { op: 'Replace', path: 'active', value: active })
    const login = await trySignIn(server, { login: 'jane@clinic.invalid', password })
    expect([active, changed, login.status]).toEqual([active, 200, status])
  }
  expect((await patch(body.id, { op: 'Replace', path: 'displayName', value: '\u200b' })).status).toBe(400)
  expect((await patch(body.id, { op: 'Replace', path: 'displayName', value: 'Jane' })).status).toBe(200)
})
