import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { partsOf } from '../rooms/room-page.ts'
import { type InProcessService, openInProcessService } from '../support/in-process-nodes.ts'
import { idOf, settle } from '../support/people.ts'
import { ask, call, comeBack, makeContacts, standing, syncedDevice, toldOf } from './two-people.ts'

let service: InProcessService
beforeAll(async () => {
  service = await openInProcessService()
})
afterAll(() => service?.close())

/** Somebody of this test alone. */
const somebody = (name: string): NewAccount => {
  const username = `p${randomUUID().slice(0, 8)}`
  return { username, email: `${username}@clinic.example`, name, password: '' }
}

/** Two contacts, each with a device at a node of their own. */
async function twoAtNodes() {
  const nodes = await Promise.all([service.start(), service.start()])
  const [one, two] = nodes
  const [ann, ben] = [somebody('Ann Able'), somebody('Ben Baker')]
  await settle(one, ann, ben)
  const [annId, benId] = [await idOf(one, ann.email), await idOf(one, ben.email)]
  await makeContacts(service.db, annId, benId)
  const [annDevice, benDevice] = [randomUUID(), randomUUID()]
  const anns = await syncedDevice(one, ann, annDevice)
  const bens = await syncedDevice(two, ben, benDevice)
  return { one, two, ann, ben, annId, benId, anns, bens, annDevice, benDevice }
}

test('PL1.1 PL1.2 PL1.3 PL2.1 over two nodes a contact is rung and declines with a word, and is answered by calling back', async () => {
  const { two, ann, annId, benId, anns, bens } = await twoAtNodes()
  const other = await syncedDevice(two, ann, randomUUID())
  const first = await call(anns, benId)
  const { call: ring } = await bens.next('ring')
  expect(ring).toMatchObject({ id: first.id, contact: annId })
  bens.send({ type: 'rings', call: ring.id })
  for (const device of [anns, other]) expect(await standing(device, 'ringing')).toMatchObject({ ringsOn: 1 })
  bens.send({ type: 'decline', call: ring.id, reply: 'Soon' })
  for (const device of [anns, other])
    expect(await standing(device, 'declined')).toMatchObject({ id: first.id, reply: 'Soon' })
  const second = await call(anns, benId)
  bens.send({ type: 'rings', call: (await bens.next('ring')).call.id })
  await standing(anns, 'ringing')
  const answered = await call(bens, annId)
  expect(answered).toMatchObject({ id: second.id, state: 'answered', room: expect.any(String) })
  const told = await standing(anns, 'answered')
  expect(told.id).toBe(second.id)
  expect(partsOf(told.room ?? '').room).toBe(partsOf(answered.room ?? '').room)
  expect(await standing(other, 'answered')).toMatchObject({ id: second.id, room: null })
  expect(anns.received.filter(({ type }) => type === 'ring')).toEqual([])
})

test('PL3.1 PL3.5 who is busy is told so where their device is at the other node, and else as soon as it is there', async () => {
  const { one, two, annId, benId, anns, bens } = await twoAtNodes()
  const until = Date.now() + 3_600_000
  expect(await ask(bens, { what: 'set-status', status: 'busy', until })).toMatchObject({ type: 'done' })
  const first = await call(anns, benId)
  expect(await standing(anns, 'missed')).toMatchObject({
    id: first.id,
    disposition: 'busy',
    busyUntil: until,
  })
  const carl = somebody('Carl Cole')
  await settle(one, carl)
  const carlId = await idOf(one, carl.email)
  await makeContacts(service.db, annId, carlId)
  const busy = { status: 'busy', until, revision: 1 } as const
  await service.db
    .insertInto('status')
    .values({ userId: carlId, ...busy })
    .execute()
  const second = await call(anns, carlId)
  expect(await standing(anns, 'waiting')).toMatchObject({
    ...{ id: second.id, disposition: 'unreachable', busyUntil: null },
  })
  const carls = await comeBack(two, carl, randomUUID())
  expect(await standing(anns, 'missed')).toMatchObject({ id: second.id, why: 'busy', busyUntil: until })
  expect([...bens.received, ...carls.received].filter(({ type }) => type === 'ring')).toEqual([])
})

test('PL3.2 PL3.5 P6.3 who comes back invisible is rung unseen at the other node, and also once that has taken the call over', async () => {
  const { one, two, ann, annId, anns, annDevice } = await twoAtNodes()
  const carl = somebody('Carl Cole')
  await settle(one, carl)
  const carlId = await idOf(one, carl.email)
  await makeContacts(service.db, annId, carlId)
  const { id } = await call(anns, carlId)
  await standing(anns, 'waiting')
  const invisible = { status: 'invisible', until: null, revision: 1 } as const
  await service.db
    .insertInto('status')
    .values({ userId: carlId, ...invisible })
    .execute()
  const carls = await comeBack(two, carl, randomUUID())
  const stands = () =>
    service.db
      .selectFrom('call')
      .select(['state', 'hidden', 'owner'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  await carls.next('ring')
  carls.send({ type: 'rings', call: id })
  await expect.poll(stands).toMatchObject({ state: 'ringing', hidden: 'invisible' })
  const { owner } = await stands()
  await one.close()
  const back = await comeBack(two, ann, annDevice)
  await carls.next('ring')
  carls.send({ type: 'rings', call: id })
  await expect.poll(stands).toMatchObject({ state: 'ringing', hidden: 'invisible' })
  expect((await stands()).owner).not.toBe(owner)
  expect(await standing(back, 'waiting')).toMatchObject({ id, disposition: 'unreachable', ringsOn: 0 })
  carls.send({ type: 'answer', call: id })
  expect(await standing(back, 'answered')).toMatchObject({ id, room: expect.any(String) })
  for (const device of [anns, back])
    expect(toldOf(device, id).filter((told) => told.startsWith('ringing'))).toEqual([])
})

test('PL3.4 PL3.3 who is blocked at the other node is rung there no more', async () => {
  const { annId, benId, anns, bens } = await twoAtNodes()
  const placed = await call(anns, benId)
  bens.send({ type: 'rings', call: (await bens.next('ring')).call.id })
  await standing(anns, 'ringing')
  expect(await ask(bens, { what: 'change-contact', contact: annId, change: 'block' })).toMatchObject({
    type: 'done',
  })
  expect(await bens.next('over')).toMatchObject({ call: placed.id, outcome: 'cancelled', here: false })
  expect(await standing(anns, 'waiting')).toMatchObject({ id: placed.id, ringsOn: 0 })
  expect(await ask(anns, { what: 'cancel-call', call: placed.id })).toMatchObject({ type: 'done' })
})

test('PL1.2 P6.3 a call of a person goes on at another node when its own stops, and its caller hears on there', async () => {
  const { one, two, ann, benId, anns, bens, annDevice } = await twoAtNodes()
  const placed = await call(anns, benId)
  bens.send({ type: 'rings', call: (await bens.next('ring')).call.id })
  await standing(anns, 'ringing')
  await one.close()
  const back = await comeBack(two, ann, annDevice)
  const { call: again } = await bens.next('ring')
  expect(again.id).toBe(placed.id)
  bens.send({ type: 'rings', call: again.id })
  bens.send({ type: 'answer', call: again.id })
  expect(await standing(back, 'answered')).toMatchObject({ id: placed.id, room: expect.any(String) })
})
