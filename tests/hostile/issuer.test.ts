import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { rawToken } from '../server/accounts/forge.ts'
import { newBrowser } from '../server/openid/browser.ts'
import { newWish, signInAtIssuer, spendCode } from '../server/openid/extension.ts'
import { clientId, clientSecret, type HostileSetup, withHostile } from '../server/openid/with-hostile.ts'
import { ann, ben, idOf } from '../server/support/people.ts'
import { ask } from './ask.ts'
import { attack } from './count.ts'
import { deceivingNames } from './deceiving-names.ts'

const now = () => Math.floor(Date.now() / 1_000)

/** Nobody was signed in, linked or made. */
async function nobodyCameIn({ server }: HostileSetup) {
  const db = await server.db()
  expect(await db.selectFrom('signInCode').selectAll().execute()).toEqual([])
  expect(await db.selectFrom('session').selectAll().execute()).toEqual([])
  const linked = await db
    .selectFrom('account')
    .select('providerId')
    .where('providerId', '!=', 'credential')
    .execute()
  expect(linked).toEqual([])
}

const wrongClaims = (issuer: string): Record<string, unknown>[] => [
  ...[undefined, null, '', 'another', ['nonce'], true, {}].map((nonce) => ({ nonce })),
  ...[
    undefined,
    null,
    '',
    'another-client',
    [],
    ['another-client'],
    [clientId, 'another-client'],
    { 0: clientId },
  ].map((aud) => ({ aud })),
  ...[`${clientId} `, clientId.toUpperCase(), `${clientId}\u0000`].map((aud) => ({ aud })),
  { aud: [clientId, 'another-client'], azp: 'another-client' },
  { azp: 'another-client' },
  ...[
    undefined,
    null,
    '',
    'https://accounts.google.com',
    `${issuer}/`,
    issuer.toUpperCase(),
    [issuer],
    `${issuer}#`,
  ].map((iss) => ({ iss })),
  ...[undefined, null, 0, -1, now() - 3_600, 'never', '9999999999', [now() + 60]].map((exp) => ({ exp })),
  ...[undefined, null, 'now', [now()]].map((iat) => ({ iat })),
  ...[now() + 3_600, 'later'].map((nbf) => ({ nbf })),
  ...[undefined, null, '', 7, ['sub-1'], { id: 'sub-1' }, 'x'.repeat(256), true].map((sub) => ({ sub })),
]

