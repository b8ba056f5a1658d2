import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { Database } from '../../../server/database/tables.ts'
import { createDatabaseClock } from '../../../server/nodes/database-clock.ts'
import { createNodeRecord, type OtherNode } from '../../../server/nodes/node-record.ts'
import { isDead, nodeTiming, nodeTimingProblems } from '../../../server/nodes/node-timing.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

test('R1.2 the numbers by which nodes believe one another alive fit together, and others are told as wrong', () => {
  expect(nodeTimingProblems(nodeTiming)).toEqual([])
  for (const wrong of [{ deadAfter: 5_000 }, { writesEvery: 4_500 }, { looksEvery: 2_000 }, { goodFor: -1 }])
    expect(nodeTimingProblems({ ...nodeTiming, ...wrong })).not.toEqual([])
})

/** What may happen to a node, to whoever looks at it, and to the database's clock. */
const happenings = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        takes: fc.integer({ min: 0, max: 9_000 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('step' as const), by: fc.integer({ min: -4e6, max: 4e6 }) }),
    },
  ),
  { minLength: 10, maxLength: 120 },
)

test('R1.2 no node is believed dead while it grants leases, however slow its writes are and whoever sets clocks', () => {
  let found = 0
  fc.assert(
    fc.property(happenings, (schedule) => {
      let now = 0
      let step = 0
      let goodUntil = Number.NEGATIVE_INFINITY
      let row: number | undefined
      let seen: { writtenAt: number; since: number } | undefined
      for (const event of schedule)
        if (event.kind === 'pass') now += event.ms
        else if (event.kind === 'step') step += event.by
        else if (event.kind === 'write') {
          // Counted from its beginning, and seen by others from its end.
          const began = now
          now += event.takes
          row = began + step
          goodUntil = began + nodeTiming.goodFor
        } else if (row !== undefined) {
          if (seen?.writtenAt !== row) seen = { writtenAt: row, since: now }
          const dead = isDead({ age: now + step - row, unchangedFor: now - seen.since })
          if (!dead) continue
          found += 1
          expect(now, 'it still grants').toBeGreaterThan(goodUntil + nodeTiming.noticedWithin)
        }
    }),
    { numRuns: 3_000 },
  )
  expect(found, 'some were found dead').toBeGreaterThan(100)
})

test('R1.3 a node tells the time by the database, however its own clock is set, and a slow answer moves nothing', () => {
  const machine = testClock()
  machine.setWall(3_600_000)
  const clock = createDatabaseClock(machine)
  const at = machine.monotonic()
  clock.learn(1_000_000, { from: at, until: at })
  const early = clock.wall()
  expect(Math.abs(early - 1_000_000)).toBeLessThan(1_000)
  clock.learn(1_005_000, { from: at - 10_000, until: at + 10_000 })
  expect(Math.abs(clock.wall() - early)).toBeLessThan(1_000)
  machine.advance(60_000)
  expect(clock.wall() - early).toBeGreaterThanOrEqual(60_000)
})

const databases: [string, () => Promise<Database>][] = [
  ['SQLite', () => openTestDatabase(temporaryFolder())],
  [
    'PostgreSQL',
    async () => {
      const db = await openPostgres(await migratedPostgres(), { connections: 3 })
      onTestFinished(() => db.destroy())
      return db
    },
  ],
]

describe.each(databases)('on %s', (_, open) => {
  test('R1.1 nodes see one another while they write, and one that does not is told as lost once, with its last write', async () => {
    const db = await open()
    const machine = testClock()
    machine.standStill()
    const node = (id: string) =>
      createNodeRecord({ db, clock: createDatabaseClock(machine), log: pino({ level: 'silent' }), id })
    const [one, other] = [node('one'), node('other')]
    const write = async (which: typeof one) =>
      (await db.transaction().execute((transaction) => which.write(transaction)))()
    const lost: OtherNode[] = []
    one.onLost((gone) => void lost.push(gone))
    await one.register()
    await write(one)
    await write(other)
    const look = async (ms: number) => {
      machine.advance(ms)
      await one.tick()
    }
    await look(1_000)
    expect(one.living().map(({ id }) => id)).toEqual(['other'])
    const [{ writtenAt } = { writtenAt: 0 }] = one.living()
    for (let n = 0; n < 7; n += 1) await look(1_000)
    expect(lost).toEqual([])
    await look(1_100)
    expect(lost).toMatchObject([{ id: 'other', writtenAt }])
    expect(one.living()).toEqual([])
    await look(1_000)
    expect(lost).toHaveLength(1)
    // All that was done within a millisecond, and a write of the same one is none.
    await expect.poll(() => Date.now()).toBeGreaterThan(writtenAt)
    await write(other)
    await look(1_000)
    expect(one.living(), 'it was only frozen').toMatchObject([{ id: 'other', draining: false }])
    await other.drain()
    await look(1_000)
    expect(one.living()).toMatchObject([{ id: 'other', draining: true }])
  })

  test('R1.1 what a listener could not put right is told again at the next look', async () => {
    const db = await open()
    const machine = testClock()
    const node = (id: string) =>
      createNodeRecord({ db, clock: createDatabaseClock(machine), log: pino({ level: 'silent' }), id })
    const [one, other] = [node('one'), node('other')]
    ;(await db.transaction().execute((transaction) => other.write(transaction)))()
    let tries = 0
    one.onLost(() => {
      tries += 1
      if (tries === 1) throw new Error('no')
    })
    for (let n = 0; n < 12; n += 1) {
      machine.advance(1_000)
      await one.tick()
    }
    expect(tries).toBe(2)
  })
})
