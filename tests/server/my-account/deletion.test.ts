import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { makeSignInCode } from '../../../server/accounts/code-sign-in.ts'
import { insertIssuerLink, passwordHashOf } from '../../../server/accounts/credential-rows.ts'
import { invite } from '../../../server/accounts/invite.ts'
import { listAccounts } from '../../../server/accounts/operator-accounts.ts'
import { deleteAccount } from '../../../server/my-account/delete-account.ts'
import { unlinkIssuer } from '../../../server/my-account/person.ts'
import { callerOf, post, signIn, trySignIn } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, idOf, sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { openAccount } from './at-account.ts'

const issuer = 'https://accounts.google.com'

async function link(server: InProcessServer, email: string) {
  const db = await server.db()
  const userId = await idOf(server, email)
  await insertIssuerLink(db, { userId, issuer, sub: `sub of ${userId}` }, Date.now())
  await db
    .insertInto('issuerProfile')
    .values({ userId, name: null, picture: null, language: null, email })
    .execute()
}

async function annWithPassword() {
  const server = await startInProcessServer()
  const [id = ''] = await addPeople(server.dataDir, ann)
  const token = await sessionOf(server, ann, 'device-1')
  return { server, id, token, pages: await openAccount(server, token) }
}

async function benWithGoogle() {
  const server = await startInProcessServer()
  await settle(server, ben)
  await link(server, ben.email)
  const token = await sessionOf(server, ben, 'device-1')
  return { server, pages: await openAccount(server, token) }
}

test('W10.1 a linked account is shown with its address, and unlinked by whoever knows the password', async () => {
  const { server, pages } = await annWithPassword()
  const { password } = ann
  expect(await textOf(await pages.getPage())).not.toContain('Google')
  expect((await pages.getPage('/account/unlink')).headers.get('location')).toBe('/account')
  await link(server, ann.email)
  expect(await textOf(await pages.getPage())).toContain('Linked with ann@clinic.example at Google.')
  const asked = await textOf(await pages.getPage('/account/unlink'))
  expect(asked).toContain('you log in with your password, and not with Google.')
  expect(asked).toContain('Your password, to be sure that it is you')
  expect((await pages.sendForm('/account/unlink', { password })).headers.get('location')).toBe('/account')
  expect(await textOf(await pages.getPage())).toContain('The link is removed.')
  expect((await pages.sendForm('/account/unlink', { password })).status).toBe(303)
  const after = await textOf(await pages.getPage())
  expect([after.includes('The link is removed.'), after.includes('Google')]).toEqual([true, false])
  const db = await server.db()
  const rows = await db
    .selectFrom('audit')
    .select(['what', 'detail'])
    .where('what', '=', 'issuer-unlinked')
    .execute()
  expect(rows).toEqual([{ what: 'issuer-unlinked', detail: '{"by":"self"}' }])
})

test('W10.5 nothing is unlinked without the password, wrong ones are recorded and make wait, as for deleting', async () => {
  const { server, pages } = await annWithPassword()
  await link(server, ann.email)
  const db = await server.db()
  const missing = await pages.sendForm('/account/unlink')
  expect([
    missing.status,
    (await missing.text()).includes('id="password-error">Enter your password.<'),
  ]).toEqual([422, true])
  const statuses: number[] = []
  for (let n = 0; n < 7; n += 1)
    statuses.push((await pages.sendForm('/account/unlink', { password: 'not mine' })).status)
  expect(statuses).toEqual([422, 422, 422, 422, 422, 429, 429])
  expect((await pages.sendForm('/account/delete/sure', { password: ann.password })).status).toBe(429)
  const slowed = await pages.sendForm('/account/unlink', { password: ann.password })
  expect([slowed.status, Number(slowed.headers.get('retry-after')) > 0]).toEqual([429, true])
  expect(await db.selectFrom('issuerProfile').select('email').execute()).toHaveLength(1)
  const refused = await db.selectFrom('audit').select('id').where('what', '=', 'password-refused').execute()
  expect(refused).toHaveLength(5)
})

