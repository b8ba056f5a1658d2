import { expect, test } from 'vitest'
import { createApiKey, revokeApiKey } from '../../../server/accounts/api-keys.ts'
import { resolvePerson } from '../../../server/openid/resolve-person.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { openAccount } from '../my-account/at-account.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import type { InProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben } from '../support/people.ts'
import { clinicOf, nurse, patchSchema, startClinic } from './clinic.ts'

/** Somebody at another clinic. */
const porter = {
  ...nurse,
  userName: 'pete',
  externalId: 'staff-7',
  name: { formatted: 'Pete Porter' },
  emails: [{ value: 'pete@south.example', primary: true, type: 'work' }],
  password: 'Quiet-harbour-32',
}

/** Another clinic on the same server, or another key of one. */
async function keyOf(
  server: InProcessServer,
  name: string,
  provisioningDomain?: string,
  emailDomains?: string[],
  mostPeople?: number,
) {
  const limits = { provisioningDomain, emailDomains, mostPeople }
  const key = await createApiKey(await server.db(), name, server.clock.wall(), 'scim', limits)
  return clinicOf(server, key ?? '')
}

/** Two clinics on one server, each limited to its own people, each with one. */
async function twoClinics() {
  const { server } = await startClinic()
  const north = await keyOf(server, 'North', 'north', ['clinic.example', 'any.example', 'south.example'])
  const south = await keyOf(server, 'South', 'south', ['south.example', 'west.example'])
  return { server, north, south, nora: await north.make(), pete: await south.make(porter) }
}

test('N7.1 two clinics cannot tell each other’s people from nobody, and change none of them', async () => {
  const { server, north, south, nora, pete } = await twoClinics()
  const nobody = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'
  expect(nobody).toHaveLength(pete.length)
  const requests = (id: string) =>
    [
      ['GET', `/Users/${id}`],
      ['GET', `/Users/${id}?attributes=userName`],
      [
        'PUT',
        `/Users/${id}`,
        { ...nurse, userName: 'other', externalId: 'x', password: 'Evening-primrose-3' },
      ],
      [
        'PATCH',
        `/Users/${id}`,
        { schemas: [patchSchema], Operations: [{ op: 'replace', path: 'active', value: false }] },
      ],
      [
        'PATCH',
        `/Users/${id}`,
        { schemas: [patchSchema], Operations: [{ op: 'replace', path: 'password', value: porter.password }] },
      ],
      [
        'PATCH',
        `/Users/${id}`,
        { schemas: [patchSchema], Operations: [{ op: 'replace', path: 'displayName', value: 'Mine' }] },
      ],
      ['DELETE', `/Users/${id}`],
    ] as const
  const wanted = requests(nobody)
  for (const [at, [method, path, body]] of requests(pete).entries()) {
    const [, same = '', like] = wanted[at] ?? []
    const [theirs, nobodys] = [await north.ask(method, path, body), await north.ask(method, same, like)]
    expect([method, path, theirs.status]).toEqual([method, path, 404])
    expect(theirs.text).toBe(nobodys.text)
  }
  for (const filter of [
    'userName eq "pete"',
    'emails.value eq "pete@south.example"',
    'emails[type eq "work"].value eq "pete@south.example"',
    `id eq "${pete}"`,
  ]) {
    const { status, body } = await north.ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    expect([filter, status, body.totalResults]).toEqual([filter, 200, 0])
  }
  const listed = await north.ask('GET', '/Users')
  expect([listed.body.totalResults, listed.body.Resources.map(({ id }: { id: string }) => id)]).toEqual([
    1,
    [nora],
  ])
  expect((await south.ask('GET', `/Users/${pete}`)).body).toMatchObject({ userName: 'pete', active: true })
  await signIn(server, { username: 'pete', password: porter.password })
})

test('N7.1 what takes the time of a password takes it for another clinic’s people as for nobody', async () => {
  const { north, pete } = await twoClinics()
  const nobody = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'
  const timeOf = async (id: string) => {
    const begun = performance.now()
    await north.patch(id, { op: 'replace', path: 'password', value: 'Evening-primrose-3' })
    return performance.now() - begun
  }
  const times = { theirs: [] as number[], nobodys: [] as number[] }
  for (let n = 0; n < 9; n += 1) {
    times.theirs.push(await timeOf(pete))
    times.nobodys.push(await timeOf(nobody))
  }
  // With a look at the other's password it would be twice as long; a busy machine makes some longer, and none shorter.
  expect(Math.min(...times.theirs) / Math.min(...times.nobodys)).toBeLessThan(1.5)
})