test('Z1.1 O5.1 an id token that is wrong in anything signs nobody in', async () => {
  const set = await withHostile()
  const { outcome, there } = set
  const tokens = attack('issuer', 'forged id tokens')
  const held = (what: string, wrong: Parameters<typeof outcome>[0]) =>
    tokens.hold(what, async () => expect(await outcome(wrong)).toBe('issuer-fault'))
  for (const claims of wrongClaims(there.issuer)) await held(JSON.stringify(claims), { claims })

  const other = await generateKeyPair('RS256')
  const otherJwk = await exportJWK(other.publicKey)
  const [elliptic, small] = [
    await generateKeyPair('ES256'),
    generateKeyPairSync('rsa', { modulusLength: 1_024 }),
  ]
  const keys = (await (await fetch(`${there.issuer}/jwks`)).json()) as { keys: [{ n: string }] }
  const pem = createPublicKey({ key: keys.keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const hmac = (secret: string | Buffer, header: object, claims: object) => {
    const [head, body] = rawToken(header, claims).split('.')
    return `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`
  }
  type Forge = (claims: Record<string, unknown>) => string | Promise<string>
  const signed =
    (key: CryptoKey, header: { alg: string; [name: string]: unknown }): Forge =>
    (claims) =>
      new SignJWT(claims).setProtectedHeader(header).sign(key)
  const forgeries: Record<string, Forge> = {
    'another key by the same id': signed(other.privateKey, { alg: 'RS256', kid: 'k' }),
    'another key without an id': signed(other.privateKey, { alg: 'RS256' }),
    'another key in the header': signed(other.privateKey, { alg: 'RS256', kid: 'k', jwk: otherJwk }),
    'another key by its address': signed(other.privateKey, {
      alg: 'RS256',
      kid: 'k',
      jku: `${there.issuer}/other`,
    }),
    'another key by its certificate': signed(other.privateKey, {
      alg: 'RS256',
      kid: 'k',
      x5c: ['AAAA'],
      x5u: there.issuer,
    }),
    'a key of another kind': signed(elliptic.privateKey, { alg: 'ES256', kid: 'k' }),
    'an id that leads elsewhere': signed(other.privateKey, { alg: 'RS256', kid: '../../etc/passwd' }),
    'not secured': (claims) => new UnsecuredJWT(claims).encode(),
    'alg none': (claims) => rawToken({ alg: 'none' }, claims),
    'alg None': (claims) => rawToken({ alg: 'None', kid: 'k' }, claims),
    'alg none with a signature': (claims) => rawToken({ alg: 'none', kid: 'k' }, claims, 'AAAA'),
    'no alg': (claims) => rawToken({ kid: 'k' }, claims, 'AAAA'),
    'a signature of nothing': (claims) => rawToken({ alg: 'RS256', kid: 'k' }, claims),
    'a short signature': (claims) => rawToken({ alg: 'RS256', kid: 'k' }, claims, 'AAAA'),
    'a signature of zeros': (claims) => rawToken({ alg: 'RS256', kid: 'k' }, claims, 'A'.repeat(342)),
    'the client’s secret': (claims) => hmac(clientSecret, { alg: 'HS256' }, claims),
    'the client’s secret by id': (claims) => hmac(clientSecret, { alg: 'HS256', kid: 'k' }, claims),
    'the public key as a secret': (claims) => hmac(String(pem), { alg: 'HS256', kid: 'k' }, claims),
    'an empty secret': (claims) => hmac('', { alg: 'HS256', kid: 'k' }, claims),
    'a key of 1,024 bits': async (claims) => {
      const head = rawToken({ alg: 'RS256', kid: 'k' }, claims).split('.').slice(0, 2).join('.')
      const { sign } = await import('node:crypto')
      return `${head}.${sign('sha256', Buffer.from(head), small.privateKey).toString('base64url')}`
    },
    'encrypted, in five parts': (claims) =>
      `${rawToken({ alg: 'dir', enc: 'A256GCM' }, claims, 'AAAA')}.AAAA.AAAA`,
    nonsense: () => 'nonsense',
    nothing: () => '',
    'two dots': () => '..',
    'claims that are a list': () => rawToken({ alg: 'RS256', kid: 'k' }, [], 'AAAA'),
  }
  for (const [what, token] of Object.entries(forgeries)) await held(what, { token })
  // A good token of before does not sign in a second time: its nonce was another sign-in's.
  let earlier = ''
  await held('a token of another sign-in', {
    token: async (claims) => {
      earlier ||= JSON.stringify(claims)
      return rawToken({ alg: 'RS256', kid: 'k' }, JSON.parse(earlier), 'AAAA')
    },
  })
  await nobodyCameIn(set)
  expect(await outcome({})).toBe('code')
})

test('Z1.1 O3.3 O3.5 O3.11 an address that is not shown to be somebody’s leads to nobody’s account', async () => {
  const set = await withHostile(
    [
      { ...ann, verified: true },
      { ...ben, verified: false },
    ],
    { OPENID_DOMAINS: 'clinic.example' },
  )
  const { outcome, server, there } = set
  there.metadata = { userinfo_endpoint: `${there.issuer}/userinfo` }
  const mixed = attack('issuer', 'addresses by two documents')
  const none = { email: undefined, email_verified: undefined }
  const anns = { email: ann.email, email_verified: true }
  const intoAnn = async (wrong: Parameters<typeof outcome>[0]) => {
    await outcome(wrong)
    const db = await server.db()
    const id = await idOf(server, ann.email)
    const codes = await db.selectFrom('signInCode').select('userId').where('userId', '=', id).execute()
    const linked = await db.selectFrom('account').select('providerId').where('userId', '=', id).execute()
    expect([codes, linked]).toEqual([[], [{ providerId: 'credential' }]])
  }
  const documents: readonly (readonly [object, object])[] = [
    [{ ...none, email_verified: true }, { email: ann.email }],
    [
      { ...none, email_verified: true },
      { email: ann.email, email_verified: false },
    ],
    [{ email: ann.email, email_verified: undefined }, anns],
    [{ email: ann.email, email_verified: false }, anns],
    [{ email: 'eve@elsewhere.example', email_verified: true }, anns],
    [none, { ...anns, sub: 'sub-2' }],
    [none, { ...anns, sub: undefined }],
    [none, { ...anns, sub: ['sub-1'] }],
    [none, { ...anns, sub: 'SUB-1' }],
    [none, { email: ann.email, email_verified: 'true' }],
    [none, { email: ann.email, email_verified: 1 }],
    [none, { email: [ann.email], email_verified: true }],
    [{ ...none, email: '' }, anns],
    [{ ...none, email: null, email_verified: true }, { email: ann.email }],
    [{ ...none, email: 7 }, anns],
  ]
  for (const [claims, userinfo] of documents)
    await mixed.hold(JSON.stringify([claims, userinfo]), () => intoAnn({ claims, userinfo } as never))
  const alike = attack('issuer', 'addresses that look like somebody’s')
  for (const email of [
    ...[
      ' ann@clinic.example',
      'ann@clinic.example ',
      'ann@clinic.example\u0000',
      'ann@clinic.example.',
      'ann@clinic.example,x@y.example',
    ],
    ...[
      'аnn@clinic.example',
      'ann@clınic.example',
      'ann@clinic\u3002example',
      'ａｎｎ@clinic.example',
      'ann@\u212Alinic.example',
      'a\u0301nn@clinic.example',
    ],
    ...[
      'ann+x@clinic.example',
      'a.nn@clinic.example',
      '"ann"@clinic.example',
      'ann@clinic.example@evil.example',
      'ann@[127.0.0.1]',
      'ann',
    ],
    ...[
      'ann@clinic.example\r\nBcc: x@y.example',
      'ann%40clinic.example',
      'Ann <ann@clinic.example>',
      'ann@CLINIC.example.evil.example',
      'ann@xn--clnic-1nc.example',
    ],
  ])
    await alike.hold(email, () => intoAnn({ claims: { email, sub: `sub ${email}`.slice(0, 200) } }))
  for (const email_verified of [undefined, null, false, 'true', 'True', 1, 'yes', [true], {}])
    await alike.hold(`verified ${JSON.stringify(email_verified)}`, () =>
      intoAnn({ claims: { email_verified } }),
    )
  await alike.hold('an account whose address nobody has shown to be theirs', async () =>
    expect(await outcome({ claims: { email: ben.email, sub: 'b' } })).toBe('account-unverified'),
  )
  for (const email of [
    'x@deleted.invalid',
    'x@sub.clinic.example',
    'x@clinic.example.evil.example',
    'x@evil-clinic.example',
    'x@',
    '@clinic.example',
    'x@clinic.example.',
  ])
    await alike.hold(`new: ${email}`, async () =>
      expect(await outcome({ claims: { email, sub: email } })).not.toBe('code'),
    )
  there.metadata = {}
  expect(await outcome({})).toBe('code')
})

test('Z1.1 O4.2 what an issuer calls somebody is shown only where it can be', async () => {
  const set = await withHostile([], { OPENID_DOMAINS: 'clinic.example' })
  const names = attack('issuer', 'names and pictures that cannot be shown')
  const db = await set.server.db()
  const shown = async (claims: object) => {
    expect(await set.outcome({ claims: { email: 'zoe@clinic.example', sub: 'zoe', ...claims } })).toBe('code')
    return db.selectFrom('user').select(['name', 'image', 'language']).executeTakeFirstOrThrow()
  }
  for (const name of [...deceivingNames, 7, ['Zoe'], { first: 'Zoe' }, null, true])
    await names.hold(`name ${JSON.stringify(name)}`, async () =>
      expect((await shown({ name })).name).toBe('zoe@clinic.example'),
    )
  for (const picture of [
    'http://evil.example/x.png',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    '//evil.example/x',
    'x',
    `https://x.example/${'x'.repeat(2_000)}`,
    7,
    ['https://x.example/'],
    'blob:https://x.example/1',
    'file:///etc/passwd',
    'https://',
  ])
    await names.hold(`picture ${JSON.stringify(picture).slice(0, 40)}`, async () =>
      expect((await shown({ picture })).image).toBeNull(),
    )
  for (const locale of ['xx', '../en', '<b>', 'x'.repeat(1_000), 7, ['de'], '\u0000'])
    await names.hold(`language ${JSON.stringify(locale).slice(0, 40)}`, async () =>
      expect((await shown({ locale })).language).toBeNull(),
    )
})

const json = { 'content-type': 'application/json' }

/** Answers that have no end, or are no answer. */
const answers: Record<string, (response: ServerResponse) => void> = {
  'an endless one': (response) => {
    response.writeHead(200, json)
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  },
  'a bomb': (response) =>
    void response
      .writeHead(200, { ...json, 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(64_000_000, ' '))),
  'a deep one': (response) => void response.writeHead(200, json).end('['.repeat(900_000)),
  'a redirect': (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'a page': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  nothing: (response) => void response.writeHead(204).end(),
  'a list': (response) => void response.writeHead(200, json).end('[]'),
  null: (response) => void response.writeHead(200, json).end('null'),
  'half of one': (response) => {
    response.writeHead(200, { ...json, 'content-length': '100' }).write('{"access')
    response.destroy()
  },
  'a length that is not so': (response) =>
    void response.writeHead(200, { ...json, 'transfer-encoding': 'chunked' }).destroy(),
  'a key of the language’s': (response) =>
    void response
      .writeHead(200, json)
      .end('{"__proto__":{"access_token":"x","token_type":"Bearer","id_token":"x"}}'),
  'an error': (response) => void response.writeHead(400, json).end('{"error":"invalid_grant"}'),
  'hints with no end': (response) => {
    for (let n = 0; n < 50; n += 1) response.writeEarlyHints({ link: '</x>; rel=preload' })
    response.writeHead(200, json).end('{}')
  },
}

test('Z1.2 O5.4 O5.7 no answer of an issuer fills the memory, or keeps the server busy', async () => {
  const set = await withHostile()
  set.there.metadata = { userinfo_endpoint: `${set.there.issuer}/userinfo` }
  const endless = attack('issuer', 'answers without an end or a sense')
  const before = process.memoryUsage.rss()
  let highest = before
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }, 5)
  const noEmail = { email: undefined, email_verified: undefined }
  for (const [what, answer] of Object.entries(answers))
    for (const path of ['/token', '/userinfo'])
      await endless.hold(`${what} at ${path}`, async () =>
        expect(['issuer-fault', 'issuer-silent']).toContain(
          await set.outcome({ claims: noEmail, answers: { [path]: answer } }),
        ),
      )
  // What is discovered is kept: a server for each, so a few have to do.
  for (const [what, answer] of Object.entries(answers).filter((_, n) => n % 3 === 0))
    for (const path of ['/.well-known/openid-configuration', '/jwks'])
      await endless.hold(`${what} at ${path}`, async () => {
        const fresh = await withHostile()
        expect(await fresh.outcome({ answers: { [path]: answer } })).toMatch(
          /issuer-fault|issuer-silent|page 503/,
        )
      })
  clearInterval(timer)
  expect(highest - before).toBeLessThan(300_000_000)
  await nobodyCameIn(set)
})

test('Z1.2 O5.8 an issuer sends nobody’s browser, code or secret to an address that is not by https', async () => {
  const set = await withHostile()
  const { there } = set
  const addresses = attack('issuer', 'addresses of the issuer that cannot be')
  const names = ['authorization_endpoint', 'token_endpoint', 'jwks_uri']
  for (const name of names)
    for (const address of [
      'http://id.clinic.example/x',
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://127.0.0.1/x',
      '/x',
      '//evil.example/x',
      '',
      7,
      null,
      ['https://x.example'],
      'https://user:word@id.example/x',
      'file:///etc/passwd',
      'https://x.example/#y',
    ])
      await addresses.hold(`${name} ${JSON.stringify(address)}`, async () => {
        there.metadata = { [name]: address }
        expect(await set.outcome({})).toBe('issuer-fault')
        expect(there.redeemed).toEqual([])
      })
  for (const issuer of [
    'https://accounts.google.com',
    there.issuer.replace('127.0.0.1', 'localhost'),
    null,
    [there.issuer],
  ])
    await addresses.hold(`issuer ${JSON.stringify(issuer)}`, async () => {
      there.metadata = { issuer }
      expect(await set.outcome({})).toBe('issuer-fault')
      expect(there.redeemed).toEqual([])
    })
  expect(there.redeemed).toEqual([])
  await nobodyCameIn(set)
})

test('Z1.3 O6.1 O6.3 O7.1 a way back that is another’s, twice taken or made up leads nowhere', async () => {
  const set = await withHostile()
  const { at, there, server } = set
  const ways = attack('issuer', 'ways back that are none')
  const begun = async () => {
    const wish = newWish(at.url)
    const { headers } = await ask(wish.start.href)
    const lines = [headers['set-cookie'] ?? []].flat()
    const cookie = lines.map((line) => line.split(';')[0]).join('; ')
    const to = new URL(String(headers.location))
    const issued = await ask(to.href)
    const back = new URL(String(issued.headers.location))
    return { ...wish, cookie, back }
  }
  const codeIn = ({ headers }: { headers: Readonly<Record<string, unknown>> }) =>
    URL.parse(String(headers.location ?? ''))?.searchParams.get('code') ?? null
  const held = (
    what: string,
    go: () => Promise<{ status: number; headers: Readonly<Record<string, unknown>> }>,
  ) => ways.hold(what, async () => expect(codeIn(await go())).toBeNull())
  const victim = await begun()
  const thief = await begun()
  const go = (url: URL | string, cookie?: string) =>
    ask(String(url), { headers: cookie === undefined ? [] : [['cookie', cookie]] })
  const changed = (url: URL, name: string, value: string) => {
    const other = new URL(url)
    other.searchParams.set(name, value)
    return other
  }
  const state = victim.back.searchParams.get('state') ?? ''
  const [cookieName = '', cookieValue = ''] = victim.cookie.split('=')
  await held('without a cookie', () => go(victim.back))
  await held('with another’s cookie', () => go(victim.back, thief.cookie))
  await held('with another’s cookie by this name', () =>
    go(victim.back, `${cookieName}=${thief.cookie.split('=')[1]}`),
  )
  await held('an empty cookie', () => go(victim.back, `${cookieName}=`))
  await held('a cookie that is cut', () => go(victim.back, `${cookieName}=${cookieValue.slice(0, -2)}`))
  for (let at = 0; at < 12; at += 1)
    await held(`a cookie that differs at ${at}`, () => {
      const place = Math.floor((cookieValue.length * at) / 12)
      const other = cookieValue[place] === 'A' ? 'B' : 'A'
      return go(
        victim.back,
        `${cookieName}=${cookieValue.slice(0, place)}${other}${cookieValue.slice(place + 1)}`,
      )
    })
  for (const other of [
    '',
    'x',
    state.slice(1),
    state.toUpperCase() === state ? `${state}x` : state.toUpperCase(),
    `${state}%00`,
    '__proto__',
    thief.back.searchParams.get('state') ?? '',
  ])
    await held(`the state ${other.slice(0, 12)}`, () =>
      go(changed(victim.back, 'state', other), victim.cookie),
    )
  await held('two states', () => go(`${victim.back.href}&state=x`, victim.cookie))
  await held('by POST', () => ask(victim.back.href, { method: 'POST', headers: [['cookie', victim.cookie]] }))
  for (const more of ['error=access_denied', 'iss=https%3A%2F%2Fevil.example', 'response=x'])
    await held(`with ${more}`, async () => {
      const own = await begun()
      return go(`${own.back.href}&${more}`, own.cookie)
    })
  await held('after ten minutes', async () => {
    const late = await begun()
    server.clock.advance(601_000)
    return go(late.back, late.cookie)
  })
  await held('after a year, with the clock set back', async () => {
    const late = await begun()
    server.clock.setWall(-3_600_000)
    const answer = await go(late.back, late.cookie)
    server.clock.setWall(3_600_000)
    return answer
  })
  const mine = await begun()
  const first = await go(mine.back, mine.cookie)
  const code = codeIn(first) ?? ''
  expect(code).not.toBe('')
  await held('a second time', () => go(mine.back, mine.cookie))
  await held('a second time, with another code', () => go(changed(mine.back, 'code', 'code-0'), mine.cookie))
  const codes = attack('issuer', 'codes that are spent')
  for (const verifier of ['x'.repeat(43), thief.verifier, `${mine.verifier}x`])
    await codes.hold(`with the verifier ${verifier.slice(0, 6)}`, async () =>
      expect((await spendCode(at, { code: (await signInAtIssuer(at)).code, verifier })).status).toBe(401),
    )
  await codes.hold('twice at once', async () => {
    const spent = await Promise.all(
      Array.from({ length: 8 }, () => spendCode(at, { code, verifier: mine.verifier })),
    )
    expect(spent.filter(({ status }) => status === 200)).toHaveLength(1)
  })
  codes(7)
  await codes.hold('after a minute', async () => {
    const late = await signInAtIssuer(at)
    server.clock.advance(61_000)
    expect((await spendCode(at, late)).status).toBe(401)
  })
  expect(there.redeemed.length).toBeGreaterThan(0)
  const browser = newBrowser([at.url, at.issuer])
  expect((await signInAtIssuer(at, browser)).code).not.toBe('')
})
