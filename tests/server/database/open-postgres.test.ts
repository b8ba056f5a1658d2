import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { isBusyError } from '../../../server/database/busy-error.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { isStorageError } from '../../../server/database/storage-error.ts'
import type { Database } from '../../../server/database/tables.ts'
import { StartupError } from '../../../server/startup-error.ts'
import { startPostgres, startStandby, testPostgres } from '../../support/nodes/postgres.ts'
import { createPostgres } from '../../support/nodes/postgres-cluster.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'

async function open(url: string, connections?: number): Promise<Database> {
  const db = await openPostgres(url, { ...(connections && { connections }) })
  onTestFinished(() => db.destroy())
  return db
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (fault) => fault,
  )

const write = (db: Database, name = 'x') =>
  db
    .insertInto('bucket')
    .values({ name, level: 1, at: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ level: 2 }))
    .execute()

/** Of each table its columns, by what they hold and whether they may be empty, and what its indexes are on. */
async function shapeOf(db: Database) {
  const tables = await db.introspection.getTables()
  const kind = (type: string) => {
    if (/int/i.test(type)) return 'integer'
    return /real|float|double/i.test(type) ? 'real' : 'text'
  }
  return Object.fromEntries(
    tables
      .map(({ name, columns }): [string, string[]] => [
        name,
        columns
          .map((column) => `${column.name} ${kind(column.dataType)}${column.isNullable ? '' : ' not null'}`)
          .sort(),
      ])
      .sort(),
  )
}

const squeezed = (text: string) => text.toLowerCase().replaceAll(/::\w+|["()\s]|array|\[|\]/g, '')

test('D5.9 a statement that is asked again and again is prepared, and goes on when a newer server adds a column', async () => {
  const db = await open(await testPostgres(), 2)
  const names = async () => {
    const asked = Array.from({ length: 8 }, () => db.selectFrom('bucket').selectAll().execute())
    return (await Promise.all(asked)).length
  }
  await write(db)
  for (let n = 0; n < 3; n += 1) await names()
  const prepared = sql<{ statement: string }>`select statement from pg_prepared_statements`
  expect((await prepared.execute(db)).rows.map(({ statement }) => statement)).toContain(
    'select * from "bucket"',
  )

  await sql`alter table bucket add column later bigint`.execute(db)
  await expect(names()).resolves.toBe(8)
  await sql`alter table bucket drop column later`.execute(db)
  const inTransaction = db.transaction().execute(async (trx) => {
    await trx.updateTable('bucket').set({ level: 3 }).execute()
    return await trx.selectFrom('bucket').selectAll().execute()
  })
  await expect(inTransaction).resolves.toEqual([{ name: 'x', level: 3, at: 1 }])
})

test('D5.1 PostgreSQL has the tables, columns, indexes and refusals that SQLite has', async () => {
  const [ours, theirs] = [await open(await testPostgres()), await openTestDatabase(temporaryFolder())]
  expect(await shapeOf(ours)).toEqual(await shapeOf(theirs))

  const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name).sort()
  const indexes = await sql<{ name: string }>`select indexname as name from pg_indexes
    where schemaname = 'public' and indexname not in (select conname from pg_constraint)`.execute(ours)
  const sqlite = await sql<{ name: string; text: string }>`select name, sql as text from sqlite_master
    where type = 'index' and sql is not null`.execute(theirs)
  expect(names(indexes.rows)).toEqual(names(sqlite.rows))

  const triggers = await sql<{
    name: string
  }>`select distinct tgname as name from pg_trigger where not tgisinternal`
  const refusing = await sql<{ name: string }>`select name from sqlite_master where type = 'trigger'`.execute(
    theirs,
  )
  // `insert or replace` is SQLite's, `truncate` PostgreSQL's.
  expect(names((await triggers.execute(ours)).rows)).toEqual(
    [...names(refusing.rows).filter((name) => name !== 'audit_no_insert'), 'audit_no_delete_all'].sort(),
  )
  await expect(sql`truncate audit`.execute(ours)).rejects.toThrow('only ever added to')

  // Keys, and rows that go with others.
  const kept = await sql<{
    text: string
  }>`select conrelid::regclass || ' ' || pg_get_constraintdef(oid) as text
    from pg_constraint where contype in ('p', 'u', 'f') and connamespace = 'public'::regnamespace`.execute(
    ours,
  )
  const constraints = kept.rows.map(({ text }) => squeezed(text))
  for (const { name } of await theirs.introspection.getTables()) {
    const { rows } = await sql<{ from: string; to: string; goes: string }>`select "from", "table" as "to",
      on_delete as "goes" from pragma_foreign_key_list(${name})`.execute(theirs)
    for (const { from, to, goes } of rows)
      expect(constraints).toContain(
        squeezed(`${name} foreign key (${from}) references ${to}(id) on delete ${goes}`),
      )
    const unique = await sql<{ columns: string; origin: string }>`select l.origin,
        (select group_concat(i.name, ', ') from pragma_index_info(l.name) i) as columns
      from pragma_index_list(${name}) l where l.origin in ('u', 'pk')`.execute(theirs)
    for (const { columns, origin } of unique.rows)
      expect(constraints).toContain(
        squeezed(`${name} ${origin === 'pk' ? 'primary key' : 'unique'} (${columns})`),
      )
  }
})

test('D5.1 D1.2 servers that begin at once on an empty database make its tables once', async () => {
  const url = await testPostgres()
  const opened = await Promise.all(Array.from({ length: 4 }, () => open(url, 2)))
  for (const db of opened) await write(db)
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(
    opened[0] as Database,
  )
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
})

/** The sentence by which a server would not start. */
async function refusalOf(url: string): Promise<string> {
  const fault = await rejection(openPostgres(url))
  expect(fault).toBeInstanceOf(StartupError)
  return (fault as StartupError).message
}

test('D5.5 D1.6 a PostgreSQL that is of no use is said to be, with what to do and without the password', async () => {
  const url = new URL(await testPostgres())
  url.password = 'hush-hush'
  const at = (change: (url: URL) => void) => {
    const other = new URL(url)
    change(other)
    return other.href
  }
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }

  const encoded = await open(url.href, 1)
  const name = `latin${Date.now()}`
  await sql.raw(`create database ${name} encoding latin1 template template0`).execute(encoded)
  onTestFinished(async () => void (await sql.raw(`drop database ${name}`).execute(encoded)))
  const newer = new URL(await testPostgres())
  await sql`insert into kysely_migration values ('0999-of-tomorrow', '2030-01-01')`.execute(
    await open(newer.href, 1),
  )

  const sentences = {
    'not there': await refusalOf(at((other) => (other.port = '1'))),
    hung: await refusalOf(at((other) => (other.port = String(port)))),
    'no such database': await refusalOf(at((other) => (other.pathname = '/nothing'))),
    'no such user': await refusalOf(at((other) => (other.username = 'nobody'))),
    'not UTF8': await refusalOf(at((other) => (other.pathname = `/${name}`))),
    newer: await refusalOf(newer.href),
  }
  expect(sentences).toEqual({
    'not there': expect.stringMatching(
      /^The database \w+ at 127\.0\.0\.1:1 cannot be reached .*Check that PostgreSQL runs/,
    ),
    hung: expect.stringMatching(/cannot be reached .*Check that PostgreSQL runs/),
    'no such database': expect.stringMatching(/There is no such database\. Create it/),
    'no such user': expect.stringMatching(/did not let the user in\. Check the user/),
    'not UTF8': expect.stringMatching(/keeps texts as LATIN1.*encoding UTF8/),
    newer: expect.stringMatching(/made by a newer version of Reachable \(0999-of-tomorrow\)/),
  })
  expect(JSON.stringify(sentences)).not.toContain('hush')
})

