import { expect, test } from 'vitest'
import { navigate, navigation, newBrowser } from './browser.ts'
import { newWish, signInAtIssuer } from './extension.ts'
import { auditOf, type HostileSetup, withHostile } from './with-hostile.ts'

const begin = ({ at }: HostileSetup, headers?: Record<string, string>) =>
  navigate(newWish(at.url).start, headers)

test('O6.5 a sign-in begins where its person sees it, and by nothing else that a page can have a browser ask for', async () => {
  const set = await withHostile()
  const hidden: Record<string, string>[] = [
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-mode': 'same-origin', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-mode': 'websocket', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-mode': 'nested-navigate', 'sec-fetch-dest': 'document' },
    { 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-mode': '' },
    { 'sec-fetch-dest': 'iframe' },
    ...['iframe', 'frame', 'object', 'embed', 'fencedframe'].map((dest) => ({
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': dest,
    })),
    { ...navigation, 'sec-purpose': 'prefetch' },
    { ...navigation, 'sec-purpose': 'prefetch;prerender' },
    { ...navigation, purpose: 'prefetch' },
  ]
  for (const headers of hidden) {
    const { status, headers: answered } = await begin(set, headers)
    const words = JSON.stringify(headers)
    expect([status, answered.get('location'), answered.getSetCookie()], words).toEqual([400, null, []])
  }
  const seen: Record<string, string>[] = [{}, navigation, { 'sec-fetch-mode': 'navigate' }]
  for (const site of ['none', 'cross-site', 'same-site', 'same-origin'])
    seen.push({ ...navigation, 'sec-fetch-site': site, 'sec-fetch-user': '?1' })
  for (const headers of seen) expect((await begin(set, headers)).status, JSON.stringify(headers)).toBe(302)
})

test('O6.5 beginning a sign-in keeps nothing, so however many an address begins, nobody there waits', async () => {
  const set = await withHostile()
  const db = await set.server.db()
  for (let round = 0; round < 20; round += 1) {
    const begun = await Promise.all(Array.from({ length: 50 }, () => begin(set)))
    expect(new Set(begun.map(({ status }) => status))).toEqual(new Set([302]))
  }
  expect(await db.selectFrom('issuerFlow').selectAll().execute()).toEqual([])
  expect(await set.outcome({})).toBe('code')
})

test('O6.5 of one browser the newest eight sign-ins are kept, and the newest is finished', async () => {
  const { at } = await withHostile()
  const browser = newBrowser([at.url])
  const issuers: URL[] = []
  for (let n = 0; n < 20; n += 1) {
    const { to } = await browser.open(newWish(at.url).start)
    if (to) issuers.push(to)
    expect(browser.cookies.length).toBeLessThanOrEqual(8)
  }
  const finish = async (address: URL | undefined) => {
    const there = await navigate(address ?? '')
    return browser.open(there.headers.get('location') ?? '')
  }
  expect((await finish(issuers.at(-9))).status).toBe(400)
  for (const kept of [issuers.at(-1), issuers.at(-8)])
    expect((await finish(kept)).to?.searchParams.get('code')).toMatch(/./)
})

/** Nobody brings these back: 200 sign-ins of somebody at this address have just come to nothing. */
async function failMany({ server }: HostileSetup, by: string, count = 200) {
  const db = await server.db()
  const endedAt = server.clock.wall()
  const rows = Array.from({ length: count }, (_, n) => ({ hash: `${by} ${n}`, by, endedAt, succeeded: 0 }))
  await db.insertInto('issuerFlow').values(rows).execute()
}

test('O6.8 after 200 sign-ins of an address that came to nothing the next is told how long to wait, and the issuer is not asked', async () => {
  const set = await withHostile()
  await failMany(set, 'address 127.0.0.1', 199)
  expect(await set.outcome({ claims: { email_verified: false } })).toBe('unverified-email')
  set.server.clock.advance(60_000)
  set.there.wrong = {}
  const { error, ended } = await signInAtIssuer(set.at)
  expect([error, ended.to?.searchParams.get('retry_after')]).toEqual(['too-many-attempts', '540'])
  expect(set.there.redeemed).toHaveLength(1)
  expect(await auditOf(set)).toHaveLength(1)
  set.server.clock.advance(540_000)
  expect(await set.outcome({})).toBe('code')
})

test('O6.8 a browser in which somebody has signed in is counted for itself, and not with strangers at its address', async () => {
  const set = await withHostile()
  const { browser } = await signInAtIssuer(set.at, newBrowser([set.at.url, set.at.issuer]))
  expect(browser.cookies).toEqual(['reachable-known-browser'])
  await failMany(set, 'address 127.0.0.1')
  expect(await set.outcome({})).toBe('too-many-attempts')
  expect((await signInAtIssuer(set.at, browser)).code).toMatch(/./)

  // Its own count is its own: 200 of them keep nobody else waiting.
  set.server.clock.advance(600_001)
  set.there.wrong = { back: (state) => ({ state, error: 'access_denied' }) }
  expect((await signInAtIssuer(set.at, browser)).error).toBe('denied')
  const db = await set.server.db()
  const { by } = await db
    .selectFrom('issuerFlow')
    .select('by')
    .where('by', 'like', 'browser %')
    .executeTakeFirstOrThrow()
  await failMany(set, by, 199)
  expect((await signInAtIssuer(set.at, browser)).error).toBe('too-many-attempts')
  expect(await set.outcome({})).toBe('code')
})

test('O6.8 a cookie that we did not give makes no browser known', async () => {
  const set = await withHostile()
  await failMany(set, 'address 127.0.0.1')
  for (const value of ['', 'made-up', 'made-up.made-up', 'a.b.c']) {
    const started = await begin(set)
    const [pair = ''] = (started.headers.getSetCookie()[0] ?? '').split(';', 1)
    const there = await navigate(started.headers.get('location') ?? '')
    const back = await fetch(there.headers.get('location') ?? '', {
      redirect: 'manual',
      headers: { cookie: `${pair}; reachable-known-browser=${value}` },
    })
    expect(new URL(back.headers.get('location') ?? '').searchParams.get('error')).toBe('too-many-attempts')
  }
})

test('O6.8 sign-ins that let somebody in are not counted', async () => {
  const set = await withHostile()
  await failMany(set, 'address 127.0.0.1', 199)
  for (let n = 0; n < 3; n += 1) expect(await set.outcome({})).toBe('code')
})