test('N7.2 an account that a limited key has not made is not taken over by it, and no more is told than that it is there', async () => {
  const { server, north, south, pete } = await twoClinics()
  await addPeople(server.dataDir, { ...ann, verified: true }, ben)
  const unlimited = await keyOf(server, 'Everybody')
  await unlimited.make({ userName: 'una', externalId: 'una', emails: [{ value: 'una@any.example' }] })
  const gone = await unlimited.make({
    userName: 'gone',
    externalId: 'gone',
    emails: [{ value: 'gone@any.example' }],
  })
  await unlimited.ask('DELETE', `/Users/${gone}`)
  await south.ask('DELETE', `/Users/${pete}`)
  const answers: string[] = []
  for (const value of [
    ann.email,
    ben.email,
    'una@any.example',
    'gone@any.example',
    'pete@south.example',
    'PETE@South.example',
  ]) {
    const asked = await north.ask('POST', '/Users', {
      ...porter,
      userName: 'new',
      externalId: 'gone',
      emails: [{ value }],
    })
    expect([value, asked.status, asked.body.scimType]).toEqual([value, 409, 'uniqueness'])
    answers.push(asked.text)
  }
  expect(new Set(answers).size).toBe(1)
  const changed = await north.ask('GET', '/Users')
  expect(changed.body.totalResults).toBe(1)
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(200)
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').execute()).toHaveLength(6)
})

test('N7.2 nor does a change of an own person’s address or name reach somebody else’s', async () => {
  const { server, north, nora } = await twoClinics()
  for (const operation of [
    { op: 'replace', path: 'emails[type eq "work"].value', value: 'pete@south.example' },
    { op: 'replace', path: 'userName', value: 'Pete' },
  ]) {
    const { status, body } = await north.patch(nora, operation)
    expect([status, body.scimType]).toEqual([409, 'uniqueness'])
  }
  // What the other clinic calls its people by in its own system is no business of this one.
  expect((await north.patch(nora, { op: 'replace', path: 'externalId', value: 'pete-1' })).status).toBe(200)
  expect((await signIn(server, { username: 'nora.n', password: nurse.password })).account.email).toBe(
    'nora@clinic.example',
  )
})

test('N7.3 a key without a clinic has the people of no clinic that has its own, also when that let them go', async () => {
  const { server, south, pete } = await twoClinics()
  const unlimited = await keyOf(server, 'Everybody')
  expect((await unlimited.ask('GET', '/Users')).body.totalResults).toBe(0)
  expect((await unlimited.ask('GET', `/Users/${pete}`)).status).toBe(404)
  const take = () => unlimited.ask('POST', '/Users', { ...porter, externalId: 'x' })
  expect((await take()).status).toBe(409)
  await south.ask('DELETE', `/Users/${pete}`)
  expect((await take()).status).toBe(409)
})

test('N7.4 a key that replaces another of its clinic has the same people', async () => {
  const { server, north, nora } = await twoClinics()
  const next = await keyOf(server, 'North, next year', 'north')
  await revokeApiKey(await server.db(), 'North')
  expect((await north.ask('GET', '/Users')).status).toBe(401)
  expect((await next.ask('GET', `/Users/${nora}`)).body.userName).toBe('Nora.N')
  expect((await next.patch(nora, { op: 'replace', path: 'active', value: false })).status).toBe(200)
  expect((await trySignIn(server, { login: 'nora.n', password: nurse.password })).status).toBe(401)
})

test.each([[{}], [{ externalId: undefined }], [{ externalId: 'another' }]])(
  'N7.4 whom a clinic let go it takes back as who they were: %j',
  async (person) => {
    const { server, north, nora } = await twoClinics()
    const login = { username: 'nora.n', password: nurse.password }
    const { account } = await signIn(server, login)
    await north.ask('DELETE', `/Users/${nora}`)
    await north.make(person)
    expect((await signIn(server, login)).account.id).toBe(account.id)
  },
)

test('N7.4 who deleted their account is nobody’s, and may be made anew', async () => {
  const { server, north, nora } = await twoClinics()
  const { token, account } = await signIn(server, { username: 'nora.n', password: nurse.password })
  const pages = await openAccount(server, token)
  const deleted = await pages.sendForm('/account/delete/sure', { password: nurse.password })
  expect(deleted.status).toBe(303)
  const db = await server.db()
  expect(
    await db.selectFrom('scimOwner').select('userId').where('userId', '=', account.id).execute(),
  ).toEqual([])
  expect((await north.ask('GET', `/Users/${nora}`)).status).toBe(404)
  await north.make()
  expect((await signIn(server, { username: 'nora.n', password: nurse.password })).account.id).not.toBe(
    account.id,
  )
})

