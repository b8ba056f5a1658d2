import { expect, test } from 'vitest'
import { firstPasswordEnds } from '../../../server/accounts/first-passwords.ts'
import { addAccount, giveFirstPassword } from '../../../server/accounts/operator-accounts.ts'
import { openPasswords } from '../../../server/accounts/passwords.ts'
import { openAccount } from '../my-account/at-account.ts'
import { atOnce, signIn, trySignIn } from '../support/api-client.ts'
import { leastHashCost } from '../support/hash-costs.ts'
import { sendForm } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { ann } from '../support/people.ts'

const passwords = openPasswords({ cost: leastHashCost })

const day = 86_400_000
const given = { firstPasswordLifetime: 7 * day }

/** Ann with a password that the operator gave her. */
async function started() {
  const server = await startInProcessServer()
  const db = await server.db()
  const added = await addAccount(db, passwords, { ...ann, untold: true }, given, server.clock.wall())
  if (added.kind !== 'added') throw new Error(added.errors.join())
  return { server, db, account: added.account }
}

const statusOf = async (server: InProcessServer, password = ann.password) =>
  (await trySignIn(server, { login: 'ann', password })).status

test('N1.8 a password that the operator gave ends after seven days, if nobody has signed in with it', async () => {
  const { server, db } = await started()
  const wrong = await trySignIn(server, { login: 'ann', password: 'Wrong-horse-7' })
  server.clock.advance(7 * day)
  const began = performance.now()
  const ended = await trySignIn(server, { login: 'ann', password: ann.password })
  expect(performance.now() - began).toBeGreaterThanOrEqual(395)
  expect([ended.status, await ended.json()]).toEqual([wrong.status, await wrong.json()])
  const refused = await db
    .selectFrom('audit')
    .select('detail')
    .where('what', '=', 'sign-in-refused')
    .execute()
  expect(refused.map(({ detail }) => JSON.parse(detail).why)).toEqual([
    'wrong-credentials',
    'first-password-ended',
  ])
  expect(await db.selectFrom('session').select('id').execute()).toEqual([])
})

test('N1.8 whoever signed in with it in time keeps it', async () => {
  const { server, db } = await started()
  server.clock.advance(7 * day - 10_000)
  expect(await statusOf(server)).toBe(200)
  expect(await firstPasswordEnds(db)).toEqual(new Map())
  server.clock.advance(60 * day)
  expect(await statusOf(server)).toBe(200)
})

test('N1.8 a mailed link brings back whose first password has ended, and the one that they choose does not end', async () => {
  const { server } = await started()
  server.clock.advance(8 * day)
  expect(await statusOf(server)).toBe(401)
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const password = 'Evening-primrose-44'
  const link = linkIn(await mailsTo(server, ann.email))
  expect((await sendForm(server, link, { password, again: password })).status).toBe(303)
  server.clock.advance(60 * day)
  expect(await statusOf(server, password)).toBe(200)
})

test('N1.8 one that ended changes nothing in My account either', async () => {
  const { server, db, account } = await started()
  const { token } = await signIn(server, ann)
  const pages = await openAccount(server, token)
  await db.insertInto('firstPassword').values({ userId: account.id, endsAt: 1 }).execute()
  const next = 'Evening-primrose-44'
  const refused = await pages.sendForm('/account/password', {
    old: ann.password,
    password: next,
    again: next,
  })
  expect(refused.status).toBe(422)
  await db.deleteFrom('firstPassword').execute()
  const changed = await pages.sendForm('/account/password', {
    old: ann.password,
    password: next,
    again: next,
  })
  expect(changed.status).toBe(303)
})

test('N1.8 N1.9 the operator gives another one, which ends too, and with it all sessions; wrong ones are forgiven', async () => {
  const { server, db, account } = await started()
  await signIn(server, ann)
  await atOnce(6, (n) => trySignIn(server, { login: 'ann', password: `Wrong-horse-${n}`, device: 'd' }))
  expect((await trySignIn(server, { login: 'ann', password: ann.password, device: 'd' })).status).toBe(429)
  const password = 'Evening-primrose-44'
  const now = server.clock.wall()
  const asked = { account, secret: 'secret' }
  expect(
    await giveFirstPassword(db, passwords, { ...asked, password: 'Ann-Able-2026!' }, given, now),
  ).toEqual({
    kind: 'invalid',
    error: expect.stringContaining('easy to guess'),
  })
  expect(await giveFirstPassword(db, passwords, { ...asked, password }, given, now)).toEqual({
    kind: 'given',
    sessions: 1,
  })
  expect(await db.selectFrom('session').select('id').execute()).toEqual([])
  expect(await firstPasswordEnds(db)).toEqual(new Map([[account.id, now + 7 * day]]))
  const { detail } = await db
    .selectFrom('audit')
    .select('detail')
    .where('what', '=', 'password-changed')
    .executeTakeFirstOrThrow()
  expect(JSON.parse(detail)).toEqual({ ended: 1, by: 'operator' })
  expect((await mailsTo(server, ann.email)).map(({ subject }) => subject)).toEqual([
    'Your password was changed',
  ])
  expect(await statusOf(server)).toBe(401)
  server.clock.advance(7 * day)
  expect(await statusOf(server, password)).toBe(401)
})

test('N1.8 the passwords of demo accounts end too, after as many days as are configured', async () => {
  const server = await startInProcessServer({ env: { DEMO_ACCOUNTS: '1', FIRST_PASSWORD_DAYS: '2' } })
  const [demo, other] = server.demoAccounts
  if (!demo || !other) throw new Error('there are no demo accounts')
  expect((await trySignIn(server, { login: demo.username, password: demo.password })).status).toBe(200)
  server.clock.advance(2 * day)
  expect((await trySignIn(server, { login: demo.username, password: demo.password })).status).toBe(200)
  expect((await trySignIn(server, { login: other.username, password: other.password })).status).toBe(401)
})
