import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { activateLink, makeLink } from '../../server/accounts/links.ts'
import { hashOf } from '../../server/accounts/secrets.ts'
import * as app from '../../server/http/app.ts'
import type { Route } from '../../server/http/route.ts'
import { readOperatorFile } from '../../server/operator-file.ts'
import { accountLink, cookieOf } from '../server/my-account/at-account.ts'
import { getPage, sendForm } from '../server/support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { mailsTo } from '../server/support/mailbox.ts'
import { addPeople, ann, sessionOf } from '../server/support/people.ts'
import { ask, sendBytes } from './ask.ts'
import { attack } from './count.ts'

const createApp = vi.spyOn(app, 'createApp')
afterAll(() => createApp.mockRestore())

/** The routes of the server that was started last, as it has them: what is added to it is attacked with the rest. */
const served = (): readonly Route[] => createApp.mock.lastCall?.[0].routes ?? []

const open = ({ admits }: Route) => admits === 'anyone'
const posts = () => served().filter((route) => open(route) && route.method === 'POST')
const takesJson = ({ describes }: Route) => [describes ?? []].flat().some(({ body }) => body !== undefined)
const forms = () => posts().filter((route) => !takesJson(route))
/** The reader of the API's description is somebody else's work, with a page of ours around it: its files say anything. */
const isReader = ({ path }: Route) => path.startsWith('/docs/swagger-ui')
const pages = () => served().filter((route) => open(route) && route.method === 'GET' && !isReader(route))

/** What a person of these pages has in hand: an account that is open in a browser, and a link of every kind. */
async function startWithPages(env: Record<string, string> = {}) {
  const server = await startInProcessServer({ env: { SIGN_UP: 'on', ...env } })
  const at = { url: readOperatorFile(join(server.dataDir, 'operator.json'))?.url ?? '' }
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  const token = await sessionOf(server, ann, 'device-1')
  await sessionOf(server, ann, 'device-2')
  const { pathname, search } = await accountLink(at, token)
  const entered = await getPage(at, pathname + search)
  const secret = readFileSync(join(server.dataDir, 'secret'), 'utf8').trim()
  const now = server.clock.wall()
  const link = async (kind: 'reset' | 'invitation' | 'sign-up') => {
    const email = kind === 'reset' ? ann.email : `${kind}@clinic.example`
    const id = await makeLink(db, { kind, email, ...(kind === 'reset' && { userId }) }, now)
    return (await activateLink(db, secret, id, now))?.token ?? ''
  }
  const tokens: Record<string, string> = {
    '/password/reset/:token': await link('reset'),
    '/invitation/:token': await link('invitation'),
    '/sign-up/:token': await link('sign-up'),
  }
  /** Where a route is, with what opens it. */
  const addressOf = (path: string) => {
    const found = path.replace(':token', tokens[path] ?? 'x').replace(/:\w+/g, 'x')
    return `${found}${path === '/account/redeem' ? `?code=${code}` : ''}`
  }
  const code = (await accountLink(at, token)).searchParams.get('code') ?? ''
  return { server, at, db, token, code, cookie: cookieOf(entered), entered, addressOf }
}

/** All that a form could change, each table as a hash. */
async function everything(server: InProcessServer) {
  const db = await server.db()
  const tables = ['user', 'account', 'session', 'device', 'link', 'mail', 'audit', 'webSession'] as const
  const rows = [...tables, 'webSessionCode', 'issuerFlow', 'call', 'apiKey'] as const
  const hashed = rows.map(async (table) => [
    table,
    hashOf(JSON.stringify(await db.selectFrom(table).selectAll().execute())),
  ])
  return Object.fromEntries(await Promise.all(hashed))
}

const fields = new URLSearchParams({
  ...{
    login: 'ann',
    email: 'eve@clinic.example',
    username: 'eve',
    name: 'Eve',
    language: 'de',
    mailMissed: 'on',
  },
  ...{ password: 'Evening-primrose-44', again: 'Evening-primrose-44', old: ann.password, device: 'device-2' },
}).toString()

type Headers = readonly (readonly [string, string])[]

