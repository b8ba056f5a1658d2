import { expect, test } from 'vitest'
import { mostContacts } from '../../../protocol/people.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { peopleDevice } from '../people/people-device.ts'
import { befriended } from '../people/watching-device.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { startReceiver } from '../webhooks/receiver.ts'
import { programWith, provisionedBy } from './program.ts'

const cat: NewAccount = { username: 'cat', email: 'cat@clinic.example', name: 'Cat Cole', password: '' }

test('PP2.3 a program makes people contacts of each other, at once on their devices, and ends that by its name', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben, cat)
  await befriended(server, ann, ben)
  const program = await programWith(server, 'Rota', 'contacts')
  const device = await peopleDevice(server, ann, 'device-1')
  device.sync(null)
  await device.has({ 'Ben Baker': 'contact' })
  const body = { people: ['ann', 'ben.b-1', 'cat@clinic.example'], team: ' Ward 3 ' }
  for (let n = 0; n < 2; n += 1) {
    const linked = await program.post('/api/contacts', body)
    expect([linked.status, await linked.json()]).toEqual([200, { people: body.people, team: 'Ward 3' }])
  }
  await device.has({ 'Ben Baker': 'contact', 'Cat Cole': 'contact' })
  const teams = () => Object.fromEntries(device.account.contacts().map(({ name, team }) => [name, team]))
  expect(teams()).toEqual({ 'Ben Baker': 'Ward 3', 'Cat Cole': 'Ward 3' })
  expect((await program.delete('/api/contacts', { ...body, team: 'Ward 4' })).status).toBe(204)
  await device.has({ 'Ben Baker': 'contact', 'Cat Cole': 'contact' })
  expect((await program.delete('/api/contacts', body)).status).toBe(204)
  await device.has({ 'Ben Baker': 'contact' })
  await expect.poll(teams).toEqual({ 'Ben Baker': null })
  expect((await program.delete('/api/contacts', body)).status).toBe(204)
  // Without a name it is that of the key.
  expect(await (await program.post('/api/contacts', { people: ['ann', 'cat'] })).json()).toMatchObject({
    team: 'Rota',
  })
  await device.has({ 'Ben Baker': 'contact', 'Cat Cole': 'contact' })
})

test('PP2.3 who is not there, or alone, is linked with nobody', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const program = await programWith(server, 'Rota', 'contacts')
  const wrong: [unknown, number][] = [
    [{ people: ['ann', 'zoe'] }, 404],
    [{ people: ['ann', 'ANN@clinic.example'] }, 400],
    [{ people: ['ann'] }, 400],
    [{ people: Array(21).fill('ann') }, 400],
    [{ people: ['ann', 'ben.b-1'], team: 'a\u202eb' }, 400],
    [{ people: 'ann' }, 400],
  ]
  for (const [body, status] of wrong)
    expect([body, (await program.post('/api/contacts', body)).status]).toEqual([body, status])
  expect(await (await server.db()).selectFrom('contact').selectAll().execute()).toEqual([])
})

test('PP2.4 the same two are linked and unlinked at a pace, and nobody beyond the contacts that a person may have', async () => {
  const server = await startInProcessServer()
  const [annId = ''] = await settle(server, ann, ben, cat)
  const program = await programWith(server, 'Rota', 'contacts')
  const body = { people: ['ann', 'ben.b-1'] }
  const codes: number[] = []
  for (let n = 0; n < 14; n += 1)
    codes.push((await (n % 2 === 0 ? program.post : program.delete)('/api/contacts', body)).status)
  expect(codes.slice(12)).toEqual([429, 429])
  expect(codes.slice(0, 12)).not.toContain(429)
  // Other people are others.
  expect((await program.post('/api/contacts', { people: ['ben.b-1', 'cat'] })).status).toBe(200)
  const db = await server.db()
  const full = Array.from({ length: mostContacts }, (_, n) => n)
  for (let from = 0; from < full.length; from += 500)
    await db
      .insertInto('contact')
      .values(
        full.slice(from, from + 500).map((n) => ({
          ...{ userId: annId, id: `u${n}`, otherId: null, relation: 'asked' as const },
          ...{ typed: `u${n}`, login: `u${n}`, since: 1 },
        })),
      )
      .execute()
  const refused = await program.post('/api/contacts', { people: ['ann', 'cat'] })
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('would have more than 5,000 contacts')
  expect(await db.selectFrom('contactLink').select('one').execute()).toHaveLength(1)
})

