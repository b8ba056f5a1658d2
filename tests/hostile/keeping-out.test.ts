import { expect, test } from 'vitest'
import { makeSignInCode } from '../../server/accounts/code-sign-in.ts'
import { hashOf, newSecret } from '../../server/accounts/secrets.ts'
import { openAccount } from '../server/my-account/at-account.ts'
import { atOnce, endSession, postFrom, signIn, trySignIn } from '../server/support/api-client.ts'
import { keyOf, proofOf } from '../server/support/dpop-proofs.ts'
import { sendForm } from '../server/support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { linkIn, mailsTo } from '../server/support/mailbox.ts'
import { addPeople, ann, ben } from '../server/support/people.ts'
import { ask } from './ask.ts'
import { attack } from './count.ts'

const minute = 60_000

/** Behind a proxy that is believed: whoever attacks has as many addresses as they like. */
const manyAddresses = { env: { TRUST_PROXY: '1' } }
const from = (address: string) => ({ 'x-forwarded-for': address })
const here = from('192.0.2.7')

const owner = { login: ann.username, password: ann.password, device: 'her own' }
const asOwner = (server: InProcessServer) => trySignIn(server, owner, here)

/** Every way to write a name that is the same name. */
const spellings = [
  'ann',
  'ANN',
  ' ann ',
  'ａｎｎ',
  'Ann',
  ann.email,
  ann.email.toUpperCase(),
  `\t${ann.email}`,
]

test('Z3.4 A3.1 A3.4 no number of wrong passwords keeps a person out of the browser that they know', async () => {
  const server = await startInProcessServer(manyAddresses)
  await addPeople(server.dataDir, ann, ben)
  await signIn(server, ann, owner.device)
  await signIn(server, ben, 'the stranger’s own')
  const guesses = attack('device', 'wrong passwords to keep the owner out')
  let looked = 0
  for (let round = 0; round < 5; round += 1) {
    const tries = Array.from({ length: 24 }, async (_, n) => {
      const login = spellings[n % spellings.length] ?? ''
      // From her own address, from others, with a key of another person's, and with her device's name.
      const device = ['the stranger’s own', `stranger ${n}`][n % 2] ?? ''
      const headers = n % 3 === 0 ? here : from(`198.51.100.${n}`)
      guesses(1)
      const { status } = await trySignIn(server, { login, password: `Wrong-${round}-${n}`, device }, headers)
      if (status === 401) looked += 1
      expect([401, 429]).toContain(status)
    })
    await Promise.all(tries)
    await guesses.hold(`the owner’s own, round ${round}`, async () =>
      expect((await asOwner(server)).status).toBe(200),
    )
    server.clock.advance(minute)
  }
  // By username and by address of mail, fifty each from wherever they come, and one more each 72 s.
  expect(looked).toBeLessThanOrEqual(2 * (50 + 6))
})

test('Z3.4 a stranger’s words for themselves make no known browser of theirs', async () => {
  const server = await startInProcessServer(manyAddresses)
  await addPeople(server.dataDir, ann, ben)
  await signIn(server, ann, owner.device)
  const pretences = attack('device', 'pretended known browsers')
  await atOnce(6, (n) => trySignIn(server, { login: 'ann', password: `Wrong-${n}`, device: 'x' }, here))
  const url = `${server.url}/api/session`
  const [stranger, hers] = [await keyOf('x'), await keyOf(owner.device)]
  const seen = await proofOf(hers, { url, method: 'POST' })
  await postFrom(hers, server, '/api/session/end', { endToken: 'none' })
  const tries: Record<string, () => Promise<Response>> = {
    'the name of her device': () =>
      postFrom(
        stranger,
        server,
        '/api/session',
        { ...owner, password: 'Wrong-7', staySignedIn: false },
        here,
      ),
    'her address': () => trySignIn(server, { login: 'ann', password: 'Wrong-7', device: 'x' }, here),
    'her browser’s name': () =>
      trySignIn(
        server,
        { login: 'ann', password: 'Wrong-7', device: 'x' },
        { ...here, 'user-agent': 'node' },
      ),
    'cookies of ours': () =>
      trySignIn(
        server,
        { login: 'ann', password: 'Wrong-7', device: 'x' },
        { ...here, cookie: `known=${hers.thumbprint}; reachable-known-browser=${newSecret()}` },
      ),
    'her key’s thumbprint for a device': () =>
      trySignIn(server, { login: 'ann', password: 'Wrong-7', device: hers.thumbprint.slice(0, 64) }, here),
    'another’s login on her key, then hers': async () => {
      await trySignIn(server, { login: 'ben', password: ben.password, device: 'x' }, here)
      return trySignIn(server, { login: 'ann', password: 'Wrong-7', device: 'x' }, here)
    },
  }
  for (const [what, guess] of Object.entries(tries))
    await pretences.hold(what, async () => expect((await guess()).status).toBe(429))
  await pretences.hold('a proof of hers, sent by somebody else', async () => {
    const body = JSON.stringify({ ...owner, password: 'Wrong-7', staySignedIn: false })
    const send = () =>
      ask(url, {
        method: 'POST',
        headers: [
          ['content-type', 'application/json'],
          ['dpop', seen],
        ],
        body,
      })
    await Promise.all(Array.from({ length: 8 }, send))
    expect((await asOwner(server)).status).toBe(200)
  })
})

