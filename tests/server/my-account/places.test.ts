import { expect, test } from 'vitest'
import { addPlace, isOver, visitorAt } from '../places/place-on-server.ts'
import { sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, sessionOf, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { openAccount } from './at-account.ts'

const start = () => startInProcessServer({ env: { TRUST_PROXY: 'on' } })

const atAccount = async (server: InProcessServer, person = ann, device = 'at-account') =>
  openAccount(server, await sessionOf(server, person, device), device)

test('PV1.5 the only member of a place agrees in My account, takes that back, and leaves', async () => {
  const server = await start()
  const members = await addPeople(server.dataDir, ann)
  const place = await addPlace(server, { members, agreed: false })
  await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  expect(await visitor.look()).toMatchObject({ state: 'closed', why: 'shut' })
  const account = await atAccount(server)
  expect(await textOf(await account.getPage())).toContain('It does so only if you agree.')
  await account.sendForm('/account/place', { place, change: 'agree' })
  expect(await textOf(await account.getPage())).toContain(
    'The place tells whether you can be reached from now on.',
  )
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  await account.sendForm('/account/place', { place, change: 'withdraw' })
  expect((await visitor.look()).why).toBe('shut')
  await account.sendForm('/account/place', { place, change: 'agree' })
  await account.sendForm('/account/place', { place, change: 'leave' })
  expect((await visitor.look()).why).toBe('shut')
  expect(await textOf(await account.getPage())).not.toContain('Front desk')
  const kept = await (await server.db()).selectFrom('audit').select(['what', 'detail']).execute()
  expect(kept.filter(({ detail }) => detail.includes('place-')).map(({ what }) => what)).toEqual(
    Array(4).fill('account-changed'),
  )
})

test('PV1.5 nobody agrees for another, or for a place that is not theirs', async () => {
  const server = await start()
  const [annId = ''] = await addPeople(server.dataDir, ann)
  const [benId = ''] = await settle(server, ben)
  const place = await addPlace(server, { members: [benId], agreed: false })
  const account = await atAccount(server)
  for (const change of ['agree', 'withdraw', 'leave', 'x'])
    expect((await account.sendForm('/account/place', { place, change })).status).toBe(303)
  const db = await server.db()
  expect(await db.selectFrom('placeMember').select(['userId', 'agreedAt']).execute()).toEqual([
    { userId: benId, agreedAt: null },
  ])
  expect(annId).not.toBe(benId)
})

test('PV5.3 a member blocks a visitor, from whose network nothing rings or is delivered until they are unblocked', async () => {
  const server = await start()
  const members = [...(await addPeople(server.dataDir, ann)), ...(await settle(server, ben))]
  await addPlace(server, { members })
  const device = await reachableDevice(server, ann)
  const visitor = visitorAt(server, '2001:db8:1:2::7')
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  const visiting = await visitor.visit('Mallory')
  const { call } = await device.next('ring')
  device.send({ type: 'decline', call: call.id })
  await visitor.until(visiting, isOver)
  const account = await atAccount(server)
  expect(await textOf(await account.getPage())).toMatch(/Mallory .* declined/)
  await account.sendForm('/account/visitor', { visit: visiting.visit.id })
  expect(await textOf(await account.getPage())).toContain(
    'can neither call nor leave a message there any more',
  )
  // The same network, by another address of it.
  const again = visitorAt(server, '2001:db8:1:2::8')
  expect(await again.call()).toEqual({ kind: 'blocked' })
  const message = { name: 'Mallory', wayBack: 'x', text: 'x', key: 'k'.repeat(20) }
  const leave = () => sendForm(server, '/reach/desk/message', message, again.from)
  const left = await leave()
  expect([left.status, await textOf(left)]).toEqual([403, expect.stringContaining('takes no messages from')])
  expect((await visitorAt(server, '2001:db8:1:3::8').call()).kind).toBe('visiting')
  const db = await server.db()
  const block = await db.selectFrom('placeBlock').selectAll().executeTakeFirstOrThrow()
  expect(JSON.stringify(block)).not.toContain('2001')
  await account.sendForm('/account/visitor', { place: block.placeId, address: block.address })
  expect((await again.call()).kind).not.toBe('blocked')
  expect((await leave()).status).toBe(303)
  // Both are on record, of the place.
  const record = await db.selectFrom('audit').select('detail').where('what', '=', 'account-changed').execute()
  expect(record.map(({ detail }) => JSON.parse(detail))).toMatchObject([
    { fields: 'place-block', place: block.placeId },
    { fields: 'place-unblock', place: block.placeId },
  ])
  expect(await db.selectFrom('message').select('id').execute()).toHaveLength(members.length)
})

test('PV5.3 PV6.4 a visit that rings as its visitor is blocked is declined at once, is told so, and is counted', async () => {
  const server = await start()
  const members = [...(await addPeople(server.dataDir, ann)), ...(await settle(server, ben))]
  await addPlace(server, { members })
  const device = await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  const visiting = await visitor.visit('Mallory')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await visitor.until(visiting, ({ ringing }) => ringing === 1)
  const account = await atAccount(server)
  // Nothing is swept: it is not looked for.
  server.clock.standStill()
  await account.sendForm('/account/visitor', { visit: visiting.visit.id })
  await visitor.until(visiting, ({ state }) => state === 'declined')
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'cancelled' })
  const headers = { authorization: `Bearer ${server.operatorKey}` }
  const metrics = await (await fetch(`${server.url}/metrics`, { headers })).text()
  expect(metrics).toContain('reachable_visits_ended_total{outcome="declined"} 1\n')
})

test('PV5.3 nobody blocks the visitors of a place that they do not belong to', async () => {
  const server = await start()
  const [annId = ''] = await addPeople(server.dataDir, ann)
  const members = await settle(server, ben)
  await addPlace(server, { members })
  await reachableDevice(server, ben)
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  const { visit } = await visitor.visit()
  const account = await atAccount(server)
  await account.sendForm('/account/visitor', { visit: visit.id })
  expect(await (await server.db()).selectFrom('placeBlock').select('at').execute()).toEqual([])
  expect(annId).not.toBe('')
})

test('PV6.2 with an account its membership goes', async () => {
  const server = await start()
  const members = [...(await addPeople(server.dataDir, ann)), ...(await settle(server, ben))]
  await addPlace(server, { members, agreed: false })
  const account = await atAccount(server)
  await account.sendForm('/account/delete/sure', { password: ann.password })
  const left = await (await server.db()).selectFrom('placeMember').select('userId').execute()
  expect(left.map(({ userId }) => userId)).toEqual([members[1]])
  expect(await visitorAt(server).look()).toMatchObject({ state: 'closed', why: 'shut' })
})