test('D5.5 so are a standby, and one that may only be read', async () => {
  const cluster = await startPostgres()
  const url = cluster.url()
  await (await openPostgres(url)).destroy()
  const standby = await startStandby(cluster)
  expect(await refusalOf(standby.url())).toMatch(/It can only be read: it is a standby/)
  await cluster.setReadOnly(true)
  await expect.poll(() => refusalOf(url)).toMatch(/can only be read/)
  await cluster.setReadOnly(false)
})

/** What a server that starts says on its way to the end, and with which code it ends. */
async function startedWith(databaseUrl: string) {
  const child = spawn(process.execPath, [inRoot('server', 'main.ts')], {
    env: {
      ...{ DATABASE_URL: databaseUrl, NATS_URL: 'nats://127.0.0.1:1', AUTH_SECRET: 's'.repeat(32) },
      ...{ PUBLIC_URL: 'https://reachable.example', DATA_DIR: temporaryFolder(), PORT: '0' },
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { said: said.trim(), code }
}

test('D5.5 so are a password, a user and TLS that it does not take, and a server that it keeps out ends', async () => {
  const cluster = await startPostgres()
  const data = join(cluster.folder, 'data')
  const ask = async (...statements: string[]) => {
    for (const statement of [...statements, 'select pg_reload_conf()']) await cluster.query(statement)
  }
  /** Whom it lets in, beside whoever asks for the test. */
  const letIn = (rule: string) =>
    ask(`copy (values ('host all postgres all trust'), ('${rule}')) to '${data}/pg_hba.conf'`)
  await ask(
    "create role node login password 'hush'",
    'create role other login',
    'create database own owner node',
  )
  await letIn('host all all all scram-sha-256')
  const at = (who: string, more = '') => `postgres://${who}@127.0.0.1:${cluster.port}/own${more}`
  const verified = (file = join(data, 'server.crt'), mode = 'verify-full') =>
    `?sslmode=${mode}&sslrootcert=${encodeURIComponent(file)}`

  await expect.poll(() => refusalOf(at('node:guess'))).toMatch(/PostgreSQL refused the password\. Check/)
  const withoutPassword = await startedWith(at('node'))
  expect(withoutPassword).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^The database own at .* password /),
  })
  expect(withoutPassword.said).not.toContain('\n')
  expect(await refusalOf(at('node:hush', '?sslmode=verify-full'))).toMatch(
    /SSL.*TLS \(sslmode\) in DATABASE_URL/,
  )

  const certificate = 'openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.crt'
  await ask(
    `copy (select) to program '${certificate} -subj /CN=db -addext subjectAltName=DNS:localhost 2>&1'`,
    'alter system set ssl = on',
  )
  await letIn('hostssl all all all scram-sha-256')
  await expect.poll(() => refusalOf(at('node:hush'))).toMatch(/did not let the user in/)
  expect(await refusalOf(at('node:hush', '?sslmode=require'))).toMatch(
    /its certificate is not trusted here\. Have DATABASE_URL name .*sslrootcert=/,
  )
  expect(await refusalOf(at('node:hush', verified()))).toMatch(/its certificate is for another host/)
  expect(await refusalOf(at('node:hush', verified('/nowhere/ca.pem')))).toMatch(/\/nowhere\/ca\.pem/)
  const there = at('node:hush', verified()).replace('127.0.0.1', 'localhost')
  await write(await open(there, 1))
  await letIn('hostssl all all all trust')
  await expect.poll(() => refusalOf(there.replace('node:hush', 'other'))).toMatch(/may not make tables in it/)
}, 60_000)

