import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { firefoxId } from '../../../protocol/extension.ts'
import { navigate, newBrowser } from './browser.ts'
import { newWish, returnTo, signInAtIssuer } from './extension.ts'
import { withHostile } from './with-hostile.ts'

const hash = createHash('sha1').update(firefoxId).digest('hex')

test('O2.1 a sign-in comes back to Chromium, to both addresses of Firefox, and to those configured', async () => {
  const { at } = await withHostile([], {
    OPENID_RETURN_TO: 'https://abcdef.chromiumapp.org/, https://x.example/y',
  })
  const welcome = [
    returnTo,
    `https://${hash}.extensions.allizom.org/`,
    `http://127.0.0.1/mozoauth2/${hash}`,
    'https://abcdef.chromiumapp.org/',
    'https://x.example/y',
  ]
  for (const address of welcome) {
    const { start } = newWish(at.url, { return_to: address })
    const ended = await newBrowser([at.url, at.issuer]).open(start)
    expect(ended.to?.href.startsWith(`${address}?`), address).toBe(true)
  }
})

test('O2.1 any other address is answered with a page, and no browser is sent there', async () => {
  const { at } = await withHostile()
  const strange = [
    'https://evil.example/',
    `${returnTo}x`,
    `${returnTo}?x=1`,
    `${returnTo}#`,
    returnTo.slice(0, -1),
    returnTo.toUpperCase(),
    returnTo.replace('https', 'http'),
    `https://evil.example/?${returnTo}`,
    returnTo.replace('https://', 'https://evil@'),
    returnTo.replace('.org/', '.org.evil.example/'),
    `//${new URL(returnTo).host}/`,
    'javascript:alert(1)',
    `http://127.0.0.1/mozoauth2/${hash}/..`,
    ` ${returnTo}`,
    `${returnTo}\r\nLocation: https://evil.example/`,
    '',
    'x'.repeat(5_000),
  ]
  for (const address of strange) {
    const response = await navigate(newWish(at.url, { return_to: address }).start)
    expect([response.status, response.headers.get('location')], address).toEqual([400, null])
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).not.toContain('evil.example')
  }
  const twice = newWish(at.url).start
  twice.searchParams.append('return_to', 'https://evil.example/')
  const ended = await newBrowser([at.url, at.issuer]).open(twice)
  expect(ended.to?.origin ?? 'page').not.toBe('https://evil.example')
})

test('O2.4 a state or challenge that is too weak or too long begins nothing', async () => {
  const { at } = await withHostile()
  for (const more of [
    { state: 'short' },
    { state: 'x'.repeat(129) },
    { code_challenge: '' },
    { code_challenge: 'x'.repeat(44) },
  ])
    expect((await navigate(newWish(at.url, more as Record<string, string>).start)).status).toBe(400)
})

test('O6.1 the redirect back is taken once, and only in the browser that began', async () => {
  const { at, server } = await withHostile()
  const victim = newBrowser([at.url, at.issuer])
  const thief = newBrowser([at.url])
  // Somebody begins a sign-in, and has another person go through it at the issuer.
  const begun = await thief.open(newWish(at.url).start)
  const ended = await victim.open(begun.to ?? '')
  expect([ended.status, ended.to]).toEqual([400, undefined])
  expect(ended.page).toContain('begun in another browser')

  const came = await signInAtIssuer(at)
  const callback = came.ended.trail.at(-1) ?? ''
  const again = await came.browser.open(callback)
  expect([again.status, again.to]).toEqual([400, undefined])
  const codes = await (await server.db()).selectFrom('signInCode').select('hash').execute()
  expect(codes).toHaveLength(1)
})

test('O6.1 the state of another sign-in, of none, or made up, leads nowhere', async () => {
  const { at, there } = await withHostile()
  const browser = newBrowser([at.url, at.issuer])
  const other = await newBrowser([at.url]).open(newWish(at.url).start)
  const otherState = other.to?.searchParams.get('state') ?? ''
  const tries = [
    (): Record<string, string> => ({ code: 'code-0', state: otherState }),
    (): Record<string, string> => ({ code: 'code-0', state: 'made-up' }),
    (): Record<string, string> => ({ code: 'code-0' }),
    (): Record<string, string> => ({ state: '' }),
    (): Record<string, string> => ({}),
  ]
  for (const back of tries) {
    there.wrong = { back }
    const ended = await browser.open(newWish(at.url).start)
    expect([ended.status, ended.to]).toEqual([400, undefined])
  }
  expect(there.redeemed).toEqual([])
})

