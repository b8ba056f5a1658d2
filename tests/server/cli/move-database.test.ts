import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { systemClock } from '../../../server/clock.ts'
import { readConfig } from '../../../server/config.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { Database } from '../../../server/database/tables.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startService } from '../../../server/service.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { natsSettings } from '../../support/nodes/nats-bus-end.ts'
import { testPostgres } from '../../support/nodes/postgres.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { post, trySignIn } from '../support/api-client.ts'
import { startInProcessServer, type TestServer } from '../support/in-process-server.ts'
import { fillOlderDatabase, openOlderDatabase } from '../support/older-database.ts'
import { addPeople, ann, ben, sessionOf } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

const move = (dataDir: string, databaseUrl: string, ...options: string[]) =>
  runCommand({ dataDir, env: { DATABASE_URL: databaseUrl } }, 'move-database', ...options)

/** Each table with its number of rows, as the command prints them. */
const countsIn = (out: string) =>
  Object.fromEntries([...out.matchAll(/^(\w+) +(\d+)$/gm)].map(([, table, rows]) => [table, Number(rows)]))

/** How many tables somebody has made there. */
async function tablesAt(databaseUrl: string): Promise<number> {
  const db = await openPostgres(databaseUrl, { bringUpToDate: async () => {} })
  const { rows } = await sql`select 1 from pg_tables where schemaname = current_schema()`.execute(db)
  await db.destroy()
  return rows.length
}

async function openMoved(databaseUrl: string): Promise<Database> {
  const db = await openPostgres(databaseUrl)
  onTestFinished(() => db.destroy())
  return db
}

/** The first node of a service, on what was moved. */
async function startNodeOn(databaseUrl: string, secret: string): Promise<TestServer> {
  const [nats, dataDir] = [await startNats(), temporaryFolder()]
  const config = readConfig({
    ...{ PORT: '0', DATA_DIR: dataDir, DATABASE_URL: databaseUrl, AUTH_SECRET: secret },
    ...{ PUBLIC_URL: 'https://reachable.example', ...natsSettings(nats) },
  })
  const service = await startService(config, { log: pino({ level: 'silent' }) })
  onTestFinished(() => service.close())
  const operator = readOperatorFile(join(dataDir, 'operator.json'))
  return {
    url: operator?.url ?? '',
    operatorKey: operator?.key ?? '',
    dataDir,
    clock: systemClock,
    db: () => openMoved(databaseUrl),
  }
}

/** All rows of a table in both databases, of which each column means the same. */
async function rowsOf(dataDir: string, moved: Database, table: string) {
  const alone = new DatabaseSync(join(dataDir, 'reachable.db'), { readOnly: true })
  const before = alone.prepare(`select * from "${table}"`).all()
  alone.close()
  const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(moved)
  const sorted = (all: readonly object[]) =>
    all.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()
  return [sorted(before), sorted(rows)]
}

test('S6.19 what a server alone kept is moved whole, and a node goes on with it: sessions, passwords, keys, missed calls', async () => {
  const alone = await startInProcessServer()
  await addPeople(alone.dataDir, ann, ben)
  const token = await sessionOf(alone, ann, 'desk')
  const device = await connectDevice(alone.url, token, 'desk')
  await device.lease()
  const db = await alone.db()
  const key = (await createApiKey(db, 'Front desk', Date.now(), 'calls')) ?? ''
  const placing = post(alone, '/api/calls', { to: 'ann' }, { authorization: `Bearer ${key}` })
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  await post(alone, `/api/calls/${call.id}/cancel`, {}, { authorization: `Bearer ${key}` })
  await device.next('over')
  expect((await trySignIn(alone, { login: 'ben.b-1', password: 'wrong', device: 'x' })).status).toBe(401)
  // The last key that was given is of an entry that is gone.
  const old = { at: 0, what: 'invited', who: null, device: null, address: null, detail: '{}' } as const
  const { id: last } = await db.insertInto('audit').values(old).returning('id').executeTakeFirstOrThrow()
  await db.deleteFrom('audit').where('id', '=', last).execute()
  await alone.close()

  const databaseUrl = await testPostgres()
  const tried = await move(alone.dataDir, databaseUrl, '--dry-run')
  expect(tried).toMatchObject({ code: 0, err: '' })
  expect(tried.out).toContain('Nothing was changed.')
  expect(await tablesAt(databaseUrl)).toBe(0)

  const moved = await move(alone.dataDir, databaseUrl)
  expect(moved).toMatchObject({ code: 0, err: '' })
  expect(countsIn(moved.out)).toEqual(countsIn(tried.out))
  expect(countsIn(moved.out)).toMatchObject({
    user: 2,
    session: 1,
    device: 1,
    apiKey: 1,
    call: 1,
    callLeg: 1,
  })
  const file = join(alone.dataDir, 'secret')
  expect(moved.out).toContain(`as AUTH_SECRET what stands in ${file}`)
  const target = await openMoved(databaseUrl)
  for (const table of Object.keys(countsIn(moved.out)).filter((name) => name !== 'all')) {
    const [before, after] = await rowsOf(alone.dataDir, target, table)
    expect(after, table).toEqual(before)
  }
  await expect(sql`update audit set what = 'x'`.execute(target)).rejects.toThrow('only ever added to')

  const node = await startNodeOn(databaseUrl, readFileSync(file, 'utf8').trim())
  const back = await connectDevice(node.url, token, 'desk')
  expect(back.welcome.missed.map(({ id }) => id)).toEqual([call.id])
  await back.lease()
  const again = post(node, '/api/calls', { to: 'ann' }, { authorization: `Bearer ${key}` })
  const ring = await back.next('ring')
  back.send({ type: 'rings', call: ring.call.id })
  expect((await again).status).toBe(201)
  expect((await trySignIn(node, { login: 'ben.b-1', password: ben.password, device: 'x' })).status).toBe(200)
  const [entry] = await target.selectFrom('audit').select('id').orderBy('id', 'desc').limit(1).execute()
  expect(entry?.id).toBeGreaterThan(last)
}, 60_000)