/** How the password is replaced that a thief knew. @returns the new one. */
const replacements: Record<string, (server: InProcessServer) => Promise<string>> = {
  async 'a reset'(server) {
    await sendForm(server, '/password/forgot', { login: ann.email })
    const link = linkIn(await mailsTo(server, ann.email))
    const password = 'Evening-primrose-44'
    expect((await sendForm(server, link, { password, again: password })).status).toBe(303)
    return password
  },
  async 'a change'(server) {
    const { token } = await signIn(server, ann, owner.device)
    const pages = await openAccount(server, token, owner.device)
    const password = 'Evening-primrose-45'
    const done = await pages.sendForm('/account/password', { old: ann.password, password, again: password })
    expect(done.status).toBe(303)
    return password
  },
}

test.each(Object.entries(replacements))(
  'Z3.4 A3.9 whoever knew the password is a stranger after %s, and keeps nobody out',
  async (how, replace) => {
    const server = await startInProcessServer(manyAddresses)
    await addPeople(server.dataDir, ann)
    const keys = attack('device', 'keys of who knew the password')
    await signIn(server, ann, owner.device)
    const thieves = Array.from({ length: 8 }, (_, n) => `thief ${n}`)
    for (const some of [thieves.slice(0, 4), thieves.slice(4)]) {
      const known = some.map((device, n) =>
        trySignIn(server, { login: 'ann', password: ann.password, device }, from(`198.51.100.${n}`)),
      )
      expect((await Promise.all(known)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    }
    const password = await replace(server)
    await keys.hold(`${how}: her own browser`, async () =>
      expect((await trySignIn(server, { ...owner, password }, here)).status).toBe(200),
    )
    let looked = 0
    const guesses = Array.from({ length: thieves.length * 6 }, async (_, n) => {
      keys(1)
      const guess = { login: 'ann', password: `Guess-${n}-horse`, device: thieves[n % thieves.length] ?? '' }
      if ((await trySignIn(server, guess, from(`198.51.100.${n % thieves.length}`))).status === 401)
        looked += 1
    })
    await Promise.all(guesses)
    // As many as any stranger may at each address, and not as many for each of their keys.
    await keys.hold(`${how}: guesses that are looked at`, () => expect(looked).toBeLessThanOrEqual(8 * 5))
    await keys.hold(`${how}: her own browser, after them`, async () =>
      expect((await trySignIn(server, { ...owner, password }, here)).status).toBe(200),
    )
  },
)

test('Z3.4 K2.7 an address that is used up by sound proofs keeps nobody out who is known there', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann, ben)
  const { token, endToken } = await signIn(server, ann, owner.device)
  const { endToken: bens } = await signIn(server, ben, 'ben’s')
  const [userId] = (
    await (await server.db()).selectFrom('user').select('id').where('username', '=', 'ann').execute()
  ).map(({ id }) => id)
  const floods = attack('device', 'sound proofs of no session')
  const url = `${server.url}/api/session/end`
  const junk = async (n: number) => {
    const key = await keyOf(`key ${n % 40}`)
    const dpop = await proofOf(key, { url, method: 'POST' })
    floods(1)
    return ask(url, {
      method: 'POST',
      headers: [
        ['content-type', 'application/json'],
        ['dpop', dpop],
      ],
      body: '{"endToken":"none"}',
    })
  }
  for (let n = 0; n < 400; n += 40) await Promise.all(Array.from({ length: 40 }, (_, at) => junk(n + at)))
  for (let round = 0; round < 12; round += 1) {
    // Ten a second: more than flows off.
    server.clock.advance(1_000)
    await Promise.all(Array.from({ length: 10 }, (_, at) => junk(400 + round * 10 + at)))
    await floods.hold(`a right password on a known device, round ${round}`, async () =>
      expect((await trySignIn(server, owner)).status).toBe(200),
    )
  }
  await floods.hold('a right code', async () => {
    const verifier = newSecret()
    const code = await makeSignInCode(await server.db(), userId ?? '', hashOf(verifier), server.clock.wall())
    const spent = await postFrom(await keyOf('new here'), server, '/api/session/code', {
      ...{ code, verifier, device: 'new here', staySignedIn: false },
    })
    expect(spent.status).toBe(200)
  })
  await floods.hold('a session', async () => {
    const { token } = await signIn(server, ann, owner.device)
    const opened = await postFrom(await keyOf(owner.device), server, '/api/account/link', {}, {}, token)
    expect(opened.status).toBe(200)
  })
  await floods.hold('a known end token', async () => {
    const response = await postFrom(await keyOf('ben’s'), server, '/api/session/end', { endToken: bens })
    expect(response.status).toBe(204)
    const left = await (await server.db())
      .selectFrom('device')
      .select('device')
      .where('device', '=', 'ben’s')
      .execute()
    expect(left).toEqual([])
  })
  expect([token, endToken]).not.toContain('')
})

