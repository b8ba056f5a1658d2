import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { onTestFinished } from 'vitest'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { migrations } from '../../../server/database/migrate.ts'
import { sqliteDialect } from '../../../server/database/sqlite-dialect.ts'
import { keyOf } from './dpop-proofs.ts'
import { ann } from './people.ts'
import { scryptHash } from './scrypt-hash.ts'

/** What the version before limits and retention knew. */
const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0009'))

/** The tables as the version before limits and retention made them, in a data directory: nothing is in them. */
export async function openOlderDatabase(dataDir: string): Promise<Kysely<unknown>> {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(new DatabaseSync(join(dataDir, 'reachable.db'))) })
  onTestFinished(() => db.destroy())
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => older },
  }).migrateToLatest()
  if (error) throw error
  return db
}

export const day = 86_400_000
const dateOf = (at: number) => new Date(at).toISOString()

/** Puts a row into a table of whatever version. */
export const insertRow = (db: Kysely<unknown>, table: string, row: Readonly<Record<string, unknown>>) =>
  sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((column) => sql.ref(column)))})
    values (${sql.join(Object.values(row))})`.execute(db)

const person = (db: Kysely<unknown>, id: string, more: Readonly<Record<string, unknown>>) =>
  insertRow(db, 'user', {
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
  await insertRow(db, 'session', {
    ...{ id, userId, token: hashOf(`token of ${device}`), expiresAt: dateOf(now + day) },
    ...{ createdAt: dateOf(now - day), updatedAt: dateOf(now - day) },
  })
  const { thumbprint: key } = await keyOf(device)
  await insertRow(db, 'device', {
    ...{ sessionId: id, userId, device, key, endTokenHash: hashOf(`end of ${device}`), staySignedIn: 1 },
    ...{ label: 'Firefox', address: '192.0.2.7', seenAt: now - 5_000 },
  })
  for (const by of signIns)
    await insertRow(db, 'audit', {
      ...{ at: now - day, what: 'signed-in', who: userId, device, address: '192.0.2.7' },
      detail: JSON.stringify({ by, staySignedIn: true }),
    })
}

/** A server of the version before, with something of everything, as it stopped an hour ago. */
export async function fillOlderDatabase(db: Kysely<unknown>, now: number) {
  await person(db, 'ann', { username: 'ann', displayUsername: 'Ann', email: ann.email })
  await person(db, 'ben', { username: 'ben' })
  await person(db, 'gone', { email: 'gone@deleted.invalid', disabledAt: now - day })
  const credential = { createdAt: '', updatedAt: '' }
  await insertRow(db, 'account', {
    ...{ id: 'a', accountId: 'ann', providerId: 'credential', userId: 'ann', password: scryptHash },
    ...credential,
  })
  await insertRow(db, 'account', {
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
    await insertRow(db, 'call', {
      ...{ id, userId: 'ann', to: 'ann', from: 'Dr Bell', placedBy: 'k', state: 'missed', devices: 1 },
      ...{ why: 'no-answer', at, endedAt, room: id, mailedAt: at },
    })
    await insertRow(db, 'callLeg', { call: id, device: 'desk', state: 'lost', askedAt: at })
  }
  for (const [id, state] of [
    ['rang', 'missed'],
    ['never rang', 'missed'],
    ['hung up', 'cancelled'],
  ] as const) {
    await insertRow(db, 'call', {
      ...{ id, userId: 'ben', to: 'ben', from: 'Dr Bell', placedBy: 'k', state, devices: 0 },
      ...{ at: now - 3_600_000, endedAt: now - 3_599_000, room: id, mailedAt: now },
    })
    const acknowledgedAt = id === 'rang' ? now - 3_600_000 : null
    await insertRow(db, 'callLeg', {
      ...{ call: id, device: 'phone', state: 'lost', askedAt: 1 },
      acknowledgedAt,
    })
  }
  const mail = { to: ann.email, language: 'en', userId: 'ann', uselessAt: now + day, tries: 0 }
  const waits = { ...mail, madeAt: now - 3_600_000, nextAt: now - 3_600_000 }
  await insertRow(db, 'mail', { ...waits, id: 'waits', kind: 'known', values: '{}' })
  const asked = JSON.stringify({ login: 'ann', address: '192.0.2.7' })
  await insertRow(db, 'mail', {
    ...waits,
    ...{ id: 'asked', kind: 'reset-asked', to: '', userId: null, values: asked },
  })
  await insertRow(db, 'mail', {
    ...mail,
    id: 'sent',
    kind: 'known',
    madeAt: now - 31 * day,
    sentAt: now - 31 * day,
  })
  for (const at of [now - 500 * day, now - 10 * day])
    await insertRow(db, 'audit', { at, what: 'invited', detail: '{}' })
  await insertRow(db, 'issuerFlow', {
    ...{ hash: 'h', browser: 'b', returnTo: 'https://x.example', state: 's', challenge: 'c' },
    ...{ address: '192.0.2.7', madeAt: now - 3_600_000 },
  })
  await insertRow(db, 'failedAttempt', { key: 'name:ann', failures: 40, lastAt: now - 3_600_000 })
  await insertRow(db, 'rateLimited', { key: 'reset for ann', at: now - 3_600_000 })
  await insertRow(db, 'writeProbe', { id: 1, at: now - 3_600_000 })
}
