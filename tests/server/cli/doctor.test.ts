import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startMailServer } from '../../support/mail/start-mail-server.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { startServer } from '../../support/server/start-server.ts'
import { startServerBehindProxy } from '../../support/server/start-server-behind-proxy.ts'
import { startUnrelatedServer } from '../../support/server/start-unrelated-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'

/** What the doctor says: the mark and the sentence of each finding, in order, by what it is about. */
async function ask(dataDir: string, env: Record<string, string> = {}) {
  const { code, out, err } = await runCommand({ dataDir, env }, 'doctor')
  const lines = out.split('\n')
  const found = lines.slice(0, -1).map((line) => {
    const [, mark = '', about = '', sentence = ''] = /^(ok|look|wrong) +(\S+) +(.+)$/.exec(line) ?? [line]
    return { mark, about, sentence }
  })
  const of = (about: string) => found.filter((finding) => finding.about === about)
  return { code, err, found, of, summary: lines.at(-1) }
}

const settled = { OPERATOR_EMAIL: 'operator@clinic.example' }

test('S6.10 before the first start nothing is wrong but that no server runs, and nothing is made', async () => {
  const dataDir = join(temporaryFolder(), 'none')
  const { code, found, of, summary } = await ask(dataDir)
  expect([code, summary]).toEqual([1, '1 wrong, 4 to look at.'])
  expect(of('node')).toMatchObject([{ mark: 'ok' }])
  expect(of('data')).toEqual([
    {
      mark: 'look',
      about: 'data',
      sentence: `There is no data directory ${dataDir} yet. The first start makes it: npm start`,
    },
  ])
  expect(of('server')).toMatchObject([{ mark: 'wrong', sentence: expect.stringContaining('npm start') }])
  expect(existsSync(dataDir)).toBe(false)
  // Whatever is not well says what to do.
  for (const { sentence } of found) expect(sentence).toMatch(/\w.*[.:…]|npm start$/)
})

test('S6.10 where all is well it says so of each, beside the server that runs', async () => {
  const mail = await startMailServer()
  const { server, network } = await startServerBehindProxy()
  writeFileSync(join(server.dataDir, 'reserve'), Buffer.alloc(33_554_432, 1), { mode: 0o600 })
  const { code, found, summary } = await ask(server.dataDir, {
    ...settled,
    PUBLIC_URL: network.url,
    ROOM_URL: 'https://meet.example/{room}',
    SMTP_URL: mail.address,
    MAIL_FROM: 'Reachable <calls@clinic.example>',
  })
  expect(found.filter(({ mark }) => mark !== 'ok')).toEqual([])
  expect([code, summary]).toEqual([0, 'All is well.'])
  expect(found.map(({ about }) => about)).toEqual([
    ...[
      'node',
      'settings',
      'data',
      'disk',
      'reserve',
      'database',
      'version',
      'sizes',
      'outbox',
      'clock',
      'writes',
    ],
    ...['server', 'files', 'address', 'room', 'mail', 'operator'],
  ])
  expect(mail.mails).toEqual([])
})

test('S6.10 settings that are wrong are named, and end it with 1', async () => {
  const at = { dataDir: temporaryFolder(), env: { RING_FOR: 'long', LOG_LEVEL: 'loud' } }
  const { code, out } = await runCommand(at, 'doctor')
  const lines = out.split('\n')
  expect([code, lines.filter((line) => /^wrong +settings/.test(line)).length]).toEqual([1, 2])
  expect(lines.slice(-2)).toEqual([
    '2 wrong.',
    'The rest was not looked at: correct these settings first, and ask again.',
  ])
  expect((await runCommand(temporaryFolder(), 'doctor', 'please')).code).toBe(2)
})

