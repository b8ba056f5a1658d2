import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Bus } from '../../../server/bus/bus.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import type { Database } from '../../../server/database/tables.ts'
import {
  appendEvents,
  deleteOldEvents,
  mostKept,
  publishEvents,
} from '../../../server/people/account-events.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, idOf, sessionOf, settle } from '../support/people.ts'
import { accountOnDevice } from './account-on-device.ts'
import { peopleDevice } from './people-device.ts'

const day = 86_400_000

/** Somebody whom a person has; as large as a name may make it. */
const contact = (n: number, name = `Contact ${n}`) => ({
  ...{ id: `id-${n}`, relation: 'removed' as const, name, username: null, team: null },
  ...{ favourite: false, ringsThrough: false, since: 1_000 },
})
const change = (n: number, name?: string) => ({ kind: 'contact' as const, contact: contact(n, name) })

const append = (db: Database, userId: string, changes: readonly ReturnType<typeof change>[], now: number) =>
  db.transaction().execute((trx) =>
    appendEvents(
      trx,
      changes.map((of) => ({ userId, change: of })),
      now,
    ),
  )

test('PE1.2 who says sync is told what came after, once and in order, and what comes; who says nothing is told nothing', async () => {
  const bus = createInProcessBus()
  const server = await startInProcessServer({ bus })
  await settle(server, ann)
  const id = await idOf(server, ann.email)
  const db = await server.db()
  const silent = await peopleDevice(server, ann, 'silent')
  const late = await peopleDevice(server, ann, 'late')
  expect(late.welcome.features).toContain('people')
  late.sync(0)
  expect(await late.next('events')).toEqual({ type: 'events', events: [], until: 0 })
  for (let n = 1; n <= 450; n += 50)
    publishEvents(
      bus,
      await append(
        db,
        id,
        Array.from({ length: 50 }, (_, k) => change(n + k)),
        server.clock.wall(),
      ),
    )
  const early = await peopleDevice(server, ann, 'early')
  early.sync(130)
  // What is heard of it twice is told once.
  for (let n = 0; n < 5; n += 1) bus.publish(`person.${id}`, { kind: 'events', until: 450 })
  const numbers = (device: typeof early) =>
    device.received.flatMap((frame) => (frame.type === 'events' ? frame.events.map(({ seq }) => seq) : []))
  await expect.poll(() => numbers(early).at(-1)).toBe(450)
  expect(numbers(early)).toEqual(Array.from({ length: 320 }, (_, n) => 131 + n))
  await expect.poll(() => late.account.cursor).toBe(450)
  expect(numbers(late)).toEqual(Array.from({ length: 450 }, (_, n) => 1 + n))
  publishEvents(bus, await append(db, id, [change(451)], server.clock.wall()))
  await expect.poll(() => [late.account.cursor, numbers(early).at(-1)]).toEqual([451, 451])
  // Coalesced: of fifty that come together no device hears one by one.
  expect(late.received.filter(({ type }) => type === 'events').length).toBeLessThan(20)
  await silent.lease()
  expect(silent.received.map(({ type }) => type)).toEqual(['challenge', 'welcome', 'lease'])
})

test('PE1.3 what the bus lost the word of is found with the next look at sessions', async () => {
  const real = createInProcessBus()
  let isDeaf = false
  const bus: Bus = {
    ...real,
    get isConnected() {
      return true
    },
    publish(subject, payload) {
      if (!isDeaf || !subject.startsWith('person.')) real.publish(subject, payload)
    },
  }
  const server = await startInProcessServer({ bus })
  await settle(server, ann)
  const device = await peopleDevice(server, ann, 'desk')
  await device.lease()
  device.sync(null)
  await expect.poll(() => device.account.cursor).toBe(0)
  isDeaf = true
  expect((await device.request({ what: 'set-status', status: 'away', until: null })).type).toBe('done')
  await device.lease()
  expect(device.account.cursor).toBe(0)
  server.clock.advance(10_000)
  await expect.poll(() => device.account.status?.status).toBe('away')
  expect(device.account.cursor).toBe(1)
})

test('PE1.4 PE1.6 who has nothing, too old a number or one that never was is told everything anew, once', async () => {
  const bus = createInProcessBus()
  const server = await startInProcessServer({ bus })
  await settle(server, ann)
  const id = await idOf(server, ann.email)
  const db = await server.db()
  const now = server.clock.wall()
  for (let n = 0; n < mostKept + 300; n += 300)
    await append(
      db,
      id,
      Array.from({ length: 300 }, (_, k) => change(n + k)),
      now,
    )
  const { first, last } = await db
    .selectFrom('accountEvent')
    .select((e) => [e.fn.min('seq').as('first'), e.fn.max('seq').as('last')])
    .where('userId', '=', id)
    .executeTakeFirstOrThrow()
  expect(last - first + 1).toBeGreaterThanOrEqual(mostKept)
  expect(last - first + 1).toBeLessThan(mostKept + 300)
  for (const [device, after] of Object.entries({ nothing: null, old: first - 2, never: last + 1 })) {
    const anew = await peopleDevice(server, ann, device)
    anew.sync(after)
    await expect.poll(() => [device, anew.account.resets]).toEqual([device, 1])
    expect([anew.account.cursor, anew.account.contacts()]).toEqual([last, []])
    await anew.request({ what: 'set-status', status: 'away', until: null })
    await anew.request({ what: 'set-status', status: 'available', until: null })
    await expect.poll(() => anew.account.status?.status).toBe('available')
    expect(anew.account.resets).toBe(1)
    // As it was, for the next.
    await db.updateTable('accountCounter').set({ seq: last }).where('userId', '=', id).execute()
    await db.deleteFrom('accountEvent').where('userId', '=', id).where('seq', '>', last).execute()
    anew.close()
    await anew.closed()
  }
  const known = await peopleDevice(server, ann, 'known')
  known.sync(first - 1)
  expect((await known.next('events')).events[0]?.seq).toBe(first)

  while (await deleteOldEvents(db, now + 30 * day + 1));
  expect(await db.selectFrom('accountEvent').select('seq').where('userId', '=', id).execute()).toEqual([])
  const after = await peopleDevice(server, ann, 'after')
  after.sync(last)
  // Nothing is there after what it has: it needs none of what is gone.
  expect(await after.next('events')).toEqual({ type: 'events', events: [], until: last })
})

