import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { audit } from '../../server/accounts/audit.ts'
import { forge } from '../server/accounts/forge.ts'
import { openAccount } from '../server/my-account/at-account.ts'
import { postFrom, signIn, trySignIn } from '../server/support/api-client.ts'
import { keyOf, newKey, proofOf } from '../server/support/dpop-proofs.ts'
import { sendForm } from '../server/support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { mailsTo } from '../server/support/mailbox.ts'
import { addPeople, ann, ben, sessionOf } from '../server/support/people.ts'
import { openConnection, sendHello } from '../server/support/websocket-device.ts'
import { runCommandOrThrow } from '../support/server/run-command.ts'
import { ask } from './ask.ts'
import { attack } from './count.ts'

const manyAddresses = { env: { TRUST_PROXY: '1' } }
const json = ['content-type', 'application/json'] as const

/** Another IPv4 address each time, and another network each time where it is IPv6. */
const addressOf = (n: number) =>
  n % 2 === 0
    ? `${11 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.7`
    : `2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`

const entries = async (server: InProcessServer) =>
  (await server.db()).selectFrom('audit').selectAll().orderBy('id').execute()

/** First moves of who has stolen a token and not its key, each of which is to be noticed. */
const firstMoves = (
  server: InProcessServer,
  token: string,
): Record<string, () => Promise<{ readonly status: number }>> => {
  const url = `${server.url}/api/account/link`
  const enter = (...headers: readonly (readonly [string, string])[]) =>
    ask(url, { method: 'POST', headers: [json, ...headers], body: '{}' })
  const authorization = ['authorization', `DPoP ${token}`] as const
  const door = { url, method: 'POST', token }
  return {
    'another key': async () => enter(authorization, ['dpop', await proofOf(await newKey(), door)]),
    'no proof': () => enter(authorization),
    'a bearer': () => enter(['authorization', `Bearer ${token}`]),
    nonsense: () => enter(authorization, ['dpop', 'nonsense']),
    'another key and another method': async () =>
      enter(authorization, ['dpop', await proofOf(await newKey(), { ...door, method: 'GET' })]),
    'another key and another address': async () =>
      enter(authorization, ['dpop', await proofOf(await newKey(), { ...door, url: 'http://evil.example/' })]),
    'another key and an old time': async () => {
      const proof = await forge(await newKey(), door, { token, claims: { iat: 1 } })
      return enter(authorization, ['dpop', proof])
    },
    'a connection': async () => {
      const connection = await openConnection(server.url)
      await sendHello(connection, server.url, { token, device: 'her own' })
      return { status: (await connection.closed()).code }
    },
  }
}

test('Z3.5 Y1.4 the first try of a stolen token is recorded and mailed, whatever went before', async () => {
  const thefts = attack('device', 'stolen tokens after junk')
  for (const what of Object.keys(firstMoves({} as InProcessServer, ''))) {
    const server = await startInProcessServer()
    await addPeople(server.dataDir, ann)
    // At a connection the device's name tells the test's own key: there it has to be another's.
    const hers = what === 'a connection' ? 'another name' : 'her own'
    const token = await sessionOf(server, ann, hers)
    await (await server.db()).updateTable('device').set({ device: 'her own' }).execute()
    for (let n = 0; n < 26; n += 1) {
      thefts(1)
      await ask(`${server.url}/api/session`, {
        method: 'POST',
        headers: [json, ['dpop', `junk-${n}`]],
        body: '{}',
      })
    }
    await thefts.hold(what, async () => {
      const { status } = (await firstMoves(server, token)[what]?.()) ?? { status: 0 }
      expect([401, 429, 4403]).toContain(status)
      if (what !== 'a connection') {
        const own = await proofOf(await keyOf('her own'), {
          url: `${server.url}/api/account/link`,
          method: 'POST',
          token,
        })
        const headers = [json, ['authorization', `DPoP ${token}`] as const, ['dpop', own] as const]
        const opened = await ask(`${server.url}/api/account/link`, { method: 'POST', headers, body: '{}' })
        expect(opened.status, 'her own').toBe(200)
      }
      const known = (await entries(server)).filter(({ who }) => who !== null)
      expect(known.map((entry) => entry.what)).toContain('proof-refused')
      // Without a proof, or with nonsense for one, it may be a proxy's doing: that is on record, and no mail.
      if (!/^no/.test(what)) await mailsTo(server, ann.email)
    })
  }
})

