import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../server/database/open-database.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { deleteEmptyBuckets, ownBuckets, sharedBuckets } from '../../../server/database/shared-buckets.ts'
import type { Database } from '../../../server/database/tables.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ending = (db: Database) => {
  onTestFinished(() => db.destroy())
  return db
}

const databases = {
  SQLite: async () => ending(await openDatabase(join(temporaryFolder(), 'reachable.db'))),
  PostgreSQL: async () => ending(await openPostgres(await migratedPostgres())),
}

describe.each(Object.entries(databases))('%s', (_, open) => {
  test('D4.1 a bucket takes as much at once as it should, whoever pours, and says how long to wait', async () => {
    const db = await open()
    const size = { atOnce: 5, perSecond: 0.01 }
    const one = sharedBuckets(db, 'tests', size)
    const two = sharedBuckets(db, 'tests', size)
    const other = sharedBuckets(db, 'others', size)
    const waits = await Promise.all(
      Array.from({ length: 12 }, (_each, n) => (n % 2 ? one : two).pour('front-desk')),
    )
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5)
    for (const wait of waits.filter((each) => each > 0)) {
      expect(wait).toBeGreaterThan(90_000)
      expect(wait).toBeLessThanOrEqual(100_000)
    }
    expect(await one.pour('another')).toBe(0)
    expect(await other.pour('front-desk')).toBe(0)
    await two.takeBack('front-desk')
    expect(await one.pour('front-desk')).toBe(0)
    expect(await one.pour('front-desk')).toBeGreaterThan(0)
  })

  test('D4.1 a bucket runs out, and after the wait that it named there is room', async () => {
    const buckets = sharedBuckets(await open(), 'tests', { atOnce: 1, perSecond: 4 })
    expect(await buckets.pour('x')).toBe(0)
    const wait = await buckets.pour('x')
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(250)
    await expect.poll(() => buckets.pour('x'), { interval: wait }).toBe(0)
  })

  test('D4.1 a full bucket runs out though the clock was set back by an hour', async () => {
    const db = await open()
    const buckets = sharedBuckets(db, 'tests', { atOnce: 1, perSecond: 4 })
    expect(await buckets.pour('x')).toBe(0)
    // As one that was poured into before the clock was set back.
    await db
      .updateTable('bucket')
      .set({ at: Date.now() + 3_600_000 })
      .execute()
    expect(await buckets.pour('x')).toBeGreaterThan(0)
    await expect.poll(() => buckets.pour('x'), { timeout: 3_000 }).toBe(0)
  })

  test('D4.2 buckets that are long empty are dropped, and no other', async () => {
    const db = await open()
    const buckets = sharedBuckets(db, 'tests', { atOnce: 1, perSecond: 1 })
    await buckets.pour('old')
    await db
      .updateTable('bucket')
      .set({ at: Date.now() - 3_700_000 })
      .execute()
    await buckets.pour('new')
    await deleteEmptyBuckets(db, Date.now())
    expect(await db.selectFrom('bucket').select('name').execute()).toEqual([{ name: 'tests new' }])
  })
})

test('D4.1 a server alone counts in memory, by the same rule', async () => {
  let now = 0
  const buckets = ownBuckets({ atOnce: 2, perSecond: 1 }, () => now)
  expect([await buckets.pour('x'), await buckets.pour('x'), await buckets.pour('x')]).toEqual([0, 0, 1_000])
  await buckets.takeBack('x')
  expect(await buckets.pour('x')).toBe(0)
  now = 1_000
  expect(await buckets.pour('x')).toBe(0)
})
