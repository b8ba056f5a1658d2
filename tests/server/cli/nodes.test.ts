import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { personSubject } from '../../../server/bus/person-message.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { hearOn, untilReached } from '../../contracts/bus.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { natsSettings, openNatsEnd } from '../../support/nodes/nats-bus-end.ts'
import { testPostgres } from '../../support/nodes/postgres.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** What is set where commands of nodes are run. */
async function nodesHere() {
  const [nats, databaseUrl] = await Promise.all([startNats(), testPostgres()])
  const env = {
    ...natsSettings(nats),
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: 's'.repeat(32),
    PUBLIC_URL: 'https://reachable.example',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'Reachable <reachable@clinic.example>',
  }
  return { nats, databaseUrl, env, at: { dataDir: temporaryFolder(), env } }
}

const annsOptions = ['--username', 'ann', '--email', 'ann@clinic.example', '--name', 'Ann']

test('S6.17 commands work on the database of all nodes, and devices on any node hear of it over NATS', async () => {
  const { nats, databaseUrl, env, at } = await nodesHere()
  const added = await runCommand(at, 'account', 'add', ...annsOptions)
  expect(added).toMatchObject({ code: 0, err: '' })
  expect(added.out).toContain('No node is running on this database: the mail will leave when one starts.')
  const db = await openPostgres(databaseUrl)
  onTestFinished(() => db.destroy())
  const { id } = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  const bus = await openNatsEnd(natsSettings(nats))
  const { heard } = hearOn(bus, personSubject(id))
  await untilReached(bus, bus)
  expect((await runCommand(at, 'account', 'revoke', 'ann')).out).toBe('ann: 0 sessions were ended.')
  await expect.poll(() => heard).toEqual([{ kind: 'sessions-changed' }])

  // With another data directory, on another machine: what counts is the database.
  const elsewhere = { dataDir: temporaryFolder(), env }
  expect((await runCommand(elsewhere, 'api-key', 'create', 'Portal')).code).toBe(0)
  expect((await runCommand(at, 'api-key', 'list')).out).toContain('Portal')
  const entries = (await runCommand(elsewhere, 'audit', '--json')).out.split('\n')
  expect(entries.map((line) => JSON.parse(line).what)).toEqual(
    expect.arrayContaining(['account-added', 'sessions-revoked', 'api-key-created']),
  )
  const examined = await runCommand(elsewhere, 'doctor')
  for (const line of ['PostgreSQL answers.', 'those of this version.', 'No node is running', 'NATS is there'])
    expect(examined.out).toContain(line)
})

test('D1.5 D5.5 a command at a database of nodes of an older version says so in one sentence, and changes nothing', async () => {
  const { databaseUrl, at } = await nodesHere()
  const db = await openPostgres(databaseUrl)
  onTestFinished(() => db.destroy())
  // As it is where the newest migration is not done yet, and a node runs.
  const last = await sql<{ name: string }>`delete from kysely_migration where name =
    (select max(name) from kysely_migration) returning name`.execute(db)
  const now = Date.now()
  await db
    .insertInto('node')
    .values({ id: 'old', startedAt: now, writtenAt: now, drainingSince: null })
    .execute()
  const keepsWriting = setInterval(
    () =>
      void db
        .updateTable('node')
        .set({ writtenAt: Date.now() })
        .execute()
        .catch(() => {}),
    1_000,
  )
  onTestFinished(() => clearInterval(keepsWriting))
  const listed = await runCommand(at, 'account', 'list')
  expect(listed).toMatchObject({
    out: '',
    err: 'Nodes of an older version are running on this database: restart them first. Nothing was changed.',
  })
  expect(listed.code).toBe(1)
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  expect(rows).not.toContainEqual(last.rows[0])
}, 60_000)

test('S6.18 where NATS is away a command does its work and says that devices hear of it later; where PostgreSQL is, it does nothing', async () => {
  const { nats, env, at } = await nodesHere()
  await runCommand(at, 'account', 'add', ...annsOptions)
  await nats.stop()
  const revoked = await runCommand(at, 'account', 'revoke', 'ann')
  expect(revoked).toMatchObject({ code: 0, out: 'ann: 0 sessions were ended.' })
  expect(revoked.err).toMatch(/^NATS cannot be reached .* within 10 s\.$/)
  expect((await runCommand(at, 'doctor')).out).toMatch(/^wrong +bus +NATS cannot be reached/m)
  const gone = { ...at, env: { ...env, DATABASE_URL: 'postgres://node:hush@127.0.0.1:1/reachable' } }
  const refused = await runCommand(gone, 'account', 'list')
  expect(refused.code).toBe(2)
  expect(refused.err).not.toContain('hush')
  expect(refused.err.split('\n')).toHaveLength(1)
}, 90_000)