test('PE1.4 who wants everything anew again and again is told it six times, and then once in five seconds', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  server.clock.standStill()
  const device = await peopleDevice(server, ann, 'desk')
  for (let n = 1; n <= 6; n += 1) {
    device.sync(null)
    await expect.poll(() => device.account.resets).toBe(n)
  }
  for (let n = 0; n < 20; n += 1) device.sync(null)
  // What else it asks for is answered meanwhile.
  expect((await device.request({ what: 'set-status', status: 'away', until: null })).type).toBe('done')
  for (let n = 0; n < 20; n += 1) await device.request({ what: 'calls', before: null })
  expect(device.account.resets).toBe(6)
  server.clock.advance(10_000)
  await expect.poll(() => device.account.resets).toBe(7)
  expect(device.account.status?.status).toBe('away')
})

test('PE1.5 twelve thousand long names come in frames that fit, also to a device that reads slowly, which stays connected', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const id = await idOf(server, ann.email)
  const db = await server.db()
  const long = '😀'.repeat(50)
  const now = server.clock.wall()
  const people = Array.from({ length: 12_000 }, (_, n) => ({
    ...{ id: `u${n}`, name: `${long} ${n}`, email: `u${n}@clinic.example`, emailVerified: 1 },
    ...{ username: `u${n}`, createdAt: new Date(now).toISOString(), updatedAt: new Date(now).toISOString() },
  }))
  for (let n = 0; n < people.length; n += 500) {
    await db
      .insertInto('user')
      .values(people.slice(n, n + 500) as never)
      .execute()
    const rows = people.slice(n, n + 500).map(({ id: other }) => ({
      ...{ userId: id, id: other, otherId: other, relation: 'removed' as const, since: now },
    }))
    await db.insertInto('contact').values(rows).execute()
  }
  const slow = await peopleDevice(server, ann, 'slow')
  const sizes: number[] = []
  slow.socket.on('message', (data) => sizes.push(Buffer.byteLength(String(data))))
  slow.sync(null)
  await slow.next('reset')
  slow.socket.pause()
  const quick = await peopleDevice(server, ann, 'quick')
  quick.sync(null)
  await expect.poll(() => quick.account.contacts().length).toBe(people.length)
  expect(Math.max(...sizes)).toBeLessThan(200_200)
  slow.socket.resume()
  await expect.poll(() => slow.account.contacts().length).toBe(people.length)
  expect(slow.account.resets).toBe(1)
  await slow.lease()
  expect(sizes.length).toBeGreaterThan(people.length / 200)
})

test('PE1.1 what is undone has no event, and a deleted account none either', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const db = await server.db()
  const undone = db.transaction().execute(async (trx) => {
    await appendEvents(trx, [{ userId: annId, change: change(1) }], 1)
    throw new Error('on purpose')
  })
  await expect(undone).rejects.toThrow('on purpose')
  await db.updateTable('user').set({ deletedAt: 5 }).where('id', '=', benId).execute()
  const both = await db.transaction().execute((trx) =>
    appendEvents(
      trx,
      [annId, benId, annId, randomUUID()].map((userId, n) => ({ userId, change: change(n) })),
      1,
    ),
  )
  expect([...both]).toEqual([[annId, 2]])
  const kept = await db.selectFrom('accountEvent').select(['userId', 'seq']).execute()
  expect(kept).toEqual([
    { userId: annId, seq: 1 },
    { userId: annId, seq: 2 },
  ])
})

test('PE1.2 PE1.4 a device that comes back goes on where it was, whatever it did not hear', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const account = accountOnDevice()
  const token = await sessionOf(server, ann, 'desk')
  const other = await peopleDevice(server, ann, 'other')
  const statuses = ['away', 'available', 'invisible'] as const
  for (let round = 0; round < 6; round += 1) {
    const desk = await peopleDevice(server, ann, 'desk', { token, account })
    desk.sync()
    await other.request({ what: 'set-status', status: statuses[round % 3] ?? 'away', until: null })
    if (round % 2 === 0) await expect.poll(() => account.cursor).toBe(round + 1)
    desk.close()
    await desk.closed()
  }
  const desk = await peopleDevice(server, ann, 'desk', { token, account })
  desk.sync()
  await expect.poll(() => [account.cursor, account.status?.status]).toEqual([6, 'invisible'])
  expect(account.resets).toBe(1)
})