test('Z3.4 O7.7 codes and end tokens that are none keep no right one waiting', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const { endToken } = await signIn(server, ann, owner.device)
  const db = await server.db()
  const { id } = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  const codes = attack('device', 'codes and end tokens that are none')
  const verifier = newSecret()
  const right = await makeSignInCode(db, id, hashOf(verifier), server.clock.wall())
  const spend = async (code: string, by = verifier) =>
    postFrom(await keyOf('thief'), server, '/api/session/code', {
      code,
      verifier: by,
      device: 't',
      staySignedIn: false,
    })
  const wrong = [
    '',
    right.slice(1),
    `${right}x`,
    right.toUpperCase(),
    hashOf(right),
    '__proto__',
    '%00',
    'a'.repeat(512),
  ]
  for (const code of [...wrong, ...Array.from({ length: 32 }, newSecret)])
    await codes.hold(code, async () => expect([400, 401, 429]).toContain((await spend(code)).status))
  await codes.hold('a right one', async () => expect((await spend(right)).status).toBe(200))
  await codes.hold('again', async () => expect([401, 429]).toContain((await spend(right)).status))
  const other = await makeSignInCode(db, id, hashOf(verifier), server.clock.wall())
  await codes.hold('another verifier', async () =>
    expect([401, 429]).toContain((await spend(other, newSecret())).status),
  )
  await codes.hold('the right one after a wrong verifier', async () =>
    expect([401, 429]).toContain((await spend(other)).status),
  )
  for (const none of ['', endToken.slice(1), hashOf(endToken), ...Array.from({ length: 12 }, newSecret)])
    await codes.hold(`end ${none}`, async () => {
      await endSession(server, none)
      expect(
        await db.selectFrom('device').select('device').where('device', '=', owner.device).execute(),
      ).toHaveLength(1)
    })
})

test('Z3.4 A3.4 sixty wrong passwords from sixty places do not make the owner wait', async () => {
  const server = await startInProcessServer(manyAddresses)
  await addPeople(server.dataDir, ann)
  await signIn(server, ann, owner.device)
  const floods = attack('device', 'wrong passwords at once')
  const wrong = Array.from({ length: 60 }, (_, n) => {
    floods(1)
    return trySignIn(
      server,
      { login: `nobody-${n}`, password: 'Wrong-1', device: `d${n}` },
      from(`198.51.100.${n}`),
    )
  })
  await new Promise((resolve) => setImmediate(resolve))
  const began = performance.now()
  expect((await asOwner(server)).status).toBe(200)
  expect(performance.now() - began).toBeLessThan(1_500)
  const answers = await Promise.all(wrong)
  for (const { status, headers } of answers) {
    expect([401, 429, 503]).toContain(status)
    if (status !== 401) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
})

test('Z3.4 W2.2 A1.2 a name that nobody has is refused like one that somebody has', async () => {
  const server = await startInProcessServer(manyAddresses)
  await addPeople(server.dataDir, ann, { ...ben, username: 'ben' })
  const names = attack('device', 'names to find out')
  const answerOf = async (login: string, at: number) => {
    names(1)
    const response = await trySignIn(
      server,
      { login, password: 'Wrong-horse-7', device: `d${at}` },
      from(`203.0.113.${at}`),
    )
    const told = Object.fromEntries(
      [...response.headers].filter(([name]) => !['date', 'dpop-nonce'].includes(name)),
    )
    return JSON.stringify([response.status, await response.text(), told])
  }
  const known = await Promise.all(['ann', 'ben', ann.email, 'ANN'].map(answerOf))
  const unknown = await Promise.all(
    ['nan', 'neb', 'ann@clinic.exampl', '%', '"', 'a'.repeat(254)].map((login, n) => answerOf(login, n + 10)),
  )
  expect(new Set([...known, ...unknown]).size).toBe(1)
  const forgotten = await Promise.all(
    ['ann', ann.email, 'nobody', 'nobody@clinic.example', '\u0000', "' or ''='"].map(async (login) => {
      names(1)
      const { status, headers } = await sendForm(server, '/password/forgot', { login })
      return `${status} ${headers.get('location')}`
    }),
  )
  expect(new Set(forgotten).size).toBe(1)
})
