import 'fake-indexeddb/auto'
import { createStore, entries } from 'idb-keyval'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { sendPendingLogouts } from '../../../entrypoints/background/session/pending-logouts.ts'
import { createSession } from '../../../entrypoints/background/session/session.ts'
import {
  clearSession,
  handOverSession,
  readSession,
  type StoredSession,
} from '../../../entrypoints/background/session/session-storage.ts'
import { type DemoService, startDemoService } from '../demo-service.ts'

let service: DemoService
let password: string

beforeAll(async () => {
  service = await startDemoService()
  password = service.password
})

afterAll(() => service.stop())

beforeEach(async () => {
  fakeBrowser.reset()
  await clearSession()
})

const sessionOn = (server: () => string | null = () => service.url) =>
  createSession({ server, sessionChanged: () => {}, changed: () => {}, logOutRecorded: () => {} })
const logIn = (session: ReturnType<typeof sessionOn>, staySignedIn: boolean) =>
  session.logIn({ login: ' Ann ', password, staySignedIn })

async function everythingKept(): Promise<{ fleeting: string; lasting: string }> {
  const database = await entries(createStore('reachable', 'kept'))
  const local = await fakeBrowser.storage.local.get(null)
  return {
    fleeting: JSON.stringify(await fakeBrowser.storage.session.get(null)),
    lasting: JSON.stringify([database, local]),
  }
}

test('A8.1 without "Stay signed in" the session is kept only where it dies with the browser', async () => {
  const session = sessionOn()
  await expect(logIn(session, false)).resolves.toEqual({ ok: true })
  const token = session.current()?.token ?? 'none'
  const { fleeting, lasting } = await everythingKept()
  expect(fleeting).toContain(token)
  expect(lasting).not.toContain(token)
  await fakeBrowser.storage.session.clear()
  await expect(readSession()).resolves.toBeNull()
})

test('A8.1 with "Stay signed in" the session outlives the browser, and the next worker takes it up', async () => {
  const session = sessionOn()
  await logIn(session, true)
  await fakeBrowser.storage.session.clear()
  const next = sessionOn()
  await next.restore()
  expect(next.current()).toEqual(session.current())
  expect(next.state()).toMatchObject({ kind: 'signed-in', account: { username: 'ann' } })
})

/** As the next worker finds it, of a browser that was closed meanwhile. */
async function afterRestart() {
  await fakeBrowser.storage.session.clear()
  const next = sessionOn()
  await next.restore()
  return next.state()
}

test('A8.14 A8.15 a browser that closed leaves the name, and says that "Stay signed in" was off', async () => {
  await expect(afterRestart()).resolves.toMatchObject({ why: 'never', draft: '', staySignedIn: false })
  await logIn(sessionOn(), false)
  const found = { kind: 'signed-out', why: 'browser-closed', draft: 'Ann', staySignedIn: false }
  await expect(afterRestart()).resolves.toMatchObject(found)
  // Each time that it is opened, until somebody logs in.
  await expect(afterRestart()).resolves.toMatchObject(found)
  const { fleeting, lasting } = await everythingKept()
  expect(fleeting + lasting).not.toContain(password)
})

test('A8.15 a session that was to stay, and that the browser has not, is said to be lost', async () => {
  await logIn(sessionOn(), true)
  await clearSession()
  await expect(afterRestart()).resolves.toMatchObject({ why: 'lost', draft: 'Ann', staySignedIn: true })
})

test('A8.15 nobody is told of a session that could not be kept', async () => {
  const { set } = fakeBrowser.storage.local
  const broken = vi.spyOn(fakeBrowser.storage.local, 'set').mockImplementation(async (items) => {
    if ('ended' in items) throw new Error('The disk is full')
    await set(items)
  })
  await expect(logIn(sessionOn(), false)).resolves.toEqual({ ok: false, why: 'storage' })
  broken.mockRestore()
  await expect(afterRestart()).resolves.toMatchObject({ why: 'never', draft: '' })
})

test('A8.14 a session that the server ended leaves name and choice, also over a restart', async () => {
  const session = sessionOn()
  await logIn(session, true)
  await session.end('ended')
  const left = { why: 'ended', draft: 'Ann', staySignedIn: true }
  expect(session.state()).toMatchObject(left)
  await expect(afterRestart()).resolves.toMatchObject(left)
})

test.each(['logged-out', 'exited'] as const)(
  'A8.14 by hand (%s) the next person is told no name',
  async (how) => {
    const told: unknown[] = []
    const session: ReturnType<typeof sessionOn> = createSession({
      server: () => service.url,
      sessionChanged: () => {},
      changed: () => told.push(session.state()),
      logOutRecorded: () => {},
    })
    await logIn(session, true)
    session.keepDraft('ann again')
    told.length = 0
    await session.end(how)
    const none = { why: how, draft: '', staySignedIn: false }
    // Not for a moment: a form that was drawn with the name would keep it.
    expect(told).toEqual([session.state()])
    expect(session.state()).toMatchObject(none)
    const { fleeting, lasting } = await everythingKept()
    expect(fleeting + lasting).not.toMatch(/ann/i)
    await expect(afterRestart()).resolves.toMatchObject(none)
  },
)

