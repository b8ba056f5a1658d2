import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { type Ended, runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const zoe = ['--username', 'zoe', '--email', 'zoe@clinic.example', '--name', 'Zoe Zahn']
const password = 'Evening-primrose-44'

test.each([
  ['add', ['add', ...zoe, '--password', password]],
  ['add, with a sign', ['add', ...zoe, `--password=${password}`]],
  ['add, before the others', ['add', '--password', password, ...zoe]],
  ['add, as if it were a choice', ['add', ...zoe, '--password-stdin', password]],
  ['password', ['password', 'zoe', '--password', password]],
  ['password, with a sign', ['password', 'zoe', `--password-stdin=${password}`]],
])(
  'S6.11 a password on the command line is refused, not repeated, and the other ways are told: %s',
  async (_, words) => {
    const dataDir = temporaryFolder()
    const { code, out, err } = await runCommand({ dataDir, input: `${password}\n` }, 'account', ...words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('where every program on this machine can read it')
    expect(err).toContain('--password-stdin reads it from the standard input')
    expect(err).not.toContain(password)
    await nobodyIn(dataDir)
  },
)

/** Neither a database nor anybody in it. */
async function nobodyIn(dataDir: string) {
  if (!existsSync(join(dataDir, 'reachable.db'))) return
  const db = await openTestDatabase(dataDir)
  expect(await db.selectFrom('user').select('username').execute()).toEqual([])
}

test.each([
  ['a line', `${password}\n`],
  ['a line of Windows', `${password}\r\n`],
  ['a line without its end', password],
  ['a line behind a byte order mark', `\uFEFF${password}\n`],
])('S6.11 --password-stdin takes %s', async (_, input) => {
  const server = await startInProcessServer()
  const { dataDir } = server
  const added = await runCommand({ dataDir, input }, 'account', 'add', ...zoe, '--password-stdin')
  expect(added).toMatchObject({ code: 0, err: '' })
  expect(added.out).not.toContain(password)
  await signIn(server, { username: 'zoe', password })
})

test.each([
  ['nothing', '', 'No password came'],
  ['an empty line', '\n', 'No password came'],
  ['two lines', `${password}\n${password}\n`, 'A password is one line'],
  ['a password without a digit', 'Evening-primrose\n', 'The password needs a digit 0–9.'],
  ['one that is built on the name', 'Zoe-Zahn-2026!\n', "it is built on the person's name"],
  ['one that everybody tries', 'Password1!\n', 'it is a common password'],
  ['a row of keys', 'Qwertz-1234\n', 'easy to guess'],
])('S6.11 W4.9 --password-stdin refuses %s, and says what to do', async (_, input, words) => {
  const dataDir = temporaryFolder()
  const refused = await runCommand({ dataDir, input }, 'account', 'add', ...zoe, '--password-stdin')
  expect([refused.code, refused.out]).toEqual([1, ''])
  expect(refused.err).toContain(words)
  await nobodyIn(dataDir)
})

/** Runs a command at a terminal, with `script` of util-linux, and types an answer whenever it asks. */
function atTerminal(dataDir: string, words: readonly string[], answers: readonly string[]): Promise<Ended> {
  const command = [process.execPath, inRoot('server', 'cli', 'account.ts'), ...words].map(
    (word) => `'${word}'`,
  )
  const child = spawn('script', ['--quiet', '--return', '--command', command.join(' '), '/dev/null'], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: dataDir,
      TERM: 'dumb',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    },
  })
  let out = ''
  let asked = 0
  child.stdout.on('data', (piece) => {
    out += String(piece)
    const questions = out.match(/(Password|Once more): /g)?.length ?? 0
    for (; asked < questions; asked += 1) child.stdin.write(answers[asked] ?? '\u0004')
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err: '' })))
}

test('S6.11 at a terminal a password is asked for twice, and nothing of it is shown', async () => {
  const server = await startInProcessServer()
  const added = await atTerminal(
    server.dataDir,
    ['add', ...zoe, '--password'],
    [`${password}\r`, `${password}\r`],
  )
  expect(added.out).toContain('Added zoe')
  expect(added.code).toBe(0)
  expect(added.out).not.toContain(password.slice(0, 4))
  await signIn(server, { username: 'zoe', password })
})

test.each([
  ['two that differ', [`${password}\r`, `${password}x\r`], 'The two were not the same. Nothing was done.'],
  ['an empty one', ['\r'], 'No password was entered. Nothing was done.'],
  ['Ctrl-C', ['Even\u0003'], 'No password was entered. Nothing was done.'],
  ['Ctrl-D', ['\u0004'], 'No password was entered. Nothing was done.'],
])('S6.11 at a terminal %s changes nothing', async (_, answers, words) => {
  const dataDir = temporaryFolder()
  const refused = await atTerminal(dataDir, ['add', ...zoe, '--password'], answers)
  expect(refused.out).toContain(words)
  expect([refused.code, refused.out.includes('Even')]).toEqual([1, false])
  await nobodyIn(dataDir)
})

test('S6.11 without a terminal --password says so, and two ways at once are refused', async () => {
  const dataDir = temporaryFolder()
  const nowhere = await runCommand(dataDir, 'account', 'add', ...zoe, '--password')
  expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('Use --password-stdin instead.')])
  const both = await runCommand(dataDir, 'account', 'add', ...zoe, '--password', '--password-stdin')
  expect([both.code, both.err]).toEqual([2, expect.stringContaining('use one of them')])
})

test('N1.9 A8.16 "account password" gives a new first password, shows it once, and ends every session within a second', async () => {
  const server = await startInProcessServer()
  const { dataDir } = server
  await addPeople(dataDir, ann)
  const device = await reachableDevice(server, ann)
  const { code, out, err } = await runCommand(dataDir, 'account', 'password', 'ANN')
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('ANN has a new first password; 1 session was ended.')
  expect(out).toContain(
    'They are told by mail that it was changed. No mail server is set (SMTP_URL): the mail is written to',
  )
  expect(await device.closed()).toEqual({ code: 4402, reason: 'passwordChanged' })
  const made = /^Password: (\S+) \(shown only now\)$/m.exec(out)?.[1] ?? ''
  expect((await runCommand(dataDir, 'account', 'list')).out).toMatch(/ann .* ends \d{4}-\d\d-\d\d$/)
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(401)
  await signIn(server, { username: 'ann', password: made })
  expect((await runCommand(dataDir, 'account', 'list')).out).toMatch(/ann .* –$/)
  const chosen = await runCommand(
    { dataDir, input: `${password}\n` },
    'account',
    'password',
    'ann',
    '--password-stdin',
  )
  expect(chosen.out).not.toContain('Password:')
  await signIn(server, { username: 'ann', password })
})

test('N1.8 "account list" says of a first password that it has ended', async () => {
  const server = await startInProcessServer()
  const { dataDir } = server
  const [userId = ''] = await addPeople(dataDir, ann)
  const db = await server.db()
  await db
    .insertInto('firstPassword')
    .values({ userId, endsAt: Date.parse('2026-01-02T03:04:05Z') })
    .execute()
  expect((await runCommand(dataDir, 'account', 'list')).out).toMatch(/ann .* ended 2026-01-02$/)
})