test('W10.4 nothing is unlinked where the password was changed or the session ended meanwhile; codes go with the link', async () => {
  const { server, id } = await annWithPassword()
  await link(server, ann.email)
  const db = await server.db()
  const now = server.clock.wall()
  await makeSignInCode(db, id, 'c'.repeat(43), now)
  const { id: sessionId } = await db.selectFrom('session').select('id').executeTakeFirstOrThrow()
  const webSession = { userId: id, sessionId, device: 'device-1', signedInAt: 0 }
  const actor = { webSession, now, from: { address: '192.0.2.1', label: '' } }
  const hash = (await passwordHashOf(db, id)) ?? ''
  const codes = () => db.selectFrom('signInCode').select('userId').execute()
  expect(await unlinkIssuer(db, actor, 'the hash of the password before')).toBe(false)
  expect(await unlinkIssuer(db, { ...actor, webSession: { ...webSession, sessionId: 'over' } }, hash)).toBe(
    false,
  )
  expect(await codes()).toHaveLength(1)
  expect(await unlinkIssuer(db, actor, hash)).toBe(true)
  expect(await codes()).toEqual([])
})

test('W10.2 nobody unlinks their only way in', async () => {
  const { server, pages } = await benWithGoogle()
  const text = await textOf(await pages.getPage())
  expect(text).toContain('You have no password: you log in with Google.')
  expect(text).toContain('It is your only way to log in.')
  expect(text).not.toContain('Remove the link')
  for (const password of ['', 'any at all']) await pages.sendForm('/account/unlink', { password })
  expect((await pages.getPage('/account/unlink')).headers.get('location')).toBe('/account')
  const db = await server.db()
  expect(await db.selectFrom('account').select('providerId').execute()).toEqual([{ providerId: issuer }])
  expect((await pages.getPage('/account/password')).headers.get('location')).toBe('/account')
})

test('W11.1 deleting is asked twice, and then for the password', async () => {
  const { server, pages } = await annWithPassword()
  expect(await textOf(await pages.getPage('/account/delete'))).toContain('nobody can bring it back')
  expect(await textOf(await pages.getPage('/account/delete/sure'))).toContain('This deletes the account ann.')
  for (const [password, words] of [
    ['', 'Enter your password.'],
    ['not mine', 'This is not your password.'],
  ] as const) {
    const refused = await pages.sendForm('/account/delete/sure', { password })
    const text = await refused.text()
    expect([refused.status, text.includes(`id="password-error">${words}<`)]).toEqual([422, true])
  }
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(200)
})