test('O6.3 a sign-in that takes more than ten minutes comes back as expired', async () => {
  const { at, server } = await withHostile()
  const browser = newBrowser([at.url])
  const begun = await browser.open(newWish(at.url).start)
  server.clock.advance(600_001)
  const there = await navigate(begun.to ?? '')
  const callback = there.headers.get('location') ?? ''
  expect((await browser.open(callback)).to?.searchParams.get('error')).toBe('expired')
  expect((await browser.open(callback)).status, 'a second time').toBe(400)

  const later = await browser.open(newWish(at.url).start)
  server.clock.advance(1_200_001)
  const back = await navigate(later.to ?? '')
  expect((await browser.open(back.headers.get('location') ?? '')).status, 'much later').toBe(400)
})

test('O6.1 what a browser was given is good for its own state alone, and not when anything in it was changed', async () => {
  const { at, server, there } = await withHostile()
  const given = async () => {
    const { start } = newWish(at.url)
    const response = await navigate(start)
    const [pair = ''] = (response.headers.getSetCookie()[0] ?? '').split(';', 1)
    const state = new URL(response.headers.get('location') ?? '').searchParams.get('state') ?? ''
    return { state, name: `issuer-${state.slice(0, 16)}`, value: pair.slice(pair.indexOf('=') + 1) }
  }
  const [one, other] = [await given(), await given()]
  const [text = '', hash = ''] = one.value.split('.')
  const evil = { ...JSON.parse(Buffer.from(text, 'base64url').toString()), returnTo: 'https://evil.example/' }
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const back = (value: string) =>
    fetch(`${at.url}/auth/issuer/callback?code=c&state=${one.state}`, {
      headers: { cookie: `${one.name}=${value}` },
      redirect: 'manual',
    })
  for (const value of [
    other.value,
    `${encoded(evil)}.${hash}`,
    `${text}.${other.value.split('.')[1]}`,
    `${text}.`,
    `.${hash}`,
    text,
    '',
    `${one.value}x`,
    `x${one.value}`,
  ])
    expect((await back(value)).status, value).toBe(400)
  expect(there.redeemed).toEqual([])
  const db = await server.db()
  expect(await db.selectFrom('issuerFlow').selectAll().execute()).toEqual([])
  expect((await back(one.value)).status).toBe(302)
})

test('O6.3 what the issuer says of an error is told in our words, and its own words go nowhere', async () => {
  const { at, there, outcome } = await withHostile()
  const said = (error: string) => ({
    back: (state: string) => ({ state, error, error_description: '<b>evil</b>', code: 'x' }),
  })
  expect(await outcome(said('access_denied'))).toBe('denied')
  expect(await outcome(said('server_error'))).toBe('issuer-fault')
  expect(await outcome(said('"><script>'))).toBe('issuer-fault')
  there.wrong = said('access_denied')
  expect((await signInAtIssuer(at)).ended.to?.href).not.toContain('evil')
})

test('O6.6 begun under another name of the same machine, it goes on under the one the issuer knows', async () => {
  const { at } = await withHostile()
  const { start } = newWish(at.url.replace('127.0.0.1', 'localhost'))
  const response = await navigate(start)
  expect([response.status, response.headers.get('location')]).toEqual([
    302,
    start.href.replace('localhost', '127.0.0.1'),
  ])
})

test('O6.7 the cookie of a sign-in is out of reach of scripts, for sign-ins alone, and where people come by https one of this host alone', async () => {
  const cookieOf = async (env: Record<string, string>) => {
    const { server } = await withHostile([], env)
    const { readFile } = await import('node:fs/promises')
    const { url } = JSON.parse(await readFile(`${server.dataDir}/operator.json`, 'utf8')) as { url: string }
    return (await navigate(newWish(url).start)).headers.getSetCookie()[0] ?? ''
  }
  const value = /=[\w-]+\.[\w-]{43}; Max-Age=1200; /
  const plain = await cookieOf({})
  expect(plain).toMatch(value)
  expect(plain.replace(value, ' ')).toMatch(/^issuer-[\w-]{16} Path=\/auth\/issuer; HttpOnly; SameSite=Lax$/)
  const secure = await cookieOf({ PUBLIC_URL: 'https://reachable.example' })
  expect(secure.replace(value, ' ')).toMatch(
    /^__Host-issuer-[\w-]{16} Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
})

test('W2.10 the page on which a sign-in stops speaks the language that the browser asks for', async () => {
  const { server } = await withHostile()
  const page = await navigate(`${server.url}/auth/issuer/start`, { 'accept-language': 'de' })
  expect([page.status, await page.text()]).toEqual([
    400,
    expect.stringMatching(/<html lang="de">[\s\S]*So meldet man sich nicht an/),
  ])
})