/** What strangers can cause from wherever they like, each time from another address. */
const nuisances = (server: InProcessServer): Record<string, (n: number) => Promise<unknown>> => {
  const as = (n: number) => ({ 'x-forwarded-for': addressOf(n) })
  const raw = (n: number, path: string, headers: readonly (readonly [string, string])[], method = 'POST') =>
    ask(`${server.url}${path}`, {
      method,
      headers: [json, ['x-forwarded-for', addressOf(n)], ...headers],
      ...(method === 'POST' && { body: '{"to":"ann"}' }),
    })
  return {
    'proofs that are none': (n) => raw(n, '/api/session', [['dpop', `junk-${n}`]]),
    'tokens that are none': (n) => raw(n, '/api/account/link', [['authorization', `DPoP none-${n}`]]),
    'keys that are none': (n) => raw(n, '/api/calls', [['authorization', `Bearer none-${n}`]]),
    'keys of SCIM that are none': (n) =>
      raw(n, '/scim/v2/Users', [['authorization', `Bearer none-${n}`]], 'GET'),
    'forgotten passwords of nobody': (n) =>
      sendForm(server, '/password/forgot', { login: `nobody-${n}` }, as(n)),
    'forgotten passwords of Ann': (n) =>
      sendForm(server, '/password/forgot', { login: `ann${' '.repeat(n % 7)}` }, as(n)),
    'sign-ups of strangers': (n) =>
      sendForm(server, '/sign-up', { email: `stranger-${n}@evil.example` }, as(n)),
    'codes that are none': async (n) =>
      postFrom(
        await keyOf(`code ${n % 50}`),
        server,
        '/api/session/code',
        { code: `none-${n}`, verifier: 'x'.repeat(43), device: 'd', staySignedIn: false },
        as(n),
      ),
  }
}

test('Z3.5 Y1.9 from however many addresses, what strangers write into the record has an end, and is counted', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1', SIGN_UP: 'on' } })
  await addPeople(server.dataDir, ann)
  const floods = attack('device', 'entries of the record by strangers')
  const each = 160
  let n = 0
  for (const [what, cause] of Object.entries(nuisances(server)))
    await floods.hold(what, async () => {
      for (let done = 0; done < each; done += 40) {
        await Promise.all(Array.from({ length: 40 }, () => cause(++n)))
        floods(40)
      }
      const kinds = (await entries(server)).map((entry) => entry.what)
      for (const kind of new Set(kinds))
        expect(kinds.filter((other) => other === kind).length, kind).toBeLessThanOrEqual(105)
    })
  // What is done with a right is written all the same.
  await floods.hold('a sign-in amid it all', async () => {
    await signIn(server, ann)
    const { what, who } = (await entries(server)).findLast((entry) => entry.what === 'signed-in') ?? {}
    expect([what, who]).toEqual(['signed-in', expect.any(String)])
  })
  await floods.hold('a stolen token amid it all', async () => {
    const token = await sessionOf(server, ann, 'her own')
    await ask(`${server.url}/api/account/link`, {
      method: 'POST',
      headers: [
        json,
        ['authorization', `DPoP ${token}`],
        ['dpop', 'nonsense'],
        ['x-forwarded-for', '192.0.2.99'],
      ],
      body: '{}',
    })
    expect((await entries(server)).findLast(({ who }) => who !== null)?.what).toBe('proof-refused')
  })
  await floods.hold('how many more there were', async () => {
    server.clock.advance(3 * 3_600_000)
    await expect
      .poll(async () => (await entries(server)).filter(({ what }) => what === 'and-more').length, {
        timeout: 5_000,
      })
      .toBeGreaterThan(3)
  })
})

test('Z3.5 whoever has an account writes no more into the record than a person does', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { token } = await signIn(server, ann)
  const pages = await openAccount(server, token)
  const changes = attack('device', 'changes of one’s own account in a flood')
  const flips: Record<string, (n: number) => Promise<Response>> = {
    'a name': (n) => pages.sendForm('/account/name', { name: `Ann ${n}` }),
    settings: (n) => pages.sendForm('/account/settings', { language: n % 2 ? 'de' : 'fr' }),
  }
  for (const [what, flip] of Object.entries(flips))
    await changes.hold(what, async () => {
      const before = (await entries(server)).length
      for (let n = 0; n < 300; n += 20) {
        await Promise.all(Array.from({ length: 20 }, (_, at) => flip(n + at)))
        changes(20)
      }
      expect((await entries(server)).length - before).toBeLessThanOrEqual(150)
    })
})

