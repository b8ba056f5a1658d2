import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { audit } from '../../../server/accounts/audit.ts'
import { missedCalls } from '../../../server/calls/missed-calls.ts'
import { noteAway } from '../../../server/database/server-away.ts'
import type { Database } from '../../../server/database/tables.ts'
import { lastWrite } from '../../../server/database/write-probe.ts'
import { enqueueMail } from '../../../server/mail/outbox.ts'
import { purge } from '../../../server/purge.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'

const day = 86_400_000
const kept = { auditKeptFor: 400 * day, callsKeptFor: 400 * day, messagesKeptFor: 400 * day }

const count = async (db: Database, table: 'audit' | 'call' | 'callLeg' | 'mail') =>
  (
    await db
      .selectFrom(table)
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
  ).count

/** Calls that are over since `endedAt`, each with a leg; unseen. */
async function addCalls(db: Database, userId: string, many: number, endedAt: number | null, name = 'c') {
  const state = endedAt === null ? 'waiting' : 'missed'
  await sql`insert into call ("id", "userId", "to", "from", "placedBy", "state", "devices", "at", "endedAt", "room", "why", "appearance", "mailedAt")
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
    select ${name} || i, ${userId}, 'ann', 'Dr Bell', 'k', ${state}, 0, ${(endedAt ?? 1_000) - 1_000}, ${endedAt}, ${name} || i, 'no-answer', null, 1 from n`.execute(
    db,
  )
  await sql`insert into "callLeg" ("call", "device", "state", "askedAt")
    select "id", 'd', 'lost', 1 from call where "id" like ${`${name}%`}`.execute(db)
}

const addEntries = (db: Database, many: number, at: number) =>
  sql`insert into audit ("at", "what", "detail")
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
    select ${at}, 'signed-in', '{}' from n`.execute(db)

test('Y1.10 D3.1 entries, calls with their legs, and mails go when they are as old as is stated, and none before', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  const now = Date.now()
  await addEntries(db, 3, now - 401 * day)
  await addEntries(db, 2, now - 399 * day)
  await addCalls(db, userId, 3, now - 401 * day, 'old')
  await addCalls(db, userId, 2, now - 399 * day, 'new')
  // It is not over, however long ago it was placed.
  await addCalls(db, userId, 1, null, 'waits')
  const mail = { kind: 'known', values: {}, to: ann.email, language: 'en', userId } as const
  for (const ago of [31, 31, 29]) await enqueueMail(db, mail, now - ago * day)
  await db.updateTable('mail').set({ nextAt: null, values: null }).execute()
  // It was never sent.
  await enqueueMail(db, { ...mail, uselessAt: now + day }, now - 40 * day)
  await purge(db, now, kept)
  expect(await count(db, 'audit')).toBe(2)
  const calls = (await db.selectFrom('call').select('id').orderBy('id').execute()).map(({ id }) => id)
  expect(calls).toEqual(['new1', 'new2', 'waits1'])
  expect(await count(db, 'callLeg')).toBe(3)
  expect(await count(db, 'mail')).toBe(2)
  // Unseen as they are, they are told for as long as they are kept.
  expect((await missedCalls(db, userId)).map(({ id }) => id).sort()).toEqual(['new1', 'new2'])
})

test('Y1.1 Y1.10 nothing younger than 30 days leaves the record, whoever asks, and what is refused keeps nothing else', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const now = Date.now()
  await addEntries(db, 1, now - 30 * day + 5_000)
  await addEntries(db, 1, now - 31 * day)
  await sql`insert into "serverAway" ("from", "until") values (1, 2)`.execute(db)
  await expect(sql`delete from audit where "at" > ${now - 30 * day}`.execute(db)).rejects.toThrow('only ever')
  await purge(db, now, { ...kept, auditKeptFor: 30 * day })
  expect(await count(db, 'audit')).toBe(1)
  await expect(purge(db, now, { ...kept, auditKeptFor: 0 })).rejects.toThrow('only ever')
  expect(await count(db, 'audit')).toBe(1)
  expect(await db.selectFrom('serverAway').selectAll().execute()).toEqual([])
})

