import fc from 'fast-check'
import { expect, test } from 'vitest'
import { audit, recordCounted } from '../../../server/accounts/audit.ts'
import {
  afterTelling,
  deleteIdleCounts,
  type EntryCount,
  firstWait,
  limitEntry,
  longestWait,
  personLimit,
  strangersLimit,
} from '../../../server/accounts/audit-rate-limit.ts'
import { post, trySignIn } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer, type TestServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, settle } from '../support/people.ts'

const recordOf = async (server: TestServer) =>
  (await (await server.db()).selectFrom('audit').selectAll().orderBy('id').execute()).map((row) => ({
    what: row.what,
    who: row.who,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  }))

const addressOf = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`

/** Proofs that are none, each from an address of its own. */
async function flood(server: InProcessServer, count: number, first = 0) {
  for (let n = first; n < first + count; n += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, first + count - n) }, (_, i) =>
        post(server, '/api/session', {}, { dpop: 'none', 'x-forwarded-for': addressOf(n + i) }),
      ),
    )
}

test('Y1.9 whatever strangers do, so many entries are written, and the others are counted to the last', () => {
  const policy = fc.constantFrom(strangersLimit, personLimit, { atOnce: 3, perSecond: 1 })
  const step = fc.record({
    ms: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(4_000_000), fc.integer({ min: -4_000_000, max: 0 })),
    tell: fc.boolean(),
  })
  fc.assert(
    fc.property(policy, fc.array(step, { maxLength: 400 }), (limit, steps) => {
      let state: EntryCount | undefined
      let now = 1_000_000_000_000
      let forward = 0
      let written = 0
      let told = 0
      for (const { ms, tell } of steps) {
        now += ms
        forward += Math.max(0, ms)
        if (tell && state && state.more > 0) {
          told += state.more
          state = afterTelling(state)
        }
        const next = limitEntry(state, limit, now)
        state = next.count
        if (next.isRecorded) written += 1
        else expect(state.dueAt).not.toBeNull()
        expect(state.wait).toBeGreaterThanOrEqual(firstWait)
        expect(state.wait).toBeLessThanOrEqual(longestWait)
      }
      expect(written + told + (state?.more ?? 0)).toBe(steps.length)
      expect(written).toBeLessThanOrEqual(limit.atOnce + (forward / 1_000) * limit.perSecond + 1e-6)
      if (steps.length <= limit.atOnce) expect(written).toBe(steps.length)
    }),
    { numRuns: 1_000 },
  )
})

test('Y1.9 strangers from many addresses write a hundred entries, and how many more there were is told', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await flood(server, 250)
  expect(await recordOf(server)).toHaveLength(100)
  server.clock.advance(45_000)
  await flood(server, 10, 250)
  // Two have had room meanwhile.
  expect((await recordOf(server)).map(({ what }) => what)).toEqual(Array(102).fill('proof-refused'))
  server.clock.advance(16_000)
  await expect
    .poll(async () => (await recordOf(server)).slice(102))
    .toEqual([
      {
        what: 'and-more',
        who: null,
        detail: { what: 'proof-refused', count: 158, since: expect.stringMatching(/^\d{4}-.*Z$/) },
      },
    ])
  // Told again after two minutes, should it go on.
  await flood(server, 60, 300)
  server.clock.advance(61_000)
  await flood(server, 1, 400)
  const told = async () => (await recordOf(server)).filter(({ what }) => what === 'and-more')
  expect(await told()).toHaveLength(1)
  server.clock.advance(60_000)
  await expect.poll(told).toHaveLength(2)
})

test('Y1.9 what is held back of an address that sends too many is in the count, however many there are', async () => {
  const server = await startInProcessServer()
  // What is held back is written after a while, of which a busy machine may take as much to send it.
  server.clock.standStill()
  const many = async (count: number, send: () => Promise<unknown>) => {
    for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, send))
  }
  await many(400, () => post(server, '/api/session', {}, { dpop: 'none' }))
  await many(150, () => post(server, '/api/calls', {}, { authorization: 'Bearer none' }))
  await many(100, () => post(server, '/scim/v2/Users', {}, { authorization: 'Bearer none' }))
  const counts = async () => {
    const record = await recordOf(server)
    return ['proof-refused', 'api-key-refused', 'provisioning-refused'].map((kind) => ({
      written: record.filter(({ what }) => what === kind).length,
      more: record
        .filter(({ what, detail }) => what === 'and-more' && detail.what === kind)
        .reduce((sum, { detail }) => sum + Number(detail.count), 0),
    }))
  }
  expect((await counts()).map(({ written }) => written)).toEqual([20, 20, 0])
  // What they are counted by costs no write of its own.
  expect(await (await server.db()).selectFrom('auditRateLimit').select('more').execute()).not.toContainEqual({
    more: 380,
  })
  server.clock.advance(5_000)
  server.clock.advance(61_000)
  await expect.poll(counts, { timeout: 5_000 }).toEqual([
    { written: 20, more: 380 },
    { written: 20, more: 130 },
    { written: 0, more: 100 },
  ])
})

test('Y1.9 the count is told when the server stops, and after one that was killed by the next', async () => {
  const env = { TRUST_PROXY: '1' }
  const first = await startInProcessServer({ env })
  await flood(first, 130)
  const { dataDir, clock } = first
  await first.close()
  const second = await startInProcessServer({ dataDir, clock, env })
  const counts = async (server: TestServer) =>
    (await recordOf(server)).filter(({ what }) => what === 'and-more').map(({ detail }) => detail.count)
  expect(await counts(second)).toEqual([30])
  const db = await second.db()
  await flood(second, 5, 200)
  await second.close()
  // As one that is killed leaves it.
  await db.updateTable('auditRateLimit').set({ more: 7, since: clock.wall(), dueAt: clock.wall() }).execute()
  expect(await counts(await startInProcessServer({ dataDir, clock, env }))).toEqual([30, 5, 7])
})

test('Y1.9 in such a flood all else is on record: other kinds, known people, and what is done with a right', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  const [annId, benId] = await addPeople(server.dataDir, ann, ben)
  await flood(server, 150)
  await trySignIn(server, { login: 'nobody', password: 'x' })
  await trySignIn(server, { login: 'ann', password: 'Wrong-horse-7' })
  await trySignIn(server, { login: 'ann', password: ann.password })
  await trySignIn(server, { login: ben.email, password: 'Wrong-horse-7' })
  expect((await recordOf(server)).slice(100).map(({ what, who }) => [what, who])).toEqual([
    ['sign-in-refused', null],
    ['sign-in-refused', annId],
    ['signed-in', annId],
    ['sign-in-refused', benId],
  ])
})

test('Y1.9 strangers who know a name write twenty entries about that person, and none about another', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await settle(server, ann, ben)
  const db = await server.db()
  const at = server.clock.wall()
  const refusal = (who: string, n: number) =>
    audit(db, {
      at: at + n,
      what: 'sign-in-refused',
      who,
      from: { address: addressOf(n), label: 'x' },
      detail: { why: 'wrong-credentials' },
    })
  // At once, each in a transaction of its own.
  await Promise.all(Array.from({ length: 60 }, (_, n) => refusal(annId, n)))
  await refusal(benId, 0)
  const about = async (id: string) => (await recordOf(server)).filter(({ who }) => who === id)
  expect(await about(annId)).toHaveLength(20)
  expect(await about(benId)).toHaveLength(1)
  await recordCounted(db, at + 61_000, 'due')
  expect((await about(annId)).at(-1)).toMatchObject({
    what: 'and-more',
    detail: { what: 'sign-in-refused', count: 40 },
  })
  const counts = await db.selectFrom('auditRateLimit').select('key').execute()
  expect(counts).toHaveLength(2)
  await deleteIdleCounts(db, at + 25 * 3_600_000)
  expect(await db.selectFrom('auditRateLimit').select('key').execute()).toEqual([])
})

test('Y1.6 no refusal is counted whose cause is undone', async () => {
  const server = await startInProcessServer()
  const db = await server.db()
  const at = server.clock.wall()
  for (let n = 0; n < 120; n += 1) await audit(db, { at, what: 'provisioning-refused' })
  const undone = db.transaction().execute(async (transaction) => {
    await audit(transaction, { at, what: 'provisioning-refused' })
    throw new Error('on purpose')
  })
  await expect(undone).rejects.toThrow('on purpose')
  expect(await db.selectFrom('auditRateLimit').select(['what', 'more']).execute()).toEqual([
    { what: 'provisioning-refused', more: 20 },
  ])
})
