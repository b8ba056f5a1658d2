import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { setPassword } from '../../../server/accounts/set-password.ts'
import { atOnce, signIn, trySignIn } from '../support/api-client.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann, ben, idOf, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const hour = 3_600_000
const newPassword = 'New "Lantern" 9 😀'

/** Asks for a link, waits for its mail and gives its path. @param count how many mails have come by then. */
async function askForLink(server: InProcessServer, count = 1, login = ann.email): Promise<string> {
  await sendForm(server, '/password/forgot', { login })
  const paths = (await mailsTo(server, login, count)).map((mail) => linkIn([mail]))
  // Of mails made within one second the newest is the one whose link still works.
  for (const path of paths) if ((await getPage(server, path)).status === 200) return path
  throw new Error('no link works')
}

const reset = (server: InProcessServer, path: string, password = newPassword, again = password) =>
  sendForm(server, path, { password, again })

const started = async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  return server
}

test('W3.1 the link leads to a form with the username; the new password logs in and the old one does not', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const link = await askForLink(server)
  const page = await (await getPage(server, link)).text()
  expect(page).toMatch(/name="username"[^>]*value="ann"[^>]*autocomplete="username"/s)
  expect(page).toMatch(/name="password"[^>]*type="password"[^>]*autocomplete="new-password"/s)
  const done = await reset(server, link)
  expect([done.status, done.headers.get('location')]).toEqual([303, '/password/changed?language=en'])
  expect(await textOf(await getPage(server, '/password/changed'))).toContain('Your password is changed')
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(401)
  expect((await signIn(server, { username: 'ann', password: newPassword })).account.username).toBe('ann')
})

test('W3.2 A8.16 every session of the person ends within a second, and nobody else’s', async () => {
  const server = await started()
  const devices = [await reachableDevice(server, ann, 'one'), await reachableDevice(server, ann, 'two')]
  const other = await reachableDevice(server, ben, 'three')
  const link = await askForLink(server)
  await reset(server, link)
  const began = performance.now()
  for (const device of devices) expect((await device.closed()).code).toBe(closeCodes.passwordChanged.code)
  expect(performance.now() - began).toBeLessThan(1_000)
  await other.lease()
})

test('W3.3 a link works once, and says so; a second page that was open is told too', async () => {
  const server = await started()
  const link = await askForLink(server)
  const both = await Promise.all([reset(server, link), reset(server, link, 'Another-lantern-1')])
  expect(both.map(({ status }) => status).sort()).toEqual([303, 410])
  for (const late of [await getPage(server, link), await reset(server, link)]) {
    expect(late.status).toBe(410)
    expect(await textOf(late)).toContain('It was used already, and a link works once.')
  }
})

test('W3.4 a link dies after 24 hours, and says so however often it is opened', async () => {
  const server = await started()
  const link = await askForLink(server)
  server.clock.advance(24 * hour - 60_000)
  expect((await getPage(server, link)).status).toBe(200)
  server.clock.advance(60_000)
  for (const late of [await getPage(server, link), await getPage(server, link), await reset(server, link)]) {
    expect(late.status).toBe(410)
    expect(await textOf(late)).toMatch(/Its time is over\. Ask for a new link/)
  }
})

test('W3.4 a newer link ends the older one', async () => {
  const server = await started()
  const older = await askForLink(server)
  const newer = await askForLink(server, 2)
  expect(newer).not.toBe(older)
  expect(await textOf(await reset(server, older))).toContain('A newer link was sent since.')
  expect((await reset(server, newer)).status).toBe(303)
})

test('W3.4 a password that was changed otherwise ends the link', async () => {
  const server = await started()
  const link = await askForLink(server)
  const db = await server.db()
  const userId = await idOf(server, ann.email)
  await setPassword(db, { userId, hash: 'x:y', asked: 'en' }, server.clock.wall())
  expect(await textOf(await getPage(server, link))).toContain('The password was changed after it was sent.')
})

test('W3.4 a link that is nobody’s, cut short or mistyped is told as such', async () => {
  const server = await started()
  const link = await askForLink(server)
  for (const path of [
    link.slice(0, -1),
    `${link}x`,
    '/password/reset/%00',
    `/password/reset/${'x'.repeat(3_000)}`,
  ]) {
    const page = await getPage(server, path)
    expect(page.status, path).toBe(410)
    expect(await textOf(page)).toContain('It is not complete, or it is very old.')
  }
  expect((await getPage(server, '/password/reset/')).status).toBe(404)
})

test('W3.2 a mail tells the person that their password was changed', async () => {
  const server = await started()
  await reset(server, await askForLink(server))
  const mails = await mailsTo(server, ann.email, 2)
  expect(mails.map(({ subject }) => subject).sort()).toEqual([
    'Choose a new password',
    'Your password was changed',
  ])
})

test('W3.9 tokens are kept as hashes alone, and the database never holds what a mail carries', async () => {
  const server = await started()
  const link = await askForLink(server)
  const token = link.split('/').at(-1) ?? ''
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  const db = await server.db()
  const rows = [
    await db.selectFrom('link').selectAll().execute(),
    await db.selectFrom('mail').selectAll().execute(),
  ]
  expect(JSON.stringify(rows)).not.toContain(token)
  const [kept] = await db.selectFrom('link').select(['hash']).execute()
  expect(kept?.hash).toHaveLength(43)
})

test('W3.10 looking at a link, as mail programs do, uses nothing up', async () => {
  const server = await started()
  const link = await askForLink(server)
  for (let n = 0; n < 3; n += 1) expect((await getPage(server, link)).status).toBe(200)
  expect((await fetch(`${server.url}${link}`, { method: 'HEAD' })).status).toBe(200)
  expect((await reset(server, link)).status).toBe(303)
})

test('W3.11 the reset proves the address', async () => {
  const server = await started()
  await reset(server, await askForLink(server))
  const db = await server.db()
  const people = await db.selectFrom('user').select(['email', 'emailVerified']).orderBy('email').execute()
  expect(people).toEqual([
    { email: ann.email, emailVerified: 1 },
    { email: ben.email, emailVerified: 0 },
  ])
})

test('W3.11 whoever was made to wait for wrong passwords logs in at once with the new one', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  for (const login of [ann.email, 'ANN'])
    await atOnce(6, () => trySignIn(server, { login, password: 'Wrong-horse-7' }))
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(429)
  await reset(server, await askForLink(server))
  for (const login of ['ann', ann.email])
    expect((await trySignIn(server, { login, password: newPassword })).status).toBe(200)
})

test('W3.4 a link to an address that is the account’s no more is dead, and says so', async () => {
  const server = await started()
  const link = await askForLink(server)
  const db = await server.db()
  await db
    .updateTable('user')
    .set({ email: 'ann.new@clinic.example' })
    .where('email', '=', ann.email)
    .execute()
  for (const late of [await getPage(server, link), await reset(server, link)]) {
    expect(late.status).toBe(410)
    expect(await textOf(late)).toContain('The email address of the account was changed after it was sent.')
  }
  expect(await db.selectFrom('account').select('id').execute()).toEqual([])
})
