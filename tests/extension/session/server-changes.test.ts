import 'fake-indexeddb/auto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createSession } from '../../../entrypoints/background/session/session.ts'
import { clearSession, readSession } from '../../../entrypoints/background/session/session-storage.ts'
import { type DemoService, startDemoService } from '../demo-service.ts'

let service: DemoService

beforeAll(async () => {
  service = await startDemoService()
})
afterAll(() => service.stop())

beforeEach(async () => {
  fakeBrowser.reset()
  await clearSession()
})
afterEach(() => void vi.restoreAllMocks())

/** Changes the server once the old one has granted a session or, `late`, once that is being kept. */
function changeServerMeanwhile(when: 'granted' | 'late') {
  const { fetch } = globalThis
  let server = service.url
  const change = () => {
    server = 'https://new.example'
  }
  const asked: { path: string; status: number; body: unknown }[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const response = await fetch(url, init)
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null)
    asked.push({ path: new URL(url).pathname, status: response.status, body })
    if (when === 'granted' && url.endsWith('/api/session')) change()
    return response
  })
  const { set } = fakeBrowser.storage.local
  if (when === 'late')
    vi.spyOn(fakeBrowser.storage.local, 'set').mockImplementation(async (items) => {
      await set(items)
      if ('ended' in items) change()
    })
  const session = createSession({
    server: () => server,
    sessionChanged: () => {},
    changed: () => {},
    logOutRecorded: () => {},
  })
  return { session, asked }
}

test.each(['granted', 'late'] as const)(
  'A8.9 a session of a server that was changed meanwhile (%s) is ended there',
  async (when) => {
    const { session, asked } = changeServerMeanwhile(when)
    await session.restore()
    const ask = { login: 'ann', password: service.password, staySignedIn: true }
    await expect(session.logIn(ask)).resolves.toEqual({ ok: false, why: 'interrupted' })
    expect(session.current()).toBeNull()
    expect(session.state()).toMatchObject({ kind: 'signed-out', why: 'server-changed' })
    await expect(readSession()).resolves.toBeNull()
    expect(asked.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/api/session 200',
      '/api/session/end 204',
    ])
    await expect(fakeBrowser.storage.local.get('endings')).resolves.toEqual({ endings: [] })
    vi.unstubAllGlobals()
  },
)

test('A8.9 a session that is found at the start, of another server than the one that is set, is ended there', async () => {
  const make = (server: string) =>
    createSession({ server: () => server, sessionChanged, changed: () => {}, logOutRecorded: () => {} })
  const sessionChanged = vi.fn()
  const first = make(service.url)
  await first.restore()
  await first.logIn({ login: 'ann', password: service.password, staySignedIn: true })
  const stored = first.current()
  expect(stored).not.toBeNull()
  sessionChanged.mockClear()
  const next = make('https://new.example')
  await next.restore()
  expect(next.current()).toBeNull()
  expect(next.state()).toMatchObject({ kind: 'signed-out', why: 'server-changed', draft: '' })
  expect(sessionChanged.mock.calls).toEqual([[null]])
  await expect(readSession()).resolves.toBeNull()
  await expect(fakeBrowser.storage.local.get('endings')).resolves.toEqual({
    endings: [{ server: service.url, endToken: stored?.endToken }],
  })
})
