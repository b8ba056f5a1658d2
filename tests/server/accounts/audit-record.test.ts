import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { audit } from '../../../server/accounts/audit.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { endSession, signIn, trySignIn } from '../support/api-client.ts'
import { sendForm } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann, ben } from '../support/people.ts'

const recordOf = async (server: InProcessServer) =>
  (await (await server.db()).selectFrom('audit').selectAll().orderBy('id').execute()).map((row) => ({
    ...row,
    detail: JSON.parse(row.detail) as unknown,
  }))

test('Y1.1 what was recorded can be neither changed nor taken away', async () => {
  const server = await startInProcessServer()
  const [id] = await addPeople(server.dataDir, ann)
  await signIn(server, ann)
  const db = await server.db()
  const refused = 'only ever added to'
  await expect(db.updateTable('audit').set({ what: 'x' }).execute()).rejects.toThrow(refused)
  await expect(db.deleteFrom('audit').execute()).rejects.toThrow(refused)
  const replace = sql`insert or replace into audit ("id", "at", "what", "detail") values (1, 1, 'x', '{}')`
  await expect(replace.execute(db)).rejects.toThrow(refused)
  const upsert = sql`insert into audit ("id", "at", "what", "detail") values (1, 1, 'x', '{}')
    on conflict do update set "what" = 'x'`
  await expect(upsert.execute(db)).rejects.toThrow(refused)
  await db.deleteFrom('user').execute()
  expect(await recordOf(server)).toMatchObject([{ what: 'signed-in', who: id }])
})

test('Y1.2 signing in and out is recorded: who, when, from where, on which device', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  const [id] = await addPeople(server.dataDir, ann)
  const headers = { 'x-forwarded-for': '10.0.0.7', 'user-agent': 'A browser' }
  const login = { login: 'ann', password: ann.password, staySignedIn: true }
  const response = await trySignIn(server, login, headers)
  const { endToken } = (await response.json()) as { endToken: string }
  await endSession(server, endToken)
  await endSession(server, endToken)
  const here = { who: id, login: null, device: 'device-1' }
  const record = await recordOf(server)
  expect(record).toMatchObject([
    {
      ...here,
      what: 'signed-in',
      address: '10.0.0.7',
      label: 'A browser',
      detail: { by: 'password', staySignedIn: true },
    },
    { ...here, what: 'signed-out', detail: { sameKey: true } },
  ])
  expect(Math.abs((record[0]?.at ?? 0) - server.clock.wall())).toBeLessThan(60_000)
})

test('Y1.3 a refused sign-in is recorded with its reason; a name that nobody has is not kept in clear', async () => {
  const server = await startInProcessServer()
  const [annId, benId] = await addPeople(server.dataDir, ann, ben)
  const db = await server.db()
  await db
    .updateTable('user')
    .set({ disabledAt: 1 })
    .where('id', '=', benId ?? '')
    .execute()
  await trySignIn(server, { login: ' ANN', password: 'Wrong-horse-7' })
  await trySignIn(server, { login: ben.email, password: ben.password })
  for (const login of ['Correct-horse-7', 'correct-horse-7 ', 'other'])
    await trySignIn(server, { login, password: 'Wrong-horse-7' })
  const record = await recordOf(server)
  expect(record.map(({ who, detail }) => [who, detail])).toEqual([
    [annId, { why: 'wrong-credentials', by: 'password' }],
    [benId, { why: 'account-disabled', by: 'password' }],
    ...Array(3).fill([null, { why: 'wrong-credentials', by: 'password' }]),
  ])
  const [, , first, second, third] = record.map(({ login }) => login)
  expect(first).toMatch(/^[\w-]{16}$/)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
  expect(JSON.stringify(record).toLowerCase()).not.toContain('horse')
  // Another installation's hash of the same words is another one.
  const other = await startInProcessServer()
  await trySignIn(other, { login: 'Correct-horse-7', password: 'x' })
  expect((await recordOf(other))[0]?.login).not.toBe(first)
})

