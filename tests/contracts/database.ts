import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { audit, deleteOldEntries } from '../../server/accounts/audit.ts'
import { createDpopVerifier } from '../../server/accounts/dpop-verifier.ts'
import { beginAttempt } from '../../server/accounts/failed-attempts.ts'
import { activateLink, findLink, makeLink, useLink } from '../../server/accounts/links.ts'
import { listAccounts } from '../../server/accounts/operator-accounts.ts'
import { countRequest } from '../../server/accounts/request-rate-limit.ts'
import { keepSessionEnds } from '../../server/accounts/session-ends.ts'
import { shortenSessions } from '../../server/accounts/session-rows.ts'
import { allLastUntil } from '../../server/accounts/sessions.ts'
import { insertUser } from '../../server/accounts/user-rows.ts'
import { callByKey, endCall, insertCall, readCall, saveCall } from '../../server/calls/call-rows.ts'
import { claimTry } from '../../server/database/claim-try.ts'
import { deleteBatch } from '../../server/database/delete-batch.ts'
import { keptQuery } from '../../server/database/kept-query.ts'
import { isStorageError } from '../../server/database/storage-error.ts'
import type { Database } from '../../server/database/tables.ts'
import { dueMails, enqueueMail, recordDelivery } from '../../server/mail/outbox.ts'
import { newKey, proofOf } from '../server/support/dpop-proofs.ts'
import { testClock } from '../server/support/test-clock.ts'

const day = 86_400_000
const secret = 'a secret of 32 characters or more'

/** What all of them are given back, in order, when they are begun at one moment, by each of the servers in turn. */
const atOnce = <T>(
  servers: readonly Database[],
  many: number,
  what: (db: Database, n: number) => Promise<T>,
) =>
  Promise.all(
    Array.from({ length: many }, (_, n) => {
      const db = servers[n % servers.length]
      if (!db) throw new Error('there is no database')
      return what(db, n)
    }),
  )

const person = (db: Database, name = 'ann') =>
  insertUser(
    db,
    { username: name, name, email: `${name}@clinic.example`, emailVerified: true },
    Date.now(),
  ).then((id) => ({
    id,
    name,
    username: name,
    email: `${name}@clinic.example`,
    picture: null,
    language: null,
  }))

const newCall = (
  callee: Awaited<ReturnType<typeof person>>,
  placedBy: string,
  key: string | null = null,
) => ({
  ...{ callee, to: callee.name, from: 'Dr Bell', placedBy, waitFor: 0, idempotencyKey: key },
})

const insertion = {
  ...{ now: 1_000_000_000_000, deadline: 1_000_000_030_000, owner: 'one' },
  furtherOne: () => 'busy' as const,
} as const

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (fault) => fault,
  )

/**
 * What every database must do.
 *
 * @param open gives a fresh one, as each of some servers has it; those of a server alone are all the same.
 * @param hurried how often what only chance could break is tried.
 */
