import { expect, test } from 'vitest'
import { nameError } from '../../protocol/display-name.ts'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { withHostile } from '../server/openid/with-hostile.ts'
import { type Clinic, nurse, patchSchema, questions, startClinic, userSchema } from '../server/scim/clinic.ts'
import { callerOf, signIn, trySignIn } from '../server/support/api-client.ts'
import { startInProcessServer } from '../server/support/in-process-server.ts'
import { addPeople, ann, ben, idOf } from '../server/support/people.ts'
import { connectDevice } from '../server/support/websocket-device.ts'
import { runCommand } from '../support/server/run-command.ts'
import { ask } from './ask.ts'
import { attack } from './count.ts'
import { deceivingNames } from './deceiving-names.ts'

/** All that SCIM could change. */
async function people({ server }: Pick<Clinic, 'server'>) {
  const db = await server.db()
  return [
    await db.selectFrom('user').selectAll().orderBy('id').execute(),
    await db.selectFrom('account').selectAll().orderBy('id').execute(),
    await db.selectFrom('scimUser').selectAll().orderBy('id').execute(),
    await db.selectFrom('session').selectAll().orderBy('id').execute(),
  ]
}

/** Refused for what it is: 409 would say that somebody has it already, and 429 that it was not looked at. */
const refused = ({ status, text }: { status: number; text: string }, ...also: readonly number[]) => {
  expect([400, 404, 405, 411, 413, 415, ...also], text).toContain(status)
  expect(text).not.toMatch(/node_modules|at \w+ \(|SQLITE|sqlite/)
}

const deep = (n: number) => `{"a":${'['.repeat(n)}${']'.repeat(n)}}`

/** Hashing a password takes its time, and comes before the rest is looked at. */
const { password: _, ...unhashed } = nurse

/** People who cannot be, by what is wrong with them. */
const nobody: Record<string, object> = {
  'no userName': { userName: undefined },
  'an empty userName': { userName: '' },
  'a number for a userName': { userName: 7 },
  'a list for a userName': { userName: ['nora'] },
  'look-alike letters': { userName: 'nоrа' },
  'a userName in full width': { userName: 'ｎｏｒａ' },
  'a space': { userName: 'nora n' },
  'a NUL in a userName': { userName: 'nora\0' },
  'a userName of 65 letters': { userName: 'x'.repeat(65) },
  'markup for a userName': { userName: '<b>nora</b>' },
  'no address': { emails: undefined, userName: 'nora' },
  'an address that is none': { emails: [{ value: 'nora' }] },
  'two addresses in one': { emails: [{ value: 'nora@clinic.example,eve@evil.example' }] },
  'an address with a line break': { emails: [{ value: 'nora@clinic.example\r\nBcc: eve@evil.example' }] },
  'an address with a name': { emails: [{ value: 'Nora <nora@clinic.example>' }] },
  'a look-alike address': { emails: [{ value: 'nora@clinıc.example' }] },
  'an address with a Kelvin sign': { emails: [{ value: 'nora@\u212Aclinic.example' }] },
  'an address of 400 letters': { emails: [{ value: `${'x'.repeat(380)}@clinic.example` }] },
  'an address as an object': { emails: { value: 'nora@clinic.example' } },
  'an address of a deleted account': { emails: [{ value: 'nora@deleted.invalid' }] },
  'the same in capitals': { emails: [{ value: 'nora@DELETED.INVALID' }] },
  'the same below': { emails: [{ value: 'nora@x.deleted.invalid' }] },
  'a userName of a deleted account': {
    userName: 'nora@deleted.invalid',
    emails: [{ value: 'nora@deleted.invalid' }],
  },
  'an address that no mail reaches': { emails: [{ value: 'nora@example.invalid' }] },
  'a name of 10 kB': { name: { formatted: 'x'.repeat(10_240) }, displayName: 'x'.repeat(10_240) },
  'a password that is too short': { password: 'Ab1-' },
  'a password that is an object': { password: { value: 'Quiet-harbour-31' } },
  'a password that is a list': { password: ['Quiet-harbour-31'] },
  'a password of 1 MB': { password: `Aa1-${'x'.repeat(60_000)}` },
  'a password with a NUL': { password: 'Clinic-\0-password-1' },
  'a common password': { password: 'Password1!' },
  'another common password': { password: 'Welcome1!' },
  'no schemas': { schemas: undefined },
  'schemas of another': { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'] },
  'active as a number': { active: 7 },
  'active as an object': { active: { value: true } },
}

test('Z2.1 N3.10 N3.12 what cannot be a person makes none, and names nobody what they are not', async () => {
  const clinic = await startClinic()
  const before = await people(clinic)
  const tries = attack('provisioner', 'people who cannot be')
  for (const [what, bad] of Object.entries(nobody))
    await tries.hold(what, async () => refused(await clinic.ask('POST', '/Users', { ...unhashed, ...bad })))
  for (const displayName of deceivingNames.filter((name) => name.trim() !== '' && name.isWellFormed()))
    await tries.hold(`called ${JSON.stringify(displayName)}`, async () =>
      refused(
        await clinic.ask('POST', '/Users', { ...unhashed, displayName, name: { formatted: displayName } }),
      ),
    )
  const bodies = attack('provisioner', 'requests that are none')
  for (const body of [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '7',
    deep(5_000),
    '[['.repeat(10_000),
    '{"schemas":1e999}',
    '{"__proto__":{"userName":"x"}}',
  ])
    await bodies.hold(body.slice(0, 40), async () => refused(await clinic.ask('POST', '/Users', body)))
  for (const [method, path] of [
    ...['/Groups', '/Bulk', '/Me', '/sign-up/email', '/connections', '/.search', '/Users/../Groups'].map(
      (path) => ['POST', path] as const,
    ),
    ...[
      '/Users/..%2f..%2fsign-up%2femail',
      '/Users/%2e%2e/x',
      '/Users//x',
      '/users',
      '/Schemas/x/y',
      '/Schemas/x',
    ].map((path) => ['GET', path] as const),
    ...['/Users', '/Users/x', '/ServiceProviderConfig'].flatMap((path) => [
      ['DELETE', path] as const,
      ['PATCH', path] as const,
    ]),
    ['TRACE', '/Users'],
    ['PUT', '/Users'],
  ] as const)
    await bodies.hold(`${method} ${path}`, async () => {
      const body = ['POST', 'PATCH', 'PUT'].includes(method) ? '{}' : undefined
      const headers = [
        ['authorization', `Bearer ${clinic.key}`],
        ['content-type', 'application/scim+json'],
      ] as const
      const answer = await ask(`${clinic.server.url}/scim/v2${path}`, {
        method,
        headers,
        ...(body && { body }),
      })
      refused({ status: answer.status, text: answer.body })
    })
  expect(await people(clinic)).toEqual(before)
  // Half a character is none in the database, which writes a sign for it that is one.
  const db = await clinic.server.db()
  for (const [n, displayName] of deceivingNames.filter((name) => !name.isWellFormed()).entries())
    await tries.hold(`called ${JSON.stringify(displayName)}`, async () => {
      const person = {
        ...unhashed,
        userName: `half-${n}`,
        externalId: `h${n}`,
        emails: [{ value: `h${n}@clinic.example` }],
      }
      const { text } = await clinic.ask('POST', '/Users', {
        ...person,
        displayName,
        name: { formatted: displayName },
      })
      // Nor is it shown to the clinic's system, which would never find what it was told.
      expect(text).not.toMatch(/\\ud[89a-f]/i)
      for (const { name } of await db.selectFrom('user').select('name').execute())
        expect([name.isWellFormed(), nameError(name)]).toEqual([true, undefined])
    })
})

const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group'

test('Z2.1 PT1.3 PT1.6 what cannot be a group makes none, and changes nobody’s contacts', async () => {
  const clinic = await startClinic()
  const nora = await clinic.make()
  const [stranger] = await addPeople(clinic.server.dataDir, ann)
  const members = [{ value: nora }]
  const ward = { schemas: [groupSchema], displayName: 'Ward 3', members }
  const { body: made } = await clinic.ask('POST', '/Groups', ward)
  const db = await clinic.server.db()
  const kept = async () => [
    await db.selectFrom('scimGroup').select(['id', 'displayName']).execute(),
    await db.selectFrom('scimGroupMember').select(['groupId', 'scimUserId']).execute(),
    await db.selectFrom('team').selectAll().execute(),
    await db.selectFrom('teamMember').select(['teamId', 'userId', 'wanted']).execute(),
    await db.selectFrom('contact').selectAll().execute(),
  ]
  const before = await kept()
  const groups = attack('provisioner', 'groups that cannot be')
  const cannot: Record<string, object> = {
    'no name': { displayName: undefined },
    'an empty name': { displayName: ' ' },
    'a number for a name': { displayName: 7 },
    'a name that cannot be seen': { displayName: '\u200b\u200d' },
    'the same name': { displayName: 'ward 3' },
    'a person who is not there': { members: [{ value: 'nobody' }] },
    'a person whom the clinic does not have': { members: [{ value: stranger }] },
    'a group for a member': { members: [{ value: made.id }] },
    'the same with its type': { members: [{ value: made.id, type: 'Group' }] },
    'an object for members': { members: { value: nora } },
    'members without ids': { members: [{}, null, 7] },
    'a thousand and one': { members: Array.from({ length: 1_001 }, (_, n) => ({ value: `n${n}` })) },
    'schemas of a person': { schemas: [userSchema] },
    'a NUL in an id': { members: [{ value: `${nora}\0` }] },
  }
  for (const [what, bad] of Object.entries(cannot))
    await groups.hold(what, async () =>
      refused(await clinic.ask('POST', '/Groups', { ...ward, displayName: 'Ward 4', ...bad }), 409),
    )
  const operations: Record<string, object> = {
    'an operation that there is not': { op: 'multiply', path: 'members', value: members },
    'a path that there is not': { op: 'add', path: 'owners', value: members },
    'a new id': { op: 'replace', path: 'id', value: 'x' },
    'no name': { op: 'remove', path: 'displayName' },
    'a filter of something else': { op: 'remove', path: 'members[display co ""]' },
    'a filter that does not end': { op: 'remove', path: `members[value eq "${'('.repeat(3_000)}` },
    'a stranger': { op: 'add', path: 'members', value: [{ value: stranger }] },
    nothing: { op: 'remove' },
    'a prototype': { op: 'add', path: '__proto__', value: { polluted: true } },
  }
  for (const [what, operation] of Object.entries(operations))
    await groups.hold(what, async () =>
      refused(
        await clinic.ask('PATCH', `/Groups/${made.id}`, { schemas: [patchSchema], Operations: [operation] }),
      ),
    )
  for (const path of [
    '/Groups/x',
    '/Groups/%00',
    `/Groups/${'x'.repeat(3_000)}`,
    `/Groups/${made.id}/members`,
  ])
    await groups.hold(path.slice(0, 40), async () => refused(await clinic.ask('DELETE', path)))
  expect(await kept()).toEqual(before)
})

test('Z2.1 N4.8 no filter or page of the list gives more than it should, or costs more than a moment', async () => {
  const clinic = await startClinic()
  await addPeople(clinic.server.dataDir, ann)
  await clinic.make()
  const filters = attack('provisioner', 'filters and pages')
  const began = performance.now()
  for (const filter of [
    ...[
      'userName eq "x" or 1 eq 1',
      "userName eq 'x' OR '1'='1'",
      'userName eq "x"; drop table user',
      'password sw "C"',
    ],
    ...[
      'password pr',
      'hash pr',
      'userName pr',
      'not (userName eq "x")',
      '('.repeat(5_000),
      `${'('.repeat(500)}userName eq "x"${')'.repeat(500)}`,
    ],
    ...[
      `userName eq "${'x'.repeat(20_000)}"`,
      Array(800).fill('userName eq "x"').join(' or '),
      'userName co "%"',
      'userName sw ""',
    ],
    ...[
      'emails[type eq "work" and (value co "a")]',
      '__proto__ eq "x"',
      'constructor.name eq "Object"',
      'userName eq "\\u0000"',
      'meta.created gt "x"',
      '',
    ],
  ])
    await filters.hold(filter.slice(0, 60), async () => {
      const answer = await clinic.ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)
      expect(answer.status).toBeLessThan(500)
      expect(answer.text).not.toMatch(/Ann|ann@|password|hash|node_modules/i)
    })
  for (const query of [
    'startIndex=-1',
    'startIndex=1e9',
    'count=1e9',
    'count=-5',
    'count=x',
    'startIndex=0x10',
    'attributes=password',
    'attributes=*',
    'excludedAttributes=id',
    'sortBy=password',
    'sortOrder=x',
    'count=9007199254740993',
  ])
    await filters.hold(query, async () => {
      const answer = await clinic.ask('GET', `/Users?${query}`)
      expect(answer.status).toBeLessThan(500)
      expect(answer.text).not.toMatch(/Ann|ann@|"password"|hash|node_modules/i)
    })
  expect(performance.now() - began).toBeLessThan(10_000)
})

const patches: Record<string, readonly object[]> = {
  'an id': [{ op: 'replace', path: 'id', value: 'x' }],
  'another’s id': [{ op: 'replace', value: { id: 'x', userName: '' } }],
  'an operation of nothing': [{}],
  'an operation that is none': [{ op: 'become', path: 'userName', value: 'root' }],
  'a path of the language’s': [{ op: 'replace', path: '__proto__.active', value: false }],
  'another such': [{ op: 'add', path: 'constructor', value: { prototype: { x: 1 } } }],
  'a path with a filter that is none': [{ op: 'replace', path: 'emails[', value: 'x' }],
  'a path of 10,000': [{ op: 'replace', path: 'a.'.repeat(5_000), value: 'x' }],
  'a userName away': [{ op: 'remove', path: 'userName' }],
  'the addresses away': [{ op: 'remove', path: 'emails' }],
  'the password away': [{ op: 'remove', path: 'password' }],
  'the password by its schema': [{ op: 'replace', path: `${userSchema}:password`, value: 'short' }],
  'a common password': [{ op: 'replace', path: 'password', value: 'Passw0rd!' }],
  'a hash for a password': [{ op: 'replace', path: 'passwordHash', value: 'x' }],
  'an address of a deleted account': [
    { op: 'replace', path: 'emails', value: [{ value: 'x@deleted.invalid' }] },
  ],
  'two things, of which one is wrong': [
    { op: 'replace', path: 'displayName', value: 'Changed' },
    { op: 'replace', path: 'userName', value: 'no name' },
  ],
  'a userName that somebody has': [{ op: 'replace', path: 'userName', value: 'ann' }],
  'an address that somebody has': [{ op: 'replace', path: 'emails', value: [{ value: ann.email }] }],
  '1,001 operations': Array.from({ length: 1_001 }, () => ({ op: 'become' })),
}

test('Z2.1 N3.6 N3.8 no change takes another’s name, address, password or place', async () => {
  const clinic = await startClinic()
  await addPeople(clinic.server.dataDir, ann, { ...ben, verified: true })
  const id = await clinic.make()
  const { token } = await signIn(clinic.server, ann)
  const before = await people(clinic)
  const changes = attack('provisioner', 'changes that cannot be')
  for (const [what, Operations] of Object.entries(patches))
    await changes.hold(what, async () =>
      refused(
        await clinic.ask('PATCH', `/Users/${id}`, { schemas: [patchSchema], Operations }),
        ...(what.includes('somebody has') ? [409] : []),
      ),
    )
  const annId = await idOf(clinic.server, ann.email)
  // Ann is not the clinic's: nobody has shown that her address is hers.
  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', nurse],
    ['PATCH', { schemas: [patchSchema], Operations: [{ op: 'replace', path: 'active', value: false }] }],
    ['DELETE', undefined],
  ] as const)
    await changes.hold(`${method} of an account that is not the clinic’s`, async () =>
      refused(await clinic.ask(method, `/Users/${annId}`, body)),
    )
  for (const taken of [
    { userName: 'ann' },
    { userName: 'ANN' },
    { emails: [{ value: ann.email }] },
    { emails: [{ value: ann.email.toUpperCase() }] },
    { userName: 'other', externalId: nurse.externalId },
  ])
    await changes.hold(`made with ${JSON.stringify(taken)}`, async () =>
      refused(
        await clinic.ask('POST', '/Users', {
          ...nurse,
          externalId: 'other',
          userName: 'other',
          emails: [{ value: 'o@clinic.example' }],
          ...taken,
        }),
        409,
      ),
    )
  expect(await people(clinic)).toEqual(before)
  await connectDevice(clinic.server.url, token, 'device-1')
})

