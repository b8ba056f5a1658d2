import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { type PeopleDevice, peopleDevice } from '../people/people-device.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { settle } from '../support/people.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  ;[one, other] = await Promise.all([service.start(), service.start()])
})
afterAll(() => service?.close())

/** Two contacts of this test alone. */
async function contacts() {
  const both = ['Ann', 'Ben'].map((name): NewAccount => {
    const username = `${name}-${randomUUID().slice(0, 8)}`
    return { username, email: `${username}@clinic.example`, name, password: '' }
  })
  const [ann = '', ben = ''] = await settle(one, ...both)
  for (const [userId, id] of [
    [ann, ben],
    [ben, ann],
  ] as const)
    await service.db
      .insertInto('contact')
      .values({ userId, id, otherId: id, relation: 'contact', since: 1 })
      .execute()
  const [annAs, benAs] = both
  if (!annAs || !benAs) throw new Error('there is nobody')
  return { ann: { id: ann, as: annAs }, ben: { id: ben, as: benAs } }
}

const deviceAt = async (node: InProcessNode, as: NewAccount) => {
  const device = await peopleDevice(node, as, randomUUID())
  device.sync(null)
  await device.lease()
  return device
}

const messagesOn = ({ account }: PeopleDevice) =>
  account.changes.flatMap((change) => (change.kind === 'message' ? [change.message] : []))

test('PM1.1 PM1.3 over two nodes a message is on every device of both within a second, each once and in one order', async () => {
  const { ann, ben } = await contacts()
  const devices = await Promise.all([
    deviceAt(one, ann.as),
    deviceAt(other, ann.as),
    deviceAt(other, ben.as),
    deviceAt(one, ben.as),
  ])
  const [annHere, annThere, benThere, benHere] = devices
  if (!annHere || !annThere || !benThere || !benHere) throw new Error('there is no device')
  const began = performance.now()
  await annHere.request({ what: 'send', contact: ben.id, key: 'first', text: 'Hello' })
  await expect.poll(() => devices.map((device) => messagesOn(device).length)).toEqual([1, 1, 1, 1])
  expect(performance.now() - began).toBeLessThan(1_000)
  const many = 12
  const answers = await Promise.all(
    Array.from({ length: many }, (_, n) => [
      (n % 2 === 0 ? annHere : annThere).request({
        what: 'send',
        contact: ben.id,
        key: `a${n}`,
        text: `a${n}`,
      }),
      (n % 2 === 0 ? benHere : benThere).request({
        what: 'send',
        contact: ann.id,
        key: `b${n}`,
        text: `b${n}`,
      }),
      // The same again, at the other node.
      annThere.request({ what: 'send', contact: ben.id, key: `a${n}`, text: `a${n}` }),
    ]).flat(),
  )
  expect(answers.filter(({ type }) => type !== 'done')).toEqual([])
  const numbers = Array.from({ length: 2 * many + 1 }, (_, n) => n + 1)
  await expect.poll(() => devices.map((device) => messagesOn(device).at(-1)?.n)).toEqual([25, 25, 25, 25])
  for (const device of devices) expect(messagesOn(device).map(({ n }) => n)).toEqual(numbers)
  const [first, ...others] = devices.map((device) => messagesOn(device).map(({ id }) => id))
  for (const ids of others) expect(ids).toEqual(first)
})

test('PM3.1 PM1.2 a thread that is read at one node is read at the other, and a device that was away hears both', async () => {
  const { ann, ben } = await contacts()
  const annDesk = await deviceAt(one, ann.as)
  const benDesk = await deviceAt(other, ben.as)
  const sent = await annDesk.request({ what: 'send', contact: ben.id, key: 'k', text: '👩‍👩‍👧‍👦 مرحبا' })
  expect(sent).toMatchObject({
    type: 'done',
    result: { what: 'sent', message: { n: 1, key: 'k', from: 'me' } },
  })
  await benDesk.request({ what: 'read', contact: ann.id, until: 1 })
  const benHome = await deviceAt(one, ben.as)
  await expect
    .poll(() => benHome.account.changes.filter(({ kind }) => kind === 'message' || kind === 'read'))
    .toMatchObject([
      { kind: 'read', read: { contact: ann.id, until: 1 } },
      { kind: 'message', message: { n: 1, from: 'them', text: '👩‍👩‍👧‍👦 مرحبا' } },
    ])
  expect(messagesOn(benHome)[0]).not.toHaveProperty('key')
  const history = await benHome.request({ what: 'history', contact: ann.id, before: null })
  expect(history).toMatchObject({ type: 'done', result: { messages: [{ n: 1, from: 'them' }], more: false } })
  const none = await benHome.request({ what: 'send', contact: randomUUID(), key: 'x', text: 'Hello' })
  expect(none).toMatchObject({ type: 'refused', why: 'no-such-contact' })
})
