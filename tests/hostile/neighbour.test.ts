import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { openAccount } from '../server/my-account/at-account.ts'
import { endSession, signIn, trySignIn } from '../server/support/api-client.ts'
import { sendForm } from '../server/support/html-pages.ts'
import { startInProcessServer } from '../server/support/in-process-server.ts'
import { addPeople, ann } from '../server/support/people.ts'
import { linkIn, mailTo } from '../support/mail/mail-to.ts'
import { startMailServer } from '../support/mail/start-mail-server.ts'
import { runCommand, runCommandOrThrow } from '../support/server/run-command.ts'
import { startServer } from '../support/server/start-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { attack } from './count.ts'

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name),
    isFile: entry.isFile(),
  }))

/** What another user of this machine is told; undefined where the test runs as somebody who cannot become another. */
function asSomebodyElse(script: string, ...parameters: string[]) {
  if (process.getuid?.() !== 0) return undefined
  const nobody = 65_534
  const { status } = spawnSync(process.execPath, ['-e', script, ...parameters], { uid: nobody, gid: nobody })
  return status
}

test('Z7.1 S2.6 another user of the machine reads nothing, writes nothing and holds no lock, in a directory that was open too', async () => {
  const dataDir = temporaryFolder()
  chmodSync(dataDir, 0o755)
  // As an older version, or a copy, left them.
  for (const name of ['secret', 'running']) {
    writeFileSync(join(dataDir, name), name === 'secret' ? 'x'.repeat(43) : '')
    chmodSync(join(dataDir, name), 0o666)
  }
  const server = await startServer({ DATA_DIR: dataDir })
  const tries = attack('neighbour', 'files and directories of the server')
  await tries.hold('the directory', () => expect(statSync(dataDir).mode & 0o777).toBe(0o700))
  for (const { path, isFile } of below(dataDir))
    await tries.hold(path.slice(dataDir.length), () => {
      expect(statSync(path).mode & 0o077).toBe(0)
      // Exit code 0 means that it could.
      const read = asSomebodyElse('require("fs").readFileSync(process.argv[1])', path)
      if (isFile && read !== undefined) expect(read).not.toBe(0)
    })
  await tries.hold('the lock', () => {
    const script = `
      const { DatabaseSync } = require('node:sqlite')
      const lock = new DatabaseSync(process.argv[1])
      lock.exec('begin exclusive')`
    const held = asSomebodyElse(script, join(dataDir, 'running'))
    if (held !== undefined) expect(held).not.toBe(0)
  })
  await tries.hold('a file of theirs in it', () => {
    const written = asSomebodyElse(
      'require("fs").writeFileSync(process.argv[1], "x")',
      join(dataDir, 'theirs'),
    )
    if (written !== undefined) expect(written).not.toBe(0)
  })
  await server.stop()
  await server.restart()
})

test('Z7.2 A2.1 no secret stands in any file, wherever the database writes', async () => {
  const mail = await startMailServer()
  const server = await startInProcessServer({
    env: { SMTP_URL: mail.address, MAIL_FROM: 'Reachable <r@clinic.example>' },
  })
  await addPeople(server.dataDir, ann)
  const { token, endToken } = await signIn(server, ann)
  const pages = await openAccount(server, token)
  await trySignIn(server, { login: 'Typed-into-the-wrong-field-7', password: 'Not-the-right-one-7' })
  await sendForm(server, '/password/forgot', { login: 'Typed-into-the-wrong-field-8' })
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const link = new URL(linkIn(await mailTo(mail, ann.email))).pathname.split('/').at(-1) ?? ''
  const printed = await runCommandOrThrow(server.dataDir, 'api-key', 'create', 'A')
  const key = printed.match(/reachable_\S+/)?.[0] ?? ''
  const other = await signIn(server, ann, 'device-2')
  await endSession(server, other.endToken)
  const secrets = {
    ...{ token, endToken, link, key, ended: other.token, password: ann.password },
    cookie: pages.cookie.split('=')[1] ?? '',
    'a password in the wrong field': 'Typed-into-the-wrong-field-7',
    'another in a form': 'Typed-into-the-wrong-field-8',
    'a wrong password': 'Not-the-right-one-7',
  }
  const looks = attack('neighbour', 'secrets in the files of the server')
  const files = below(server.dataDir).filter(
    ({ path, isFile }) => isFile && !/(secret|operator\.json)$/.test(path),
  )
  expect(files.map(({ path }) => path.split('/').at(-1))).toContain('reachable.db-wal')
  for (const { path } of files) {
    const bytes = readFileSync(path)
    for (const [what, secret] of Object.entries(secrets))
      await looks.hold(`${what} in ${path.slice(server.dataDir.length)}`, () => {
        expect(secret.length).toBeGreaterThan(8)
        for (const form of [
          secret,
          Buffer.from(secret).toString('base64').replace(/=+$/, ''),
          Buffer.from(secret).toString('hex'),
        ])
          expect(bytes.includes(form)).toBe(false)
        expect(bytes.includes(Buffer.from(secret, 'utf16le'))).toBe(false)
      })
  }
})

/** Runs a command with something on its standard input. @returns also what the list of processes had of it. */
async function commandWith(dataDir: string, input: string, name: string, ...parameters: string[]) {
  const child = spawn(process.execPath, [inRoot('server', 'cli', `${name}.ts`), ...parameters], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir },
  })
  const listed: string[] = []
  const look = () => {
    for (const file of ['cmdline', 'environ'])
      try {
        listed.push(readFileSync(`/proc/${child.pid}/${file}`, 'utf8'))
      } catch {}
  }
  look()
  child.stdin.on('error', () => {})
  child.stdout.on('data', look)
  child.stdin.end(input)
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out, err, listed: listed.join('\n') }
}

const zoe = ['--username', 'zoe', '--email', 'zoe@clinic.example', '--name', 'Zoe Zahn']

test('Z7.3 no password has to stand in the list of processes, and none that is typed is echoed', async () => {
  const server = await startInProcessServer()
  const passwords = attack('neighbour', 'passwords in the list of processes')
  const password = 'Evening-primrose-44'
  for (const given of [['--password', password], [`--password=${password}`], ['-p', password]])
    await passwords.hold(given.join(' '), async () => {
      const { code, out, err } = await runCommand(server.dataDir, 'account', 'add', ...zoe, ...given)
      expect(code).toBe(2)
      expect(out + err).not.toContain(password)
      expect((await trySignIn(server, { login: 'zoe', password })).status).toBe(401)
    })
  for (const [what, input] of Object.entries({
    nothing: '',
    'an empty line': '\n',
    'a common one': 'Password1!\n',
    'a short one': 'Ab1-\n',
    'two lines': `${password}\n${password}x\n`,
  }))
    await passwords.hold(`by standard input: ${what}`, async () => {
      const { code, out, err } = await commandWith(
        server.dataDir,
        input,
        'account',
        'add',
        ...zoe,
        '--password-stdin',
      )
      expect([1, 2]).toContain(code)
      if (input.trim() !== '') expect(out + err).not.toContain(input.trim().split('\n')[0])
    })
  await passwords.hold('by standard input', async () => {
    const { code, out, err, listed } = await commandWith(
      server.dataDir,
      `${password}\n`,
      'account',
      'add',
      ...zoe,
      '--password-stdin',
    )
    expect(code, err).toBe(0)
    expect(out + err + listed).not.toContain(password)
    expect(listed).toContain('zoe')
    await signIn(server, { username: 'zoe', password })
  })
})
