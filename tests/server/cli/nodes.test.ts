import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { personSubject } from '../../../server/bus/person-message.ts'
import { migrate } from '../../../server/database/migrate.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { hearOn, untilReached } from '../../contracts/bus.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { natsSettings, openNatsEnd } from '../../support/nodes/nats-bus-end.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openInProcessService } from '../support/in-process-nodes.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

/** What is set where commands of nodes are run. */
async function nodesHere() {
  const [nats, databaseUrl] = await Promise.all([startNats(), migratedPostgres()])
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
  for (const line of ['PostgreSQL answers.', 'those of this version.', 'NATS is there'])
    expect(examined.out).toContain(line)
  expect(examined.out).toMatch(/^wrong +nodes +No node is running on it: nobody is reachable\. Start one/m)
  expect(examined.code).toBe(1)
}, 90_000)

test('PT2.1 people become contacts in the database of all nodes, whose devices hear of it over NATS', async () => {
  const { nats, databaseUrl, at } = await nodesHere()
  const db = await openPostgres(databaseUrl)
  onTestFinished(() => db.destroy())
  await migrate(db)
  const person = (username: string) =>
    insertUser(db, { username, name: username, email: `${username}@clinic.example`, emailVerified: true }, 1)
  const [annId, benId] = [await person('ann'), await person('ben')]
  const bus = await openNatsEnd(natsSettings(nats))
  const { heard } = hearOn(bus, personSubject(annId))
  await untilReached(bus, bus)
  expect(await runCommand(at, 'contact', 'team', 'Ward 3', 'ann', 'ben')).toEqual({
    code: 0,
    out: 'Ward 3 has 2 people, each a contact of each.',
    err: '',
  })
  await expect.poll(() => heard).toContainEqual({ kind: 'relation', other: benId })
  expect(heard).toContainEqual({ kind: 'events', until: 1 })
  expect((await runCommand(at, 'contact', 'list', 'ben')).out).toMatch(/\nann +ann +contact +Ward 3 +\d/)
}, 90_000)

test('S6.17 S6.21 a call from the terminal goes by the node of its data directory to a device at another, and the doctor says whether nodes hear one another', async () => {
  const service = await openInProcessService()
  onTestFinished(() => service.close())
  const [one, other] = await Promise.all([service.start(), service.start()])
  await settle(one, ann)
  const device = await reachableDevice(other, ann)
  const at = { dataDir: one.dataDir, env: service.settings }
  const calling = runCommand(at, 'call', 'ann', '--from', 'Dr Bell')
  const { call } = await device.next('ring')
  expect(call.from).toBe('Dr Bell')
  device.send({ type: 'rings', call: call.id })
  device.send({ type: 'answer', call: call.id })
  expect(await calling).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Answered\. The room: http/m),
  })
  const elsewhere = { dataDir: temporaryFolder(), env: service.settings }
  expect(await runCommand(elsewhere, 'call', 'ann')).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /^No node is running on this machine .* with a key: npm run api-key -- create NAME\.$/,
    ),
  })
  /** What is said of the nodes, and of the server here. */
  const examined = async () => {
    const { out } = await runCommand(elsewhere, 'doctor')
    return out
      .split('\n')
      .filter((line) => /^\w+ +(nodes|server) /.test(line))
      .map((line) => line.replace(/ +/g, ' '))
  }
  const here = 'ok server None is running with this data directory: the nodes of this service run elsewhere.'
  await expect
    .poll(examined, { timeout: 20_000 })
    .toEqual(['ok nodes 2 nodes are running on it, and hear one another.', here])
  other.toNats.cut()
  await expect
    .poll(examined, { timeout: 20_000 })
    .toEqual([
      'ok nodes 2 nodes are running on it.',
      `wrong nodes The node ${other.node?.slice(0, 8)} has no NATS: nobody is reachable by it. Its log says why.`,
      here,
    ])
}, 90_000)

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