export function databaseContract(
  open: () => Promise<readonly [Database, ...Database[]]>,
  hurried: number,
): void {
  test('D5.2 of many transactions that look and then write, one wins each, and none reads what another is writing', async () => {
    const servers = await open()
    const places = hurried / 10
    const won = await atOnce(servers, hurried, (db, n) =>
      db.transaction().execute(async (transaction) => {
        const name = `place ${n % places}`
        const row = await transaction
          .selectFrom('bucket')
          .selectAll()
          .where('name', '=', name)
          .executeTakeFirst()
        if (row) return false
        await transaction.insertInto('bucket').values({ name, level: 0, at: n }).execute()
        return true
      }),
    )
    expect(won.filter(Boolean)).toHaveLength(places)
    // Each takes what is there and puts one more: none is lost.
    await atOnce(servers, hurried / 10, (db) =>
      db.transaction().execute(async (transaction) => {
        const { level } = await transaction
          .selectFrom('bucket')
          .select('level')
          .where('name', '=', 'place 0')
          .executeTakeFirstOrThrow()
        await transaction
          .updateTable('bucket')
          .set({ level: level + 1 })
          .where('name', '=', 'place 0')
          .execute()
      }),
    )
    const kept = await servers[0].selectFrom('bucket').select('level').where('name', '=', 'place 0').execute()
    expect(kept).toEqual([{ level: hurried / 10 }])
  })

  test('D5.2 two that each look at what the other writes do not both go on as if they had been alone', async () => {
    const servers = await open()
    // On duty is whoever has a row: the last one may not leave.
    for (let round = 0; round < hurried / 40; round += 1) {
      const names = [`${round} ann`, `${round} ben`]
      await servers[0]
        .insertInto('bucket')
        .values(names.map((name) => ({ name, level: round, at: 0 })))
        .execute()
      const left = await atOnce(servers, 2, (db, n) =>
        db.transaction().execute(async (transaction) => {
          const there = await transaction
            .selectFrom('bucket')
            .select('name')
            .where('name', 'in', names)
            .execute()
          if (there.length < 2) return false
          await transaction
            .deleteFrom('bucket')
            .where('name', '=', names[n] ?? '')
            .execute()
          return true
        }),
      )
      expect(left.filter(Boolean)).toHaveLength(1)
    }
  })

  test('D5.2 a transaction that fails leaves nothing, and the next goes on', async () => {
    const [db] = await open()
    const row = { name: 'x', level: 0, at: 0 }
    const fault = new Error('on purpose')
    const failing = db.transaction().execute(async (transaction) => {
      await transaction.insertInto('bucket').values(row).execute()
      throw fault
    })
    expect(await rejection(failing)).toBe(fault)
    await db.insertInto('bucket').values(row).execute()
    // What breaks a rule breaks it every time: it is told, and is no storage error.
    const twice = await rejection(
      db.transaction().execute((transaction) => transaction.insertInto('bucket').values(row).execute()),
    )
    expect([twice instanceof Error, isStorageError(twice)]).toEqual([true, false])
    expect(await db.selectFrom('bucket').selectAll().execute()).toEqual([row])
  })

  test('D5.4 of the calls to one person that servers write at once five ring, each in a place of its own', async () => {
    const servers = await open()
    const ann = await person(servers[0])
    const written = await atOnce(servers, 40, (db, n) => insertCall(db, newCall(ann, `key ${n}`), insertion))
    const placed = written.flatMap(({ row }) => (row.state === 'placed' ? [row.appearance] : []))
    expect(placed.sort()).toEqual([1, 2, 3, 4, 5])
    expect(written.filter(({ row }) => row.state === 'missed' && row.why === 'busy')).toHaveLength(35)
  })

  test('D5.4 one caller’s key makes one call, however many servers are asked', async () => {
    const servers = await open()
    const ann = await person(servers[0])
    const written = await atOnce(servers, 30, (db) => insertCall(db, newCall(ann, 'a key', 'one'), insertion))
    expect(new Set(written.map(({ row }) => row.id)).size).toBe(1)
    expect(written.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(await callByKey(servers[0], 'a key', 'one')).toEqual(written[0]?.row)
  })

  test('D5.4 a call ends once, whoever ends it and whoever writes how it stands', async () => {
    const servers = await open()
    const ann = await person(servers[0])
    for (let round = 0; round < hurried / 100; round += 1) {
      const { row } = await insertCall(servers[0], newCall(ann, 'a key'), insertion)
      const legs = [
        { call: row.id, device: 'desk', state: 'acknowledged', askedAt: 1, acknowledgedAt: 2 } as const,
      ]
      const saved = await atOnce(servers, 6, async (db, n) => {
        if (n === 0) await saveCall(db, { ...row, state: 'ringing', devices: 1 }, legs, 'one')
        const device = `device ${n}`
        const ended = await endCall(db, row.id, { outcome: 'answered', why: null, device }, 5)
        return { ...ended, device }
      })
      const [won, ...others] = saved.filter(({ written }) => written)
      expect([won?.device, others]).toEqual([expect.any(String), []])
      const kept = await readCall(servers[0], row.id)
      expect(kept).toMatchObject({ state: 'answered', byDevice: won?.device, devices: 0, endedAt: 5 })
      // Nothing that comes later makes it ring again, and nobody else's call is written by this one's driver.
      expect((await saveCall(servers[0], { ...row, state: 'ringing' }, [], 'one'))?.written).toBe(false)
    }
    const { row } = await insertCall(servers[0], newCall(ann, 'a key'), insertion)
    expect((await saveCall(servers[0], { ...row, state: 'ringing' }, [], 'two'))?.written).toBe(false)
  })

  test('D5.4 a mailed link and a proof are good once, at whichever server', async () => {
    const servers = await open()
    const ann = await person(servers[0])
    const now = Date.now()
    const link = await makeLink(servers[0], { kind: 'reset', userId: ann.id, email: ann.email }, now)
    const active = await activateLink(servers[0], secret, link, now)
    expect(await findLink(servers[0], 'reset', active?.token ?? '')).toMatchObject({ id: link })
    const used = await atOnce(servers, 30, (db) => useLink(db, link, now))
    expect(used.filter(Boolean)).toHaveLength(1)

    const clock = testClock()
    const key = await newKey()
    const asked = { path: '/api/x', method: 'GET' }
    const ask = (proof: string) =>
      atOnce(servers, 20, (db) =>
        createDpopVerifier(db, clock, secret, () => ['https://r.example']).verifyRequest(
          proof,
          asked,
          () => 0,
        ),
      )
    const proof = await proofOf(key, { url: 'https://r.example/api/x', method: 'GET' })
    const [stale] = await ask(proof)
    const nonce = stale?.kind === 'stale' ? stale.nonce : undefined
    const kinds = (
      await ask(await proofOf(key, { url: 'https://r.example/api/x', method: 'GET', nonce }))
    ).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'proven')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(19)
  })

  test('D5.4 what is limited is limited together: guesses of a password, and requests', async () => {
    const servers = await open()
    const now = Date.now()
    const guess = (login: string) => ({ kind: 'stranger', login, address: '192.0.2.7' }) as const
    const one: number[] = []
    for (let n = 0; n < 30; n += 1) one.push(await beginAttempt(servers[0], secret, guess('ann'), now))
    await servers[0].deleteFrom('failedAttempt').execute()
    const many = await atOnce(servers, 30, (db) => beginAttempt(db, secret, guess('ann'), now))
    const allowed = (waits: readonly number[]) => waits.filter((wait) => wait === 0).length
    expect(allowed(one)).toBeGreaterThan(0)
    expect(allowed(many)).toBe(allowed(one))

    const limits = [{ key: 'reset for ann', most: 5 }]
    const counted = await atOnce(servers, 40, (db) =>
      db.transaction().execute((transaction) => countRequest(transaction, secret, limits, now)),
    )
    expect(allowed(counted)).toBe(5)
  })

  test('D5.1 Y3.1 the record is only ever added to, whoever asks, until its entries are old', async () => {
    const [db] = await open()
    const now = Date.now()
    const entry = { what: 'invited', from: { address: '192.0.2.7', label: 'Firefox' } } as const
    for (const at of [now - 500 * day, now]) await audit(db, { ...entry, at })
    const refused = [
      await rejection(sql`update audit set what = 'x'`.execute(db)),
      await rejection(sql`delete from audit`.execute(db)),
    ]
    for (const fault of refused)
      expect([String(fault), isStorageError(fault)]).toEqual([
        expect.stringContaining('only ever added to'),
        false,
      ])
    await deleteOldEntries(db, now, 100 * day)
    const left = await db.selectFrom('audit').select(['id', 'at']).execute()
    expect(left).toEqual([{ id: 2, at: now }])
  })

  test('D5.1 D1.8 a call that was missed has a reason, and no more than five ring, whoever writes it', async () => {
    const [db] = await open()
    const ann = await person(db)
    const { row } = await insertCall(db, newCall(ann, 'a key'), insertion)
    const write = (change: object) =>
      rejection(
        db
          .insertInto('call')
          .values({ ...row, id: randomUUID(), room: randomUUID(), ...change })
          .execute(),
      )
    const faults = [
      await write({ state: 'missed', why: null }),
      await write({ appearance: 1 }),
      await write({ appearance: 6 }),
      await write({ userId: 'nobody', appearance: 2 }),
      await rejection(db.updateTable('call').set({ state: 'missed' }).execute()),
    ]
    expect(faults.map((fault) => [fault instanceof Error, isStorageError(fault)])).toEqual(
      faults.map(() => [true, false]),
    )
    expect(String(faults[0])).toContain('a missed call has a reason')
    expect(String(faults[4])).toContain('a missed call has a reason')
  })

  test('D5.1 what is over goes a batch at a time', async () => {
    const [db] = await open()
    const rows = Array.from({ length: 600 }, (_, at) => ({ key: 'x', at }))
    await db.insertInto('rateLimited').values(rows.slice(0, 300)).execute()
    await db.insertInto('rateLimited').values(rows.slice(300)).execute()
    const more: boolean[] = []
    for (let n = 0; n < 3; n += 1) more.push(await deleteBatch(db, 'rateLimited', 'at', 590))
    expect(more).toEqual([true, true, false])
    expect(await db.selectFrom('rateLimited').select('at').orderBy('at').execute()).toEqual(
      rows.slice(590).map(({ at }) => ({ at })),
    )
  })

  test('D5.1 the outbox gives what waits longest, strangers’ mails last, and nothing twice', async () => {
    const [db] = await open()
    const write = (to: string, kind: 'sign-up' | 'known', at: number) =>
      enqueueMail(
        db,
        { to, kind, language: 'en', values: {} } as unknown as Parameters<typeof enqueueMail>[1],
        at,
      )
    await write('stranger', 'sign-up', 1)
    await write('second', 'known', 3)
    await write('first', 'known', 2)
    await write('later', 'known', 10)
    const due = await dueMails(db, [], 5)
    expect(due.map(({ to }) => to)).toEqual(['first', 'second', 'stranger'])
    for (const mail of due.slice(0, 2)) expect(await claimTry(db, 'mail', mail, 20)).toBe(1)
    expect(await recordDelivery(db, due[0]?.id ?? '', { kind: 'sent' }, 1, 5)).toBe(true)
    const again = { kind: 'again', nextAt: 20, why: 'busy' } as const
    expect(await recordDelivery(db, due[1]?.id ?? '', again, 1)).toBe(true)
    // Nobody says what became of a mail that another has by now.
    expect(await recordDelivery(db, due[1]?.id ?? '', { kind: 'sent' }, 0, 5)).toBe(false)
    expect((await dueMails(db, [], 5)).map(({ to }) => to)).toEqual(['stranger'])
  })

  test('D5.3 texts, numbers and truth are what they are in the other database', async () => {
    const [db] = await open()
    const names = ['b', 'A', 'a', 'B', 'ä', '_', 'a b', 'a\0b']
    await db
      .insertInto('bucket')
      .values(names.map((name) => ({ name, level: 0.5, at: 1_764_000_000_123 })))
      .execute()
    const sorted = await db.selectFrom('bucket').select('name').orderBy('name').execute()
    expect(sorted.map(({ name }) => name.replace(/\p{Cc}/u, '?'))).toEqual([
      'A',
      'B',
      '_',
      'a',
      'a?b',
      'a b',
      'b',
      'ä',
    ])
    const one = db.selectFrom('bucket').where('name', '=', 'a')
    expect(await one.select(['level', 'at']).execute()).toEqual([{ level: 0.5, at: 1_764_000_000_123 }])
    const [truth] = await one
      .select((e) => [e('name', '=', 'a').as('yes'), e('name', '=', 'b').as('no')])
      .execute()
    expect(truth).toEqual({ yes: 1, no: 0 })
    const [numbers] = await db
      .selectFrom('bucket')
      .select((e) => [e.fn.countAll().as('count'), e.fn.sum('at').as('sum'), e.fn.max('at').as('max')])
      .execute()
    expect(numbers).toEqual({ count: 8, sum: 8 * 1_764_000_000_123, max: 1_764_000_000_123 })
    expect(await one.select('name').where('name', 'in', []).execute()).toEqual([])
    expect(await one.select('name').where('name', 'not in', []).execute()).toEqual([{ name: 'a' }])
  })

  test('D5.3 sessions are listed, their ends are kept by device, and none lives longer than it may, to the millisecond', async () => {
    const [db] = await open()
    const ann = await person(db)
    const createdAt = '2026-02-27T23:59:59.007Z'
    const rows = { stays: '2026-12-01T00:00:00.000Z', other: '2026-02-28T00:00:00.000Z' }
    for (const [id, expiresAt] of Object.entries(rows)) {
      await db
        .insertInto('session')
        .values({
          ...{ id, token: id, userId: ann.id, createdAt, updatedAt: createdAt, expiresAt },
          ...{ ipAddress: null, userAgent: null },
        })
        .execute()
      await db
        .insertInto('device')
        .values({
          ...{ sessionId: id, userId: ann.id, device: id, endTokenHash: id, key: id, label: '', address: '' },
          ...{ staySignedIn: Number(id === 'stays'), seenAt: 0, tokenToldAt: null },
        })
        .execute()
    }
    const listed = await listAccounts(db)
    expect(listed).toMatchObject([{ email: ann.email, clinic: null, sessions: 2 }])
    // A device is told why its last session ended, and no longer why the one before did.
    for (const why of ['endedInMyAccount', 'passwordChanged'] as const)
      await keepSessionEnds(db, ann.id, { why, at: 1_764_000_000_123 }, { only: 'other' })
    expect(await db.selectFrom('sessionEnd').select(['device', 'why', 'endedAt', 'told']).execute()).toEqual([
      { device: 'other', why: 'passwordChanged', endedAt: 1_764_000_000_123, told: 0 },
    ])
    await shortenSessions(db, { stays: 2 * day, others: day })
    expect(await db.selectFrom('session').select(['id', 'expiresAt']).orderBy('id').execute()).toEqual([
      { id: 'other', expiresAt: rows.other },
      { id: 'stays', expiresAt: '2026-03-01T23:59:59.007Z' },
    ])
    const ends = Date.parse(rows.other)
    expect(await allLastUntil(db, ['other', 'stays'], ends - 1)).toBe(true)
    expect(await allLastUntil(db, ['other', 'stays'], ends)).toBe(false)
    expect(await allLastUntil(db, ['stays'], ends)).toBe(true)
    expect(await allLastUntil(db, ['stays', 'gone'], 0)).toBe(false)
    expect(await allLastUntil(db, [], 0)).toBe(true)
    await db.updateTable('user').set({ disabledAt: 1 }).where('id', '=', ann.id).execute()
    expect(await allLastUntil(db, ['stays'], 0)).toBe(false)
  })

  test('D5.1 D1.1 better-auth finds every table and column that it and its SCIM plugin want', async () => {
    const [db] = await open()
    const ofServer = createRequire(inRoot('server', 'package.json'))
    const { getAuthTables } = ofServer('better-auth/db') as {
      getAuthTables(
        options: unknown,
      ): Record<string, { modelName: string; fields: Record<string, { fieldName?: string }> }>
    }
    const { username } = ofServer('better-auth/plugins/username') as { username(): unknown }
    const { scim } = ofServer('@better-auth/scim') as { scim(options: unknown): unknown }
    const wanted = Object.values(
      getAuthTables({
        plugins: [username(), scim({ connections: [], authentication: { verifyBearerToken: () => null } })],
      }),
    )
    const tables = await db.introspection.getTables()
    const missing = wanted.flatMap(({ modelName, fields }) => {
      const columns = tables.find(({ name }) => name === modelName)?.columns.map(({ name }) => name) ?? []
      return ['id', ...Object.entries(fields).map(([key, { fieldName }]) => fieldName ?? key)]
        .filter((column) => !columns.includes(column))
        .map((column) => `${modelName}.${column}`)
    })
    expect(wanted.length).toBeGreaterThan(8)
    expect(missing).toEqual([])
  })

  test('R4.9 a statement whose text is made once asks with the values of each time', async () => {
    const [db] = await open()
    const [ann, ben] = [await person(db), await person(db, 'ben')]
    let made = 0
    const asks = keptQuery(
      ['id', 'name'],
      (of, { id, name }: { readonly id: string; readonly name: string }) => {
        made += 1
        const isNamed = sql<number>`case when "name" = ${name} then 1 else 0 end`.as('isNamed')
        return of.selectFrom('user').select(['id', isNamed]).where('id', '=', id).limit(1)
      },
    )
    expect(await asks(db, { id: ann.id, name: 'ann' })).toEqual([{ id: ann.id, isNamed: 1 }])
    expect(await asks(db, { name: 'ann', id: ben.id })).toEqual([{ id: ben.id, isNamed: 0 }])
    expect(await asks(db, { id: 'nobody', name: 'ann' })).toEqual([])
    expect(made).toBe(1)
  })
}