/** What browsers and strangers send with a form that is not of a page of ours. */
const elsewhere = (url: string): Record<string, Headers> => {
  const { host, port } = new URL(url)
  const site = (...values: readonly string[]): Headers =>
    values.map((value) => ['sec-fetch-site', value] as const)
  const origin = (...values: readonly string[]): Headers => values.map((value) => ['origin', value] as const)
  return {
    'no word of where from': [],
    'a referrer of ours': [['referer', `${url}/account`]],
    ...Object.fromEntries(
      [
        ...[
          'null',
          '',
          'https://evil.example',
          `${url}.evil.example`,
          `${url}/`,
          url.replace('http', 'https'),
        ],
        ...[
          `http://evil.example:${port}`,
          'http://127.0.0.1',
          `http://127.0.0.2:${port}`,
          `http://localhost.evil.example:${port}`,
        ],
        ...[
          `http://user@${host}`,
          `//${host}`,
          host,
          'file://',
          'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd',
        ],
      ].map((value) => [`origin ${value || 'empty'}`, origin(value)]),
    ),
    ...Object.fromEntries(
      ['cross-site', 'same-site', 'none', '', 'Same-Origin', 'same-origin, cross-site'].map((value) => [
        `site ${value || 'empty'}, with our origin`,
        [...site(value), ...origin(url)],
      ]),
    ),
    'two sites': site('same-origin', 'cross-site'),
    'two origins, ours first': origin(url, 'https://evil.example'),
    'two origins, ours last': origin('https://evil.example', url),
    'a host of theirs': [['host', 'evil.example'], ...origin('http://evil.example')],
    'a host of theirs, forwarded': [
      ['x-forwarded-host', 'evil.example'],
      ['forwarded', 'host=evil.example'],
      ...origin('http://evil.example'),
    ],
  }
}

const asForm = ['content-type', 'application/x-www-form-urlencoded'] as const

test('Z5.1 no form is taken where JSON is, and no page elsewhere is let send any', async () => {
  const { server, at, addressOf } = await startWithPages()
  const routes = posts().filter(takesJson)
  expect(routes.map(({ path }) => path)).toContain('/api/places/:slug/visits')
  const before = await everything(server)
  const forged = attack('page', 'forms and questions of other sites where JSON is taken')
  for (const { path } of routes) {
    const url = `${at.url}${addressOf(path)}`
    for (const [what, headers] of Object.entries(elsewhere(at.url)))
      for (const type of [
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain',
      ])
        await forged.hold(`${path} as ${type}: ${what}`, async () => {
          const body = type === 'text/plain' ? '{"name":"x","key":"0123456789abcdef"}' : fields
          const sent = await ask(url, { method: 'POST', headers: [['content-type', type], ...headers], body })
          expect(sent.status).toBe(400)
        })
    for (const origin of strangeOrigins)
      await forged.hold(`${path}: may ${origin || 'nowhere'} send JSON`, async () => {
        const asked = await ask(url, {
          method: 'OPTIONS',
          headers: [
            ['origin', origin],
            ['access-control-request-method', 'POST'],
            ['access-control-request-headers', 'content-type'],
          ],
        })
        expect(asked.headers['access-control-allow-origin']).toBeUndefined()
        expect(asked.headers['access-control-allow-headers']).toBeUndefined()
      })
  }
  expect(await everything(server)).toEqual(before)
})

test('Z5.1 W1.1 W1.8 no form of any page is taken from elsewhere, or in another format', async () => {
  const { server, at, cookie, addressOf } = await startWithPages()
  expect(forms().map(({ path }) => path)).toContain('/account/delete/sure')
  const before = await everything(server)
  const forged = attack('page', 'forged forms')
  for (const { path } of forms()) {
    const url = `${at.url}${addressOf(path)}`
    const send = (...headers: Headers) =>
      ask(url, { method: 'POST', headers: [['cookie', cookie], ...headers], body: fields })
    for (const [what, headers] of Object.entries(elsewhere(at.url)))
      await forged.hold(`${path}: ${what}`, async () =>
        expect((await send(asForm, ...headers)).status).toBe(403),
      )
    for (const type of [
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json',
      'text/plain; application/x-www-form-urlencoded',
      'application/x-www-form-urlencodedx',
      '',
    ])
      await forged.hold(`${path} as ${type || 'nothing'}`, async () =>
        expect((await send(['content-type', type], ['sec-fetch-site', 'same-origin'])).status).toBe(403),
      )
    for (const method of ['PUT', 'PATCH', 'DELETE', 'TRACE'])
      await forged.hold(`${path} by ${method}`, async () =>
        expect(
          (
            await ask(url, {
              method,
              headers: [['cookie', cookie], asForm, ['sec-fetch-site', 'same-origin']],
              body: fields,
            })
          ).status,
        ).toBe(404),
      )
  }
  expect(await everything(server)).toEqual(before)
  // The same forms from our own pages are taken: it was the word of where they come from.
  for (const { path } of forms().filter((form) => !/delete|leave|device|unlink|redeem/.test(form.path))) {
    const own = await sendForm(at, addressOf(path), Object.fromEntries(new URLSearchParams(fields)), {
      cookie,
    })
    expect([path, own.status]).not.toEqual([path, 403])
  }
})

