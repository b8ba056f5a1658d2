import { expect, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { mostByTeams, mostInTeam } from '../../../server/people/teams.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { peopleDevice } from '../people/people-device.ts'
import { type Clinic, clinicOf, patchSchema, startClinic } from './clinic.ts'

const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group'

/** Makes a person of this name. @returns the ids by which the clinic, and this server, have them. */
async function person({ make, server }: Clinic, name: string) {
  const email = `${name}@clinic.example`
  const password = `Quiet-harbour-31-${name.length}`
  const scimId = await make({
    userName: name,
    externalId: name,
    name: { formatted: name },
    emails: [{ value: email, primary: true }],
    password,
  })
  const db = await server.db()
  const { id } = await db.selectFrom('user').select('id').where('email', '=', email).executeTakeFirstOrThrow()
  return { scimId, id, username: name, email, name, password }
}

/** 250 people take their time on a busy machine. */
const patient = { timeout: 120_000 }

const membersOf = (...people: readonly { readonly scimId: string }[]) =>
  people.map(({ scimId }) => ({ value: scimId }))

const group = (displayName: string, ...people: readonly { readonly scimId: string }[]) => ({
  schemas: [groupSchema],
  displayName,
  members: membersOf(...people),
})

/** By name: how somebody has the others, with the team. */
async function contactsOf({ server }: Clinic, { id }: { readonly id: string }) {
  const db = await server.db()
  const rows = await db
    .selectFrom('contact')
    .innerJoin('user', 'user.id', 'contact.otherId')
    .select(['user.name', 'contact.relation', 'contact.team'])
    .where('contact.userId', '=', id)
    .execute()
  return Object.fromEntries(rows.map(({ name, relation, team }) => [name, [relation, team]]))
}

async function ward() {
  const clinic = await startClinic()
  const [ann, ben, cleo] = [
    await person(clinic, 'ann'),
    await person(clinic, 'ben'),
    await person(clinic, 'cleo'),
  ]
  const change = (id: string, ...Operations: readonly object[]) =>
    clinic.ask('PATCH', `/Groups/${id}`, { schemas: [patchSchema], Operations })
  const has = (who: { readonly id: string }, contacts: object) =>
    expect.poll(() => contactsOf(clinic, who)).toEqual(contacts)
  return { clinic, ann, ben, cleo, change, has }
}

test('PT1.1 PT1.4 who is in a group is a contact of all others in it, and their devices hear of each change', async () => {
  const { clinic, ann, ben, cleo, change, has } = await ward()
  const device = await peopleDevice(clinic.server, ann, 'ann-desk')
  await device.lease()
  device.sync(null)
  const made = await clinic.ask('POST', '/Groups', group('Ward 3', ann, ben))
  expect(made.status).toBe(201)
  await device.has({ ben: 'contact' })
  expect(device.account.contacts()).toMatchObject([{ name: 'ben', team: 'Ward 3' }])
  await has(ben, { ann: ['contact', 'Ward 3'] })
  expect(await device.request({ what: 'change-contact', contact: ben.id, change: 'remove' })).toMatchObject({
    type: 'refused',
    message: expect.stringContaining('Ward 3'),
  })

  expect((await change(made.body.id, { op: 'add', path: 'members', value: membersOf(cleo) })).status).toBe(
    200,
  )
  await device.has({ ben: 'contact', cleo: 'contact' })
  await has(cleo, { ann: ['contact', 'Ward 3'], ben: ['contact', 'Ward 3'] })

  await change(made.body.id, { op: 'replace', path: 'displayName', value: 'Ward 4' })
  await expect.poll(() => device.account.contacts().map(({ team }) => team)).toEqual(['Ward 4', 'Ward 4'])
  await has(cleo, { ann: ['contact', 'Ward 4'], ben: ['contact', 'Ward 4'] })

  const path = `members[value eq "${ben.scimId}"]`
  await change(made.body.id, { op: 'remove', path })
  await device.has({ cleo: 'contact' })
  await has(ben, {})

  await clinic.ask('PUT', `/Groups/${made.body.id}`, group('Ward 4', ann, ben))
  await device.has({ ben: 'contact' })
  await has(cleo, {})

  expect((await clinic.ask('DELETE', `/Groups/${made.body.id}`)).status).toBe(204)
  await device.has({})
  await has(ben, {})
  const db = await clinic.server.db()
  await expect.poll(() => db.selectFrom('team').selectAll().execute()).toEqual([])
})

test('PT1.2 leaving a team ends a contact unless another team, a link or their own will holds it; a block stays', async () => {
  const { clinic, ann, ben, cleo, change, has } = await ward()
  const desk = await peopleDevice(clinic.server, ann, 'ann-desk')
  const bens = await peopleDevice(clinic.server, ben, 'ben-desk')
  for (const device of [desk, bens]) {
    await device.lease()
    device.sync(null)
  }
  await desk.request({ what: 'ask-contact', login: 'ben' })
  await bens.has({ ann: 'asks' })
  await bens.request({ what: 'answer-contact', contact: ann.id, answer: 'accept' })
  await desk.has({ ben: 'contact' })

  const three = await clinic.ask('POST', '/Groups', group('Ward 3', ann, ben, cleo))
  await has(cleo, { ann: ['contact', 'Ward 3'], ben: ['contact', 'Ward 3'] })
  const night = await clinic.ask('POST', '/Groups', group('Night shift', ann, cleo))
  // What is their own is not removed while the clinic's system holds it, which both are told.
  const told = () =>
    [desk, bens].map(({ account }) =>
      Object.fromEntries(account.contacts().map(({ name, team }) => [name, team])),
    )
  await expect.poll(told).toEqual([
    { ben: 'Ward 3', cleo: 'Ward 3' },
    { ann: 'Ward 3', cleo: 'Ward 3' },
  ])
  await change(three.body.id, { op: 'replace', path: 'displayName', value: 'Ward 4' })
  await expect.poll(() => told()[0]?.ben).toBe('Ward 4')
  expect(await desk.request({ what: 'change-contact', contact: ben.id, change: 'remove' })).toMatchObject({
    type: 'refused',
    message: expect.stringContaining('Ward 4'),
  })

  await clinic.ask('DELETE', `/Groups/${three.body.id}`)
  await has(ann, { ben: ['contact', null], cleo: ['contact', 'Night shift'] })
  await has(ben, { ann: ['contact', null] })
  await has(cleo, { ann: ['contact', 'Night shift'] })
  await expect.poll(told).toEqual([{ ben: null, cleo: 'Night shift' }, { ann: null }])

  await desk.request({ what: 'change-contact', contact: cleo.id, change: 'block' })
  await change(night.body.id, { op: 'remove', path: 'members', value: membersOf(cleo) })
  await has(cleo, {})
  await has(ann, { ben: ['contact', null], cleo: ['blocked', null] })
  await desk.request({ what: 'change-contact', contact: cleo.id, change: 'unblock' })
  await has(ann, { ben: ['contact', null] })
})

test('PT1.3 a group is found by its name and id, page by page, and another of that name is refused', async () => {
  const { clinic, ann, ben } = await ward()
  const { body } = await clinic.ask('POST', '/Groups', { ...group('Ward 3', ann), externalId: 'w3' })
  await clinic.ask('POST', '/Groups', group('Ward 4', ben))
  const found = async (filter: string) =>
    (await clinic.ask('GET', `/Groups?filter=${encodeURIComponent(filter)}`)).body.Resources.map(
      ({ displayName }: { displayName: string }) => displayName,
    )
  expect(await found('displayName eq "Ward 3"')).toEqual(['Ward 3'])
  expect(await found('externalId eq "w3"')).toEqual(['Ward 3'])
  expect((await clinic.ask('GET', `/Groups/${body.id}`)).body).toMatchObject({
    displayName: 'Ward 3',
    members: [{ value: ann.scimId, display: 'ann' }],
  })
  expect((await clinic.ask('GET', '/Groups?startIndex=2&count=1')).body).toMatchObject({
    totalResults: 2,
    itemsPerPage: 1,
  })
  expect(await clinic.ask('POST', '/Groups', group('Ward 3'))).toMatchObject({ status: 409 })
  // As Entra marks it, and with attribute names in another case.
  const entra = {
    schemas: [groupSchema, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
    DisplayName: 'Ward 5',
    Members: membersOf(ann, ben),
  }
  expect((await clinic.ask('POST', '/Groups', entra)).status).toBe(201)
})

test('PT1.5 who is de-provisioned or released from the clinic is in no team any more; who is disabled is back with it', async () => {
  const { clinic, ann, ben, cleo, has } = await ward()
  await clinic.ask('POST', '/Groups', group('Ward 3', ann, ben, cleo))
  await has(ann, { ben: ['contact', 'Ward 3'], cleo: ['contact', 'Ward 3'] })
  await clinic.patch(ben.scimId, { op: 'replace', path: 'active', value: false })
  await clinic.patch(ben.scimId, { op: 'replace', path: 'active', value: true })
  await has(ann, { ben: ['contact', 'Ward 3'], cleo: ['contact', 'Ward 3'] })
  expect((await clinic.ask('DELETE', `/Users/${ben.scimId}`)).status).toBe(204)
  await has(ann, { cleo: ['contact', 'Ward 3'] })
  const released = await runCommand(clinic.server.dataDir, 'account', 'release', 'cleo')
  expect(released.code).toBe(0)
  clinic.server.clock.advance(2_000)
  await has(ann, {})
  await has(cleo, {})
})

test(
  'PT1.6 a team that is too large, or one too many for a person, changes nothing and says what to do',
  patient,
  async () => {
    const { clinic, ann } = await ward()
    const db = await clinic.server.db()
    // People whom the clinic has, made in its tables at once.
    const [one] = await db.selectFrom('scimUser').selectAll().where('userId', '=', ann.id).execute()
    const [user] = await db.selectFrom('user').selectAll().where('id', '=', ann.id).execute()
    const [subject] = await db.selectFrom('scimSubject').selectAll().where('userId', '=', ann.id).execute()
    if (!one || !user || !subject) throw new Error('nobody was made')
    const many = Array.from({ length: mostInTeam }, (_, n) => ({ scimId: `s${n}`, id: `u${n}` }))
    const emailOf = (id: string) => `${id}@clinic.example`
    const keysOf = (id: string) =>
      Object.fromEntries(
        Object.keys(one)
          .filter((key) => key.endsWith('Key'))
          .map((key) => [key, `${key} ${id}`]),
      )
    const named = (id: string) => ({ email: emailOf(id), username: id, displayUsername: id })
    await db
      .insertInto('user')
      .values(many.map(({ id }) => ({ ...user, ...named(id), id })))
      .execute()
    await db
      .insertInto('scimSubject')
      .values(many.map(({ id }) => ({ ...subject, id: `t${id}`, userId: id }) as typeof subject))
      .execute()
    await db
      .insertInto('scimUser')
      .values(
        many.map(
          ({ scimId, id }) =>
            ({
              ...{ ...one, ...keysOf(id), id: scimId, userId: id },
              ...{ userName: id, primaryEmail: emailOf(id), externalId: id },
            }) as typeof one,
        ),
      )
      .execute()
    const tooMany = await clinic.ask('POST', '/Groups', group('Everybody', ann, ...many))
    expect(tooMany).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
    expect(tooMany.body.detail).toContain(`${mostInTeam} people at most`)
    expect((await clinic.ask('GET', '/Groups')).body.totalResults).toBe(0)
    expect(await db.selectFrom('team').selectAll().execute()).toEqual([])

    // A person who is in teams of a thousand others already.
    const [first, second] = many
    if (!first || !second) throw new Error('nobody was made')
    const others = Array.from({ length: mostByTeams / many.length }, (_, n) => `team ${n}`)
    await db
      .insertInto('team')
      .values(others.map((id) => ({ id, name: id })))
      .execute()
    await db
      .insertInto('teamMember')
      .values(
        others.flatMap((teamId) =>
          [ann, ...many].map(({ id }) => ({ teamId, userId: id, wanted: 1, linkedAs: teamId, toSettle: 0 })),
        ),
      )
      .execute()
    const crowded = await clinic.ask('POST', '/Groups', group('Ward 3', ann, first))
    expect(crowded).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
    expect(crowded.body.detail).toMatch(/would have more than 1000 contacts by their groups/)
    await db.deleteFrom('team').execute()

    // A clinic whose groups come to a million contacts already.
    const groups = Array.from(
      { length: Math.ceil(1_000_000 / (mostInTeam * (mostInTeam - 1))) },
      (_, n) => `g${n}`,
    )
    const made = { connectionId: one.connectionId, createdAt: new Date(0).toISOString() }
    await db
      .insertInto('scimGroup')
      .values(
        groups.map(
          (id) =>
            ({
              ...{ ...made, id, provisioningDomainId: one.connectionId, revision: 0, displayName: id },
              ...{ displayNameKey: id, orderKey: id, updatedAt: made.createdAt },
            }) as { id: string; connectionId: string; displayName: string },
        ),
      )
      .execute()
    for (const groupId of groups)
      await db
        .insertInto('scimGroupMember')
        .values(
          many.map(
            ({ scimId }) =>
              ({
                ...{ ...made, id: `${groupId} ${scimId}`, groupId, scimUserId: scimId },
                membershipKey: `${groupId} ${scimId}`,
              }) as { connectionId: string; groupId: string; scimUserId: string },
          ),
        )
        .execute()
    const full = await clinic.ask('POST', '/Groups', group('Ward 3', ann, second))
    expect(full.status).toBe(403)
    expect(full.body.detail).toContain('more than a million contacts')
    expect(await contactsOf(clinic, ann)).toEqual({})
  },
)

test('PT1.7 of clinics that are limited to their own people none reads, changes or fills another’s groups', async () => {
  const { server } = await startClinic()
  const limited = async (name: string) => {
    const limits = { provisioningDomain: name, emailDomains: ['clinic.example'] }
    return clinicOf(
      server,
      (await createApiKey(await server.db(), name, server.clock.wall(), 'scim', limits)) ?? '',
    )
  }
  const [north, south] = [await limited('north'), await limited('south')]
  const [ann, ben] = [await person(north, 'ann'), await person(south, 'ben')]
  const { body: ward } = await north.ask('POST', '/Groups', group('Ward 3', ann))
  const nobody = await south.ask('GET', '/Groups/x')
  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', group('Mine', ben)],
    [
      'PATCH',
      { schemas: [patchSchema], Operations: [{ op: 'add', path: 'members', value: membersOf(ben) }] },
    ],
    ['DELETE', undefined],
  ] as const) {
    const answer = await south.ask(method, `/Groups/${ward.id}`, body)
    expect([method, answer.status, answer.text]).toEqual([method, 404, nobody.text])
  }
  // The same name is free for each, and a member whom it does not have is no member.
  expect((await south.ask('POST', '/Groups', group('Ward 3', ben))).status).toBe(201)
  const theirs = await south.ask('POST', '/Groups', group('Both', ben, ann))
  const nobodys = await south.ask(
    'POST',
    '/Groups',
    group('Both', ben, { scimId: ann.scimId.replace(/./g, 'x') }),
  )
  expect(theirs.status).toBe(400)
  expect(theirs.text).toBe(nobodys.text)
  expect((await south.ask('GET', '/Groups')).body.totalResults).toBe(1)
  const db = await server.db()
  expect(await db.selectFrom('contact').selectAll().execute()).toEqual([])
})