test('PP2.5 a link of a clinic’s key ends once one of the two is the clinic’s no more; one of the service’s own stays', async () => {
  const server = await startInProcessServer()
  const [, benId = ''] = await settle(server, ann, ben)
  for (const person of [ann, ben]) await provisionedBy(server, person, 'north')
  const north = await programWith(server, 'North', 'contacts', 'north')
  const own = await programWith(server, 'Own', 'contacts')
  const db = await server.db()
  const teams = async () =>
    (await db.selectFrom('contact').select('team').where('relation', '=', 'contact').execute()).map(
      ({ team }) => team,
    )
  const people = ['ann', 'ben.b-1']
  await north.post('/api/contacts', { people })
  server.clock.advance(61_000)
  await own.post('/api/contacts', { people })
  expect(await teams()).toEqual(['North', 'North'])
  const move = db.updateTable('scimOwner').set({ provisioningDomain: 'south' }).where('userId', '=', benId)
  await move.execute()
  server.clock.advance(61_000)
  // What the service's own key said holds them still.
  await expect.poll(teams).toEqual(['Own', 'Own'])
  server.clock.advance(61_000)
  expect((await own.delete('/api/contacts', { people })).status).toBe(204)
  expect(await teams()).toEqual([])
  expect(await db.selectFrom('contactLink').select('one').execute()).toEqual([])
})

test('PP3.1 PP2.3 a program hears what it linked and ended, alike of people who were contacts by their own will', async () => {
  const server = await startInProcessServer({ env: { WEBHOOKS_PRIVATE: 'on' } })
  await settle(server, ann, ben, cat)
  await befriended(server, ann, ben)
  const program = await programWith(server, 'Rota', ['contacts', 'webhooks'])
  const receiver = await startReceiver()
  await program.post('/api/webhooks', { url: receiver.url, events: ['contact.changed'] })
  for (const people of [
    ['ann', 'ben.b-1'],
    ['ann', 'cat'],
  ])
    for (const change of [program.post, program.delete])
      for (let n = 0; n < 2; n += 1) await change('/api/contacts', { people })
  await expect.poll(() => receiver.received.length).toBe(4)
  const told = receiver.received.map(({ payload }) => 'linked' in payload.data && payload.data.linked)
  expect(told.toSorted()).toEqual([false, false, true, true])
  expect(await (await server.db()).selectFrom('webhookDelivery').select('id').execute()).toHaveLength(4)
})

test('PP3.1 a link that is made or ended is told to the webhooks of keys of the same clinic’s people, once, and to no others', async () => {
  const server = await startInProcessServer({ env: { WEBHOOKS_PRIVATE: 'on' } })
  await settle(server, ann, ben)
  for (const person of [ann, ben]) await provisionedBy(server, person, 'north')
  const [own, others] = await Promise.all([startReceiver(), startReceiver()])
  const rota = await programWith(server, 'Rota', 'contacts', 'north')
  const sees = await programWith(server, 'Board', ['contacts', 'webhooks'], 'north')
  const strange = await programWith(server, 'South', ['contacts', 'webhooks'], 'south')
  for (const [program, receiver] of [
    [sees, own],
    [strange, others],
  ] as const)
    expect(
      (await program.post('/api/webhooks', { url: receiver.url, events: ['contact.changed'] })).status,
    ).toBe(201)
  const body = { people: ['ann', 'ben.b-1'], team: 'Ward 3' }
  await rota.post('/api/contacts', body)
  await rota.post('/api/contacts', body)
  await rota.delete('/api/contacts', body)
  await expect.poll(() => own.received.length).toBe(2)
  expect(own.received.map(({ payload }) => payload)).toMatchObject(
    [true, false].map((linked) => ({ type: 'contact.changed', data: { ...body, linked } })),
  )
  const db = await server.db()
  expect(await db.selectFrom('webhookDelivery').select('id').execute()).toHaveLength(2)
  expect(others.received).toEqual([])
})
