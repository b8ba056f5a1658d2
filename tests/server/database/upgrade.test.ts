import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrate } from '../../../server/database/migrate.ts'
import type { Database } from '../../../server/database/tables.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { trySignIn } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { day, fillOlderDatabase, insertRow, openOlderDatabase } from '../support/older-database.ts'
import { ann } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

const textsOf = async (db: Database, query: ReturnType<typeof sql<{ text: string }>>) =>
  (await query.execute(db)).rows.map(({ text }) => text)

test('D1.7 what the version before wrote is there after the upgrade, and means what it meant', async () => {
  const folder = temporaryFolder()
  const older = await openOlderDatabase(folder)
  const now = Date.now()
  await fillOlderDatabase(older, now)
  await migrate(older as Database)
  const db = older as Database
  expect(await textsOf(db, sql`select "userId" || ' ' || "key" as text from "knownDevice"`)).toEqual([
    `ann ${(await keyOf('desk')).thumbprint}`,
  ])
  expect(await textsOf(db, sql`select id as text from user where "deletedAt" is not null`)).toEqual(['gone'])
  for (const emptied of ['failedAttempt', 'rateLimited', 'issuerFlow', 'auditRateLimit', 'firstPassword'])
    expect(await textsOf(db, sql`select 'one' as text from ${sql.table(emptied)}`), emptied).toEqual([])
  await insertRow(db as Kysely<unknown>, 'issuerFlow', { hash: 'x', by: 'y', endedAt: now, succeeded: 1 })
  expect(await textsOf(db, sql`select id || ': ' || why as text from call order by id`)).toEqual([
    'hung up: cancelled',
    'never rang: unreachable',
    'new: no-answer',
    'old: no-answer',
    'rang: no-answer',
  ])
  const young = sql`delete from audit where at > ${now - 29 * day}`.execute(db)
  await expect(young).rejects.toThrow('only ever added to')
  await expect(sql`update audit set what = 'x'`.execute(db)).rejects.toThrow('only ever added to')
  expect(await textsOf(db, sql`pragma foreign_key_check`)).toEqual([])
  expect(await textsOf(db, sql`select integrity_check as text from pragma_integrity_check`)).toEqual(['ok'])
})

test('D1.7 a server goes on where the version before stopped: sessions, sign-ins, mails, calls and what is over', async () => {
  const dataDir = temporaryFolder()
  const older = await openOlderDatabase(dataDir)
  await fillOlderDatabase(older, Date.now())
  await older.destroy()
  const server = await startInProcessServer({ dataDir })
  for (const device of ['desk', 'laptop', 'phone', 'attic']) {
    const connection = await connectDevice(server.url, `token of ${device}`, device)
    await connection.lease()
    connection.close()
  }
  expect((await trySignIn(server, { login: 'ann', password: ann.password, device: 'new' })).status).toBe(200)
  // What waited has left, and whoever asked before the upgrade has their link.
  const mails = await mailsTo(server, ann.email, 2)
  expect(linkIn(mails)).toMatch(/^\/password\/reset\//)
  const db = await server.db()
  server.clock.advance(60_000)
  await expect
    .poll(() => textsOf(db, sql`select id as text from call where "userId" = 'ann'`))
    .toEqual(['new'])
  await expect
    .poll(() => textsOf(db, sql`select call as text from "callLeg" where device = 'desk'`))
    .toEqual(['new'])
  await expect.poll(() => textsOf(db, sql`select id as text from mail where id = 'sent'`)).toEqual([])
  const invited = sql<{ text: string }>`select what as text from audit where what = 'invited'`
  await expect.poll(() => textsOf(db, invited)).toEqual(['invited'])
})
