import 'fake-indexeddb/auto'
import { expect, onTestFinished, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import type { Background } from '../../entrypoints/background/compose.ts'
import type { State } from '../../messages/state.ts'
import { watchStates } from '../extension/watch-states.ts'
import type { Conversation, HostileServer } from './hostile-server.ts'

const nothing = async () => {}
const listener = () => ({ addListener: vi.fn() })

/** A browser that shows what it is asked to, and what it shows. */
export function watchedBrowser() {
  fakeBrowser.reset()
  const windows = new Map<number, string>()
  const notifications = new Map<string, { title: string; message: string }>()
  const opened: string[] = []
  const titles: string[] = []
  const colours: string[] = []
  const most = { windows: 0, notifications: 0, tones: 0 }
  const made = { windows: 0, notifications: 0 }
  let tones = 0
  let next = 100
  const own = (url: string) => url.startsWith(fakeBrowser.runtime.getURL('/'))
  const { action, runtime } = fakeBrowser
  Object.assign(action, {
    setIcon: nothing,
    setBadgeTextColor: nothing,
    getUserSettings: async () => ({ isOnToolbar: true }),
    setTitle: async ({ title }: { title: string }) => void titles.push(title),
    setBadgeBackgroundColor: async ({ color }: { color: string }) => void colours.push(color),
  })
  Object.assign(fakeBrowser.windows, {
    create: async ({ url }: { url: string }) => {
      if (!own(url)) opened.push(url)
      next += 1
      windows.set(next, url)
      made.windows += 1
      most.windows = Math.max(most.windows, windows.size)
      return { id: next }
    },
    update: async (id: number) => {
      if (!windows.has(id)) throw new Error('no such window')
      return { id }
    },
    get: async (id: number) => {
      if (!windows.has(id)) throw new Error('no such window')
      return { id, focused: false, state: 'normal' }
    },
    getAll: async () => [],
    getLastFocused: async () => ({ id: 1, focused: true }),
    remove: async (id: number) => void windows.delete(id),
  })
  Object.assign(fakeBrowser.tabs, {
    create: async ({ url }: { url: string }) => {
      if (!own(url)) opened.push(url)
      return { id: 1 }
    },
  })
  Object.assign(fakeBrowser.notifications, {
    create: async (id: string, shown: { title: string; message: string }) => {
      notifications.set(id, shown)
      made.notifications += 1
      most.notifications = Math.max(most.notifications, notifications.size)
    },
    clear: async (id: string) => notifications.delete(id),
    getAll: async () => Object.fromEntries([...notifications.keys()].map((id) => [id, {}])),
    onClicked: listener(),
    onButtonClicked: listener(),
  })
  Object.assign(fakeBrowser.offscreen, {
    createDocument: async () => {
      tones += 1
      most.tones = Math.max(most.tones, tones)
    },
    closeDocument: async () => {
      tones = Math.max(0, tones - 1)
    },
  })
  Object.assign(fakeBrowser.contextMenus, { removeAll: nothing, create: nothing, onClicked: listener() })
  Object.assign(fakeBrowser.commands, { onCommand: listener() })
  Object.assign(runtime, { onUpdateAvailable: listener(), onSuspend: listener() })
  Object.assign(fakeBrowser.idle, { onStateChanged: listener() })
  vi.stubGlobal('navigator', { onLine: true, language: 'en-GB', languages: ['en-GB'] })
  vi.stubEnv('FIREFOX', '')
  const failed = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => {
    vi.unstubAllGlobals()
    vi.unstubAllEnvs()
    failed.mockRestore()
  })
  return {
    windows,
    notifications,
    /** Addresses outside of the extension that were opened. */
    opened,
    titles,
    /** The grounds of the badge that were drawn. */
    colours,
    /** The most that there was at once, and all that there was. */
    most,
    made,
    failed,
    /** What is kept, in characters of JSON. */
    stored: async () =>
      JSON.stringify([await fakeBrowser.storage.session.get(null), await fakeBrowser.storage.local.get(null)])
        .length,
  }
}

/** The whole worker, signed in at a hostile server, and a page that watches it. */
export async function startAttackedWorker(server: HostileServer) {
  const browser = watchedBrowser()
  await fakeBrowser.storage.local.set({ server: server.url, namesInNotifications: true })
  vi.resetModules()
  const { compose } = await import('../../entrypoints/background/compose.ts')
  const background: Background = compose()
  await background.restoreAttempted()
  const states = watchStates(background)
  onTestFinished(() => background.reachability.dispatch({ type: 'unwanted' }))
  const { reachability, session } = background

  const isGreen = () => reachability.verdict().kind === 'reachable'
  /** As the person presses "Try now", whatever the wait. */
  const reconnect = (): Promise<Conversation> =>
    server.connectionBy(() => reachability.dispatch({ type: 'try-now' }))

  const logIn = () => session.logIn({ login: 'ann', password: 'password', staySignedIn: false })

  return {
    ...background,
    browser,
    states,
    state: () => states.at(-1) as State,
    isGreen,
    logIn,
    /** Signs in, and gives the first connection. */
    signIn: () => server.connectionBy(logIn),
    reconnect,
    /** A connection with a lease, as a server of ours gives one. */
    reconnectGreen: async () => {
      const conversation = await reconnect()
      await conversation.lease()
      await vi.waitFor(() => expect(isGreen()).toBe(true), { timeout: 10_000, interval: 2 })
      return conversation
    },
    /** It still does its work: a server that keeps to the rules makes it green, and a call rings. */
    expectAlive: async () => {
      expect(browser.failed.mock.calls).toEqual([])
      const conversation = await reconnect()
      await conversation.lease()
      await vi.waitFor(() => expect(isGreen()).toBe(true), { timeout: 10_000, interval: 2 })
    },
  }
}