test('Z4.1 N6.1 S5.7 no route that wants a right is open without it', async () => {
  const { server, at, cookie, db } = await startWithPages()
  const made = async (scope: 'calls' | 'scim' | 'metrics') =>
    [scope, (await createApiKey(db, scope, server.clock.wall(), scope)) ?? ''] as const
  const keys = [await made('calls'), await made('scim'), await made('metrics')]
  const ways: Record<string, Headers> = {
    nothing: [],
    'a cookie': [['cookie', cookie]],
    'a made-up key': [['authorization', 'Bearer made-up']],
    ...Object.fromEntries(
      keys.map(([scope, key]) => [`a key for ${scope}`, [['authorization', `Bearer ${key}`]] as Headers]),
    ),
  }
  const closed = served().filter(({ admits }) => admits !== 'anyone' && admits !== 'extension')
  expect(closed.length).toBeGreaterThan(8)
  const routes = attack('caller', 'routes without a right')
  for (const route of closed)
    for (const [what, headers] of Object.entries(ways)) {
      const { method, path, admits } = route
      // The last of a right's words is its key's, or what the key has to hold.
      if (what === `a key for ${route.admits === 'api-key' ? route.scope : admits}`) continue
      await routes.hold(`${method} ${path} with ${what}`, async () => {
        const address = path.replace('*', 'Users').replace(/:\w+/g, 'x')
        const body = method === 'GET' ? {} : { body: '{}' }
        const answer = await ask(`${at.url}${address}`, {
          method,
          headers: [['content-type', 'application/json'], ...headers],
          ...body,
        })
        expect([401, 403, 429], answer.body).toContain(answer.status)
      })
    }
})

/** What stands where something was expected. */
const nasties = [
  '%',
  '%zz',
  '%00',
  '%2e%2e%2f',
  '%E0%A4%A',
  '%ff',
  '..;',
  '__proto__',
  'x'.repeat(4_000),
  "'%20or%201=1--",
  '%0d%0aX:%20y',
]

