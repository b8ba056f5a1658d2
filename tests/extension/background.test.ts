import 'fake-indexeddb/auto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import type { Background } from '../../entrypoints/background/compose.ts'
import { clearSession } from '../../entrypoints/background/session/session-storage.ts'
import { contactsPort } from '../../messages/people.ts'
import type { State } from '../../messages/state.ts'
import { type DemoService, startDemoService } from './demo-service.ts'
import { watchStates } from './watch-states.ts'

let service: DemoService

beforeAll(async () => {
  service = await startDemoService()
})
afterAll(() => service.stop())

const { local } = fakeBrowser.storage
const nothing = vi.fn(async () => {})

beforeEach(async () => {
  fakeBrowser.reset()
  await clearSession()
  await local.set({ server: service.url })
  // What the fake browser does not have: this test looks at none of it.
  const { action } = fakeBrowser
  Object.assign(action, { setIcon: nothing, setTitle: nothing, setBadgeTextColor: nothing })
  Object.assign(fakeBrowser.notifications, { getAll: vi.fn(async () => ({})) })
  Object.assign(fakeBrowser.contextMenus, { removeAll: nothing, create: nothing })
  Object.assign(fakeBrowser.offscreen, { createDocument: nothing, closeDocument: nothing })
  Object.assign(fakeBrowser.commands, { onCommand: { addListener: () => {} } })
  vi.stubGlobal('navigator', { onLine: true, language: 'en-GB', languages: ['en-GB'] })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** The whole worker as it starts, and a page that watches it. */
async function boot() {
  vi.resetModules()
  const { compose } = await import('../../entrypoints/background/compose.ts')
  const background = compose()
  const states = watchStates(background)
  await background.restoreAttempted()
  return { background, states, state: () => states.at(-1) as State }
}

/** As a browser that closes: nothing is told to anybody. */
const stop = ({ reachability }: Background) => reachability.dispatch({ type: 'unwanted' })

async function signedInOnce(): Promise<void> {
  const { background, state } = await boot()
  const ask = { login: 'ann', password: service.password, staySignedIn: true }
  await expect(background.session.logIn(ask)).resolves.toEqual({ ok: true })
  await vi.waitFor(() => expect(state().reachability.kind).toBe('reachable'), 5_000)
  stop(background)
}

const fault = () => Promise.reject(new Error('The disk is full'))
const armed = async () => (await fakeBrowser.alarms.getAll()).length > 0

test('A8.7 A8.10 a person is signed in and reachable, with no hand, once the browser can read again', async () => {
  await signedInOnce()
  await fakeBrowser.alarms.clearAll()
  const broken = vi.spyOn(local, 'get').mockImplementation(fault)
  const { background, state } = await boot()
  expect(state()).toMatchObject({
    session: { kind: 'unknown' },
    reachability: { kind: 'unreachable', why: 'storage' },
  })
  await expect(armed()).resolves.toBe(true)
  broken.mockRestore()
  await vi.waitFor(() => expect(state().reachability.kind).toBe('reachable'), 8_000)
  expect(state().session).toMatchObject({ kind: 'signed-in', account: { username: 'ann' } })
  await expect(local.get('endings')).resolves.toEqual({})
  stop(background)
})

test('A8.10 a key that cannot be read ends nothing, and the person is reachable once it can', async () => {
  await signedInOnce()
  const { get } = IDBObjectStore.prototype
  const broken = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (
    this: IDBObjectStore,
    key,
  ) {
    if (key === 'device-key') throw new DOMException('Broken', 'UnknownError')
    return get.call(this, key)
  })
  const { background, state } = await boot()
  await vi.waitFor(
    () => expect(state().reachability).toMatchObject({ kind: 'unreachable', why: 'storage' }),
    5_000,
  )
  expect(background.session.current()).not.toBeNull()
  broken.mockRestore()
  await vi.waitFor(() => expect(state().reachability.kind).toBe('reachable'), 8_000)
  await expect(local.get('endings')).resolves.toEqual({})
  stop(background)
})

test('U9.4 T3.1 pages and badge hear of changes and not of looks, and of the end of a lease at once', async () => {
  const { background, state, states } = await boot()
  const ask = { login: 'ann', password: service.password, staySignedIn: false }
  await background.session.logIn(ask)
  // What contacts see is told to whoever watches them.
  background.people.connect({
    name: contactsPort,
    onDisconnect: { addListener: () => {} },
    postMessage: () => {},
  } as never)
  await vi.waitFor(
    () =>
      expect(state()).toMatchObject({ reachability: { kind: 'reachable' }, people: { seenAs: 'available' } }),
    5_000,
  )
  const heard = states.length
  const drawn = vi.spyOn(fakeBrowser.action, 'setBadgeText')
  for (let looks = 0; looks < 5; looks += 1) background.reachability.dispatch({ type: 'look' })
  expect(states).toHaveLength(heard)
  // As after a sleep: by the wall clock the lease is over.
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
  background.reachability.dispatch({ type: 'look' })
  expect(states.slice(heard).map(({ reachability }) => reachability.kind)).toEqual(['checking'])
  // In one step: no state says that others still see this person.
  expect(states.slice(heard).map(({ people }) => people?.seenAs)).toEqual(['unknown'])
  expect(drawn.mock.calls).toEqual([[{ text: '…' }]])
  for (const [index, each] of states.entries()) expect(each).not.toEqual(states[index - 1])
  stop(background)
})

test('A8.10 U9.4 what is read at last is shown at once, though somebody has signed in meanwhile', async () => {
  vi.stubEnv('WXT_DEFAULT_SERVER', service.url)
  onTestFinished(() => void vi.unstubAllEnvs())
  await local.set({ namesInNotifications: true })
  const get = local.get.bind(local)
  const broken = vi
    .spyOn(local, 'get')
    .mockImplementation((keys: unknown) => (Array.isArray(keys) ? fault() : get(keys as never)))
  const { background, state } = await boot()
  const ask = { login: 'ann', password: service.password, staySignedIn: false }
  await expect(background.session.logIn(ask)).resolves.toEqual({ ok: true })
  await vi.waitFor(() => expect(state().reachability.kind).toBe('reachable'), 5_000)
  expect(state().settings.namesInNotifications).toBe(false)
  // As slowly as it can be: after everything else that an earlier worker kept.
  const { getAll } = fakeBrowser.notifications
  const before = vi.mocked(getAll).mock.calls.length
  broken.mockImplementation(async (keys: unknown) => {
    await vi.waitFor(() => expect(vi.mocked(getAll).mock.calls.length).toBeGreaterThan(before), 20_000)
    return await get(keys as never)
  })
  await background.restoreAttempted()
  expect(state().settings.namesInNotifications).toBe(true)
  stop(background)
})

test('C8.17 a button of a notification whose call is not known here opens the window of that call', async () => {
  vi.resetModules()
  vi.stubEnv('FIREFOX', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  const clicked: ((id: string, index: number) => unknown)[] = []
  const listeners = () => ({ addListener: () => {} })
  Object.assign(fakeBrowser.contextMenus, { onClicked: listeners() })
  const { runtime } = fakeBrowser
  Object.assign(runtime, { onConnect: listeners(), onUpdateAvailable: listeners() })
  Object.assign(fakeBrowser.idle, { onStateChanged: listeners() })
  Object.assign(fakeBrowser.notifications, {
    onClicked: listeners(),
    onButtonClicked: { addListener: (hear: (typeof clicked)[0]) => clicked.push(hear) },
  })
  const create = vi.spyOn(fakeBrowser.windows, 'create')
  vi.spyOn(fakeBrowser.storage.session, 'get').mockImplementationOnce(fault)
  const { default: background } = await import('../../entrypoints/background/index.ts')
  background.main()
  expect(clicked).toHaveLength(1)
  await clicked[0]?.('call:a', 0)
  expect(create).toHaveBeenCalledTimes(1)
  expect(create.mock.calls[0]?.[0]?.url).toContain('/call.html?id=a')
  // Now it can be read, so that this worker takes up nothing of the next test.
  await clicked[0]?.('call:a', 0)
})

test('G3.8 a click on the notification of the light takes it away, though no popup could be opened', async () => {
  vi.resetModules()
  let click: (id: string) => unknown = () => {}
  const listeners = () => ({ addListener: () => {} })
  Object.assign(fakeBrowser.contextMenus, { onClicked: listeners() })
  Object.assign(fakeBrowser.runtime, { onConnect: listeners(), onUpdateAvailable: listeners() })
  Object.assign(fakeBrowser.idle, { onStateChanged: listeners() })
  const clear = vi.fn(async () => true)
  Object.assign(fakeBrowser.notifications, {
    clear,
    onClicked: {
      addListener: (hear: typeof click) => {
        click = hear
      },
    },
    onButtonClicked: listeners(),
  })
  vi.spyOn(fakeBrowser.windows, 'create').mockRejectedValue(new Error('no'))
  const { default: background } = await import('../../entrypoints/background/index.ts')
  background.main()
  // At its start, of a worker that left no memory.
  await vi.waitFor(() => expect(clear).toHaveBeenCalledTimes(1))
  click('light')
  await vi.waitFor(() => expect(clear.mock.calls).toEqual([['light'], ['light']]))
})

test('PR3.1 a click on the notification of a message opens the popup, or its page in a window, and tells it the thread', async () => {
  vi.resetModules()
  let click: (id: string) => unknown = () => {}
  const listeners = () => ({ addListener: () => {} })
  Object.assign(fakeBrowser.contextMenus, { onClicked: listeners() })
  Object.assign(fakeBrowser.runtime, { onConnect: listeners(), onUpdateAvailable: listeners() })
  Object.assign(fakeBrowser.idle, { onStateChanged: listeners() })
  const cleared: string[] = []
  Object.assign(fakeBrowser.notifications, {
    clear: async (id: string) => cleared.push(id),
    onClicked: {
      addListener: (hear: typeof click) => {
        click = hear
      },
    },
    onButtonClicked: listeners(),
  })
  const create = vi.spyOn(fakeBrowser.windows, 'create').mockResolvedValue({} as never)
  const drivers = await import('../../entrypoints/background/people/people-driver.ts')
  const wanted: string[] = []
  const { createPeopleDriver } = drivers
  vi.spyOn(drivers, 'createPeopleDriver').mockImplementation((dependencies) => ({
    ...createPeopleDriver(dependencies),
    wantThread: (contact) => wanted.push(contact),
  }))
  const { default: background } = await import('../../entrypoints/background/index.ts')
  background.main()
  const openPopup = vi.fn(async () => {})
  Object.assign(fakeBrowser.action, { openPopup })
  click('people:message:ben')
  expect([openPopup.mock.calls.length, wanted]).toEqual([1, ['ben']])
  openPopup.mockRejectedValue(new Error('no focused window'))
  click('people:message:cleo')
  await vi.waitFor(() => expect(create.mock.calls[0]?.[0]?.url).toContain('/popup.html'))
  expect(wanted).toEqual(['ben', 'cleo'])
  click('people:asks:dora')
  expect(wanted).toEqual(['ben', 'cleo'])
  expect(cleared).toEqual(expect.arrayContaining(['people:message:ben', 'people:asks:dora']))
})

test('PX2.1 the time of a press counts from when the worker heard of it, also while it reads what an earlier one kept', async () => {
  vi.resetModules()
  type Hear = (message: unknown, sender: unknown, answer: (reply: unknown) => void) => unknown
  let hear: Hear = () => {}
  const listeners = () => ({ addListener: () => {} })
  Object.assign(fakeBrowser.contextMenus, { onClicked: listeners() })
  Object.assign(fakeBrowser.runtime, {
    onConnect: listeners(),
    onUpdateAvailable: listeners(),
    onMessage: {
      addListener: (listener: Hear) => {
        hear = listener
      },
    },
  })
  Object.assign(fakeBrowser.idle, { onStateChanged: listeners() })
  Object.assign(fakeBrowser.notifications, { onClicked: listeners(), onButtonClicked: listeners() })
  const drivers = await import('../../entrypoints/background/people/people-driver.ts')
  const { createPeopleDriver } = drivers
  const waits: (number | undefined)[] = []
  vi.spyOn(drivers, 'createPeopleDriver').mockImplementation((dependencies) => {
    const driver = createPeopleDriver(dependencies)
    const cancel = async (_: unknown, waited?: number) => {
      waits.push(waited)
      return { ok: true } as const
    }
    return {
      ...driver,
      restore: () => new Promise((resolve) => setTimeout(() => resolve(driver.restore()), 300)),
      handlers: { ...driver.handlers, 'cancel-placed-call': cancel },
    }
  })
  const { default: background } = await import('../../entrypoints/background/index.ts')
  background.main()
  const { id } = fakeBrowser.runtime
  const sender = { id, url: fakeBrowser.runtime.getURL('/popup.html' as never) }
  const press = () =>
    new Promise((answer) => {
      hear({ to: 'background', command: 'cancel-placed-call', payload: { key: 'k' } }, sender, answer)
    })
  expect(await press()).toEqual({ ok: true })
  expect(await press()).toEqual({ ok: true })
  expect(waits[0]).toBeGreaterThan(250)
  expect(waits[1]).toBeLessThan(100)
})

test('X1.2 before an update the server is told, and a fleeting session is taken up by the new version', async () => {
  const reload = vi.fn(() => fakeBrowser.storage.session.clear())
  Object.assign(fakeBrowser.runtime, { reload })
  const { background, state } = await boot()
  const ask = { login: 'ann', password: service.password, staySignedIn: false }
  await background.session.logIn(ask)
  await vi.waitFor(() => expect(state().reachability.kind).toBe('reachable'), 5_000)
  const stored = background.session.current()
  const said = vi.spyOn(WebSocket.prototype, 'send')
  background.updater.available()
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1))
  expect(said.mock.calls.flat()).toContain(JSON.stringify({ type: 'goodbye', why: 'update' }))
  stop(background)

  const next = await boot()
  expect(next.background.session.current()).toEqual(stored)
  await vi.waitFor(() => expect(next.state().reachability.kind).toBe('reachable'), 5_000)
  stop(next.background)
})

test('U1.5 U1.7 after Exit that is why nobody is reachable, until a page is opened', async () => {
  const { background } = await boot()
  await background.lifecycle.exit()
  // Exit closes every page: this one is opened after.
  const states = watchStates(background)
  const state = () => states.at(-1) as State
  expect(state().reachability).toEqual({ kind: 'unreachable', why: 'exited' })
  background.session.opened()
  expect(state()).toMatchObject({
    session: { why: 'never', resting: false },
    reachability: { kind: 'unreachable', why: 'signed-out' },
  })
})