test('Z2.2 N6.1 no key but one of provisioning opens SCIM, and guesses at it are slowed down', async () => {
  const clinic = await startClinic()
  const { server, key } = clinic
  await addPeople(server.dataDir, ann)
  const calls = (await createApiKey(await server.db(), 'Caller', server.clock.wall())) ?? ''
  const { token } = await signIn(server, ann)
  const keys = attack('provisioner', 'keys that are none')
  const before = await people(clinic)
  for (const authorization of [
    '',
    'Bearer',
    `Bearer ${key}x`,
    `Bearer ${key.toUpperCase()}`,
    `Basic ${key}`,
    `DPoP ${key}`,
    `Bearer ${calls}`,
    `Bearer ${token}`,
    `Bearer ${server.operatorKey}`,
    key,
    'Bearer admitted',
    'Bearer x, Bearer y',
  ])
    for (const [method, path] of questions)
      await keys.hold(`${method} ${path} ${authorization.slice(0, 20)}`, async () => {
        const body = ['GET', 'DELETE'].includes(method) ? undefined : nurse
        const { status } = await clinic.ask(method, path, body, { authorization })
        expect([401, 403, 429]).toContain(status)
      })
  expect(await people(clinic)).toEqual(before)
  const rows = await (await server.db())
    .selectFrom('audit')
    .select('id')
    .where('what', '=', 'provisioning-refused')
    .execute()
  expect(rows.length).toBeLessThan(40)
  // The clinic's own key is not kept waiting by any of it.
  expect((await clinic.ask('GET', '/Users')).status).toBe(200)
  await keys.hold('a SCIM key that calls', async () => {
    await expect(callerOf({ url: server.url, operatorKey: key }).place('ann')).rejects.toThrow(
      /^401|^403|^429/,
    )
  })
})