test('W11.2 A8.14 A8.16 with the account go its sessions within a second, told as a log-out, and nothing signs in to it', async () => {
  const { server, token, pages } = await annWithPassword()
  const connections = [await connectDevice(server.url, token, 'device-1')]
  connections.push(await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2'))
  const answer = await pages.sendForm('/account/delete/sure', { password: ann.password })
  const told = performance.now()
  for (const connection of connections)
    expect((await connection.closed()).code).toBe(closeCodes.endedInMyAccount.code)
  expect(performance.now() - told).toBeLessThan(1_000)
  expect(answer.headers.get('location')).toBe('/account/deleted?language=en')
  expect(await textOf(await pages.getPage('/account/deleted'))).toContain('Your account is deleted')
  expect((await pages.getPage()).status).toBe(403)
  for (const login of ['ann', ann.email])
    expect((await trySignIn(server, { login, password: ann.password })).status).toBe(401)
})

test('W11.3 everything that says who they were is gone; their calls stay, without the name', async () => {
  const server = await startInProcessServer()
  await invite(await server.db(), { ...ann, language: 'en' }, server.clock.wall())
  const [id = ''] = await addPeople(server.dataDir, ann)
  const pages = await openAccount(server, await sessionOf(server, ann, 'device-1'))
  await link(server, ann.email)
  const caller = callerOf(server)
  const { id: call } = await caller.place('ann', 'Dr Bell')
  await signIn(server, ann, 'device-2')
  await pages.sendForm('/account/delete/sure', { password: ann.password })
  expect(await caller.get(call)).toMatchObject({ to: 'Deleted account', from: 'Dr Bell', state: 'missed' })
  const db = await server.db()
  const tables = await db.introspection.getTables()
  const kept = []
  for (const { name } of tables)
    kept.push(
      JSON.stringify(
        await db
          .selectFrom(name as 'user')
          .selectAll()
          .execute(),
      ),
    )
  const text = kept.join('\n').toLowerCase()
  const key = (await keyOf('device-2')).thumbprint
  for (const known of [ann.name, ann.email, '"ann"', key]) expect(text).not.toContain(known.toLowerCase())
  expect(await listAccounts(db)).toEqual([])
  const rows = await db.selectFrom('audit').select('who').where('what', '=', 'account-deleted').execute()
  expect(rows).toEqual([{ who: id }])
})

test('W11.2 nobody can be called there any more, and the name is free for somebody else', async () => {
  const { server, id, pages } = await annWithPassword()
  await pages.sendForm('/account/delete/sure', { password: ann.password })
  const { authorization } = callerOf(server)
  for (const to of ['ann', ann.email, `${id.toLowerCase()}@deleted.invalid`, `deleted:${id}`]) {
    const refused = await post(server, '/api/calls', { to }, authorization)
    expect([refused.status, await refused.json()]).toEqual([
      404,
      expect.objectContaining({ error: 'no-such-account' }),
    ])
  }
  await addPeople(server.dataDir, ann)
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(200)
})

test('W11.5 a person without a password deletes within five minutes of signing in at the issuer', async () => {
  const { server, pages } = await benWithGoogle()
  const db = await server.db()
  const signedIn = (ago: number) =>
    db
      .updateTable('session')
      .set({ createdAt: new Date(server.clock.wall() - ago).toISOString() })
      .execute()
  await signedIn(5 * 60_000)
  const asked = await textOf(await pages.getPage('/account/delete/sure'))
  expect(asked).toContain('log in with Google anew')
  expect(asked).not.toContain('for good ')
  expect((await pages.sendForm('/account/delete/sure')).status).toBe(422)
  await signedIn(4 * 60_000)
  const answer = await pages.sendForm('/account/delete/sure')
  expect(answer.headers.get('location')).toBe('/account/deleted?language=en')
  expect(await listAccounts(db)).toEqual([])
})

test('W11.1 sent twice, the second finds the pages closed', async () => {
  const { pages } = await annWithPassword()
  await pages.sendForm('/account/delete/sure', { password: ann.password })
  expect((await pages.sendForm('/account/delete/sure', { password: ann.password })).status).toBe(403)
})

test('W11.1 an account whose password or session another has ended meanwhile is not deleted', async () => {
  const { server, id, pages } = await annWithPassword()
  const db = await server.db()
  const { id: sessionId } = await db.selectFrom('session').select('id').executeTakeFirstOrThrow()
  const webSession = { userId: id, sessionId, device: 'device-1', signedInAt: 0 }
  const actor = { webSession, now: server.clock.wall(), from: { address: '192.0.2.1', label: '' } }
  const hash = await passwordHashOf(db, id)
  expect(await deleteAccount(db, actor, 'the hash of the password before')).toBe(false)
  expect(await deleteAccount(db, { ...actor, webSession: { ...webSession, sessionId: 'over' } }, hash)).toBe(
    false,
  )
  expect(await listAccounts(db)).toMatchObject([{ username: 'ann' }])
  expect((await pages.getPage()).status).toBe(200)
  expect(await deleteAccount(db, actor, hash)).toBe(true)
})
