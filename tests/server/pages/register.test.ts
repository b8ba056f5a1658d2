import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { invite } from '../../../server/accounts/invite.ts'
import { countRequest } from '../../../server/accounts/request-rate-limit.ts'
import { runCommandOrThrow } from '../../support/server/run-command.ts'
import { signIn } from '../support/api-client.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { expectNoMailTo, linkIn, mailsTo } from '../support/mailbox.ts'
import { ann, settle } from '../support/people.ts'

const day = 86_400_000
const zoe = { username: 'Zoe.Z', name: 'Zoë Zahn', password: 'Correct-horse-9' }
const zoeAt = 'zoe@clinic.example'

const fields = (over: Partial<typeof zoe> & { again?: string } = {}) => {
  const all = { ...zoe, ...over }
  return { ...all, again: over.again ?? all.password }
}

async function invited(server: InProcessServer, count = 1, name: string | null = null): Promise<string> {
  const invitation = { email: 'Zoe@Clinic.example', name, language: 'en' as const }
  await invite(await server.db(), invitation, server.clock.wall())
  const paths = (await mailsTo(server, zoeAt, count)).map((mail) => linkIn([mail]))
  for (const path of paths) if ((await getPage(server, path)).status === 200) return path
  throw new Error('no link works')
}

const asked = async (server: InProcessServer, email: string) => {
  const answer = await sendForm(server, '/sign-up', { email })
  return [answer.status, answer.headers.get('location'), await answer.text()]
}

test('N1.1 an invitation leads to a page where a person chooses username, name and password, and logs in with them', async () => {
  const server = await startInProcessServer()
  const command = ['invite', 'Zoe@Clinic.example', '--name', 'Zoë "Z" <Zahn>', '--language', 'de']
  const said = await runCommandOrThrow(server.dataDir, 'account', ...command)
  expect(said).toContain(
    'Invited Zoe@Clinic.example. No mail server is set (SMTP_URL): the mail is written to',
  )
  const link = linkIn(await mailsTo(server, zoeAt))
  expect((await mailsTo(server, zoeAt))[0]?.subject).toBe('Ihr Reachable-Konto')
  const page = await (await getPage(server, link)).text()
  expect(page).toContain('<html lang="de">')
  expect(page).toContain('value="zoe@clinic.example"')
  expect(page).toContain('value="Zoë &quot;Z&quot; &lt;Zahn&gt;"')
  const done = await sendForm(server, link, fields())
  expect([done.status, done.headers.get('location')]).toEqual([303, '/joined?language=de'])
  expect((await getPage(server, '/joined')).status).toBe(200)
  const { account } = await signIn(server, zoe)
  expect(account).toMatchObject({ username: 'Zoe.Z', name: 'Zoë Zahn', email: zoeAt })
  const db = await server.db()
  expect(await db.selectFrom('user').select(['emailVerified', 'language', 'username']).execute()).toEqual([
    { emailVerified: 1, language: 'de', username: 'zoe.z' },
  ])
  expect(await textOf(await getPage(server, link))).toContain('It was used already')
})

test('N1.2 an invitation lives seven days, and a newer one ends it', async () => {
  const server = await startInProcessServer()
  const older = await invited(server)
  const newer = await invited(server, 2)
  expect(await textOf(await getPage(server, older))).toContain('A newer link was sent since.')
  server.clock.advance(7 * day - 60_000)
  expect((await getPage(server, newer)).status).toBe(200)
  server.clock.advance(60_000)
  expect(await textOf(await sendForm(server, newer, fields()))).toMatch(
    /Its time is over\. Ask whoever invited you/,
  )
})

test('N1.3 who has an account is not invited, and an invitation is over once its address has one', async () => {
  const server = await startInProcessServer()
  const link = await invited(server)
  await settle(server, { ...ann, email: zoeAt })
  expect(await textOf(await getPage(server, link))).toContain('There is an account with this email address')
  await expect(runCommandOrThrow(server.dataDir, 'account', 'invite', zoeAt)).rejects.toThrow(
    /There is an account/,
  )
  await expect(runCommandOrThrow(server.dataDir, 'account', 'invite', 'zoe@')).rejects.toThrow(
    /is no email address/,
  )
  await expect(runCommandOrThrow(server.dataDir, 'account', 'invite')).rejects.toThrow(
    /Whom should be invited/,
  )
  await expect(
    runCommandOrThrow(server.dataDir, 'account', 'invite', 'z@c.example', '--language', 'nl'),
  ).rejects.toThrow(/--language takes one of en, de, es, fr/)
})

