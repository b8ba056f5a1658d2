import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { dayText, zone } from '../../../server/cli/local-time.ts'
import { readOperatorFile, writeOperatorFile } from '../../../server/operator-file.ts'
import { runCommand, startCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { partsOf } from '../rooms/room-page.ts'
import { callerOf, post, signIn } from '../support/api-client.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

const asOptions = ({ username, email, name }: typeof ann) => [
  ...['--username', username, '--email', email, '--name', name, '--password-stdin'],
]

const inSevenDays = () => dayText(Date.now() + 7 * 86_400_000)

test('S6.1 S6.12 an account is added, listed and removed, whether or not a server runs', async () => {
  const dataDir = temporaryFolder()
  const at = { dataDir, input: `${ann.password}\n` }
  const added = await runCommand(at, 'account', 'add', ...asOptions(ann))
  const told = `They are told by mail. No server is running with this data directory. No mail server is set here (SMTP_URL): if none is set when a server starts, the mail will be written to ${join(dataDir, 'outbox')}, and reach nobody by itself.`
  const ends = `The password ends on ${inSevenDays()} (${zone()}) unless they log in with it before.`
  expect(added).toEqual({
    code: 0,
    out: `Added ann (Ann Able, ann@clinic.example).\n${told}\n${ends}`,
    err: `There was no database in ${dataDir}, and a new one was made. If your server has another DATA_DIR, give it to this command too.`,
  })
  const server = await startInProcessServer({ dataDir })
  const second = await runCommand(
    dataDir,
    'account',
    'add',
    '--username',
    'ben',
    '--email',
    'b@x.example',
    '--name',
    'Ben',
  )
  const password = /^Password: (\S+) \(shown only now\)$/m.exec(second.out)?.[1] ?? ''
  const { token } = await signIn(server, { username: 'ben', password })
  const device = await connectDevice(server.url, token, 'device-1')
  expect((await runCommand(dataDir, 'account', 'list')).out.split('\n')).toEqual([
    `username  email               name      sessions  first password (${zone()})`,
    `ann       ann@clinic.example  Ann Able  0         ends ${inSevenDays()}`,
    'ben       b@x.example         Ben       1         –',
  ])
  expect((await runCommand(dataDir, 'account', 'remove', 'BEN')).out).toBe(
    'Removed BEN; 1 session was ended.',
  )
  expect(await device.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  expect((await runCommand(dataDir, 'account', 'list')).out).not.toContain('ben')
})

test.each([
  ['account', 'list'],
  ['account', 'password', 'ann'],
  ['account', 'remove', 'ann'],
  ['api-key', 'create', 'Portal'],
  ['api-key', 'list'],
  ['audit'],
] as const)('S6.12 where there is no database, %s %s %s refuses and makes none', async (name, ...words) => {
  const dataDir = join(temporaryFolder(), 'data')
  const { code, out, err } = await runCommand(dataDir, name, ...words)
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(`There is no database in ${dataDir}, and none was made. Set DATA_DIR`)
  expect(existsSync(dataDir)).toBe(false)
})

test('S6.13 days and times in lists and sentences name the zone that they are by', async () => {
  const at = { dataDir: temporaryFolder(), env: { TZ: 'Asia/Kolkata' } }
  const add = ['--username', 'ann', '--email', 'ann@clinic.example', '--name', 'Ann']
  const added = (await runCommand(at, 'account', 'add', ...add)).out
  expect(added).toMatch(/ends on \d{4}-\d\d-\d\d \(Asia\/(Kolkata|Calcutta)\) unless/)
  expect((await runCommand(at, 'account', 'password', 'ann')).out).toMatch(
    / \(Asia\/(Kolkata|Calcutta)\) unless/,
  )
  const [accounts] = (await runCommand(at, 'account', 'list')).out.split('\n')
  expect(accounts).toMatch(/first password \(Asia\/(Kolkata|Calcutta)\)$/)
  await runCommand(at, 'api-key', 'create', 'Portal')
  const [keys] = (await runCommand(at, 'api-key', 'list')).out.split('\n')
  expect(keys).toMatch(/created \(Asia\/\w+\) +last used \(Asia\/\w+\)$/)
})

test('S6.24 options that npm kept for itself are named, and nothing is done', async () => {
  const dataDir = temporaryFolder()
  const by = (env: Record<string, string>) => ({ dataDir, env: { npm_lifecycle_event: 'x', ...env } })
  // As npm hands on `npm run api-key create Portal --scim --own-people=north`.
  const kept = by({ npm_config_scim: 'true', npm_config_own_people: 'north' })
  const refused = await runCommand(kept, 'api-key', 'create', 'Portal')
  expect([refused.code, refused.out]).toEqual([2, ''])
  expect(refused.err.split('\n')[0]).toMatch(
    /^npm kept --own-people and --scim for itself, and nothing was done\. Put -- before the words, as in: npm run api-key -- /,
  )
  expect(existsSync(join(dataDir, 'reachable.db'))).toBe(false)
  const added = await runCommand(by({ npm_config_email: 'true' }), 'account', 'add', 'ann', 'a@x.example')
  expect([added.code, added.err.split('\n')[0]]).toEqual([2, expect.stringContaining('npm kept --email for')])
  // What somebody set for npm is none of it.
  const own = by({ npm_config_email: 'me@x.example' })
  expect((await runCommand(own, 'account', 'list')).err).toContain('There is no database')
})

test('S6.2 revoking ends every session of a person, and their connections within a second', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const devices = await Promise.all(
    ['device-1', 'device-2'].map((name) => reachableDevice(server, ann, name)),
  )
  const closed = devices.map(async (device) => ({ ...(await device.closed()), at: performance.now() }))
  const { out } = await runCommand(server.dataDir, 'account', 'revoke', 'ann')
  const told = performance.now()
  expect(out).toBe('ann: 2 sessions were ended.')
  for (const { code, at } of await Promise.all(closed)) {
    expect(code).toBe(4401)
    expect(at - told).toBeLessThan(1_000)
  }
})

test('S6.3 Y1.7 an API key is shown once, works, works no more when it is revoked, and both are recorded', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const made = await runCommand(server.dataDir, 'api-key', 'create', 'Clinic', 'North')
  const key = made.out.split('\n').at(-1) ?? ''
  const place = () => post(server, '/api/calls', { to: 'ann' }, { authorization: `Bearer ${key}` })
  expect(await (await place()).json()).toMatchObject({ from: 'Clinic North', disposition: 'unreachable' })
  const listed = await runCommand(server.dataDir, 'api-key', 'list')
  expect(listed.out).toContain('Clinic North')
  expect(listed.out).not.toContain(key)
  expect((await runCommand(server.dataDir, 'api-key', 'create', 'Clinic North')).code).toBe(1)
  expect((await runCommand(server.dataDir, 'api-key', 'revoke', 'Clinic North')).code).toBe(0)
  expect((await place()).status).toBe(401)
  const db = await server.db()
  const entries = await db
    .selectFrom('audit')
    .select(['what', 'detail'])
    .where('what', 'in', ['api-key-created', 'api-key-revoked'])
    .execute()
  const detail = { by: 'operator', key: 'Clinic North' }
  expect(entries.map((entry) => ({ ...entry, detail: JSON.parse(entry.detail) }))).toEqual([
    { what: 'api-key-created', detail: { ...detail, scope: 'calls' } },
    { what: 'api-key-revoked', detail },
  ])
})