test('N7.6 a key that is limited to domains gives nobody an address at another, and learns nothing of those there', async () => {
  const { server, south } = await twoClinics()
  const west = await keyOf(server, 'West', 'west', ['west.example', 'west-hospital.example'])
  const at = (value: string) => ({ userName: 'wes', externalId: 'w', emails: [{ value }] })
  const foreign = [
    'pete@south.example',
    'nobody@south.example',
    'a@evil-west.example',
    'a@x.west.example',
    'a@west.example.org.example',
  ]
  for (const value of foreign) {
    const { status, body } = await west.ask('POST', '/Users', { ...porter, ...at(value) })
    expect([value, status, body.scimType]).toEqual([value, 400, 'invalidValue'])
    expect(body.detail).toContain('west.example or west-hospital.example')
  }
  const id = await west.make(at('Wes@West.Example'))
  for (const value of foreign.slice(1))
    expect((await west.patch(id, { op: 'replace', path: 'emails', value: [{ value }] })).status).toBe(400)
  const moved = { op: 'replace', path: 'emails', value: [{ value: 'wes@west-hospital.example' }] }
  expect((await west.patch(id, moved)).status).toBe(200)
  expect((await south.make({ ...porter, ...at('wes@west.example'), userName: 'w' })).length).toBe(32)
})

test('N7.7 an address counts as shown only where a limited key may vouch for it: at the issuer nobody comes into another’s account', async () => {
  const { server } = await startClinic()
  const db = await server.db()
  // As the database may have one that was made before domains were asked for.
  const old = await keyOf(server, 'Old', 'north')
  const boss = { ...nurse, userName: 'boss', emails: [{ value: 'boss@other.example', primary: true }] }
  await old.make(boss)
  const verified = async (email: string) =>
    (await db.selectFrom('user').select('emailVerified').where('email', '=', email).executeTakeFirst())
      ?.emailVerified
  expect(await verified('boss@other.example')).toBe(0)
  const policy = { issuer: 'https://issuer.example', name: 'Issuer', domains: ['other.example'] }
  const claims = { sub: 's-1', email: 'boss@other.example', emailVerified: true }
  const came = await resolvePerson(db, policy, claims, { address: '192.0.2.1', label: '' }, Date.now())
  expect(came).toMatchObject({ kind: 'refused', error: 'account-unverified' })
  // Nor by changing the address of somebody whom a key with domains has made.
  const now = await keyOf(server, 'Now', 'north', ['north.example'])
  const nora = await now.make({
    externalId: 'nora',
    emails: [{ value: 'nora@north.example', primary: true }],
  })
  expect(await verified('nora@north.example')).toBe(1)
  await old.patch(nora, { op: 'replace', path: 'displayName', value: 'Nora Other' })
  expect(await verified('nora@north.example')).toBe(1)
  const moved = [{ value: 'chief@other.example', primary: true }]
  expect((await old.patch(nora, { op: 'replace', path: 'emails', value: moved })).status).toBe(200)
  expect(await verified('chief@other.example')).toBe(0)
})

test('N7.8 a limited key makes as many people as it may have and no more, which says how there can be more', async () => {
  const { server } = await startClinic()
  const small = await keyOf(server, 'Small', 'small', ['small.example'], 2)
  const person = (name: string) => ({
    ...nurse,
    userName: name,
    externalId: name,
    emails: [{ value: `${name}@small.example`, primary: true }],
  })
  const gone = await small.make(person('a'))
  await small.make(person('b'))
  await small.ask('DELETE', `/Users/${gone}`)
  const refused = await small.ask('POST', '/Users', person('c'))
  expect([refused.status, refused.body.status]).toEqual([403, '403'])
  expect(refused.body.detail).toContain('--most')
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').where('username', '=', 'c').execute()).toEqual([])
  // Whom it let go is no further person.
  await small.make(person('a'))
  const larger = await keyOf(server, 'Larger', 'small', ['small.example'], 3)
  await larger.make(person('c'))
})

