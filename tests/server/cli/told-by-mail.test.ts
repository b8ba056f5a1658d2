import { expect, test } from 'vitest'
import { runCommandOrThrow } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann } from '../support/people.ts'

const OPERATOR_EMAIL = 'operator@clinic.example'

test('M3.5 whom the operator makes an account is told by mail, and a server that runs later tells them too', async () => {
  const dataDir = temporaryFolder()
  const options = ['--username', 'ann', '--email', ann.email, '--name', ann.name]
  const out = await runCommandOrThrow(dataDir, 'account', 'add', ...options)
  expect(out).toContain('They are told by mail. No server is running with this data directory')
  const server = await startInProcessServer({ dataDir })
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You have a Reachable account')
  expect(mail?.text).toContain('Your username: ann')
  expect(mail?.text).toContain(`${server.url}/password/forgot`)
  const password = /^Password: (\S+)/m.exec(out)?.[1] ?? 'none'
  expect(mail?.text).not.toContain(password)
  const second = ['--username', 'ben', '--email', 'ben@clinic.example', '--name', 'Ben']
  expect(await runCommandOrThrow(dataDir, 'account', 'add', ...second)).toContain('The mail is on its way.')
  await mailsTo(server, 'ben@clinic.example')
})

test('M3.5 nobody is written to whose account is there to try Reachable out', async () => {
  const server = await startInProcessServer({ env: { DEMO_ACCOUNTS: '1' } })
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').execute()).toHaveLength(2)
  expect(await db.selectFrom('mail').select('id').execute()).toEqual([])
})

test('M3.6 the operator is told by mail of a key that is made, and of one that is revoked, without the key', async () => {
  const server = await startInProcessServer()
  const at = { dataDir: server.dataDir, env: { OPERATOR_EMAIL } }
  const made = await runCommandOrThrow(at, 'api-key', 'create', 'Ward', '3', '--scim')
  const revoked = await runCommandOrThrow(at, 'api-key', 'revoke', 'Ward', '3')
  for (const out of [made, revoked])
    expect(out.split('\n').at(-1)).toBe(`${OPERATOR_EMAIL} is told by mail. The mail is on its way.`)
  const mails = await mailsTo(server, OPERATOR_EMAIL, 2)
  expect(mails.map(({ subject }) => subject).sort()).toEqual([
    'An API key was made',
    'An API key was revoked',
  ])
  const key = made.split('\n')[1] ?? 'none'
  for (const { text } of mails) {
    expect(text).toContain('“Ward 3”')
    expect(text).not.toContain(key)
  }
})

test('M3.6 without an address nobody is told, and a key that is not made tells nobody', async () => {
  const dataDir = temporaryFolder()
  expect(await runCommandOrThrow(dataDir, 'api-key', 'create', 'Desk')).not.toContain('mail')
  const at = { dataDir, env: { OPERATOR_EMAIL } }
  await expect(runCommandOrThrow(at, 'api-key', 'create', 'Desk')).rejects.toThrow('already')
  await expect(runCommandOrThrow(at, 'api-key', 'revoke', 'Other')).rejects.toThrow('no key')
  const db = await openTestDatabase(dataDir)
  expect(await db.selectFrom('mail').select('id').execute()).toEqual([])
})