test('S6.4 S6.15 a call from the terminal shows its states as they come', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const nobody = await runCommand(server.dataDir, 'call', 'ann')
  expect(nobody).toEqual({
    code: 3,
    out: 'ann is unreachable: no device of theirs can be rung now. It is kept as a missed call.',
    err: '',
  })
  const device = await reachableDevice(server, ann)
  const { ended } = startCommand(server.dataDir, 'call', 'ann', '--from', 'Dr Bell')
  const { call } = await device.next('ring')
  expect(call.from).toBe('Dr Bell')
  device.send({ type: 'rings', call: call.id })
  await expect.poll(async () => (await callerOf(server).get(call.id)).state).toBe('ringing')
  device.send({ type: 'answer', call: call.id })
  const { room } = await device.next('over')
  const { code, out } = await ended
  expect(code).toBe(0)
  const told = /^Answered\. The room: (\S+)$/.exec(out.split('\n').at(-1) ?? '')?.[1] ?? ''
  // Its caller has a ticket of their own.
  expect(partsOf(told).room).toBe(partsOf(room ?? '').room)
  expect(partsOf(told).ticket).toMatch(/^caller-/)
})

test('S6.15 a server with demo accounts and a public address is no demonstration', async () => {
  const demo = async (env: Record<string, string>) => {
    const { dataDir } = await startInProcessServer({ env })
    return readOperatorFile(join(dataDir, 'operator.json'))?.demo
  }
  expect(await demo({ DEMO_ACCOUNTS: '1' })).toBe(true)
  expect(await demo({ DEMO_ACCOUNTS: '1', PUBLIC_URL: 'https://reachable.example' })).toBe(false)
  expect(await demo({})).toBe(false)
})

test('S6.5 S6.15 Ctrl-C, or the time given, cancels a call from the terminal', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const first = startCommand(server.dataDir, 'call', 'ann')
  const rung = await device.next('ring')
  expect(rung.call.from).toBe('Server operator')
  device.send({ type: 'rings', call: rung.call.id })
  first.child.stdout?.once('data', () => first.child.kill('SIGINT'))
  expect(await device.next('over')).toMatchObject({ outcome: 'cancelled' })
  expect((await first.ended).out).toBe('Ringing on 1 device.\nCancelled. It is kept as a missed call.')
  // As one is that is there to be tried out.
  const operatorFile = join(server.dataDir, 'operator.json')
  const running = readOperatorFile(operatorFile)
  if (running) writeOperatorFile(operatorFile, { ...running, demo: true })
  const second = startCommand(server.dataDir, 'call', 'ann', '--cancel-after', '0.1')
  const again = await device.next('ring')
  expect(again.call.from).toBe('Terminal')
  device.send({ type: 'rings', call: again.call.id })
  expect(await device.next('over')).toMatchObject({ outcome: 'cancelled' })
  expect((await second.ended).out).toMatch(/Cancelled\. It is kept as a missed call\.$/)
})