test('Z4.2 S5.6 no address, method or half a request makes the server fail, or tell of its inside', async () => {
  const { server, at, cookie } = await startWithPages()
  const requests = attack('caller', 'requests that are none')
  const held = ({ status, body }: { status: number; body: string }) => {
    // 501 is what a method is answered that nobody knows.
    expect(status === 501 ? 400 : status, body).toBeLessThan(500)
    expect(body).not.toMatch(/node_modules|at \w+ \(|SQLITE|sqlite|(Type|Range|Syntax)Error/)
  }
  const send = (method: string, path: string, body?: string) =>
    ask(at.url + path, {
      method,
      headers: [
        ...([
          ['cookie', cookie],
          ['accept', 'text/html'],
          ['sec-fetch-site', 'same-origin'],
          asForm,
        ] as const),
        ['authorization', `Bearer ${server.operatorKey}`],
      ],
      ...(body !== undefined && { body }),
    })
  for (const { method, path } of served().filter((route) => /[:*]/.test(route.path)))
    for (const nasty of nasties)
      await requests.hold(`${method} ${path} ${nasty.slice(0, 12)}`, async () =>
        held(await send(method, path.replace(/:\w+|\*/g, nasty), method === 'GET' ? undefined : fields)),
      )
  for (const { method, path } of served().filter((route) => !/[:*]/.test(route.path) && !isReader(route)))
    for (const nasty of ['%', '%00', '__proto__=x', `x=${'x'.repeat(4_000)}`])
      await requests.hold(`${method} ${path}?${nasty.slice(0, 12)}`, async () =>
        held(
          await send(
            method,
            `${path}?${nasty}&language=${nasty}&code=${nasty}`,
            method === 'GET' ? undefined : `${nasty}&name=${nasty}`,
          ),
        ),
      )
  const raw: Record<string, string> = {
    'two lengths':
      'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    'a length and chunks':
      'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /account HTTP/1.1\r\nHost: x\r\n\r\n',
    'a length below nothing': 'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'a length of many digits': `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`,
    'chunks of another kind': 'POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n',
    'a chunk of no length':
      'POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'a folded header': 'GET /health HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n',
    'a header without a name': 'GET /health HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
    'a space before the colon': 'GET /health HTTP/1.1\r\nHost : x\r\n\r\n',
    'no host': 'GET /health HTTP/1.1\r\n\r\n',
    'two hosts': 'GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
    'line feeds alone': 'GET /health HTTP/1.1\nHost: x\n\n',
    'a NUL': 'GET /health\0 HTTP/1.1\r\nHost: x\r\n\r\n',
    'HTTP/0.9': 'GET /health\r\n\r\n',
    'HTTP/2 at once': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an asterisk': 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    CONNECT: 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'another server': 'GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    '3,000 headers': `GET /health HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
    'a header of 100 kB': `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    'an address of 100 kB': `GET /${'y'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    '500 requests at once': 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500),
  }
  for (const [what, bytes] of Object.entries(raw))
    await requests.hold(what, async () => {
      const answer = await sendBytes(at.url, Buffer.from(bytes, 'latin1'))
      expect(answer).not.toMatch(/HTTP\/1.1 5(?!01|05)\d\d/)
      held({ status: 400, body: answer })
      expect((await ask(`${at.url}/health`)).status).toBe(200)
    })
})

test('Z5.1 no page that is only looked at changes anything', async () => {
  const { server, at, cookie, addressOf } = await startWithPages()
  const before = await everything(server)
  const looks = attack('page', 'pages opened by another site')
  for (const { path } of [...pages(), ...forms()]) {
    // A visit of the issuer's begins a sign-in, and has a test of its own.
    for (const site of ['cross-site', 'same-site'])
      await looks.hold(`${path} ${site}`, async () => {
        const headers = [
          ['cookie', cookie],
          ['sec-fetch-site', site],
          ['sec-fetch-mode', 'navigate'],
          ['accept', 'text/html'],
        ] as const
        const { status } = await ask(`${at.url}${addressOf(path)}?${fields}`, { headers })
        expect(status).toBeLessThan(500)
      })
  }
  expect(await everything(server)).toEqual(before)
})

test('Z5.2 W1.4 S5.5 every page forbids frames, scripts and sniffing, and is kept by no cache', async () => {
  const { at, cookie, addressOf } = await startWithPages()
  const framed = attack('page', 'pages in a frame, or with a script')
  const markup = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
  const typed = Object.fromEntries([...new URLSearchParams(fields).keys()].map((name) => [name, markup]))
  const held = ({ headers, body }: { headers: Headers | object; body: string }) => {
    const given = headers as Record<string, string>
    // Pictures that are in a style itself lead nowhere.
    const policy = (given['content-security-policy'] ?? '').replace("img-src 'self' data:", '')
    expect(policy).toMatch(/default-src 'none'/)
    expect(policy).toMatch(/frame-ancestors 'none'/)
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/)
    expect(given).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' })
    expect(body).not.toMatch(/<script>|<img src=x|">alert|javascript:/)
  }
  for (const { path } of pages()) {
    const isFile = /\.(css|js|png|svg|ico)$/.test(path)
    const query = addressOf(path).includes('?') ? '&' : '?'
    await framed.hold(path, async () => {
      const answer = await ask(`${at.url}${addressOf(path)}${query}language=${encodeURIComponent(markup)}`, {
        headers: [
          ['cookie', cookie],
          ['accept', 'text/html'],
          ['accept-language', markup],
        ],
      })
      held(answer)
      if (!isFile) expect(answer.headers['cache-control']).toBe('no-store')
    })
  }
  for (const { path } of forms().filter((form) => !/leave|redeem/.test(form.path)))
    await framed.hold(`${path} with markup`, async () => {
      const answer = await sendForm(at, addressOf(path), typed, { cookie })
      held({ headers: Object.fromEntries(answer.headers), body: await answer.text() })
    })
  for (const path of [
    '/nothing',
    '/account/%00',
    '/password/reset/<script>alert(1)</script>',
    '/invitation/"><script>',
    '/call/..%2f..',
    '/r/<script>',
  ])
    await framed.hold(path, async () =>
      held(await ask(`${at.url}${encodeURI(path)}`, { headers: [['accept', 'text/html']] })),
    )
})

const strangeOrigins = [
  ...[
    'https://evil.example',
    'null',
    'http://localhost',
    'file://',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    '',
  ],
  ...[
    'moz-extension://x',
    'chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd.evil.example',
    'safari-web-extension://x',
  ],
  'https://evil.example, chrome-extension://cafhmnaedhkkgklgajmdhphefgabcbnd',
  `moz-extension://${'0'.repeat(36)}@evil.example`,
]

test('Z5.1 S5.1 no strange page reads an answer of what is the extension’s alone, or has it done', async () => {
  const { server, at, cookie } = await startWithPages()
  const origins = attack('page', 'requests of strange origins')
  const before = await everything(server)
  const ofExtension = served().filter(({ admits }) => ['extension', 'device', 'session'].includes(admits))
  expect(ofExtension.length).toBeGreaterThan(4)
  for (const { method, path, admits } of ofExtension)
    for (const origin of strangeOrigins)
      for (const how of [method, 'OPTIONS'])
        await origins.hold(`${how} ${path} from ${origin || 'nowhere'}`, async () => {
          const { status, headers, body } = await ask(at.url + path, {
            method: how,
            headers: [
              ...([
                ['origin', origin],
                ['cookie', cookie],
                ['access-control-request-method', method],
              ] as const),
              ['access-control-request-headers', 'authorization,dpop,content-type'],
              ['content-type', 'application/json'],
            ],
            ...(how === 'POST' && { body: '{}' }),
          })
          expect(headers['access-control-allow-credentials']).toBeUndefined()
          expect(status).toBeGreaterThanOrEqual(400)
          // Another extension, which no site can pass for, may read that it is refused where no device's proof is asked for.
          if (
            admits === 'extension' &&
            how === 'GET' &&
            /^(chrome|moz)-extension:[/]+[a-z0-9]+$/.test(origin)
          )
            expect(JSON.parse(body)).toEqual({ error: 'unauthorized', message: expect.any(String) })
          else expect(headers['access-control-allow-origin']).toBeUndefined()
        })
  expect(await everything(server)).toEqual(before)
})

/** What opened an address, as browsers say it, where no person has gone there by themselves. */
const notGoneThere: readonly Headers[] = [
  ...['no-cors', 'cors', 'same-origin', 'websocket', 'nested-navigate', ''].map(
    (mode): Headers => [['sec-fetch-mode', mode]],
  ),
  ...['iframe', 'frame', 'embed', 'object', 'image', 'script', 'empty'].map(
    (dest): Headers => [
      ['sec-fetch-mode', 'navigate'],
      ['sec-fetch-dest', dest],
      ['sec-fetch-site', 'cross-site'],
    ],
  ),
  ...['prefetch', 'prefetch;prerender'].map(
    (purpose): Headers => [
      ['sec-fetch-mode', 'navigate'],
      ['sec-fetch-dest', 'document'],
      ['sec-purpose', purpose],
    ],
  ),
]

test('Z5.3 no page uses up the sign-ins at the issuer of whoever looks at it', async () => {
  const { withHostile } = await import('../server/openid/with-hostile.ts')
  const { newWish } = await import('../server/openid/extension.ts')
  const { at, server } = await withHostile()
  const starts = attack('page', 'sign-ins at the issuer begun by a page')
  const start = (headers: Headers) => ask(newWish(at.url).start.href, { headers })
  const begun = async () =>
    (await (await server.db()).selectFrom('issuerFlow').select('hash').execute()).length
  for (const headers of notGoneThere)
    await starts.hold(JSON.stringify(headers), async () => {
      const before = await begun()
      const answers = await Promise.all(Array.from({ length: 16 }, () => start(headers)))
      starts(15)
      expect(answers.map(({ headers: { location } }) => location)).toEqual(Array(16).fill(undefined))
      expect(await begun()).toBe(before)
    })
  const person = await start([
    ...([
      ['sec-fetch-mode', 'navigate'],
      ['sec-fetch-dest', 'document'],
      ['sec-fetch-user', '?1'],
    ] as const),
  ])
  expect(person.status).toBe(302)
})

test('Z5.4 W6.1 S5.5 by https each cookie is this host’s alone, and what logs out leaves nothing behind', async () => {
  const url = 'https://reachable.example'
  const { at, cookie, entered, addressOf } = await startWithPages({ PUBLIC_URL: url })
  const told = attack('page', 'cookies and headers by https')
  const isOurs = (line: string) => {
    // What takes away a cookie of an older version carries its name.
    if (/; Max-Age=0/.test(line)) return
    expect(line).toMatch(/^__Host-/)
    expect(line).toMatch(/; Secure/)
    expect(line).toMatch(/; HttpOnly/)
    expect(line).toMatch(/; SameSite=(Lax|Strict)/)
    expect(line).not.toMatch(/; Domain/i)
  }
  await told.hold('the web session', () => {
    expect(entered.headers.getSetCookie()).not.toEqual([])
    entered.headers.getSetCookie().forEach(isOurs)
  })
  const form = (path: string) =>
    sendForm(at, addressOf(path), Object.fromEntries(new URLSearchParams(fields)), { cookie, origin: url })
  for (const { path } of forms().filter((one) => !/delete|leave/.test(one.path)))
    await told.hold(path, async () => {
      const answer = await form(path)
      expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
      answer.headers.getSetCookie().forEach(isOurs)
    })
  for (const path of ['/health', '/nothing', '/api/calls', '/account', '/pages.css'])
    await told.hold(path, async () =>
      expect((await ask(`${at.url}${path}`)).headers['strict-transport-security']).toMatch(/max-age=\d{8}/),
    )
  await told.hold('leaving', async () => {
    const left = await form('/account/leave')
    // Not "cookies": those would be everybody's of the clinic's whole domain.
    expect(left.headers.get('clear-site-data')).toBe('"cache", "storage"')
    const name = cookie.split('=')[0] ?? ''
    expect(left.headers.getSetCookie().join('\n')).toMatch(new RegExp(`^${name}=; Max-Age=0`, 'm'))
    expect((await ask(`${at.url}/account`, { headers: [['cookie', cookie]] })).status).toBe(403)
  })
})

test('Z5.4 W1.7 K1.9 what a request says of its host is in no mail, no link, no redirect and no page', async () => {
  const { server, at, cookie, token } = await startWithPages()
  const hosts = attack('page', 'hosts of a stranger’s')
  const lies: Record<string, Headers> = {
    host: [['host', 'evil.example']],
    'host with our name in front': [['host', `${new URL(at.url).host}.evil.example`]],
    'host and a user': [['host', `${new URL(at.url).host}@evil.example`]],
    forwarded: [
      ['x-forwarded-host', 'evil.example'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-port', '1'],
    ],
    'forwarded, as RFC 7239 has it': [['forwarded', 'host=evil.example;proto=https']],
    'another address': [
      ['x-original-url', '//evil.example'],
      ['x-rewrite-url', '//evil.example'],
    ],
  }
  for (const [what, headers] of Object.entries(lies)) {
    const said = (answer: { headers: object; body: string }) =>
      expect(JSON.stringify(answer.headers) + answer.body).not.toMatch(/evil\.example/)
    await hosts.hold(`${what}: a page`, async () => said(await ask(`${at.url}/password/forgot`, { headers })))
    await hosts.hold(`${what}: health`, async () => said(await ask(`${at.url}/health`, { headers })))
    await hosts.hold(`${what}: nothing`, async () =>
      said(await ask(`${at.url}/nothing`, { headers: [...headers, ['accept', 'text/html']] })),
    )
    await hosts.hold(`${what}: a redirect`, async () =>
      said(await ask(`${at.url}/account/name`, { headers: [...headers, ['cookie', cookie]] })),
    )
    await hosts.hold(`${what}: a form`, async () =>
      said(
        await ask(`${at.url}/password/forgot`, {
          method: 'POST',
          headers: [...headers, asForm, ['sec-fetch-site', 'same-origin']],
          body: `login=${what === 'host' ? 'ann' : 'nobody'}`,
        }),
      ),
    )
  }
  await hosts.hold('the mail', async () => {
    const [mail] = await mailsTo(server, ann.email)
    expect(`${mail?.text}${mail?.html}`).not.toMatch(/evil\.example/)
    expect(mail?.text).toContain(at.url)
  })
  await hosts.hold('the address of My account', async () =>
    expect((await accountLink(server, token)).origin).toBe(at.url),
  )
})
