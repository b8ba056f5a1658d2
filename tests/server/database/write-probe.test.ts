import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { awayTelling } from '../../../server/database/away-telling.ts'
import type { Away } from '../../../server/database/server-away.ts'
import type { Database } from '../../../server/database/tables.ts'
import { createWriteProbe } from '../../../server/database/write-probe.ts'
import { createReachabilityRecord } from '../../../server/presence/reachability-record.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'

/** A write probe of its own on a database, and what it told of. */
function probing(db: Database, together: (db: Database) => Promise<() => void> = async () => () => {}) {
  const clock = testClock()
  const lost: unknown[] = []
  const faults: unknown[] = []
  const told: Away[] = []
  const probe = createWriteProbe({
    db,
    clock,
    together,
    makeRoom: () => false,
    onLost: (fault) => lost.push(fault),
    onAway: (away) => told.push(away),
    onError: (fault) => faults.push(fault),
  })
  return { probe, clock, lost, faults, told }
}

test('D2.2 what a write probe could not commit is written by the next one', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  await sql`create table later (person text references user (id) deferrable initially deferred)`.execute(db)
  const record = createReachabilityRecord(db, Number.POSITIVE_INFINITY)
  let spoilt = true
  const { probe, clock, lost, faults } = probing(db, async (transaction) => {
    const written = await record.flush(transaction)
    // A foreign key that is looked at only by the commit: every statement passes, and the commit fails.
    if (spoilt) await sql`insert into later values ('nobody')`.execute(transaction)
    return written
  })
  const kept = () => db.selectFrom('reachability').selectAll().where('userId', '=', userId).execute()

  record.began(userId, 1_000)
  await probe.tick()
  expect(await kept()).toEqual([])
  expect(faults).toMatchObject([{ errcode: 787 }])
  // What goes along was at fault, and not the database: a call could be written down.
  expect(await probe.isWritable()).toBe(true)

  spoilt = false
  record.ended(userId, 2_000)
  clock.advance(2_000)
  await probe.tick()
  expect(await probe.isWritable()).toBe(true)
  expect(await kept()).toEqual([{ userId, node: '', from: 1_000, until: 2_000 }])
  expect([lost, faults.length]).toEqual([[], 1])
})

test('D2.4 only a storage error counts as lost', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const { probe, clock, lost } = probing(db)
  expect(await probe.isWritable()).toBe(true)
  const strange = sql`insert into reachability values ('nobody', '', 1, null)`
  await expect(probe.guard(() => strange.execute(db))).rejects.toThrow('FOREIGN KEY')
  expect([await probe.isWritable(), lost]).toEqual([true, []])

  await sql`pragma query_only = on`.execute(db)
  await expect(probe.guard(() => strange.execute(db))).rejects.toThrow('readonly')
  expect([await probe.isWritable(), lost.length]).toEqual([false, 1])
  await sql`pragma query_only = off`.execute(db)
  clock.advance(500)
  expect(await probe.isWritable()).toBe(true)
})

test('D2.4 a database in which no write succeeds for whatever reason is lost after 5 s', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const { probe, clock, lost, faults } = probing(db)
  await probe.tick()
  await sql`drop table writeProbe`.execute(db)
  clock.advance(2_000)
  await probe.tick()
  expect([await probe.isWritable(), lost]).toEqual([true, []])
  expect(faults).not.toEqual([])
  clock.advance(3_100)
  expect(await probe.isWritable()).toBe(false)
  clock.advance(100)
  await probe.tick()
  expect(lost).toHaveLength(1)
})

test('D2.4 a write that hangs is lost 5 s after the last that succeeded, and not only when it ends', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const hanging = Promise.withResolvers<void>()
  let hangs = false
  const { probe, clock, lost } = probing(db, async () => {
    if (hangs) await hanging.promise
    return () => {}
  })
  clock.standStill()
  await probe.tick()
  hangs = true
  clock.advance(2_000)
  const hung = probe.tick()
  clock.advance(2_000)
  const again = probe.tick()
  expect(lost).toEqual([])
  clock.advance(1_100)
  const last = probe.tick()
  expect(lost).toHaveLength(1)
  hangs = false
  hanging.resolve()
  await Promise.all([hung, again, last])
  // It was lost meanwhile: only the next one shows that calls can be written down.
  clock.advance(500)
  expect([await probe.isWritable(), lost.length]).toEqual([true, 1])
})

const awayIn = (db: Database) => db.selectFrom('serverAway').select(['from', 'until']).execute()
const lastAt = async (db: Database) =>
  (await db.selectFrom('writeProbe').select('at').executeTakeFirst())?.at ?? 0

test('D2.5 the time before the first write probe, and while none was written, is noted as away', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const first = probing(db)
  await first.probe.tick()
  first.clock.advance(2_000)
  await first.probe.tick()
  expect(await awayIn(db), 'nobody was away').toEqual([])

  const stopped = await lastAt(db)
  const next = probing(db)
  next.clock.advance(60_000)
  await next.probe.tick()
  const started = await lastAt(db)
  expect(await awayIn(db)).toEqual([{ from: stopped, until: started }])

  // The disk is full for a while.
  await sql`pragma query_only = on`.execute(db)
  next.clock.advance(2_000)
  await next.probe.tick()
  await sql`pragma query_only = off`.execute(db)
  next.clock.advance(2_000)
  await next.probe.tick()
  const again = await lastAt(db)
  expect((await awayIn(db)).at(-1)).toEqual({ from: started, until: again })

  // The whole machine sleeps.
  next.clock.advance(3_600_000)
  await next.probe.tick()
  expect((await awayIn(db)).at(-1)).toEqual({ from: again, until: await lastAt(db) })
  expect([first.told, next.told]).toEqual([[], await awayIn(db)])
})

test('D2.5 the log tells of each, in a line a minute at most, with how many were left out', () => {
  const clock = testClock()
  const lines: unknown[] = []
  const tell = awayTelling(clock, { warn: (said: object) => lines.push(said) })
  const away = { from: 1_000, until: 9_000 }
  const line = { from: '1970-01-01T00:00:01.000Z', until: '1970-01-01T00:00:09.000Z' }
  tell(away)
  clock.advance(30_000)
  tell(away)
  tell(away)
  expect(lines).toEqual([line])
  clock.advance(30_000)
  tell(away)
  clock.advance(60_000)
  tell(away)
  expect(lines).toEqual([line, { ...line, before: 2 }, line])
})

test('D2.5 a write refused while a write probe is under way is noted by the next one', async () => {
  const db = await openTestDatabase(temporaryFolder())
  let meanwhile = async () => {}
  const { probe, clock } = probing(db, async () => {
    await meanwhile()
    return () => {}
  })
  await probe.tick()
  const before = await lastAt(db)
  meanwhile = () => {
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    return probe.guard(() => Promise.reject(full)).catch(() => {})
  }
  clock.advance(2_000)
  await probe.tick()
  meanwhile = async () => {}
  expect(await probe.isWritable()).toBe(false)
  clock.advance(500)
  expect(await probe.isWritable()).toBe(true)
  expect((await awayIn(db))[0]?.from).toBeGreaterThan(before)
})
