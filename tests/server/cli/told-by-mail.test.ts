import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startMailServer } from '../../support/mail/start-mail-server.ts'
import { runCommandOrThrow } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ann } from '../support/people.ts'

const OPERATOR_EMAIL = 'operator@clinic.example'

/** What is said where a server runs that has no mail server. */
const filesOnly = (dataDir: string) =>
  `No mail server is set (SMTP_URL): the mail is written to ${join(dataDir, 'outbox')}, and reaches nobody by itself.`

test('M3.7 a mail is said to be on its way where the server that runs has a mail server, whatever the command has', async () => {
  const mailServer = await startMailServer()
  const env = { SMTP_URL: mailServer.address, MAIL_FROM: 'calls@clinic.example' }
  const server = await startInProcessServer({ env })
  const invited = await runCommandOrThrow(server.dataDir, 'account', 'invite', 'zoe@clinic.example')
  expect(invited).toBe('Invited zoe@clinic.example. The mail is on its way.')
  await expect.poll(() => mailServer.mails.length, { timeout: 15_000 }).toBe(1)
  const files = await startInProcessServer()
  const at = { dataDir: files.dataDir, env }
  expect(await runCommandOrThrow(at, 'account', 'invite', 'zoe@clinic.example')).toContain(
    filesOnly(files.dataDir),
  )
  const nowhere = { dataDir: temporaryFolder(), env }
  expect(await runCommandOrThrow(nowhere, 'account', 'invite', 'zoe@clinic.example')).toContain(
    'the mail will leave when one starts.',
  )
})

test('M3.5 whom the operator makes an account is told by mail, and a server that runs later tells them too', async () => {
  const dataDir = temporaryFolder()
  const options = ['--username', 'ann', '--email', ann.email, '--name', ann.name]
  const out = await runCommandOrThrow(dataDir, 'account', 'add', ...options)
  expect(out).toContain(
    `No mail server is set here (SMTP_URL): if none is set when a server starts, the mail will be written to ${join(dataDir, 'outbox')}, and reach nobody by itself.`,
  )
  const server = await startInProcessServer({ dataDir })
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You have a Reachable account')
  expect(mail?.text).toContain('Your username: ann')
  expect(mail?.text).toContain(`${server.url}/password/forgot`)
  const password = /^Password: (\S+)/m.exec(out)?.[1] ?? 'none'
  expect(mail?.text).not.toContain(password)
  const second = ['--username', 'ben', '--email', 'ben@clinic.example', '--name', 'Ben']
  expect(await runCommandOrThrow(dataDir, 'account', 'add', ...second)).toContain(filesOnly(dataDir))
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
    expect(out.split('\n').at(-1)).toBe(`${OPERATOR_EMAIL} is told by mail. ${filesOnly(server.dataDir)}`)
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
  const db = await openTestDatabase(dataDir)
  expect(await runCommandOrThrow(dataDir, 'api-key', 'create', 'Desk')).not.toContain('mail')
  const at = { dataDir, env: { OPERATOR_EMAIL } }
  await expect(runCommandOrThrow(at, 'api-key', 'create', 'Desk')).rejects.toThrow('already')
  await expect(runCommandOrThrow(at, 'api-key', 'revoke', 'Other')).rejects.toThrow('no key')
  expect(await db.selectFrom('mail').select('id').execute()).toEqual([])
})