test('A8.14 A8.15 a log-out whose cause cannot be kept leaves no name, and no other cause', async () => {
  const session = sessionOn()
  await logIn(session, false)
  const { set } = fakeBrowser.storage.local
  const broken = vi.spyOn(fakeBrowser.storage.local, 'set').mockImplementation(async (items) => {
    if ('ended' in items) throw new Error('The disk is full')
    await set(items)
  })
  await session.end('logged-out')
  await expect(afterRestart()).resolves.toMatchObject({ why: 'never', draft: '', staySignedIn: false })
  broken.mockRestore()
  // And once it can be kept, it is.
  const kept = async () => (await fakeBrowser.storage.local.get('ended')).ended
  await vi.waitFor(async () => expect(await kept()).toBe('logged-out'), 5_000)
})

/** The worker, or the whole browser, dies while the cause of a session's end is written. */
async function dyingAsItEnds(why: 'logged-out' | 'password-changed', written: boolean) {
  const session = sessionOn()
  await logIn(session, false)
  const { set } = fakeBrowser.storage.local
  const stuck = vi.spyOn(fakeBrowser.storage.local, 'set').mockImplementation(async (items) => {
    if (!('ended' in items)) return await set(items)
    if (written) await set(items)
    await new Promise(() => {})
  })
  // Timers that never come: a worker that is dead does nothing more.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  void session.end(why)
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(stuck.mock.calls.some(([items]) => 'ended' in items)).toBe(true)
  vi.useRealTimers()
  stuck.mockRestore()
  const next = sessionOn()
  await next.restore()
  return next
}

test('A8.14 A8.15 a log-out that a dying worker wrote by half leaves no name, and says that it was one', async () => {
  for (const written of [false, true]) {
    const next = await dyingAsItEnds('logged-out', written)
    expect(next.state()).toMatchObject({ why: 'logged-out', draft: '', staySignedIn: false })
    await expect(afterRestart()).resolves.toMatchObject({ why: 'logged-out', draft: '' })
  }
})

test('A8.15 A8.16 a cause that a dying worker heard is told, though the next one hears no more than the end', async () => {
  const unheard = await dyingAsItEnds('password-changed', false)
  // Nothing is claimed of a session that is not known to be over.
  expect(unheard.state()).toMatchObject({ kind: 'signed-in' })
  await clearSession()
  const heard = await dyingAsItEnds('password-changed', true)
  expect(heard.state()).toMatchObject({ kind: 'signed-in' })
  await heard.end('ended')
  expect(heard.state()).toMatchObject({ why: 'password-changed', draft: 'Ann' })
  await expect(afterRestart()).resolves.toMatchObject({ why: 'password-changed', draft: 'Ann' })
  // The next session has an end of its own.
  const later = sessionOn()
  await logIn(later, false)
  await later.end('ended')
  expect(later.state()).toMatchObject({ why: 'ended' })
})

test('A8.14 another server is not told who logged in at this one, and what is typed comes first', async () => {
  let server: string | null = service.url
  const session = sessionOn(() => server)
  await logIn(session, true)
  await session.end('ended')
  server = 'https://other.example'
  expect(session.state()).toMatchObject({ draft: '', staySignedIn: false })
  server = null
  expect(session.state()).toMatchObject({ draft: '' })
  server = service.url
  session.keepDraft('ben')
  expect(session.state()).toMatchObject({ draft: 'ben', staySignedIn: true })
})

test('A8.6 A7.5 where nobody has named a server nobody is asked', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch')
  await expect(
    logIn(
      sessionOn(() => null),
      true,
    ),
  ).resolves.toEqual({ ok: false, why: 'no-server' })
  expect(fetched).not.toHaveBeenCalled()
  fetched.mockRestore()
})

test('U1.7 U1.5 whoever comes back after Exit, which logged them out, is told so until they log in', async () => {
  const session = sessionOn()
  await logIn(session, true)
  await session.end('exited')
  expect(session.state()).toMatchObject({ why: 'exited', resting: true })
  await expect(afterRestart()).resolves.toMatchObject({ why: 'exited', resting: true })
  session.opened()
  expect(session.state()).toMatchObject({ why: 'returned', resting: false })
  await expect(afterRestart()).resolves.toMatchObject({ why: 'returned', resting: false })
})