test('D3.2 much that is over goes 250 rows at a time, and others have their turn in between', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const now = Date.now()
  await addEntries(db, 1_700, now - 500 * day)
  await purge(db, now, kept, { batches: 1 })
  expect(await count(db, 'audit')).toBe(1_450)
  const purging = purge(db, now, kept)
  const seen: number[] = []
  let over = false
  void purging.finally(() => {
    over = true
  })
  while (!over) {
    seen.push(await count(db, 'audit'))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await purging
  expect(seen.filter((left) => left % 250 !== 200 && left !== 0)).toEqual([])
  expect(new Set(seen).size).toBeGreaterThan(3)
  expect(await count(db, 'audit')).toBe(0)
})

test('D3.2 a server that stops does not wait for what is over', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const now = Date.now()
  await addEntries(db, 2_000, now - 500 * day)
  const stopping = new AbortController()
  const purging = purge(db, now, kept, { signal: stopping.signal })
  stopping.abort()
  await purging
  expect(await count(db, 'audit')).toBeGreaterThanOrEqual(1_750)
})

test('D3.3 a clock that leapt forward takes no call and no entry for a day, and is warned of', async () => {
  const warnings: string[] = []
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line).msg) })
  const leaps = () => warnings.filter((message) => message.includes('clock')).length
  const first = await startInProcessServer()
  const [userId = ''] = await settle(first, ann)
  const db = await first.db()
  const { dataDir, clock } = first
  await addCalls(db, userId, 1, clock.wall() - day)
  await addEntries(db, 1, clock.wall() - 40 * day)
  // Written as a server does that runs.
  await expect.poll(() => lastWrite(db)).toBeGreaterThan(clock.wall() - 60_000)
  await first.close()
  const there = async () => [await count(db, 'call'), await count(db, 'audit')]

  clock.setWall(2_000 * day)
  const second = await startInProcessServer({ dataDir, clock, log })
  expect(await there()).toEqual([1, 1])
  await expect.poll(() => lastWrite(db)).toBeGreaterThan(clock.wall() - 60_000)
  await second.close()
  // Started again, as somebody does who wonders what is wrong: it is not forgotten.
  const third = await startInProcessServer({ dataDir, clock, log })
  clock.advance(61_000)
  await expect.poll(() => lastWrite(db)).toBeGreaterThan(clock.wall() - 5_000)
  expect(await there()).toEqual([1, 1])
  expect(leaps()).toBe(2)
  await third.close()

  // Right after all: the day is over, and what is old goes.
  clock.advance(day)
  await startInProcessServer({ dataDir, clock, log })
  expect(await there()).toEqual([0, 0])
  expect(leaps()).toBe(2)
})

test('D3.3 nor one that leapt while the server ran; set right again, nothing is held', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const now = Date.now()
  await addEntries(db, 2, now - 500 * day)
  await noteAway(db, { from: now - 32 * day, until: now - day + 1 })
  expect(await purge(db, now, kept)).toBe(true)
  expect(await count(db, 'audit')).toBe(2)
  // By an hour or a month nothing is doubted, nor by what a clock said that was set back.
  await sql`delete from "serverAway"`.execute(db)
  await noteAway(db, { from: now - 31 * day, until: now })
  await noteAway(db, { from: now, until: now + 400 * day })
  expect(await purge(db, now, kept)).toBe(false)
  expect(await count(db, 'audit')).toBe(0)
})

test('D3.1 a running server drops what is over as its settings say', async () => {
  const first = await startInProcessServer()
  const [userId = ''] = await settle(first, ann)
  const db = await first.db()
  const now = first.clock.wall()
  await addCalls(db, userId, 800, now - 8 * day, 'old')
  await addCalls(db, userId, 1, now - 6 * day, 'new')
  await addEntries(db, 1, now - 46 * day)
  await audit(db, { at: now - 44 * day, what: 'invited' })
  await first.close()
  const env = { CALL_DAYS: '7', AUDIT_DAYS: '45' }
  const server = await startInProcessServer({ dataDir: first.dataDir, clock: first.clock, env })
  // Nobody waits for it at the start: the rest goes a minute later.
  expect(await count(db, 'call')).toBe(551)
  expect(await count(db, 'audit')).toBe(1)
  server.clock.advance(60_000)
  await expect.poll(() => count(db, 'call')).toBe(1)
})
