import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createHandlers } from '../../../entrypoints/background/pages/handlers.ts'
import type { StoredSession } from '../../../entrypoints/background/session/session-storage.ts'
import type { SetServerReply } from '../../../messages/commands.ts'

beforeEach(() => fakeBrowser.reset())

function setUp({ current = null as Partial<StoredSession> | null, reply = {} as SetServerReply } = {}) {
  const parts = {
    lifecycle: { logOut: vi.fn(async () => {}), exit: vi.fn(async () => {}) },
    session: {
      current: () => current,
      logIn: vi.fn(async () => ({ ok: true })),
      logInAtIssuer: vi.fn(),
      keepDraft: vi.fn(),
      opened: vi.fn(),
    },
    offers: {
      now: () => ({ issuer: null, forgot: 'https://a.example/forgot', signUp: null }),
      refresh: vi.fn(),
    },
    settings: { setServer: vi.fn(async () => reply), set: vi.fn(async () => {}) },
    reachability: { dispatch: vi.fn() },
    calls: { dispatch: vi.fn() },
    people: { handlers: {} },
    rehearsals: { begun: vi.fn(), answered: vi.fn(), look: vi.fn() },
  }
  return { parts, handlers: createHandlers(parts as unknown as Parameters<typeof createHandlers>[0]) }
}

test('U9.7 another server logs out whoever is signed in at a different one', async () => {
  const at = async (server: string, reply: SetServerReply) => {
    const { parts, handlers } = setUp({ current: { server }, reply })
    await expect(handlers['set-server']({ address: 'typed' })).resolves.toEqual(reply)
    return parts.lifecycle.logOut.mock.calls.length
  }
  await expect(at('https://old.example', { ok: true, server: 'https://new.example' })).resolves.toBe(1)
  await expect(at('https://new.example', { ok: true, server: 'https://new.example' })).resolves.toBe(0)
  await expect(at('https://old.example', { ok: false, why: 'server-silent' })).resolves.toBe(0)
})

test('U9.7 U2.14 the server is asked when a form asks for it, which is told the answer, and when another is named', async () => {
  const { parts, handlers } = setUp({ reply: { ok: true, server: 'https://new.example' } })
  await handlers.opened({})
  expect(parts.session.opened).toHaveBeenCalledTimes(1)
  expect(parts.offers.refresh).not.toHaveBeenCalled()
  parts.offers.refresh.mockResolvedValueOnce('outdated')
  await expect(handlers['check-server']({})).resolves.toEqual({ ok: true, answer: 'outdated' })
  await handlers['set-server']({ address: 'typed' })
  expect(parts.offers.refresh).toHaveBeenCalledTimes(2)
})

test('U9.8 each command does what it is named for', async () => {
  const { parts, handlers } = setUp()
  const ask = { login: 'ann', password: 'p', staySignedIn: true }
  await handlers['log-in'](ask)
  expect(parts.session.logIn).toHaveBeenCalledWith(ask)
  await handlers['log-in-at-issuer']({ staySignedIn: true })
  expect(parts.session.logInAtIssuer).toHaveBeenCalledWith(true)
  await handlers['keep-draft']({ login: 'an' })
  expect(parts.session.keepDraft).toHaveBeenCalledWith('an')
  await handlers['log-out']({})
  expect(parts.lifecycle.logOut).toHaveBeenCalledTimes(1)
  await handlers.exit({})
  expect(parts.lifecycle.exit).toHaveBeenCalledTimes(1)
  await handlers['try-now']({})
  expect(parts.reachability.dispatch).toHaveBeenCalledWith({ type: 'try-now' })
  await handlers['set-settings']({ namesInNotifications: true })
  expect(parts.settings.set).toHaveBeenCalledWith({ namesInNotifications: true })
  await handlers['test-ring']({})
  expect(parts.calls.dispatch).toHaveBeenCalledWith({
    type: 'test-ring',
    call: expect.objectContaining({ from: 'Test ring', ringsFor: 10_000 }),
  })
  expect(parts.rehearsals.begun).toHaveBeenCalledTimes(1)
  await handlers['rehearsal-answered']({ seen: true })
  expect(parts.rehearsals.answered).toHaveBeenCalledWith({ seen: true })
})

test('U6.3 U9.8 a setting that the browser cannot keep is answered as that', async () => {
  const { parts, handlers } = setUp()
  await expect(handlers['set-settings']({ namesInNotifications: true })).resolves.toEqual({ ok: true })
  parts.settings.set.mockRejectedValueOnce(new Error('The disk is full'))
  const answer = await handlers['set-settings']({ namesInNotifications: true })
  expect(answer).toEqual({ ok: false, why: 'storage' })
})

test('U9.8 a page of the server opens in a tab where it is offered, and not where it is not', async () => {
  const { handlers } = setUp()
  const open = vi.spyOn(fakeBrowser.tabs, 'create')
  await expect(handlers['open-page']({ page: 'forgot' })).resolves.toEqual({ ok: true })
  expect(open.mock.calls).toEqual([[{ url: 'https://a.example/forgot' }]])
  for (const page of ['sign-up', 'account'] as const)
    await expect(handlers['open-page']({ page })).resolves.toEqual({ ok: false, why: 'not-offered' })
})

test('U9.8 U2.12 a device key that cannot be read is told as that, and no server is asked', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch')
  vi.stubGlobal('indexedDB', {
    open: () => {
      throw new DOMException('Broken', 'UnknownError')
    },
  })
  const { handlers } = setUp({ current: { server: 'https://a.example', token: 't' } })
  await expect(handlers['open-page']({ page: 'account' })).resolves.toEqual({ ok: false, why: 'storage' })
  expect(fetched).not.toHaveBeenCalled()
  vi.unstubAllGlobals()
})

test('U9.8 a browser that does not tell whether the icon is pinned is not guessed at', async () => {
  const { handlers } = setUp()
  Object.assign(fakeBrowser.action, { getUserSettings: async () => ({ isOnToolbar: true }) })
  await expect(handlers['is-pinned']({})).resolves.toEqual({ pinned: true })
  Object.assign(fakeBrowser.action, { getUserSettings: () => Promise.reject(new Error('no')) })
  await expect(handlers['is-pinned']({})).resolves.toEqual({ pinned: 'unknown' })
})