test('S6.19 a database of an older version is moved as this one, and is left as it was', async () => {
  const dataDir = temporaryFolder()
  const older = await openOlderDatabase(dataDir)
  await fillOlderDatabase(older, Date.now())
  // More than go in one statement, and one that is longer than many together.
  await sql`insert into audit (at, what, detail) with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
    select ${Date.now()}, 'invited', '{}' from n`.execute(older)
  const long = JSON.stringify({ note: 'ö'.repeat(1_200_000) })
  await sql`insert into audit (at, what, detail) values (${Date.now()}, 'invited', ${long})`.execute(older)
  await older.destroy()
  const digest = () =>
    createHash('sha256')
      .update(readFileSync(join(dataDir, 'reachable.db')))
      .digest('hex')
  const before = digest()
  const databaseUrl = await testPostgres()
  const tried = await move(dataDir, databaseUrl, '--dry-run')
  expect(tried).toMatchObject({ code: 0, err: '' })
  const moved = await move(dataDir, databaseUrl)
  expect(moved).toMatchObject({ code: 0, err: '' })
  expect(countsIn(moved.out)).toEqual(countsIn(tried.out))
  expect(countsIn(moved.out)).toMatchObject({
    user: 3,
    session: 4,
    call: 5,
    callLeg: 5,
    knownDevice: 1,
    audit: 2_508,
  })
  expect(moved.out).toContain('the AUTH_SECRET that the server had')
  expect(moved.out).toContain('2 mails wait and leave by the nodes')
  expect(digest()).toBe(before)
  const target = await openMoved(databaseUrl)
  const longest = sql<{ detail: string }>`select detail from audit order by length(detail) desc limit 1`
  expect((await longest.execute(target)).rows).toEqual([{ detail: long }])
  expect(readdirSync(dataDir).filter((name) => name.startsWith('moving'))).toEqual([])
  const node = await startNodeOn(databaseUrl, 's'.repeat(32))
  for (const name of ['desk', 'phone'])
    await (await connectDevice(node.url, `token of ${name}`, name)).lease()
}, 60_000)

test('S6.20 nothing is moved from beneath a server, or to where anything is; a dry run says so, and changes nothing', async () => {
  const alone = await startInProcessServer()
  await addPeople(alone.dataDir, ann)
  const databaseUrl = await testPostgres()
  const beneath = await move(alone.dataDir, databaseUrl)
  expect(beneath).toMatchObject({ code: 1, out: '' })
  expect(beneath.err).toMatch(
    /^A server is running with the data in .+: stop it before the move\. Nothing was copied\.$/,
  )
  const tried = await move(alone.dataDir, databaseUrl, '--dry-run')
  expect([tried.code, countsIn(tried.out).user]).toEqual([0, 1])
  expect(tried.out).toMatch(
    /All of it would be copied: .+\nA server is running with the data in .+: stop it before the move\. /,
  )
  expect(await tablesAt(databaseUrl)).toBe(0)
  await alone.close()

  expect((await move(alone.dataDir, databaseUrl)).code).toBe(0)
  const target = await openMoved(databaseUrl)
  const count = () => target.selectFrom('user').select('id').execute()
  for (const options of [[], ['--dry-run']]) {
    const again = await move(alone.dataDir, databaseUrl, ...options)
    expect(again.code).toBe(1)
    expect(again.out + again.err).toContain('The database in DATABASE_URL is not empty. The table ')
  }
  expect(await count()).toHaveLength(1)
}, 60_000)

test('S6.20 a row that PostgreSQL does not take undoes all, and its table is named', async () => {
  const alone = await startInProcessServer()
  await addPeople(alone.dataDir, ann)
  await alone.close()
  const file = new DatabaseSync(join(alone.dataDir, 'reachable.db'))
  file.exec('update "writeProbe" set at = 1.5')
  file.close()
  const databaseUrl = await testPostgres()
  for (const options of [['--dry-run'], []]) {
    const refused = await move(alone.dataDir, databaseUrl, ...options)
    expect(refused.code).toBe(1)
    expect(refused.out + refused.err).toContain('PostgreSQL takes a row of the table writeProbe not')
    expect(await tablesAt(databaseUrl)).toBe(0)
  }
}, 60_000)

test('S6.20 what is missing is said in one sentence, and no password in it', async () => {
  const dataDir = temporaryFolder()
  const nowhere = await runCommand({ dataDir }, 'move-database')
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringMatching(/^Set DATABASE_URL to .+\.$/) })
  const url = 'postgres://reachable:hush@127.0.0.1:1/reachable'
  expect(await move(dataDir, url)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^There is no database in /),
  })
  expect(readdirSync(dataDir)).toEqual([])
  const alone = await startInProcessServer()
  await alone.close()
  for (const wrong of [url, 'mysql://reachable:hush@db.example/reachable']) {
    const refused = await move(alone.dataDir, wrong)
    expect([refused.code, refused.err.split('\n').length]).toEqual([2, 1])
    expect(refused.err).not.toContain('hush')
  }
})
