import 'fake-indexeddb/auto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { sendPendingLogouts } from '../../../entrypoints/background/session/pending-logouts.ts'
import { createSession, type SessionDependencies } from '../../../entrypoints/background/session/session.ts'
import {
  clearSession,
  readSession,
  type StoredSession,
} from '../../../entrypoints/background/session/session-storage.ts'
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

const worker = (dependencies: Partial<SessionDependencies> = {}) =>
  createSession({
    server: () => service.url,
    sessionChanged: () => {},
    changed: () => {},
    logOutRecorded: () => {},
    ...dependencies,
  })

async function signedIn(dependencies: Partial<SessionDependencies> = {}) {
  const session = worker(dependencies)
  await session.restore()
  const reply = await session.logIn({ login: 'ann', password: service.password, staySignedIn: true })
  expect(reply).toEqual({ ok: true })
  return { session, stored: session.current() as StoredSession }
}

const fault = () => Promise.reject(new Error('The disk is full'))
const { local, session: fleeting } = fakeBrowser.storage
const pendingLogouts = async () => (await local.get('endings')).endings ?? []

test.each([
  ['storage.local', () => vi.spyOn(local, 'get').mockImplementation(fault)],
  ['storage.session', () => vi.spyOn(fleeting, 'get').mockImplementation(fault)],
  [
    'IndexedDB',
    () =>
      vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(() => {
        throw new DOMException('Broken', 'UnknownError')
      }),
  ],
])('A8.7 a session that %s does not give back is neither ended nor forgotten', async (_name, breakIt) => {
  const { stored } = await signedIn()
  const broken = breakIt()
  const next = worker()
  await expect(next.restore()).rejects.toThrow()
  expect(next.state()).toEqual({ kind: 'unknown' })
  broken.mockRestore()
  await next.restore()
  expect(next.current()).toEqual(stored)
  await expect(pendingLogouts()).resolves.toEqual([])
})

/** What the server was told of the log-out, with its status; `silent` answers nothing. */
function listening(silent = false) {
  const { fetch } = globalThis
  const asked: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    if (silent) throw new TypeError('Failed to fetch')
    const response = await fetch(url, init)
    asked.push(`${new URL(String(url)).pathname} ${response.status}`)
    return response
  })
  return asked
}

test('A8.8 a log-out that cannot be noted is told from memory, and the session is forgotten', async () => {
  const logOutRecorded = vi.fn()
  const { session } = await signedIn({ logOutRecorded })
  const asked = listening()
  const broken = vi.spyOn(local, 'set').mockImplementation(fault)
  await session.end('logged-out')
  expect(session.state()).toMatchObject({ kind: 'signed-out', why: 'logged-out' })
  expect(asked).toContain('/api/session/end 204')
  await expect(readSession()).resolves.toBeNull()
  broken.mockRestore()
  await vi.waitFor(() => expect(logOutRecorded).toHaveBeenCalledTimes(1), 4_000)
})

test('A8.8 a log-out that can neither be noted nor told is forgotten here, noted when it can be, and then told', async () => {
  const logOutRecorded = vi.fn()
  const { session, stored } = await signedIn({ logOutRecorded })
  listening(true)
  const broken = vi.spyOn(local, 'set').mockImplementation(fault)
  await session.end('logged-out')
  await expect(readSession()).resolves.toBeNull()
  expect(logOutRecorded).not.toHaveBeenCalled()
  broken.mockRestore()
  const noted = { server: stored.server, endToken: stored.endToken }
  await vi.waitFor(async () => expect(await pendingLogouts()).toEqual([noted]), 5_000)
  await vi.waitFor(() => expect(logOutRecorded).toHaveBeenCalledTimes(1))
})

test('A8.8 a storage that never answers does not keep a session from being forgotten', async () => {
  const { session } = await signedIn()
  let answer = () => {}
  const silent = new Promise<void>((resolve) => {
    answer = resolve
  })
  vi.spyOn(local, 'set').mockImplementationOnce(() => silent)
  const ended = session.end('logged-out')
  await vi.waitFor(async () => expect(await readSession()).toBeNull(), 4_000)
  answer()
  await ended
})

test('A8.8 whoever signs in before an earlier log-out could be settled up is not forgotten with it', async () => {
  const { session } = await signedIn()
  const broken = vi.spyOn(local, 'set').mockImplementation(fault)
  await session.end('logged-out')
  broken.mockRestore()
  await session.logIn({ login: 'ann', password: service.password, staySignedIn: true })
  const stored = session.current()
  await vi.waitFor(async () => expect(await pendingLogouts()).toHaveLength(1), 5_000)
  const next = worker()
  await next.restore()
  expect(next.current()).toEqual(stored)
})

test('A8.8 a log-out before the session could be read ends that session once it can', async () => {
  const { stored } = await signedIn()
  const broken = vi.spyOn(fleeting, 'get').mockImplementation(fault)
  const next = worker()
  await expect(next.restore()).rejects.toThrow()
  const unforgettable = vi.spyOn(fleeting, 'remove').mockImplementation(fault)
  await next.end('exited')
  expect(next.state()).toMatchObject({ kind: 'signed-out', why: 'exited' })
  broken.mockRestore()
  unforgettable.mockRestore()
  await next.restore()
  expect(next.current()).toBeNull()
  await expect(pendingLogouts()).resolves.toEqual([{ server: stored.server, endToken: stored.endToken }])
})

test.each(['told', 'untold'])(
  'A8.11 a session that could not be forgotten never comes back (%s)',
  async (heard) => {
    const logOutRecorded = vi.fn()
    const { session } = await signedIn({ logOutRecorded })
    const unforgettable = vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(() => {
      throw new DOMException('Broken', 'UnknownError')
    })
    await session.end('logged-out')
    if (heard === 'told') await sendPendingLogouts()
    const next = worker()
    await expect(next.restore()).rejects.toThrow()
    await sendPendingLogouts()
    expect(next.current()).toBeNull()
    unforgettable.mockRestore()
    await next.restore()
    expect(next.state()).toMatchObject({ kind: 'signed-out', why: 'logged-out' })
    await expect(sendPendingLogouts()).resolves.toBe(true)
    const last = worker()
    await last.restore()
    expect(last.state()).toMatchObject({ kind: 'signed-out', why: 'logged-out' })
    // The first worker tries again by itself, and notes the log-out anew: not into the storage of the next test.
    await vi.waitFor(() => expect(logOutRecorded).toHaveBeenCalledTimes(1), 4_000)
  },
)

test('A8.8 whatever a listener throws, a log-out is noted', async () => {
  let ended = false
  const thrower = () => {
    if (ended) throw new Error('Attempting to use a disconnected port object')
  }
  const { session, stored } = await signedIn({ sessionChanged: thrower, changed: thrower })
  vi.spyOn(console, 'error').mockImplementation(() => {})
  ended = true
  await session.end('logged-out')
  expect(session.current()).toBeNull()
  await expect(pendingLogouts()).resolves.toEqual([{ server: stored.server, endToken: stored.endToken }])
})

test('A8.6 a log-in in a browser that cannot read its storage is refused as that', async () => {
  const session = worker()
  await session.restore()
  vi.spyOn(local, 'get').mockImplementation(fault)
  const ask = { login: 'ann', password: service.password, staySignedIn: true }
  await expect(session.logIn(ask)).resolves.toEqual({ ok: false, why: 'storage' })
})
