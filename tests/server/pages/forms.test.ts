import { request } from 'node:http'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { isOwnForm } from '../../../server/pages/form-request.ts'
import { startService as startLogging } from '../../../server/service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type AtAccount, accountLink, cookieOf, withCookie } from '../my-account/at-account.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo, writtenMails } from '../support/mailbox.ts'
import { addPeople, ann, sessionOf, settle } from '../support/people.ts'

const here = 'https://reachable.example'

test('W1.1 a form is taken from our own pages alone', () => {
  const own = (site?: string, origin?: string) => isOwnForm({ site, origin }, [here, 'http://127.0.0.1:8787'])
  expect(own('same-origin')).toBe(true)
  expect(own('same-origin', 'null')).toBe(true)
  for (const site of ['cross-site', 'same-site', 'none', '']) expect(own(site, here), site).toBe(false)
  expect(own(undefined, here)).toBe(true)
  expect(own(undefined, 'http://127.0.0.1:8787')).toBe(true)
  for (const origin of [
    ...[undefined, 'null', '', 'https://elsewhere.example', `${here}.elsewhere.example`],
    // Not encrypted on the way, so anybody's.
    'http://reachable.example',
  ])
    expect(own(undefined, origin), origin).toBe(false)
})

test('W1.1 a form from elsewhere changes nothing, and says so', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'multipart/form-data; boundary=x' },
  ]) {
    const refused = await sendForm(server, '/password/forgot', { login: 'ann' }, headers)
    expect([refused.status, await textOf(refused)]).toEqual([
      403,
      expect.stringContaining('did not come from here'),
    ])
  }
  const db = await server.db()
  expect(await db.selectFrom('mail').selectAll().execute()).toEqual([])
})

test('W1.1 a name of a stranger’s that leads here makes no form of ours', async () => {
  const server = await startInProcessServer()
  // What a browser sends that says nothing of the site, on a page under that name.
  const headers = {
    host: 'elsewhere.example',
    origin: 'http://elsewhere.example',
    'content-type': 'application/x-www-form-urlencoded',
  }
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${server.url}/password/forgot`, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject).end('login=ann')
  })
  expect(status).toBe(403)
})

test('W1.1 more than a form can hold is refused in plain words', async () => {
  const server = await startInProcessServer()
  const refused = await sendForm(server, '/password/forgot', { login: 'x'.repeat(200_000) })
  expect([refused.status, await textOf(refused)]).toEqual([413, expect.stringContaining('This is too much')])
})

test('W1.4 a page runs our one script, sends forms to us, is framed by nobody, and leaks no address', async () => {
  const server = await startInProcessServer()
  const { headers } = await getPage(server, '/password/forgot')
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy.split('; ').sort()).toEqual([
    "base-uri 'none'",
    "default-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
  ])
  expect(headers.get('referrer-policy')).toBe('strict-origin')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  const script = await fetch(`${server.url}/pages.js`)
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  const page = await (await getPage(server, '/password/reset/x')).text()
  expect(page).not.toMatch(/<script(?! src="\/pages\.js")|<style| style=| on[a-z]+=/)
})

test('W1.5 no log has the token of a link or a password, unless mails are files and the log is how they are read', async () => {
  const said: string[] = []
  const config = readConfig({
    PORT: '0',
    DATA_DIR: temporaryFolder(),
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'a@b.example',
  })
  const service = await startLogging(config, {
    log: pino({ level: 'trace' }, { write: (line) => said.push(line) }),
  })
  onTestFinished(() => service.close())
  const server = asTestServer({ url: service.url, dataDir: config.dataDir })
  await settle(server, ann)
  await sendForm(server, '/password/forgot', { login: 'ann' })
  await expect.poll(() => said.join('')).toContain('a mail will be tried again')
  await getPage(server, '/password/reset/aaaabbbbccccdddd')
  await sendForm(server, '/password/reset/aaaabbbbccccdddd', { password: 'Secret-horse-9' })
  for (const secret of ['/password/reset/', 'aaaabbbb', 'Secret-horse'])
    expect(said.join('')).not.toContain(secret)
})

test('W1.6 health tells the addresses of the pages: of sign-up only where it is allowed', async () => {
  const closed = await startInProcessServer()
  const open = await startInProcessServer({ env: { SIGN_UP: 'on', PUBLIC_URL: here } })
  const offers = async (url = '') => (await (await fetch(`${url}/health`)).json()).signIn
  expect(await offers(closed.url)).toMatchObject({ forgot: `${closed.url}/password/forgot`, signUp: null })
  expect(await offers(readOperatorFile(join(open.dataDir, 'operator.json'))?.url)).toMatchObject({
    forgot: `${here}/password/forgot`,
    signUp: `${here}/sign-up`,
  })
})

test('W1.7 mails lead to the address that people know the server by', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const mails = await mailsTo(server, ann.email)
  expect(mails[0]?.text).toContain(`${server.url}${linkIn(mails)}`)
  expect(await writtenMails(server.dataDir)).toHaveLength(1)
})

/** The addresses that the forms of these pages are sent to. */
async function formsOn(pages: AtAccount, ...paths: readonly string[]): Promise<string[]> {
  const forms = await Promise.all(
    paths.map(async (path) => {
      const page = await (await pages.getPage(path)).text()
      return [...page.matchAll(/<form method="post"(?: action="([^"]*)")?/g)].map(
        ([, action]) => action ?? path,
      )
    }),
  )
  return [...new Set(forms.flat())]
}

test('W1.8 no form of a signed-in person is taken but by the word of their browser that it is ours', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const token = await sessionOf(server, ann, 'device-1')
  await sessionOf(server, ann, 'device-2')
  const { pathname, search } = await accountLink(server, token)
  const entered = await getPage(server, pathname + search)
  const cookie = entered.headers.getSetCookie()[0] ?? ''
  expect(cookie.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/account', 'SameSite=Lax'])

  const pages = withCookie(server, cookieOf(entered))
  const forms = await formsOn(pages, '/account', '/account/password', '/account/delete/sure')
  expect(forms.toSorted()).toEqual([
    '/account/delete/sure',
    '/account/device',
    '/account/devices',
    '/account/leave',
    '/account/name',
    '/account/password',
    '/account/settings',
  ])
  const db = await server.db()
  const recorded = () => db.selectFrom('audit').select('what').execute()
  const before = await recorded()
  const body = new URLSearchParams({ name: 'Eve', password: ann.password, old: ann.password })
  const elsewhere: Record<string, string>[] = [
    {},
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site', origin: server.url },
    { 'sec-fetch-site': 'cross-site', origin: server.url },
  ]
  for (const path of [...forms, '/account/unlink'])
    for (const headers of elsewhere) {
      const init = { method: 'POST', headers: { cookie: pages.cookie, ...headers }, body }
      const refused = await fetch(`${server.url}${path}`, init)
      expect([path, headers, refused.status, refused.headers.getSetCookie()]).toEqual([
        path,
        headers,
        403,
        [],
      ])
    }
  expect(await recorded()).toEqual(before)
  expect((await pages.sendForm('/account/name', { name: 'Ann Other' })).status).toBe(303)
})

test('W2.9 what is wrong is drawn as such above the form', async () => {
  const server = await startInProcessServer()
  const page = await (await sendForm(server, '/password/forgot', { login: '' })).text()
  const drawn = /<div class="([\w-]+)" role="alert">/.exec(page)?.[1]
  const style = await (await fetch(`${server.url}/pages.css`)).text()
  expect(style).toContain(`.${drawn} {`)
})
