import { expect, test } from 'vitest'
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
  expect(teams()).toEqual({ 'Ben Baker': null, 'Cat Cole': 'Ward 3' })
  expect((await program.delete('/api/contacts', { ...body, team: 'Ward 4' })).status).toBe(204)
  await device.has({ 'Ben Baker': 'contact', 'Cat Cole': 'contact' })
  expect((await program.delete('/api/contacts', body)).status).toBe(204)
  await device.has({ 'Ben Baker': 'contact' })
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