test('N1.4 of two who send the same invitation at once one is made, and none with the username of another', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const link = await invited(server)
  const taken = await sendForm(server, link, fields({ username: 'ANN' }))
  expect([taken.status, await textOf(taken)]).toEqual([
    422,
    expect.stringContaining('Somebody has this username already.'),
  ])
  const both = await Promise.all([
    sendForm(server, link, fields()),
    sendForm(server, link, fields({ username: 'zed' })),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual([303, 410])
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').execute()).toHaveLength(2)
})

test('N2.1 sign-up is closed unless the server allows it', async () => {
  const server = await startInProcessServer()
  for (const answer of [
    await getPage(server, '/sign-up'),
    await sendForm(server, '/sign-up', { email: zoeAt }),
  ]) {
    expect(answer.status).toBe(404)
    expect(await textOf(answer)).toContain('This server takes no sign-ups')
  }
  await expectNoMailTo(server, zoeAt)
})

test('N2.2 whoever signs up has an account once they opened the link in their mailbox, and not before', async () => {
  const server = await startInProcessServer({ env: { SIGN_UP: 'on' } })
  expect((await asked(server, ' ZOE@Clinic.Example '))[1]).toBe('/sign-up/sent?language=en')
  const mails = await mailsTo(server, zoeAt)
  const db = await server.db()
  expect(await db.selectFrom('user').select('id').execute()).toEqual([])
  expect((await sendForm(server, linkIn(mails), fields())).status).toBe(303)
  expect((await signIn(server, zoe)).account.email).toBe(zoeAt)
})

test('N2.3 what is answered does not tell whether an address has an account; its owner gets a mail that does', async () => {
  const server = await startInProcessServer({ env: { SIGN_UP: 'on' } })
  await settle(server, ann)
  expect(await asked(server, ann.email)).toEqual(await asked(server, zoeAt))
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You have an account already')
  expect(mail?.text).toContain('Your username: ann')
  expect(mail?.text).toContain('/password/forgot')
  await mailsTo(server, zoeAt)
})

test('N2.1 only the domains that are allowed may sign up, whatever they look like', async () => {
  const server = await startInProcessServer({ env: { SIGN_UP: 'on', SIGN_UP_DOMAINS: 'clinic.example' } })
  for (const email of [
    'zoe@elsewhere.example',
    'zoe@clinic.example.elsewhere.example',
    'zoe@sub.clinic.example',
    'zoe@clіnic.example',
    'zoe@elsewhere.example,zoe@clinic.example',
    'zoe@elsewhere.example\r\nBcc: x@clinic.example',
    'zoe@elsewhere.example\0@clinic.example',
    '@clinic.example',
  ])
    expect((await asked(server, email))[0], email).toBe(422)
  const db = await server.db()
  expect(await db.selectFrom('mail').selectAll().execute()).toEqual([])
  expect((await asked(server, 'zoe@CLINIC.example'))[0]).toBe(303)
  await mailsTo(server, zoeAt)
})

test('N2.5 five times an hour for an address, and politely no more', async () => {
  const server = await startInProcessServer({ env: { SIGN_UP: 'on' } })
  for (let n = 0; n < 5; n += 1) expect((await asked(server, zoeAt))[0]).toBe(303)
  expect(await asked(server, zoeAt)).toEqual([429, null, expect.stringContaining('Please try again in')])
})

const faulty: readonly [string, Parameters<typeof fields>[0], string][] = [
  ['a space', { username: 'zoe z' }, 'A username has 1 to 64 letters'],
  ['a look-alike letter', { username: 'аnn' }, 'A username has 1 to 64 letters'],
  ['an accent', { username: 'zoë' }, 'A username has 1 to 64 letters'],
  ['65 letters', { username: 'z'.repeat(65) }, 'A username has 1 to 64 letters'],
  ['no username', { username: ' ' }, 'Choose a username.'],
  ['no name', { name: ' \u3000 ' }, 'Enter your name.'],
  ['a name of 10 kB', { name: 'Z'.repeat(10_000) }, 'A name has at most 100 characters.'],
  ['a NUL in a name', { name: 'Zoe\0Z' }, 'A name cannot have control characters'],
  ['a line break in a name', { name: 'Zoe\r\nBcc: x' }, 'A name cannot have control characters'],
  ['a name that runs backwards', { name: 'Zoe \u202e nna' }, 'A name cannot have control characters'],
  ['two passwords', { again: 'Correct-horse-8' }, 'The two passwords are not the same.'],
]

test('N1.5 what does not do is told beside its field, and the link still works', async () => {
  const server = await startInProcessServer()
  const link = await invited(server)
  for (const [what, over, words] of faulty) {
    const refused = await sendForm(server, link, fields(over))
    expect(refused.status, what).toBe(422)
    expect(await textOf(refused), what).toContain(words)
  }
  expect((await getPage(server, link)).status).toBe(200)
})

test('W7.4 HTML in a name is a name, 100 emoji fit into one, and both are shown as they are', async () => {
  const server = await startInProcessServer()
  const link = await invited(server)
  const name = `<script>alert("Zoë")</script>${'😀'.repeat(71)}`
  const again = await (await sendForm(server, link, fields({ name, password: 'x' }))).text()
  expect(again).not.toContain('<script>alert')
  expect(again).toContain('&lt;script&gt;alert(&quot;Zoë&quot;)&lt;/script&gt;')
  expect((await sendForm(server, link, fields({ name }))).status).toBe(303)
  expect((await signIn(server, zoe)).account.name).toBe(name)
})

test('N1.7 a link tries twenty times an hour, and politely no more, whatever the usernames', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const link = await invited(server)
  const tries = Array.from({ length: 21 }, () => sendForm(server, link, fields({ username: ann.username })))
  const answers = await Promise.all(tries)
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(20).fill(422), 429])
  const late = await sendForm(server, link, fields())
  expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, expect.closeTo(3_600, -2)])
  expect(await textOf(late)).toContain('Please try again in 60 minutes.')
  server.clock.advance(3_600_000)
  expect((await sendForm(server, link, fields())).status).toBe(303)
})

test('N1.7 from one address an account is tried to be made a hundred times an hour', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  const link = await invited(server)
  const db = await server.db()
  const secret = readFileSync(join(server.dataDir, 'secret'), 'utf8').trim()
  const limits = [{ key: 'register from 2001:db8:0:0::/64', most: 101 }]
  for (let n = 0; n < 100; n += 1) await countRequest(db, secret, limits, server.clock.wall())
  const from = (address: string) => sendForm(server, link, fields(), { 'x-forwarded-for': address })
  expect((await from('2001:db8::7')).status).toBe(429)
  expect((await from('2001:db8:1::7')).status).toBe(303)
})
