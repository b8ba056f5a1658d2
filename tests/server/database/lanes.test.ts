import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { audit, recordCounted } from '../../../server/accounts/audit.ts'
import { beginAttempt, forgive } from '../../../server/accounts/failed-attempts.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { endCall, insertCall, saveCall } from '../../../server/calls/call-rows.ts'
import { createLines } from '../../../server/database/lines.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { conflictRetries } from '../../../server/database/retry-conflicts.ts'
import { sharedBuckets } from '../../../server/database/shared-buckets.ts'
import type { Database } from '../../../server/database/tables.ts'
import { DatabaseBusy } from '../../../server/database/turns.ts'
import { createWriteProbe } from '../../../server/database/write-probe.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { testClock } from '../support/test-clock.ts'

const secret = 'a secret of 32 characters or more'

async function nodesOf(many: number) {
  const url = await migratedPostgres()
  const nodes = await Promise.all(Array.from({ length: many }, () => openPostgres(url)))
  onTestFinished(async () => {
    await Promise.all(nodes.map((db) => db.destroy()))
  })
  return nodes
}

const person = async (db: Database, name: string) => {
  const email = `${name}@clinic.example`
  const id = await insertUser(db, { username: name, name, email, emailVerified: true }, 1)
  return { id, name, username: name, email, picture: null, language: null }
}

type Person = Awaited<ReturnType<typeof person>>

/** A call from its beginning to its end, as the record has it. */
async function callOnce(db: Database, callee: Person, placedBy: string) {
  const call = { callee, to: callee.name, from: 'Dr Bell', placedBy, waitFor: 0, idempotencyKey: null }
  const { row } = await insertCall(db, call, { now: 1, deadline: 2, owner: 'me', furtherOne: () => 'busy' })
  const leg = { call: row.id, device: 'desk', state: 'acknowledged', askedAt: 1, acknowledgedAt: 2 } as const
  await saveCall(db, { ...row, state: 'ringing', devices: 1 }, [leg], 'me')
  return endCall(db, row.id, { outcome: 'answered', why: null, device: 'desk' }, 3)
}

const nodeRow = (db: Database) =>
  sql`insert into node values ('me', 1, 1, null) on conflict (id) do update set "writtenAt" = node."writtenAt" + 1`
    .execute(db)
    .then(() => () => {})

test('D5.8 strangers by the thousand whose guesses cannot be counted keep no call and no write probe waiting, and those beyond what fits hear of it at once', async () => {
  const [db, other] = await nodesOf(2)
  if (!db || !other) throw new Error('there are no nodes')
  const ann = await person(db, 'ann')
  const clock = testClock()
  const losses: unknown[] = []
  const probe = createWriteProbe({
    ...{ db, clock, together: async () => () => {}, writeNode: nodeRow, makeRoom: () => false },
    ...{ onLost: (error: unknown) => losses.push(error), onError: (error: unknown) => losses.push(error) },
  })
  await Promise.all([callOnce(db, ann, 'before'), probe.tick()])
  await audit(db, { at: 1, what: 'sign-in-refused' })

  const { promise: isKept, resolve: kept } = Promise.withResolvers<void>()
  const { promise: until, resolve: letGo } = Promise.withResolvers<void>()
  const keeping = other.transaction().execute(async (transaction) => {
    await sql`lock table "failedAttempt", "auditRateLimit" in access exclusive mode`.execute(transaction)
    kept()
    await until
  })
  await isKept
  let refused = 0
  const crowd = Array.from({ length: 1_000 }, (_, n) =>
    Promise.allSettled([
      beginAttempt(db, secret, { kind: 'stranger', login: 'ann', address: `192.0.2.${n % 250}` }, n),
      audit(db, { at: n, what: 'sign-in-refused' }),
    ]).then((outcomes) => {
      for (const { status, ...rest } of outcomes)
        if (status === 'rejected' && 'reason' in rest && rest.reason instanceof DatabaseBusy) refused += 1
    }),
  )
  await expect.poll(() => refused).toBeGreaterThan(1_800)

  const buckets = sharedBuckets(db, 'tests', { atOnce: 10, perSecond: 1 })
  const began = performance.now()
  clock.advance(2_000)
  await Promise.all([
    probe.tick(),
    ...Array.from({ length: 5 }, async (_, n) => {
      expect(await buckets.pour(`key ${n}`)).toBe(0)
      expect(await callOnce(db, ann, `key ${n}`)).toMatchObject({ written: true })
    }),
  ])
  // Who waits for a row that is kept waits for 2.5 s.
  expect(performance.now() - began).toBeLessThan(2_400)
  expect([await probe.isWritable(), losses]).toEqual([true, []])
  letGo()
  // PostgreSQL may have ended it by now.
  await keeping.catch(() => {})
  await Promise.all(crowd)
}, 60_000)

