import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { appendEvents } from '../../../server/people/account-events.ts'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { settle } from '../support/people.ts'
import { peopleDevice } from './people-device.ts'

let service: InProcessService
let one: InProcessNode
let other: InProcessNode

beforeAll(async () => {
  service = await openInProcessService()
  ;[one, other] = await Promise.all([service.start(), service.start()])
})
afterAll(() => service?.close())

/** People of this test alone. @returns them with their ids. */
async function people(...names: readonly string[]) {
  const all = names.map((name): NewAccount => {
    const username = `${name}-${randomUUID().slice(0, 8)}`
    return { username, email: `${username}@clinic.example`, name, password: '' }
  })
  const ids = await settle(one, ...all)
  return all.map((person, n) => ({ person, id: ids[n] ?? '' }))
}

test('PE1.2 PE1.3 PS1.1 devices of a person at two nodes are told the same, each event once, within a second', async () => {
  const [ann] = await people('Ann')
  if (!ann) throw new Error('there is nobody')
  const here = await peopleDevice(one, ann.person, randomUUID())
  const there = await peopleDevice(other, ann.person, randomUUID())
  for (const device of [here, there]) device.sync(null)
  await expect.poll(() => [here.account.cursor, there.account.cursor]).toEqual([0, 0])
  const began = performance.now()
  expect((await here.request({ what: 'set-status', status: 'away', until: null })).type).toBe('done')
  await expect.poll(() => there.account.status?.status).toBe('away')
  expect(performance.now() - began).toBeLessThan(1_000)
  // From both at once: each takes one after the other, and no number is there twice.
  const choices = ['available', 'invisible', 'away'] as const
  await Promise.all(
    Array.from({ length: 30 }, (_, n) => {
      const status = choices[n % 3] ?? 'away'
      return (n % 2 === 0 ? here : there).request({ what: 'set-status', status, until: null })
    }),
  )
  const row = await service.db
    .selectFrom('accountCounter')
    .select('seq')
    .where('userId', '=', ann.id)
    .executeTakeFirstOrThrow()
  await expect.poll(() => [here.account.cursor, there.account.cursor]).toEqual([row.seq, row.seq])
  expect(here.account.status).toEqual(there.account.status)
  expect(here.account.changes.slice(1)).toEqual(there.account.changes.slice(1))
})

test('PC1.2 PC1.5 PE1.3 who are at different nodes ask, accept and remove as at one, though a node hears nothing for a while', async () => {
  const [ann, ben] = await people('Ann', 'Ben')
  if (!ann || !ben) throw new Error('there is nobody')
  const annDesk = await peopleDevice(one, ann.person, randomUUID())
  const benDesk = await peopleDevice(other, ben.person, randomUUID())
  for (const device of [annDesk, benDesk]) {
    device.sync(null)
    await device.lease()
  }
  expect((await annDesk.request({ what: 'ask-contact', login: ben.person.username })).type).toBe('done')
  await benDesk.has({ Ann: 'asks' })
  const accept = { what: 'answer-contact', contact: ann.id, answer: 'accept' } as const
  expect((await benDesk.request(accept)).type).toBe('done')
  await annDesk.has({ Ben: 'contact' })
  await benDesk.has({ Ann: 'contact' })
  // Written where nobody tells the nodes of it: the next look at sessions finds it.
  const change = { kind: 'contact-gone', id: 'nobody' } as const
  await service.db.transaction().execute((trx) => appendEvents(trx, [{ userId: ben.id, change }], Date.now()))
  const cursor = benDesk.account.cursor ?? 0
  const began = performance.now()
  await expect.poll(() => benDesk.account.cursor, { timeout: 15_000 }).toBe(cursor + 1)
  expect(performance.now() - began).toBeLessThan(11_000)
  await annDesk.request({ what: 'change-contact', contact: ben.id, change: 'remove' })
  await benDesk.has({})
  await annDesk.has({ Ben: 'removed' })
})

test('PC1.2 two who ask each other at two nodes in the same moment are contacts, and nobody waits for an answer', async () => {
  const all = await people(...Array.from({ length: 8 }, (_, n) => `P${n}`))
  const devices = await Promise.all(
    all.map(async ({ person }, n) => {
      const device = await peopleDevice(n % 2 === 0 ? one : other, person, randomUUID())
      device.sync(null)
      return device
    }),
  )
  const pairs = Array.from({ length: 4 }, (_, n) => [2 * n, 2 * n + 1] as const)
  await Promise.all(
    pairs.flatMap(([a, b]) =>
      [
        [a, b],
        [b, a],
      ].map(([asking = 0, asked = 0]) =>
        devices[asking]?.request({ what: 'ask-contact', login: all[asked]?.person.username ?? '' }),
      ),
    ),
  )
  for (const [a, b] of pairs) {
    await devices[a]?.has({ [`P${b}`]: 'contact' })
    await devices[b]?.has({ [`P${a}`]: 'contact' })
  }
  const rows = await service.db
    .selectFrom('contact')
    .select('relation')
    .where(
      'userId',
      'in',
      all.map(({ id }) => id),
    )
    .execute()
  expect(rows.map(({ relation }) => relation)).toEqual(rows.map(() => 'contact'))
  expect(rows).toHaveLength(8)
})