test('Z2.3 N4.3 whoever the clinic takes away is away, in everything that they had', async () => {
  const clinic = await startClinic()
  const id = await clinic.make()
  const { server } = clinic
  const login = { username: 'nora.n', password: nurse.password }
  const held = attack('provisioner', 'doors of somebody who is disabled')
  const { token, endToken } = await signIn(server, login)
  const device = await connectDevice(server.url, token, 'device-1')
  await clinic.patch(id, { op: 'replace', path: 'active', value: false })
  await held.hold('their connection', async () => expect((await device.closed()).code).toBe(4401))
  await held.hold('their password', async () =>
    expect((await trySignIn(server, { login: 'nora.n', password: nurse.password })).status).toBe(401),
  )
  await held.hold(
    'their session',
    async () => await expect(connectDevice(server.url, token, 'device-1')).rejects.toThrow('4401'),
  )
  await held.hold(
    'a call',
    async () => await expect(callerOf(server).place('nora.n')).rejects.toThrow(/^404/),
  )
  await held.hold('their end token', () => expect(endToken).not.toBe(token))
})

test('Z2.4 a clinic’s key that is held to its own people touches nobody else’s', async () => {
  const server = await startInProcessServer()
  const { runCommandOrThrow } = await import('../support/server/run-command.ts')
  const make = async (name: string) => {
    const printed = await runCommandOrThrow(
      server.dataDir,
      'api-key',
      'create',
      name,
      '--scim',
      '--own-people',
      name,
      '--domains',
      'clinic.example',
    )
    return printed.match(/reachable_\S+/)?.[0] ?? ''
  }
  const [north, south] = [await make('North'), await make('South')]
  const scim = async (key: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${server.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) }
  }
  const made = await scim(north, 'POST', '/Users', nurse)
  expect(made.status, made.text).toBe(201)
  const id = made.body.id as string
  const before = await people({ server })
  const others = attack('provisioner', 'another clinic’s people')
  const hidden = async (method: string, path: string, body?: object) =>
    others.hold(
      `${method} ${path.replace(id, ':id')} ${JSON.stringify(body ?? '').slice(0, 80)}`,
      async () => {
        const answer = await scim(south, method, path, body)
        expect(answer.status, answer.text).toBe(404)
        expect(answer.text).not.toMatch(/Nora|nora|staff-7/)
      },
    )
  await hidden('GET', `/Users/${id}`)
  await hidden('PUT', `/Users/${id}`, { ...nurse, displayName: 'Taken' })
  await hidden('PATCH', `/Users/${id}`, {
    schemas: [patchSchema],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  })
  await hidden('PATCH', `/Users/${id}`, {
    schemas: [patchSchema],
    Operations: [{ op: 'replace', path: 'password', value: 'Taken-over-by-South-1' }],
  })
  await hidden('DELETE', `/Users/${id}`)
  await hidden('GET', `/Users/${id.toUpperCase()}`)
  for (const query of [
    '',
    '?filter=userName eq "Nora.N"',
    '?filter=externalId eq "staff-7"',
    '?filter=emails.value eq "nora@clinic.example"',
    '?filter=userName sw "n"',
    `?filter=id eq "${id}"`,
    '?startIndex=1&count=100',
    '?attributes=userName',
  ])
    await others.hold(`GET /Users${query}`, async () => {
      const answer = await scim(south, 'GET', `/Users${encodeURI(query)}`)
      expect(answer.body.totalResults ?? 0, answer.text).toBe(0)
      expect(answer.text).not.toMatch(/Nora|nora@/)
    })
  for (const person of [
    nurse,
    { ...nurse, externalId: 'south-1' },
    { ...nurse, userName: 'south', externalId: 'south-2' },
    { ...nurse, emails: [{ value: 'south@clinic.example' }] },
  ])
    await others.hold(`POST ${person.userName} ${person.externalId}`, async () => {
      const answer = await scim(south, 'POST', '/Users', person)
      expect(answer.status, answer.text).toBe(409)
    })
  expect(await people({ server })).toEqual(before)
  await others.hold(
    'an account that its owner has by themselves, and whose address is known to be theirs',
    async () => {
      await addPeople(server.dataDir, { ...ann, verified: true })
      const taking = {
        ...nurse,
        externalId: 'south-3',
        userName: 'south.ann',
        emails: [{ value: ann.email }],
        password: 'Taken-over-by-South-1',
      }
      const answer = await scim(south, 'POST', '/Users', taking)
      expect(answer.status, answer.text).toBe(409)
      expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(200)
    },
  )
  await others.hold('its own person, with the number that the other clinic has given', async () => {
    const own = { ...nurse, userName: 'south', emails: [{ value: 'south@clinic.example', primary: true }] }
    expect((await scim(south, 'POST', '/Users', own)).status).toBe(201)
  })
  await others.hold('the north’s own is still the north’s', async () => {
    expect((await scim(north, 'GET', `/Users/${id}`)).body.userName).toBe('Nora.N')
    expect((await scim(north, 'GET', '/Users')).body.totalResults).toBe(1)
  })
  expect((await trySignIn(server, { login: 'nora.n', password: nurse.password })).status).toBe(200)
  await others.hold('somebody whom the north has let go', async () => {
    expect((await scim(north, 'DELETE', `/Users/${id}`)).status).toBe(204)
    const taking = { ...nurse, externalId: 'south-4', password: 'Taken-over-by-South-1' }
    const answer = await scim(south, 'POST', '/Users', taking)
    expect(answer.status, answer.text).toBe(409)
  })
})