test('S6.4 a call from the terminal says that nobody can be reached, how long it tries, and that it rings again', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const { child, ended } = startCommand(server.dataDir, 'call', 'ann', '--wait', '60')
  const lines: string[] = []
  child.stdout?.on('data', (text) => lines.push(...String(text).trim().split('\n')))
  await expect
    .poll(() => lines, { timeout: 5_000 })
    .toEqual([expect.stringMatching(/^No device of ann can be reached now; trying for (60|59|58) s more\.$/)])
  for (const name of ['device-1', 'device-2']) {
    const device = await reachableDevice(server, ann, name)
    const { call } = await device.next('ring')
    device.send({ type: 'rings', call: call.id })
    await expect.poll(() => lines.at(-1)).toMatch(/on 1 device\.$/)
    if (name === 'device-2') device.send({ type: 'decline', call: call.id })
    else device.close()
    await expect.poll(() => lines.at(-1)).not.toMatch(/on 1 device\.$/)
  }
  await ended
  expect(lines.slice(1)).toEqual([
    'Ringing on 1 device.',
    expect.stringMatching(/^No device of ann can be reached now; trying for \d\d s more\.$/),
    'Ringing again on 1 device.',
    'Declined.',
  ])
})

test('S6.6 a command that is used wrongly says how it is used, and one that cannot be done says why', async () => {
  const dataDir = temporaryFolder()
  await openTestDatabase(dataDir)
  const misuses = [
    ['account', [], 2, 'Usage:'],
    ['account', ['dance'], 2, 'There is no "account dance".'],
    ['account', ['add', '--username', 'ann'], 2, 'An account needs --username, --email and --name.'],
    [
      'account',
      ['add', '--colour', 'red'],
      2,
      'There is no option --colour: npm run account -- --help tells which there are, and what they take.',
    ],
    ['account', ['add', '--username', 'ann', '--email', 'x', '--name', 'A'], 1, 'x is no email address.'],
    ['account', ['password'], 2, 'takes one username or email'],
    ['account', ['password', 'zoe'], 1, 'There is no account zoe.'],
    ['account', ['invite', 'zoe@clinic.example', '--name', '\u3164'], 2, 'A name has 1 to 100 characters'],
    ['account', ['revoke'], 2, 'takes one username or email'],
    ['account', ['revoke', 'zoe'], 1, 'There is no account zoe.'],
    ['api-key', ['create'], 2, 'takes the name of a key'],
    [
      'api-key',
      ['create', 'x', '--scopes', 'metrics', '--own-people', 'north'],
      2,
      'one for metrics does nothing',
    ],
    [
      'api-key',
      ['create', 'a\u202eb'],
      2,
      'something of it to be seen, and no line breaks or control characters',
    ],
    [
      'api-key',
      ['revoke', 'x'],
      1,
      'There is no key named x. "npm run api-key -- list" shows those there are.',
    ],
    ['call', [], 2, 'Whom should be called?'],
    ['call', ['ann', '--cancel-after', 'soon'], 2, '--cancel-after takes seconds'],
    [
      'call',
      ['ann'],
      1,
      `No Reachable server is running with the data directory ${dataDir}. Start one with: npm start. If yours has another DATA_DIR`,
    ],
  ] as const
  const ends = await Promise.all(
    misuses.map(([name, parameters]) => runCommand(dataDir, name, ...parameters)),
  )
  for (const [index, { code, err }] of ends.entries()) {
    const [name, parameters, expected, words] = misuses[index] ?? []
    expect([name, parameters, code]).toEqual([name, parameters, expected])
    expect(err).toContain(words)
    expect(err).not.toMatch(/\n +at /)
  }
})

test('S6.22 a command whose output nobody reads any more does its work, and says nothing of that', async () => {
  const dataDir = temporaryFolder()
  await openTestDatabase(dataDir)
  const command = `"${process.execPath}" "${inRoot('server', 'cli', 'api-key.ts')}" create portal`
  // `:` reads nothing, and is gone long before anything is printed.
  const { stderr } = await promisify(execFile)(
    'sh',
    ['-c', `{ ${command}; echo "ended with $?" >&2; } | :`],
    {
      env: { PATH: process.env.PATH, DATA_DIR: dataDir },
    },
  )
  expect(stderr.trim().split('\n').at(-1)).toBe('ended with 0')
  expect(stderr).not.toContain('EPIPE')
  expect((await runCommand(dataDir, 'api-key', 'list')).out).toContain('portal')
})