test('Y1.5 attempts that come too soon are recorded once a minute, however many they are', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const guess = () => trySignIn(server, { login: 'ann', password: 'Wrong-horse-7' })
  await Promise.all(Array.from({ length: 5 }, guess))
  await Promise.all(Array.from({ length: 10 }, guess))
  await guess()
  const whys = async () => (await recordOf(server)).map(({ detail }) => (detail as { why: string }).why)
  expect(await whys()).toEqual([...Array(5).fill('wrong-credentials'), 'too-many-attempts'])
})

test('Y1.5 attempts at an account that is disabled, which come too soon, are recorded once a minute too', async () => {
  const server = await startInProcessServer()
  const [id] = await addPeople(server.dataDir, ann)
  await (await server.db()).updateTable('user').set({ disabledAt: 1 }).execute()
  const guess = () => trySignIn(server, { login: 'ann', password: 'Wrong-horse-7' })
  await Promise.all(Array.from({ length: 5 }, guess))
  for (let n = 0; n < 3; n += 1) await guess()
  const tooSoon = (await recordOf(server)).slice(5)
  const detail = { why: 'too-many-attempts', by: 'password', disabled: true }
  expect(tooSoon).toMatchObject([{ what: 'sign-in-refused', who: id, detail }])
})

test('Y1.7 what the operator revokes is recorded', async () => {
  const server = await startInProcessServer()
  const [id] = await addPeople(server.dataDir, ann)
  await signIn(server, ann)
  await runCommand(server.dataDir, 'account', 'revoke', 'ann')
  expect((await recordOf(server)).at(-1)).toMatchObject({
    what: 'sessions-revoked',
    who: id,
    address: null,
    detail: { sessions: 1, by: 'operator', verb: 'revoke' },
  })
})

test('Y1.8 asking for a new password and setting one is recorded, without the link', async () => {
  const server = await startInProcessServer()
  const [id] = await addPeople(server.dataDir, ann)
  await sendForm(server, '/password/forgot', { login: 'nobody@clinic.example' })
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const link = linkIn(await mailsTo(server, ann.email))
  const password = 'New-horse-battery-9'
  await sendForm(server, link, { password, again: password })
  const record = await recordOf(server)
  expect(record.map(({ what, who }) => [what, who]).toSorted()).toEqual(
    [
      ['reset-asked', id],
      ['reset-asked', null],
      ['reset-done', id],
    ].toSorted(),
  )
  const kept = JSON.stringify(record)
  for (const secret of [link.split('/').at(-1) ?? '', password, 'nobody']) expect(kept).not.toContain(secret)
})

test('Y3.1 Y3.2 what whoever asks says of themselves is an address and 200 characters, on record and with the session', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await addPeople(server.dataDir, ann)
  const agent = `A browser ${'x'.repeat(6_000)}`
  const headers = { 'x-forwarded-for': `10.0.0.7, ${'9'.repeat(8_000)}`, 'user-agent': agent }
  const login = { login: 'ann', password: ann.password }
  expect((await trySignIn(server, login, headers)).status).toBe(200)
  await trySignIn(server, login, { ...headers, 'x-forwarded-for': '[2001:DB8::7]:4711' })
  const record = await recordOf(server)
  expect(record.map(({ address }) => address)).toEqual(['127.0.0.1', '2001:db8::7'])
  for (const { label } of record) expect(label).toBe(agent.slice(0, 200))
  const device = await (await server.db()).selectFrom('device').selectAll().executeTakeFirstOrThrow()
  expect(device).toMatchObject({ address: '2001:db8::7', label: agent.slice(0, 200) })
})

test('Y3.2 no text of an entry is longer than 200 characters, whatever was asked for', async () => {
  const server = await startInProcessServer()
  await audit(await server.db(), {
    at: 1,
    what: 'proof-refused',
    device: 'd'.repeat(1_000),
    detail: { why: 'malformed', path: `/api/${'🦊'.repeat(1_000)}`, all: ['y'.repeat(1_000)], count: 7 },
  })
  expect(await recordOf(server)).toMatchObject([
    {
      device: 'd'.repeat(200),
      detail: { why: 'malformed', path: `/api/${'🦊'.repeat(195)}`, all: ['y'.repeat(200)], count: 7 },
    },
  ])
})
