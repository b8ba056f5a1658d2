import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { endSession, signIn } from '../support/api-client.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, sessionOf, settle } from '../support/people.ts'
import { accountLink, cookieOf, openAccount, withCookie } from './at-account.ts'

async function annAt(env: Record<string, string> = {}) {
  const server = await startInProcessServer({ env })
  await settle(server, ann, ben)
  return { server, token: await sessionOf(server, ann, 'device-1') }
}

const redeem = (server: InProcessServer, { pathname, search }: URL) => getPage(server, pathname + search)

const whose = async (response: Response) => {
  const words = await textOf(response)
  return [ann, ben].filter(({ email }) => words.includes(email)).map(({ name }) => name)
}

test('W6.1 the extension gets an address that opens the person’s own pages, and their token is in none', async () => {
  const { server, token } = await annAt()
  const link = await accountLink(server, token)
  expect(link.href).not.toContain(token)
  const entered = await redeem(server, link)
  expect([entered.status, entered.headers.get('location')]).toEqual([303, '/account'])
  expect(entered.headers.get('referrer-policy')).toBe('no-referrer')
  const [cookie] = entered.headers.getSetCookie()
  expect(cookie).toMatch(/^reachable-web-session=[\w-]{43}; Path=\/account; HttpOnly; SameSite=Lax$/)
  expect(cookie).not.toContain(token)
  const page = await withCookie(server, cookieOf(entered)).getPage()
  expect(page.headers.get('content-security-policy')).toContain(
    "default-src 'none'; style-src 'self'; script-src 'self'",
  )
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(await whose(page)).toEqual([ann.name])
})

test('W6.1 where people come by https the cookie is of this host alone, and the one of before is dropped', async () => {
  const { server, token } = await annAt({ PUBLIC_URL: 'https://reachable.example' })
  const url = readOperatorFile(join(server.dataDir, 'operator.json'))?.url ?? ''
  const link = await accountLink({ url }, token)
  expect(link.origin).toBe('https://reachable.example')
  const entered = await getPage({ url }, link.pathname + link.search)
  expect(entered.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-reachable-web-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    ),
    '__Secure-reachable-web-session=; Max-Age=0; Path=/account; Secure',
  ])
  const pages = withCookie({ url }, cookieOf(entered))
  const done = await pages.sendForm('/account/name', { name: 'Anna' })
  expect(done.headers.getSetCookie()).toEqual([
    '__Host-reachable-done=name; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
  ])
  const left = await pages.sendForm('/account/leave')
  expect(left.headers.getSetCookie()).toEqual([
    '__Host-reachable-web-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    '__Secure-reachable-web-session=; Max-Age=0; Path=/account; Secure',
  ])
})

test('W6.1 a neighbour under the same domain cannot open pages of its own choice in somebody’s browser', async () => {
  const { server, token } = await annAt({ PUBLIC_URL: 'https://reachable.example' })
  const url = readOperatorFile(join(server.dataDir, 'operator.json'))?.url ?? ''
  const link = await accountLink({ url }, token)
  const entered = cookieOf(await getPage({ url }, link.pathname + link.search))
  // Browsers take `__Host-` from nobody but the host itself; the other names could be anybody's.
  for (const name of ['reachable-web-session', '__Secure-reachable-web-session']) {
    const planted = entered.replace('__Host-reachable-web-session', name)
    expect((await withCookie({ url }, planted).getPage()).status, name).toBe(403)
  }
  expect((await withCookie({ url }, entered).getPage()).status).toBe(200)
})

test('W6.13 whoever leaves the pages, by either way out, leaves nothing of them in the browser', async () => {
  const { server, token } = await annAt()
  const cleared = (response: Response) => response.headers.get('clear-site-data')
  const pages = await openAccount(server, token)
  expect(cleared(await pages.getPage())).toBeNull()
  expect(cleared(await pages.sendForm('/account/leave'))).toBe('"cache", "storage"')
  const again = await openAccount(server, token)
  const db = await server.db()
  const { id } = await db.selectFrom('session').select('id').executeTakeFirstOrThrow()
  expect(cleared(await again.sendForm('/account/device', { session: id }))).toBe('"cache", "storage"')
})

test('W6.3 an address works once, within a minute, and not after a newer one', async () => {
  const { server, token } = await annAt()
  const used = await accountLink(server, token)
  await redeem(server, used)
  const old = await accountLink(server, token)
  const newer = await accountLink(server, token)
  const late = await accountLink(server, await sessionOf(server, ben, 'device-2'), 'device-2')
  for (const link of [
    used,
    old,
    new URL('/account/redeem', server.url),
    new URL('/account/redeem?code=%00', server.url),
  ]) {
    const refused = await redeem(server, link)
    expect([refused.status, refused.headers.getSetCookie()]).toEqual([410, []])
    expect(await textOf(refused)).toContain('It works once, within a minute.')
  }
  expect((await redeem(server, newer)).status).toBe(303)
  server.clock.advance(60_001)
  expect((await redeem(server, late)).status).toBe(410)
})

test('W6.3 of two that open an address at once one comes in', async () => {
  const { server, token } = await annAt()
  const link = await accountLink(server, token)
  const answers = await Promise.all([redeem(server, link), redeem(server, link)])
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410])
})