test('S6.10 what others may read, and what is another user’s, is said, and left as it is', async () => {
  const { dataDir, close } = await startInProcessServer()
  await close()
  const before = readdirSync(dataDir)
  expect((await ask(dataDir)).of('database')).toMatchObject([{ mark: 'ok' }])
  expect(readdirSync(dataDir)).toEqual(before)
  chmodSync(join(dataDir, 'secret'), 0o644)
  expect((await ask(dataDir)).of('data')).toMatchObject([
    { mark: 'look', sentence: expect.stringContaining(`chmod 600 ${join(dataDir, 'secret')} closes it now`) },
  ])
  expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o644)
  // Only root can give a file away; everybody can look at one of root's.
  const foreign = process.getuid?.() === 0 ? dataDir : '/usr'
  if (foreign === dataDir) chownSync(join(dataDir, 'secret'), 65_534, 65_534)
  expect((await ask(foreign)).of('data')).toMatchObject([
    { mark: 'wrong', sentence: expect.stringContaining('belongs to another user (uid') },
  ])
})

test('S6.10 a damaged database, and one of another version, is said with what to do, and left as it is', async () => {
  const { dataDir, close } = await startInProcessServer()
  await close()
  const path = join(dataDir, 'reachable.db')
  const sound = readFileSync(path)
  const torn = Buffer.from(sound)
  torn.fill(0xa5, 4_096 * 3, 4_096 * 6)
  for (const damage of [
    torn,
    Buffer.from('this is no database, but long enough to be looked at'.repeat(20)),
  ]) {
    writeFileSync(path, damage)
    const { code, of } = await ask(dataDir)
    expect([code, of('database')]).toEqual([
      1,
      [
        {
          mark: 'wrong',
          about: 'database',
          sentence: expect.stringContaining('Put a sound copy in its place'),
        },
      ],
    ])
    expect(readFileSync(path).equals(damage)).toBe(true)
  }
  for (const suffix of ['', '-wal', '-shm']) writeFileSync(`${path}${suffix}`, suffix === '' ? sound : '')
  const db = await openTestDatabase(dataDir)
  await sql`insert into kysely_migration values ('0999-of-tomorrow', '2030-01-01')`.execute(db)
  const newer = await ask(dataDir)
  expect([newer.code, newer.of('version')]).toMatchObject([
    1,
    [{ mark: 'wrong', sentence: expect.stringContaining('made by a newer version') }],
  ])
  await sql`delete from kysely_migration where name in ('0999-of-tomorrow', '0009-limits-and-retention')`.execute(
    db,
  )
  const older = await ask(dataDir)
  expect([older.code, older.of('version')]).toMatchObject([
    1,
    [{ mark: 'look', sentence: expect.stringContaining('of an older version. The next start') }],
  ])
})

test('D2.5 S6.10 stretches of the last day in which nothing could be written are counted, those of nodes once', async () => {
  const { dataDir, db, close } = await startInProcessServer()
  const now = Date.now()
  const note = async (...away: readonly (readonly [from: number, until: number])[]) =>
    (await db())
      .insertInto('serverAway')
      .values(away.map(([from, until]) => ({ from: now - from, until: now - until })))
      .execute()
  await note([90_000_000, 87_000_000], [60_000, 50_000], [55_000, 40_000])
  await note([30_000, 25_000])
  const [few] = (await ask(dataDir)).of('writes')
  expect(few).toMatchObject({
    mark: 'ok',
    sentence: expect.stringMatching(/^2 stretches of not writing in the last day, 25 s in all: /),
  })
  await note([20_000, 10_000])
  const [more] = (await ask(dataDir)).of('writes')
  expect(more).toMatchObject({ mark: 'look', sentence: expect.stringContaining('the log says what failed') })
  await close()
})

test('S6.10 a server that cannot write is said to', async () => {
  const server = await startServer()
  const pid = readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0
  await promisify(execFile)('prlimit', ['--pid', String(pid), '--fsize=1:unlimited'])
  await expect.poll(async () => (await fetch(`${server.url}/ready`)).status, { timeout: 5_000 }).toBe(503)
  const full = await ask(server.dataDir)
  expect([full.code, full.of('server')]).toMatchObject([
    1,
    [
      {
        mark: 'wrong',
        sentence: expect.stringContaining('nobody is reachable: The database cannot be written to'),
      },
    ],
  ])
})

test('S6.10 a server that hangs, or was killed, is said to', async () => {
  const server = await startServer()
  const pid = readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0
  server.freeze()
  const frozen = await ask(server.dataDir)
  expect([frozen.code, frozen.of('server')]).toMatchObject([
    1,
    [{ mark: 'wrong', sentence: expect.stringContaining(`process ${pid} and does not answer`) }],
  ])
  await server.kill()
  const killed = await ask(server.dataDir)
  expect([killed.code, killed.of('server')]).toMatchObject([
    1,
    [{ mark: 'wrong', sentence: expect.stringContaining('the last one was killed') }],
  ])
})

