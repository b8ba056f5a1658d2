import 'fake-indexeddb/auto'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import {
  beginFlow,
  clearFlow,
  clearIssuerRefusal,
  readIssuerRefusal,
  readRedirect,
  storeIssuerRefusal,
} from '../../../entrypoints/background/session/issuer-sign-in.ts'
import { createSession } from '../../../entrypoints/background/session/session.ts'
import { protocolVersion } from '../../../protocol/connection.ts'

const returnTo = 'https://cafhmnaedhkkgklgajmdhphefgabcbnd.chromiumapp.org/'

beforeEach(() => {
  fakeBrowser.reset()
  // The fake browser has no identity at all.
  Object.assign(fakeBrowser.identity, { getRedirectURL: vi.fn(() => returnTo) })
})

test('A9.1 each sign-in at the issuer has a state and a verifier of its own, and only the challenge leaves', async () => {
  const [first, second] = [await beginFlow('https://a.example'), await beginFlow('https://a.example')]
  expect(first.flow.state).not.toBe(second.flow.state)
  expect(first.flow.verifier).not.toBe(second.flow.verifier)
  const url = new URL(first.url)
  expect(`${url.origin}${url.pathname}`).toBe('https://a.example/auth/issuer/start')
  expect(url.searchParams.get('return_to')).toBe(returnTo)
  expect(url.searchParams.get('code_challenge')).toHaveLength(43)
  expect(first.url).not.toContain(first.flow.verifier)
  expect(JSON.stringify(await fakeBrowser.storage.session.get(null))).not.toContain(first.flow.verifier)
})

test('A9.1 what comes back counts only with the state of this sign-in', () => {
  const flow = { state: 'mine', verifier: 'v' }
  const back = (query: string) => readRedirect(flow, `${returnTo}?${query}`)
  expect(back('state=mine&code=c')).toEqual({ code: 'c' })
  expect(back('state=mine&error=denied')).toEqual({ why: 'denied' })
  for (const query of ['state=other&code=c', 'code=c', 'state=mine', 'state=mine&error=made-up'])
    expect(back(query), query).toEqual({ why: 'issuer-fault' })
  expect(readRedirect(flow, undefined)).toEqual({ why: 'issuer-fault' })
})

test('A9.4 until when to wait comes back with too many sign-ins, and is kept with the reason', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  onTestFinished(() => void vi.useRealTimers())
  const back = (wait: string) =>
    readRedirect({ state: 'mine', verifier: 'v' }, `${returnTo}?state=mine&error=too-many-attempts${wait}`)
  expect(back('&retry_after=420')).toEqual({ why: 'too-many-attempts', until: 1_420_000 })
  for (const wait of ['', '&retry_after=', '&retry_after=-1', '&retry_after=soon', '&retry_after=1e99'])
    expect(back(wait), wait).toEqual({ why: 'too-many-attempts' })
  await storeIssuerRefusal({ why: 'too-many-attempts', until: 1_420_000 })
  await expect(readIssuerRefusal()).resolves.toEqual({ why: 'too-many-attempts', until: 1_420_000 })
})

test('A9.4 until when to wait is what the server said also for the next worker, and an hour later', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ service: 'reachable', protocols: [protocolVersion] }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const refuse = async ({ url }: { readonly url: string }) => {
    const state = new URL(url).searchParams.get('state')
    return `${returnTo}?state=${state}&error=too-many-attempts&retry_after=420`
  }
  Object.assign(fakeBrowser.identity, { launchWebAuthFlow: vi.fn(refuse) })
  const worker = () =>
    createSession({
      server: () => 'https://a.example',
      sessionChanged: () => {},
      changed: () => {},
      logOutRecorded: () => {},
    })
  const first = worker()
  await first.restore()
  const before = Date.now()
  first.logInAtIssuer(false)
  const refused = { why: 'too-many-attempts', until: expect.any(Number) }
  await vi.waitFor(() => expect(first.state()).toMatchObject({ atIssuer: { refused } }))
  await vi.waitFor(async () => expect(await readIssuerRefusal()).toEqual(refused))
  const next = worker()
  await next.restore()
  expect(next.state()).toEqual(first.state())
  const until = (await readIssuerRefusal())?.until ?? 0
  expect(until - before).toBeGreaterThanOrEqual(420_000)
  expect(until - Date.now()).toBeLessThanOrEqual(420_000)
})

test('A9.3 a sign-in that its worker did not live to end is told as interrupted, once', async () => {
  await beginFlow('https://a.example')
  await expect(readIssuerRefusal()).resolves.toEqual({ why: 'interrupted' })
  await expect(readIssuerRefusal()).resolves.toBeNull()
})

test('A9.4 why a sign-in failed is kept for the next popup, until the next attempt', async () => {
  await storeIssuerRefusal({ why: 'denied' })
  await expect(readIssuerRefusal()).resolves.toEqual({ why: 'denied' })
  await clearIssuerRefusal()
  await clearFlow()
  await expect(readIssuerRefusal()).resolves.toBeNull()
})