test('N7.9 S6.16 the operator takes somebody out of a clinic’s provisioning, for good and on record', async () => {
  const { server, north, south, nora } = await twoClinics()
  const db = await server.db()
  await north.patch(nora, { op: 'replace', path: 'active', value: false })
  const login = { username: 'nora.n', password: nurse.password }
  expect((await trySignIn(server, { login: 'nora.n', password: nurse.password })).status).toBe(401)
  const run = (...words: string[]) => runCommand(server.dataDir, 'account', ...words)
  const listed = async () =>
    (await run('list')).out
      .split('\n')
      .map((line) => line.split(/ {2,}/))
      .map((row) => [row[0], row.at(-1)])
  expect(await listed()).toEqual([
    ['username', 'clinic'],
    ['Nora.N', 'north'],
    ['pete', 'south'],
  ])
  const { code, out } = await run('release', 'Nora.N')
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(
      /^Nora\.N is no clinic’s any more, and can log in again\.\n.*account -- password Nora\.N/,
    ),
  ])
  const { account } = await signIn(server, login)
  for (const table of ['scimOwner', 'scimUser', 'scimSubject', 'scimIdentityTombstone'] as const)
    expect(await db.selectFrom(table).select('userId').where('userId', '=', account.id).execute()).toEqual([])
  expect((await north.ask('GET', `/Users/${nora}`)).status).toBe(404)
  for (const clinic of [north, south])
    expect((await clinic.ask('POST', '/Users', { ...nurse, userName: 'again' })).status).not.toBe(201)
  const entries = await db
    .selectFrom('audit')
    .select(['what', 'detail'])
    .where('who', '=', account.id)
    .where('detail', 'like', '%"operator"%')
    .execute()
  expect(entries.map(({ what, detail }) => [what, JSON.parse(detail)])).toEqual([
    ['account-released', { by: 'operator', provisioningDomain: 'north', enabled: true }],
  ])
  const again = await run('release', 'Nora.N')
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('no clinic')])
  expect((await run('release')).code).toBe(2)
})

test('N7.5 the command limits a key to a clinic’s people, says whose they are, and lists them', async () => {
  const { server } = await startClinic()
  const run = (...words: string[]) => runCommand(server.dataDir, 'api-key', ...words)
  const first = await run(
    ...['create', 'North', '2026', '--scim', '--own-people', 'North', '--domains', 'Clinic.Example'],
  )
  expect(first.out).toMatch(/^No key had the people of north before: this one begins without any\.\n/)
  const north = clinicOf(server, first.out.split('\n').at(-1) ?? '')
  await north.make()
  const second = await run(
    ...['create', '--own-people=north', '--scim', 'North 2027', '--domains', 'north.example, clinic.example'],
  )
  expect(second.out).toMatch(/^It has the people of north, 1 person so far, together with: North 2026\.\n/)
  expect(
    (await clinicOf(server, second.out.split('\n').at(-1) ?? '').ask('GET', '/Users')).body.totalResults,
  ).toBe(1)
  const { out } = await run('list')
  expect(out).toMatch(/North 2026 +scim, the people of north at clinic\.example /)
  expect(out).toMatch(/North 2027 +scim, the people of north at north\.example, clinic\.example /)
  const misuses = [
    ['create', 'x', '--metrics', '--own-people', 'north'],
    ['create', 'x', '--own-people', 'north', '--domains', 'north.example'],
    ['create', 'x', '--scim', '--own-people', 'north west'],
    ['create', 'x', '--scim', '--own-people', ''],
    ['create', 'x', '--scim', '--own-people'],
    ['create', 'x', '--scim', '--domains', 'north.example'],
    ['create', 'x', '--scim', '--most', '5'],
    ['create', 'x', '--scim', '--own-people', 'north'],
    ['create', 'x', '--scim', '--own-people', 'north', '--domains', 'north.example', '--most', '0'],
    ['create', 'x', '--scim', '--own-people', 'north', '--domains', 'north.example', '--most', 'all'],
    ['create', 'x', '--scim', '--own-people', 'north', '--domains', 'north'],
    ['create', 'x', '--scim', '--own-people', 'north', '--domains', ''],
    ['create', 'x', '--scim', '--metrics'],
    ['create', 'x', '--everything'],
    ['create', '\u3164'],
    ['create', 'a\u202eb'],
    ['create', 'x'.repeat(101)],
    ['revoke'],
  ]
  const ends = await Promise.all(misuses.map((wrong) => run(...wrong)))
  for (const [index, { code, err }] of ends.entries())
    expect([misuses[index], code, err !== '']).toEqual([misuses[index], 2, true])
  expect((await run('list')).out.split('\n')).toHaveLength(4)
})

test('N6.1 a key for metrics neither provisions nor calls', async () => {
  const { server } = await startClinic()
  const { out } = await runCommand(server.dataDir, 'api-key', 'create', 'Watcher', '--metrics')
  const key = out.split('\n').at(-1) ?? ''
  expect((await clinicOf(server, key).ask('GET', '/Users')).status).toBe(403)
  const call = await fetch(`${server.url}/api/calls/x`, { headers: { authorization: `Bearer ${key}` } })
  expect(call.status).toBe(401)
  expect((await runCommand(server.dataDir, 'api-key', 'list')).out).toMatch(/Watcher +metrics/)
})
