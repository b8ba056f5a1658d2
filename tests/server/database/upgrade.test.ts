import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { migrate } from '../../../server/database/migrate.ts'
import type { Database } from '../../../server/database/tables.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { trySignIn } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { openOlderDatabase } from '../support/older-database.ts'
import { ann } from '../support/people.ts'
import { scryptHash } from '../support/scrypt-hash.ts'
import { connectDevice } from '../support/websocket-device.ts'

const day = 86_400_000
const dateOf = (at: number) => new Date(at).toISOString()

const insert = (db: Kysely<unknown>, table: string, row: Readonly<Record<string, unknown>>) =>
  sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((column) => sql.ref(column)))})
    values (${sql.join(Object.values(row))})`.execute(db)

const person = (db: Kysely<unknown>, id: string, more: Readonly<Record<string, unknown>>) =>
  insert(db, 'user', {
    ...{ id, name: id, email: `${id}@clinic.example`, emailVerified: 1, createdAt: '', updatedAt: '' },
    ...more,
  })

async function session(
  db: Kysely<unknown>,
  userId: string,
  device: string,
  signIns: readonly ('password' | 'issuer')[],
  now: number,
) {
  const id = `session of ${device}`
  await insert(db, 'session', {
    ...{ id, userId, token: hashOf(`token of ${device}`), expiresAt: dateOf(now + day) },
    ...{ createdAt: dateOf(now - day), updatedAt: dateOf(now - day) },
  })
  const { thumbprint: key } = await keyOf(device)
  await insert(db, 'device', {
    ...{ sessionId: id, userId, device, key, endTokenHash: hashOf(`end of ${device}`), staySignedIn: 1 },
    ...{ label: 'Firefox', address: '192.0.2.7', seenAt: now - 5_000 },
  })
  for (const by of signIns)
    await insert(db, 'audit', {
      ...{ at: now - day, what: 'signed-in', who: userId, device, address: '192.0.2.7' },
      detail: JSON.stringify({ by, staySignedIn: true }),
    })
}

/** A server of the version before, with something of everything, as it stopped an hour ago. */
async function fill(db: Kysely<unknown>, now: number) {
  await person(db, 'ann', { username: 'ann', displayUsername: 'Ann', email: ann.email })
  await person(db, 'ben', { username: 'ben' })
  await person(db, 'gone', { email: 'gone@deleted.invalid', disabledAt: now - day })
  const credential = { createdAt: '', updatedAt: '' }
  await insert(db, 'account', {
    ...{ id: 'a', accountId: 'ann', providerId: 'credential', userId: 'ann', password: scryptHash },
    ...credential,
  })
  await insert(db, 'account', {
    ...{ id: 'b', accountId: 'sub-1', providerId: 'https://issuer.example', userId: 'ben' },
    ...credential,
  })
  await session(db, 'ann', 'desk', ['issuer', 'password'], now)
  await session(db, 'ann', 'laptop', ['password', 'issuer'], now)
  await session(db, 'ben', 'phone', ['issuer'], now)
  // Of before sign-ins were on record.
  await session(db, 'ann', 'attic', [], now)
  for (const [id, at, endedAt] of [
    ['old', now - 500 * day, now - 500 * day],
    ['new', now - 3_600_000, now - 3_599_000],
  ] as const) {
    await insert(db, 'call', {
      ...{ id, userId: 'ann', to: 'ann', from: 'Dr Bell', placedBy: 'k', state: 'missed', devices: 1 },
      ...{ why: 'no-answer', at, endedAt, room: id, mailedAt: at },
    })
    await insert(db, 'callLeg', { call: id, device: 'desk', state: 'lost', askedAt: at })
  }
  for (const [id, state] of [
    ['rang', 'missed'],
    ['never rang', 'missed'],
    ['hung up', 'cancelled'],
  ] as const) {
    await insert(db, 'call', {
      ...{ id, userId: 'ben', to: 'ben', from: 'Dr Bell', placedBy: 'k', state, devices: 0 },
      ...{ at: now - 3_600_000, endedAt: now - 3_599_000, room: id, mailedAt: now },
    })
    const acknowledgedAt = id === 'rang' ? now - 3_600_000 : null
    await insert(db, 'callLeg', {
      ...{ call: id, device: 'phone', state: 'lost', askedAt: 1 },
      acknowledgedAt,
    })
  }
  const mail = { to: ann.email, language: 'en', userId: 'ann', uselessAt: now + day, tries: 0 }
  const waits = { ...mail, madeAt: now - 3_600_000, nextAt: now - 3_600_000 }
  await insert(db, 'mail', { ...waits, id: 'waits', kind: 'known', values: '{}' })
  const asked = JSON.stringify({ login: 'ann', address: '192.0.2.7' })
  await insert(db, 'mail', {
    ...waits,
    ...{ id: 'asked', kind: 'reset-asked', to: '', userId: null, values: asked },
  })
  await insert(db, 'mail', {
    ...mail,
    id: 'sent',
    kind: 'known',
    madeAt: now - 31 * day,
    sentAt: now - 31 * day,
  })
  for (const at of [now - 500 * day, now - 10 * day])
    await insert(db, 'audit', { at, what: 'invited', detail: '{}' })
  await insert(db, 'issuerFlow', {
    ...{ hash: 'h', browser: 'b', returnTo: 'https://x.example', state: 's', challenge: 'c' },
    ...{ address: '192.0.2.7', madeAt: now - 3_600_000 },
  })
  await insert(db, 'failedAttempt', { key: 'name:ann', failures: 40, lastAt: now - 3_600_000 })
  await insert(db, 'rateLimited', { key: 'reset for ann', at: now - 3_600_000 })
  await insert(db, 'writeProbe', { id: 1, at: now - 3_600_000 })
}

const textsOf = async (db: Database, query: ReturnType<typeof sql<{ text: string }>>) =>
  (await query.execute(db)).rows.map(({ text }) => text)

test('D1.7 what the version before wrote is there after the upgrade, and means what it meant', async () => {
  const folder = temporaryFolder()
  const older = await openOlderDatabase(folder)
  const now = Date.now()
  await fill(older, now)
  await migrate(older as Database)
  const db = older as Database
  expect(await textsOf(db, sql`select "userId" || ' ' || "key" as text from "knownDevice"`)).toEqual([
    `ann ${(await keyOf('desk')).thumbprint}`,
  ])
  expect(await textsOf(db, sql`select id as text from user where "deletedAt" is not null`)).toEqual(['gone'])
  for (const emptied of ['failedAttempt', 'rateLimited', 'issuerFlow', 'auditRateLimit', 'firstPassword'])
    expect(await textsOf(db, sql`select 'one' as text from ${sql.table(emptied)}`), emptied).toEqual([])
  await insert(db as Kysely<unknown>, 'issuerFlow', { hash: 'x', by: 'y', endedAt: now, succeeded: 1 })
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
  await fill(older, Date.now())
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
