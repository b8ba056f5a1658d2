import 'fake-indexeddb/auto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../../server/database/open-database.ts'
import type { Database } from '../../../server/database/tables.ts'
import counterexamples from './message-counterexamples.json' with { type: 'json' }
import { createWorld, type Device, hurry, settle, type World } from './message-world.ts'

/** `MESSAGE_SCHEDULES=10000 npx vitest run messages-exactly-once` lives through more. */
const numRuns = Number(process.env.MESSAGE_SCHEDULES ?? 60)
/** The same unless another is given, so that what is noticed once is noticed again. */
const seed = Number(process.env.TRUTH_SEED ?? 1)

/** Two devices of ann, and one of ben. */
const devicesOf = [0, 0, 1] as const
const ann = 0
const ben = 1
const other = (person: number) => (person === ann ? ben : ann)

let db: Database
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reachable-'))
  db = await openDatabase(join(folder, 'reachable.db'))
  await hurry(db)
})
afterAll(async () => {
  await db.destroy()
  rmSync(folder, { recursive: true, force: true })
})

const device = fc.integer({ min: 0, max: devicesOf.length - 1 })
const one = <T extends object>(weight: number, what: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) => ({
  weight,
  arbitrary: fc.record(what),
})
const step = fc.oneof(
  one(8, { do: fc.constant('write' as const), device, many: fc.integer({ min: 1, max: 3 }) }),
  one(10, { do: fc.constant('online' as const), device }),
  one(4, { do: fc.constant('lease' as const), device }),
  one(12, {
    do: fc.constant('pass' as const),
    device,
    frames: fc.integer({ min: 1, max: 4 }),
    twice: fc.boolean(),
  }),
  one(4, { do: fc.constant('to-server' as const), device }),
  one(4, { do: fc.constant('to-device' as const), device }),
  one(3, { do: fc.constant('cut' as const), device, how: fc.constantFrom('lost' as const, 'late' as const) }),
  one(4, { do: fc.constant('kill-at' as const), device, point: fc.integer({ min: 1, max: 12 }) }),
  one(2, { do: fc.constant('read' as const), device }),
  one(2, {
    do: fc.constant('storage' as const),
    device,
    fails: fc.constantFrom('before' as const, 'after' as const, null, null),
  }),
  one(2, { do: fc.constant('storage' as const), device, fails: fc.constantFrom('stuck' as const, null) }),
  one(3, { do: fc.constant('give-up-storage' as const), device }),
  one(2, {
    do: fc.constant('fault' as const),
    how: fc.constantFrom('before' as const, 'after' as const, null, null),
  }),
  one(1, { do: fc.constant('restart-server' as const) }),
  one(1, { do: fc.constant('forget-events' as const) }),
  one(4, { do: fc.constant('advance' as const), ms: fc.constantFrom(300, 3_000, 20_000) }),
)
/** Steps go one upon the other, or what they began is done before the next. */
const schedule = fc.array(fc.tuple(step, fc.boolean()), { minLength: 20, maxLength: 120 })
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Schedule = readonly (readonly [Step, boolean])[]

async function run(world: World, steps: Schedule): Promise<void> {
  let texts = 0
  for (const [now, settles] of steps) {
    const at = 'device' in now ? world.devices[now.device] : undefined
    switch (now.do) {
      case 'write':
        for (let n = 0; at && n < now.many; n += 1) {
          texts += 1
          at.write(other(at.person), `${at.name}, ${texts}`)
        }
        break
      case 'online':
        at?.start()
        at?.connect()
        at?.lease()
        break
      case 'lease':
        at?.lease()
        break
      case 'pass':
        for (let n = 0; at && n < now.frames; n += 1) {
          at.toServer(now.twice)
          await settle(world)
          at.toDevice(now.twice)
        }
        break
      case 'to-server':
        at?.toServer(false)
        break
      case 'to-device':
        at?.toDevice(false)
        break
      case 'cut':
        at?.cut(now.how)
        break
      case 'kill-at':
        at?.killAt(now.point)
        break
      case 'read':
        if (at) at.read(other(at.person))
        break
      case 'storage':
        at?.failStorage(now.fails)
        break
      case 'give-up-storage':
        at?.giveUpStorage()
        break
      case 'fault':
        world.setFault(now.how)
        break
      case 'restart-server':
        world.restartServer()
        break
      case 'forget-events':
        await world.forgetEvents()
        break
      case 'advance':
        world.advance(now.ms)
        break
    }
    if (settles) await settle(world)
  }
}

/** Nothing fails any more: until everybody has everything. */
async function heal(world: World): Promise<void> {
  world.setFault(null)
  for (const at of world.devices) {
    at.killAt(null)
    at.failStorage(null)
  }
  await settle(world)
  for (let round = 0; round < 60; round += 1) {
    for (const at of world.devices) {
      at.start()
      at.connect()
      at.lease()
    }
    await settle(world)
    for (let frames = 0; frames < 200 && world.devices.some((at) => at.onItsWay() > 0); frames += 1) {
      for (const at of world.devices) {
        at.toServer(false)
        at.toDevice(false)
      }
      await settle(world)
    }
    // A node looks at all that it has not heard of.
    world.advance(10_000)
    if (round > 2 && (await isQuiet(world))) return
  }
}

async function isQuiet(world: World): Promise<boolean> {
  await settle(world)
  if (world.devices.some((at) => at.onItsWay() > 0)) return false
  const views = await Promise.all(world.devices.map((at) => at.view(other(at.person))))
  return views.every(({ waiting }) => waiting.length === 0)
}