test('D5.8 calls to different people undo one another never, and whoever wants the same waits for it', async () => {
  const nodes = await nodesOf(2)
  const [db] = nodes
  if (!db) throw new Error('there is no node')
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => person(db, `person-${n}`)))
  const before = conflictRetries()
  for (let round = 0; round < 3; round += 1)
    await Promise.all(
      people.map(async (callee, n) => {
        const ended = await callOnce(nodes[n % 2] ?? db, callee, `key ${n % 7}`)
        expect(ended).toMatchObject({ written: true })
      }),
    )
  expect(conflictRetries() - before).toBe(0)
})

test('D5.4 J2.6 what strangers make the nodes count is counted exactly, however many come at once', async () => {
  const nodes = await nodesOf(3)
  const [db] = nodes
  if (!db) throw new Error('there is no node')
  const ann = await person(db, 'ann')
  const now = Date.now()
  const eachOf = <T>(many: number, what: (node: Database, n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: many }, (_, n) => what(nodes[n % 3] ?? db, n)))

  await eachOf(90, (node) => audit(node, { at: now, what: 'sign-in-refused', who: ann.id }))
  await recordCounted(db, now, 'all')
  const entries = await db.selectFrom('audit').select(['what', 'detail']).execute()
  expect(entries.filter(({ what }) => what === 'sign-in-refused')).toHaveLength(20)
  expect(
    entries.filter(({ what }) => what === 'and-more').map(({ detail }) => JSON.parse(detail).count),
  ).toEqual([70])

  const triers = (n: number) => ({ kind: 'stranger', login: `login ${n}`, address: '192.0.2.7' }) as const
  expect(await eachOf(18, (node, n) => beginAttempt(node, secret, triers(n), now))).toEqual(Array(18).fill(0))
  await eachOf(18, (node, n) => forgive(node, secret, triers(n), now))
  expect(await db.selectFrom('failedAttempt').selectAll().execute()).toEqual([])
})

test('D4.1 a thousand who pour at once are poured in together, and as many are in as there is room for', async () => {
  const nodes = await nodesOf(2)
  const buckets = nodes.map((db) => sharedBuckets(db, 'tests', { atOnce: 300, perSecond: 0.001 }))
  const waits = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => buckets[n % 2]?.pour('front-desk') ?? Promise.resolve(0)),
  )
  expect(waits.filter((wait) => wait === 0)).toHaveLength(300)
})

test('D5.8 who waits in line has all that they want or nothing, first those who came first', async () => {
  const lines = createLines({ atOnce: 2, mostWaiting: 2 })
  const had: string[] = []
  const take = (who: string, ...names: readonly string[]) => lines.take(names).then(() => had.push(who))
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  await take('first', 'a', 'b')
  const second = take('second', 'a')
  const third = take('third', 'b', 'c')
  // What the third waits for besides is not kept from anybody.
  await take('fourth', 'c')
  const fifth = take('fifth', 'a')
  await expect(take('one too many', 'a')).rejects.toThrow(DatabaseBusy)
  lines.give(['a', 'b'])
  await second
  await settle()
  expect(had).toEqual(['first', 'fourth', 'second'])
  lines.give(['c'])
  await third
  const sixth = take('sixth', 'd')
  await settle()
  expect(had).toEqual(['first', 'fourth', 'second', 'third'])
  lines.give(['a'])
  await fifth
  lines.give(['b', 'c'])
  await sixth
  expect(had).toEqual(['first', 'fourth', 'second', 'third', 'fifth', 'sixth'])
})