test('W6.5 opening an address twice troubles nobody who is there, and another person’s takes their place', async () => {
  const { server, token } = await annAt()
  const link = await accountLink(server, token)
  const cookie = cookieOf(await redeem(server, link))
  const again = await getPage(server, link.pathname + link.search, { cookie })
  expect([again.status, again.headers.get('location')]).toEqual([303, '/account'])
  const bens = await accountLink(server, await sessionOf(server, ben, 'device-2'), 'device-2')
  const entered = await getPage(server, bens.pathname + bens.search, { cookie })
  expect(await whose(await withCookie(server, cookieOf(entered)).getPage())).toEqual([ben.name])
  expect((await withCookie(server, cookie).getPage()).status).toBe(403)
})

test('W6.6 a web session ends half an hour after its last use, or when it is left, and nothing is done in it any more', async () => {
  const { server, token } = await annAt()
  const idle = await openAccount(server, token)
  server.clock.advance(29 * 60_000)
  expect((await idle.getPage()).status).toBe(200)
  server.clock.advance(29 * 60_000)
  expect((await idle.getPage()).status).toBe(200)
  server.clock.advance(30 * 60_000)
  const closed = await idle.sendForm('/account/name', { name: 'Eve' })
  expect(closed.status).toBe(403)
  expect(await textOf(closed)).toContain('Nothing was changed.')

  const left = await openAccount(server, token)
  const leaving = await left.sendForm('/account/leave')
  expect(leaving.headers.get('location')).toBe('/account/left?language=en')
  expect(leaving.headers.getSetCookie()[0]).toContain('Max-Age=0')
  expect((await left.getPage()).status).toBe(403)
  const db = await server.db()
  expect((await db.selectFrom('user').select('name').execute()).map(({ name }) => name)).not.toContain('Eve')
})

test('W6.7 with the session of the device that opened them the pages close', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { token, endToken } = await signIn(server, ann)
  const link = await accountLink(server, token)
  const pages = await openAccount(server, token)
  await endSession(server, endToken)
  expect((await pages.getPage()).status).toBe(403)
  expect((await redeem(server, link)).status).toBe(410)
})

test('W6.7 a person who is disabled has no pages', async () => {
  const { server, token } = await annAt()
  const pages = await openAccount(server, token)
  const link = await accountLink(server, token)
  const db = await server.db()
  await db.updateTable('user').set({ disabledAt: 1 }).where('email', '=', ann.email).execute()
  expect((await pages.getPage()).status).toBe(403)
  expect((await redeem(server, link)).status).toBe(410)
  expect(await db.selectFrom('webSession').select('hash').execute(), 'no second one').toHaveLength(1)
})

test('W6.9 the database holds nothing that opens the pages, and no cookie but the web session’s does', async () => {
  const { server, token } = await annAt()
  const link = await accountLink(server, token)
  const { cookie } = await openAccount(server, token)
  const [, secret = ''] = cookie.split('=')
  const db = await server.db()
  const kept = JSON.stringify([
    await db.selectFrom('webSession').selectAll().execute(),
    await db.selectFrom('webSessionCode').selectAll().execute(),
  ])
  expect(kept).not.toContain(secret)
  expect(kept).not.toContain(link.searchParams.get('code'))
  for (const value of [
    '',
    token,
    `reachable-web-session=${token}`,
    'reachable-web-session=',
    'reachable-web-session=%00',
  ])
    expect((await withCookie(server, value).getPage()).status).toBe(403)
})

test('W1.1 a form of another site is refused', async () => {
  const { server, token } = await annAt()
  const pages = await openAccount(server, token)
  const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
  for (const path of ['/account/name', '/account/devices', '/account/leave', '/account/delete/sure']) {
    const refused = await pages.sendForm(path, { name: 'Eve' }, elsewhere)
    expect([path, refused.status]).toEqual([path, 403])
  }
  expect((await sendForm(server, '/account/name', { name: 'Eve' })).status).toBe(403)
  expect(await whose(await pages.getPage())).toEqual([ann.name])
})

test('Y1.8 that the pages were opened is on record', async () => {
  const { server, token } = await annAt()
  await openAccount(server, token)
  const db = await server.db()
  const rows = await db
    .selectFrom('audit')
    .select(['what', 'device'])
    .where('what', '=', 'account-opened')
    .execute()
  expect(rows).toEqual([{ what: 'account-opened', device: 'device-1' }])
})

test.each(['cross-site', 'same-site'])(
  'W6.12 an address that another site leads to (%s) opens nothing until its person says so on our page',
  async (site) => {
    const { server, token } = await annAt()
    const bens = await openAccount(server, await sessionOf(server, ben, 'device-2'), 'device-2')
    const { pathname, search } = await accountLink(server, token)
    const path = pathname + search
    const led = { cookie: bens.cookie, 'sec-fetch-site': site }
    const asking = await getPage(server, path, led)
    expect([asking.status, asking.headers.getSetCookie()]).toEqual([200, []])
    expect(await textOf(asking)).toContain(`Continue as ${ann.name}`)
    const forged = await sendForm(server, path, {}, led)
    expect([forged.status, forged.headers.getSetCookie()]).toEqual([403, []])
    expect(await whose(await bens.getPage())).toEqual([ben.name])
    const entered = await sendForm(server, path, {}, { cookie: bens.cookie })
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/account'])
    expect(await whose(await withCookie(server, cookieOf(entered)).getPage())).toEqual([ann.name])
    expect((await getPage(server, path, { 'sec-fetch-site': site })).status).toBe(410)
  },
)

test.each(['none', 'same-origin'])(
  'W6.12 what the browser or we lead to (%s) opens at once',
  async (site) => {
    const { server, token } = await annAt()
    const { pathname, search } = await accountLink(server, token)
    expect((await getPage(server, pathname + search, { 'sec-fetch-site': site })).status).toBe(303)
  },
)