/** A proxy that passes requests on, and no upgrades. */
async function startRequestProxy(server: string): Promise<string> {
  const proxy = createServer(async (request, response) => {
    const answer = await fetch(`${server}${request.url}`)
    response.writeHead(answer.status).end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

test('S6.10 an address that leads nowhere, elsewhere, or takes no WebSocket is said to', async () => {
  const server = await startServer()
  const unrelated = await startUnrelatedServer()
  for (const [url, mark, words] of [
    [server.url, 'ok', 'leads to a server, by HTTP and by WebSocket'],
    [unrelated.url, 'wrong', 'leads to something else than a Reachable server'],
    [await startRequestProxy(server.url), 'wrong', 'let the proxy pass upgrades for /socket'],
    ['http://127.0.0.1:9', 'look', 'does not answer'],
  ] as const) {
    const { of } = await ask(server.dataDir, { PUBLIC_URL: url })
    expect(of('address')).toEqual([{ mark, about: 'address', sentence: expect.stringContaining(words) }])
  }
})

test('S3.8 S6.10 settings that do not go together are said: https without a trusted proxy, http over a network', async () => {
  const dataDir = temporaryFolder()
  const marks = async (env: Record<string, string>) => {
    const { of } = await ask(dataDir, env)
    return [...of('proxy'), ...of('address')].map(({ mark, about }) => `${about} ${mark}`)
  }
  expect(await marks({ PUBLIC_URL: 'https://reachable.example' })).toEqual(['proxy look', 'address ok'])
  expect(await marks({ PUBLIC_URL: 'https://reachable.example', TRUST_PROXY: 'on' })).toEqual(['address ok'])
  expect(
    await marks({ PUBLIC_URL: 'https://reachable.example', TRUST_PROXY: 'on', HOST: '0.0.0.0' }),
  ).toEqual(['proxy look', 'address ok'])
  expect(await marks({ PUBLIC_URL: 'http://reachable.example' })).toEqual(['address wrong', 'address ok'])
  expect((await ask(dataDir, { SIGN_UP_DOMAINS: 'clinic.example' })).of('settings')).toMatchObject([
    { mark: 'ok' },
    { mark: 'look', sentence: expect.stringContaining('SIGN_UP is off') },
  ])
  expect(await marks({ HOST: '0.0.0.0' })).toEqual(['address wrong'])
})

test('S6.10 a mail server that takes no mail, mails that do not leave, and a disk and a clock that are off, are said', async () => {
  const { dataDir, close } = await startInProcessServer()
  await close()
  const db = await openTestDatabase(dataDir)
  const mail = { kind: 'reset', userId: null, to: 'zoe@clinic.example', language: 'en', values: '{}' }
  const tried = {
    madeAt: 0,
    uselessAt: 9e15,
    tries: 12,
    nextAt: 9e15,
    sentAt: null,
    failed: 'ESOCKET at CONN',
  }
  await db
    .insertInto('mail')
    .values({ ...mail, ...tried, id: 'waits' })
    .execute()
  await db
    .updateTable('writeProbe')
    .set({ at: Date.now() + 3_600_000 })
    .execute()
  const before = readdirSync(dataDir)
  const { code, of } = await ask(dataDir, {
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'calls@clinic.example',
    DISK_LOW_MB: '100000000',
  })
  expect(code).toBe(1)
  expect(of('mail')).toMatchObject([
    { mark: 'wrong', sentence: expect.stringContaining('does not take mails (ESOCKET at CONN)') },
  ])
  expect(of('outbox')).toMatchObject([
    { mark: 'look', sentence: '1 mail waits; one was tried 12 times (ESOCKET at CONN).' },
  ])
  expect(of('disk')).toMatchObject([{ mark: 'look', sentence: expect.stringContaining('DISK_LOW_MB') }])
  expect(of('clock')).toMatchObject([{ mark: 'look', sentence: expect.stringContaining('was set back') }])
  expect(readdirSync(dataDir)).toEqual(before)
})