test.each(['never', 'password-changed', 'browser-closed'] as const)(
  'U1.5 U1.7 Exit does not say that it logged out somebody whose session was over (%s)',
  async (why) => {
    if (why !== 'never') {
      const session = sessionOn()
      await logIn(session, false)
      if (why === 'password-changed') await session.end(why)
      await fakeBrowser.storage.session.clear()
    }
    const session = sessionOn()
    await session.restore()
    expect(session.state()).toMatchObject({ why, resting: false })
    await session.end('exited')
    // The next person at this browser is told no name all the same.
    const resting = { why, resting: true, draft: '' }
    expect(session.state()).toMatchObject(resting)
    await expect(afterRestart()).resolves.toMatchObject(resting)
    session.opened()
    expect(session.state()).toMatchObject({ why, resting: false })
    await expect(afterRestart()).resolves.toMatchObject({ why, resting: false })
    await logIn(session, false)
    await session.end('exited')
    expect(session.state()).toMatchObject({ why: 'exited', resting: true })
  },
)

test('U1.7 the rest of an earlier version lasts', async () => {
  await fakeBrowser.storage.local.set({ ended: 'exited' })
  await expect(afterRestart()).resolves.toMatchObject({ why: 'exited', resting: true })
})

test('P8.5 a start that finds nobody signed in says so, so that nothing of an earlier person stays', async () => {
  const sessionChanged = vi.fn()
  const next = createSession({
    server: () => service.url,
    sessionChanged,
    changed: () => {},
    logOutRecorded: () => {},
  })
  await next.restore()
  expect(sessionChanged.mock.calls).toEqual([[null]])
})

test('A8.3 the password is kept nowhere', async () => {
  await logIn(sessionOn(), true)
  await logIn(sessionOn(), false)
  const { fleeting, lasting } = await everythingKept()
  expect(fleeting + lasting).not.toContain(password)
})

test('A8.4 a log-out forgets its secrets although the server cannot be told, and tells it later', async () => {
  const stranger = 'http://127.0.0.1:9'
  const session = sessionOn()
  await logIn(session, true)
  const { token, endToken } = session.current() as StoredSession
  const ended = session.end('logged-out')
  expect(session.current()).toBeNull()
  await ended
  expect((await everythingKept()).lasting).not.toContain(token)

  await fakeBrowser.storage.local.set({
    endings: [
      { server: stranger, endToken: 'x' },
      { server: service.url, endToken },
    ],
  })
  await expect(sendPendingLogouts()).resolves.toBe(false)
  await expect(fakeBrowser.storage.local.get('endings')).resolves.toEqual({
    endings: [{ server: stranger, endToken: 'x' }],
  })
})

test('A8.5 a second log-in while one is under way gets the same reply and makes no second session', async () => {
  const session = sessionOn()
  const [first, second] = [logIn(session, false), logIn(session, false)]
  expect(second).toBe(first)
  await first
})

test('A8.5 while somebody is signed in nobody else signs in in their place', async () => {
  const sessionChanged = vi.fn()
  const session = createSession({
    server: () => service.url,
    sessionChanged,
    changed: () => {},
    logOutRecorded: () => {},
  })
  await logIn(session, true)
  const stored = session.current()
  await expect(logIn(session, true)).resolves.toEqual({ ok: false, why: 'interrupted' })
  expect(session.current()).toBe(stored)
  await expect(readSession()).resolves.toEqual(stored)
  expect(sessionChanged).toHaveBeenCalledTimes(1)
})

test('A8.6 a refusal says which, and leaves nobody signed in', async () => {
  const session = sessionOn()
  const wrong = { login: 'ann', password: 'wrong', staySignedIn: false }
  await expect(session.logIn(wrong)).resolves.toEqual({ ok: false, why: 'wrong-credentials' })
  await expect(session.logIn({ ...wrong, login: '  ' })).resolves.toEqual({ ok: false, why: 'empty-login' })
  await expect(session.logIn({ ...wrong, password: '' })).resolves.toEqual({
    ok: false,
    why: 'empty-password',
  })
  const nowhere = sessionOn(() => 'http://127.0.0.1:9')
  await expect(nowhere.logIn(wrong)).resolves.toEqual({ ok: false, why: 'server-silent' })
  expect(session.current()).toBeNull()
})

test('X1.1 a fleeting session is handed over an update of the extension, once and not for long', async () => {
  const session = sessionOn()
  await logIn(session, false)
  const stored = session.current() as StoredSession
  const reload = () => fakeBrowser.storage.session.clear()

  await handOverSession(stored)
  await reload()
  await expect(readSession()).resolves.toEqual(stored)
  await reload()
  await expect(readSession()).resolves.toBeNull()

  await handOverSession(stored)
  await reload()
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000)
  await expect(readSession()).resolves.toBeNull()
  vi.restoreAllMocks()
})

test('A8.14 A8.16 a new password leaves the name, a log-out in My account does not, and neither is told the server', async () => {
  for (const [why, draft] of [
    ['password-changed', 'Ann'],
    ['ended-in-my-account', ''],
  ] as const) {
    const session = sessionOn()
    await logIn(session, false)
    await session.end(why)
    expect(session.state()).toMatchObject({ why, draft })
    await expect(afterRestart()).resolves.toMatchObject({ why, draft })
    await expect(fakeBrowser.storage.local.get('endings')).resolves.toEqual({})
  }
})