test.concurrent('D5.6 a PostgreSQL that is killed, hangs or may only be read is a storage error in time, and then there again', async ({
  expect,
  onTestFinished,
}) => {
  const cluster = await createPostgres()
  onTestFinished(() => cluster.remove())
  const db = await openPostgres(cluster.url(), { connections: 3 })
  onTestFinished(() => db.destroy())
  await write(db)
  const timed = async () => {
    const began = performance.now()
    const faults = await Promise.all([
      rejection(write(db)),
      rejection(db.transaction().execute((transaction) => write(transaction, 'y'))),
    ])
    return [faults.map(isStorageError), performance.now() - began < 4_500]
  }
  await cluster.setReadOnly(true)
  await expect.poll(() => write(db).then(() => 'written', isStorageError)).toBe(true)
  expect(await timed()).toEqual([[true, true], true])
  await cluster.setReadOnly(false)
  await expect.poll(() => write(db).then(() => 'written', isStorageError)).toBe('written')

  cluster.freeze()
  expect(await timed()).toEqual([[true, true], true])
  // Those that wait for a new connection fail in time too.
  expect(await timed()).toEqual([[true, true], true])
  cluster.thaw()
  await expect.poll(() => write(db).then(() => 'written', isStorageError)).toBe('written')

  await cluster.kill()
  expect(await timed()).toEqual([[true, true], true])
  await cluster.start()
  await expect.poll(() => write(db).then(() => 'written', isStorageError)).toBe('written')
})

test.concurrent('D5.6 D5.7 a row that another keeps fails what waits for it in time, and a broken rule, a wrong statement or a crowd is no storage error', async ({
  expect,
  onTestFinished,
}) => {
  const cluster = await createPostgres()
  onTestFinished(() => cluster.remove())
  const db = await openPostgres(cluster.url(), { connections: 2 })
  onTestFinished(() => db.destroy())
  await write(db)
  const { promise: until, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: isKept, resolve: keep } = Promise.withResolvers<void>()
  const keeping = db.transaction().execute(async (transaction) => {
    await write(transaction)
    keep()
    await until
  })
  // PostgreSQL ends the one that asks nothing for 3 s.
  const kept = rejection(keeping)
  await isKept
  const began = performance.now()
  const waited = await rejection(write(db))
  expect(performance.now() - began).toBeLessThan(4_500)
  expect([isBusyError(waited), isStorageError(waited)]).toEqual([true, false])
  await expect.poll(() => write(db).then(() => 'written', isStorageError)).toBe('written')
  letGo()
  expect(isStorageError(await kept)).toBe(true)

  const faults = [
    await rejection(sql`insert into reachability values ('nobody', '', 1, null)`.execute(db)),
    await rejection(sql`insert into "writeProbe" values (1, 1), (1, 2)`.execute(db)),
    await rejection(sql`selct 1`.execute(db)),
    await rejection(sql`insert into reachability ("userId") values ('nobody')`.execute(db)),
  ]
  for (const fault of faults) expect([fault, isStorageError(fault)]).toEqual([fault, false])
  // Two connections for a thousand: nobody is told that the database is lost.
  const crowd = Array.from({ length: 1_000 }, (_, n) => write(db, `crowd ${n}`))
  await Promise.all(crowd)
})