test('Z2.4 O3.3 no clinic waits in an account under another’s address until its owner comes by the issuer', async () => {
  const set = await withHostile([], { OPENID_DOMAINS: 'clinic.example,south.example' })
  const { server } = set
  const waits = attack('provisioner', 'accounts to wait in')
  for (const [what, limits] of Object.entries({
    'by its own people alone': ['--own-people', 'south'],
    'with domains': ['--own-people', 'south', '--domains', 'south.example'],
  }))
    for (const email of ['victim@clinic.example', 'VICTIM@clinic.example', 'victim@clinic.example '])
      await waits.hold(`${what}: ${email}`, async () => {
        const name = `South ${what} ${email}`.trim()
        const printed = await runCommand(server.dataDir, 'api-key', 'create', name, '--scim', ...limits)
        // Where the command makes no such key there is none to be misused.
        const key = printed.out.match(/reachable_\S+/)?.[0] ?? 'none'
        const person = {
          ...nurse,
          userName: 'south',
          externalId: name,
          emails: [{ value: email, primary: true }],
        }
        await fetch(`${server.url}/scim/v2/Users`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
          body: JSON.stringify(person),
        })
        const came = await set.outcome({ claims: { email: 'victim@clinic.example', sub: 'victim' } })
        const db = await server.db()
        const codes = await db
          .selectFrom('signInCode')
          .innerJoin('account', 'account.userId', 'signInCode.userId')
          .select('providerId')
          .execute()
        expect([came, codes.filter(({ providerId }) => providerId === 'credential')]).toEqual([
          expect.any(String),
          [],
        ])
        const { status } = await trySignIn(server, {
          login: 'victim@clinic.example',
          password: nurse.password,
        })
        expect([401, 429]).toContain(came === 'code' ? status : 401)
      })
})