test('Z3.5 no mailbox is filled by strangers, of somebody here or of anybody else', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1', SIGN_UP: 'on' } })
  await addPeople(server.dataDir, ann, ben)
  const mails = attack('device', 'mails that strangers cause')
  const to = async (address: string) =>
    (await (await server.db()).selectFrom('mail').select('id').where('to', '=', address).execute()).length
  const flood = async (path: string, fields: (n: number) => Record<string, string>) => {
    for (let done = 0; done < 120; done += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          sendForm(server, path, fields(done + at), { 'x-forwarded-for': addressOf(done + at) }),
        ),
      )
      mails(20)
    }
    await expect
      .poll(
        async () =>
          (await server.db())
            .selectFrom('mail')
            .select('id')
            .where('kind', 'in', ['reset-asked', 'sign-up-asked'])
            .execute(),
        { timeout: 10_000 },
      )
      .toEqual([])
  }
  await mails.hold('resets by every spelling of a name', async () => {
    const names = ['ann', 'ANN', ann.email, ' ann', 'ａｎｎ', 'Ann', 'aNN', ann.email.toUpperCase()]
    await flood('/password/forgot', (n) => ({ login: names[n % names.length] ?? '' }))
    expect(await to(ann.email)).toBeLessThanOrEqual(5)
  })
  await mails.hold('sign-ups of somebody who is here', async () => {
    await flood('/sign-up', (n) => ({ email: n % 2 ? ben.email : ben.email.toUpperCase() }))
    expect(await to(ben.email)).toBeLessThanOrEqual(5)
  })
  await mails.hold('sign-ups of somebody who is not', async () => {
    const victim = 'victim@elsewhere.example'
    await flood('/sign-up', (n) => ({ email: n % 2 ? victim : victim.toUpperCase() }))
    expect(await to(victim)).toBeLessThanOrEqual(5)
  })
  await mails.hold('a stolen token, tried again and again', async () => {
    const token = await sessionOf(server, ann, 'her own')
    const before = await to(ann.email)
    for (let n = 0; n < 100; n += 1) {
      mails(1)
      await ask(`${server.url}/api/account/link`, {
        method: 'POST',
        headers: [json, ['authorization', `DPoP ${token}`], ['dpop', 'x'], ['x-forwarded-for', addressOf(n)]],
        body: '{}',
      })
      server.clock.advance(60_000)
    }
    expect((await to(ann.email)) - before).toBeLessThanOrEqual(3)
  })
})

test('Z3.5 N2.1 M1.3 nobody signs up with an address that is none, or outside the domains, or of more than one person', async () => {
  const server = await startInProcessServer({
    env: { TRUST_PROXY: '1', SIGN_UP: 'on', SIGN_UP_DOMAINS: 'clinic.example' },
  })
  await addPeople(server.dataDir, ann)
  const signUps = attack('device', 'sign-ups that cannot be')
  const addresses = [
    ...[
      'x@evil.example',
      'x@clinic.example.evil.example',
      'x@evilclinic.example',
      'x@sub.clinic.example',
      'x@clinic.example.',
      'x@clinic.exampl',
    ],
    ...[
      'x@evil.example@clinic.example',
      '"x@evil.example"@clinic.example',
      'x@evil.example,y@clinic.example',
      'x@evil.example;y@clinic.example',
    ],
    ...[
      'x@evil.example\r\nBcc: y@clinic.example',
      'y@clinic.example\r\nBcc: x@evil.example',
      'y@clinic.example\nx@evil.example',
      'y@clinic.example\u0000',
    ],
    ...[
      '<x@evil.example> y@clinic.example',
      'y <x@evil.example>',
      'x@evil.example (y@clinic.example)',
      'x%evil.example@clinic.example',
      'evil.example!x@clinic.example',
    ],
    ...[
      'x@cl\u0131nic.example',
      'x@clinic\u3002example',
      'x@clinic.example\u200b',
      'x@\u202eelpmaxe.cinilc',
      'х@clinic.example',
      'x@[127.0.0.1]',
      '@clinic.example',
      'x',
      '',
    ],
    ...[
      `${'x'.repeat(300)}@clinic.example`,
      'deleted@deleted.invalid',
      'x y@clinic.example',
      '.x@clinic.example',
      'x..y@clinic.example',
    ],
  ]
  const db = await server.db()
  for (const [n, email] of addresses.entries())
    await signUps.hold(email, async () => {
      const { status } = await sendForm(server, '/sign-up', { email }, { 'x-forwarded-for': addressOf(n) })
      expect(status).toBeLessThan(500)
    })
  await expect
    .poll(async () => db.selectFrom('mail').select('id').where('kind', '=', 'sign-up-asked').execute(), {
      timeout: 10_000,
    })
    .toEqual([])
  const mailed = (await db.selectFrom('mail').select('to').execute()).map(({ to }) => to)
  // What is left is one address of the clinic's, to the letter.
  for (const to of mailed)
    await signUps.hold(`a mail to ${to}`, () => expect(to).toMatch(/^[!-?A-~]+@clinic\.example$/))
  for (const { email } of await db.selectFrom('link').select('email').execute())
    await signUps.hold(`a link for ${email}`, () => expect(email).toMatch(/^[!-?A-~]+@clinic\.example$/))
})