/**
 * What is on a device at any moment: each message once, in order, none between missing; and nothing was sent whose
 * person was told that it is not kept.
 */
async function expectSound(at: Device): Promise<void> {
  const { messages, waiting } = await at.view(other(at.person))
  const first = messages[0]?.n ?? 0
  expect(messages.map(({ n }) => n)).toEqual(messages.map((_, place) => first + place))
  const shown = [...messages.map(({ key, id }) => key ?? id), ...waiting.map(({ key }) => key)]
  expect(new Set(shown).size).toBe(shown.length)
  const told = at.told()
  expect(new Set(told).size).toBe(told.length)
  expect(at.saidUnwritten).toEqual([])
}

/** In the end each message is once at the server and on each device, in one order, and none that was written is lost. */
async function expectExactlyOnce(world: World): Promise<void> {
  const rows = await world.db
    .selectFrom('message')
    .innerJoin('thread', 'thread.id', 'message.thread')
    .select(['message.id', 'message.n', 'message.text', 'message.from'])
    .where('thread.a', 'in', [...world.people])
    .orderBy('message.n')
    .execute()
  expect(rows.map(({ n }) => n)).toEqual(rows.map((_, place) => place + 1))
  const texts = rows.map(({ text }) => text)
  expect(new Set(texts).size).toBe(texts.length)
  for (const at of world.devices) {
    const written = at.written.map(({ text }) => text)
    const kept = at.written.filter(({ ok }) => ok === true).map(({ text }) => text)
    const arrived = texts.filter((text) => written.includes(text))
    // What its person was told is written down is there; and all of it in the order in which it was written.
    expect(arrived).toEqual(expect.arrayContaining(kept))
    expect(arrived).toEqual(written.filter((text) => arrived.includes(text)))
    const { messages, waiting } = await at.view(other(at.person))
    expect(waiting).toEqual([])
    const oldest = messages[0]?.n ?? 1
    expect(messages.map(({ id }) => id)).toEqual(rows.filter(({ n }) => n >= oldest).map(({ id }) => id))
    expect(messages.length).toBeGreaterThanOrEqual(Math.min(20, rows.length))
    expect(at.page()).toEqual(messages.map(({ id }) => id))
  }
}

async function holds(steps: Schedule): Promise<void> {
  const world = await createWorld(db, devicesOf)
  await run(world, steps)
  await settle(world)
  for (const at of world.devices) await expectSound(at)
  await heal(world)
  for (const at of world.devices) await expectSound(at)
  await expectExactlyOnce(world)
}

test('PM8.1 PM8.2 in any schedule of kills, lost connections, late and doubled frames and failures each message is shown once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, (steps) => holds(steps)),
    {
      numRuns,
      seed,
      endOnFailure: process.env.MESSAGE_SCHEDULES !== undefined,
      examples: (counterexamples as unknown as Schedule[]).map((steps) => [steps]),
    },
  )
}, 3_600_000)

const online = (device: number) => ({ do: 'online', device }) as const
const pass = (device: number) => ({ do: 'pass', device, frames: 4, twice: false }) as const

/** Both write, a connection is lost, one side reads, and the other is told anew. */
const story: Schedule = [
  ...[0, 1, 2].flatMap((at) => [online(at), pass(at)]),
  { do: 'write', device: 0, many: 2 } as const,
  { do: 'write', device: 2, many: 1 } as const,
  ...[0, 2, 0, 1].map(pass),
  { do: 'cut', device: 0, how: 'late' } as const,
  { do: 'write', device: 0, many: 1 } as const,
  ...[0, 1, 2].flatMap((at) => [online(at), pass(at)]),
  { do: 'read', device: 2 } as const,
  { do: 'forget-events' } as const,
  { do: 'cut', device: 2, how: 'lost' } as const,
  online(2),
  ...[2, 0, 1].map(pass),
].map((step) => [step, true] as const)

async function livesThrough(begin: (world: World) => void): Promise<void> {
  const world = await createWorld(db, devicesOf)
  begin(world)
  await run(world, story)
  await settle(world)
  for (const at of world.devices) await expectSound(at)
  await heal(world)
  for (const at of world.devices) await expectSound(at)
  await expectExactlyOnce(world)
}

/** What each device counts while nothing goes wrong. */
async function countIn(count: (at: Device) => number): Promise<readonly number[]> {
  const world = await createWorld(db, devicesOf)
  await run(world, story)
  await settle(world)
  return world.devices.map(count)
}

test('PM8.3 a worker that is killed before or after any one of its acts loses no message, and shows none twice', async () => {
  const acts = await countIn((at) => at.points())
  expect(Math.min(...acts)).toBeGreaterThan(10)
  for (const [place, points] of acts.entries())
    for (let point = 1; point <= points; point += 1)
      await livesThrough(({ devices }) => devices[place]?.killAt(point))
}, 600_000)

test('PM8.1 PM8.4 no one transaction that fails, or that is done though it was given up, loses or doubles a message', async () => {
  const transactions = await countIn((at) => at.transactions())
  expect(Math.min(...transactions)).toBeGreaterThan(2)
  for (const [place, all] of transactions.entries())
    for (let one = 1; one <= all; one += 1)
      for (const how of ['before', 'after'] as const)
        await livesThrough(({ devices }) => devices[place]?.failStorageAt(one, how))
}, 600_000)