/** What a stranger says of themselves, to be read as something that it is not. */
const sayings = [
  ...[
    '\u001b[2J\u001b[1;1H',
    '\u009b31m',
    '\r\n2026-01-01 00:00:00  signed-in  root  INJECTED',
    '\u0000',
    '\u0007',
    '\u202eDETCEJNI',
  ],
  ...[
    'x  from 10.0.0.1  device INJECTED',
    'x" INJECTED=1 "',
    '\\" INJECTED "',
    "x' INJECTED='",
    '\u2028INJECTED',
    '`INJECTED`',
    '$(INJECTED)',
  ],
  ...[
    'x  why=INJECTED',
    '{"who":"INJECTED"}',
    '\u{e0001}INJECTED',
    '﷽﷽﷽',
    '\u200b',
    '"',
    '\\',
    'x"  who="INJECTED',
  ],
]

test('Z3.6 Y2.3 what a stranger says of themselves is quoted in the record, short, and an order to no terminal', async () => {
  const server = await startInProcessServer(manyAddresses)
  await addPeople(server.dataDir, ann)
  await createApiKey(await server.db(), 'A', server.clock.wall())
  const texts = attack('device', 'texts in the record')
  const say = async (saying: string, n: number) => {
    const said = saying.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '')
    const from = [`10.1.0.${n}`, `${said}, 10.1.0.${n}`, said, `10.1.0.${n}; ${said}`][n % 4] ?? ''
    texts(3)
    const headers = { 'user-agent': said, 'x-forwarded-for': from }
    const typed = { login: `${saying}INJECTED`.slice(0, 200), password: 'x', device: saying.slice(0, 64) }
    await trySignIn(server, typed, headers)
    await ask(`${server.url}/api/account/link?${encodeURIComponent(saying)}`, {
      method: 'POST',
      headers: [
        ...[json, ['authorization', 'DPoP x'] as const, ['dpop', 'x'] as const],
        ...Object.entries(headers),
      ],
      body: '{}',
    })
    await sendForm(server, '/password/forgot', { login: saying }, headers)
  }
  await Promise.all(sayings.map(say))
  await texts.hold('8,000 characters of an address', async () => {
    await trySignIn(
      server,
      { login: 'ann', password: 'x', device: 'x' },
      { 'x-forwarded-for': 'INJECTED'.repeat(1_000), 'user-agent': 'INJECTED'.repeat(900) },
    )
    for (const { address, label, device, detail } of await entries(server)) {
      expect((address ?? '').length).toBeLessThanOrEqual(64)
      expect((label ?? '').length).toBeLessThanOrEqual(200)
      expect((device ?? '').length).toBeLessThanOrEqual(64)
      expect(detail.length).toBeLessThanOrEqual(1_000)
    }
  })
  await texts.hold('addresses that are none', async () => {
    const { isIP } = await import('node:net')
    const strange = (await entries(server))
      .map(({ address }) => address)
      .filter((address) => address !== null && isIP(address) === 0)
    expect([...new Set(strange)].filter((address) => address !== 'unknown')).toEqual([])
  })
  // Whatever comes to be there, by whatever way: the same on the way out.
  const db = await server.db()
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
  for (const [address = '', label = '', device = '', path = ''] of fc.sample(
    fc.tuple(text, text, text, text),
    150,
  )) {
    texts(1)
    const told = `${label} INJECTED`
    await audit(db, {
      at: server.clock.wall(),
      what: 'proof-refused',
      from: { address, label: told },
      device,
      detail: { path: `${path}  who=INJECTED` },
    })
  }
  const printed = await runCommandOrThrow(server.dataDir, 'audit')
  await texts.hold('the printed record', async () => {
    const lines = printed.split('\n')
    expect(lines).toHaveLength((await entries(server)).length)
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
      expect(line.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(/INJECTED|DETCEJNI/)
    }
  })
  await texts.hold('the record as JSON', async () => {
    const lines = (await runCommandOrThrow(server.dataDir, 'audit', '--json')).split('\n')
    expect(lines).toHaveLength((await entries(server)).length)
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u)
      expect(Object.keys(JSON.parse(line))).toContain('what')
    }
  })
})
