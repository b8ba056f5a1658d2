import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { onTestFinished, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import type { Background } from '../../../entrypoints/background/compose.ts'
import {
  type ContactsPosted,
  type ContactView,
  contactsPort,
  type MessageView,
  shownPort,
  type ThreadPosted,
  threadPort,
} from '../../../messages/people.ts'
import type { State } from '../../../messages/state.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import type { TestServer } from '../../server/support/in-process-server.ts'
import { watchStates } from '../watch-states.ts'

const nothing = async () => {}

/** A browser in which nobody has signed in yet, and what it has shown. */
export function freshBrowser() {
  fakeBrowser.reset()
  globalThis.indexedDB = new IDBFactory()
  vi.resetModules()
  const shown = new Map<string, { readonly title: string; readonly message: string }>()
  const told: string[] = []
  const windows = new Map<number, string>()
  const tabs: string[] = []
  let idle = 'active'
  const { action } = fakeBrowser
  Object.assign(action, { setIcon: nothing, setTitle: nothing, setBadgeTextColor: nothing })
  Object.assign(fakeBrowser.contextMenus, { removeAll: nothing, create: () => {} })
  Object.assign(fakeBrowser.offscreen, { createDocument: nothing, closeDocument: nothing })
  Object.assign(fakeBrowser.idle, {
    setDetectionInterval: () => {},
    queryState: async () => idle,
  })
  Object.assign(fakeBrowser.notifications, {
    getAll: async () => Object.fromEntries([...shown.keys()].map((id) => [id, true])),
    create: async (id: string, notice: { title: string; message: string }) => {
      // That of the light tells how long a busy machine takes to connect.
      if (id === 'light') return id
      shown.set(id, notice)
      told.push(notice.title)
      return id
    },
    clear: async (id: string) => shown.delete(id),
  })
  Object.assign(fakeBrowser.windows, {
    create: async ({ url }: { url: string }) => {
      const id = windows.size + 100
      windows.set(id, url)
      return { id }
    },
    get: async (id: number) => (windows.has(id) ? { id, focused: true } : null),
    update: async (id: number) => {
      if (!windows.has(id)) throw new Error('no such window')
      return { id }
    },
    remove: async (id: number) => void windows.delete(id),
    getAll: async () => [],
    getLastFocused: async () => null,
  })
  Object.assign(fakeBrowser.tabs, {
    create: async ({ url }: { url: string }) => {
      tabs.push(url)
      return {}
    },
    query: async () => [],
  })
  vi.stubGlobal('navigator', { onLine: true, language: 'en-GB', languages: ['en-GB'] })
  onTestFinished(() => void vi.unstubAllGlobals())
  return {
    /** What stands on the screen, by its id; and the titles of all that ever did. */
    shown,
    told,
    windows,
    tabs,
    setIdle: (next: string) => {
      idle = next
    },
  }
}

/** The whole worker as it starts in that browser, with pages that watch it. */
export async function bootWorker(server: Pick<TestServer, 'url'>) {
  vi.resetModules()
  await fakeBrowser.storage.local.set({ server: server.url })
  const { compose } = await import('../../../entrypoints/background/compose.ts')
  const background = compose()
  const states = watchStates(background)
  await background.restoreAttempted()
  const stop = () => {
    // As a browser that closes: nothing is told to anybody.
    background.reachability.dispatch({ type: 'unwanted' })
  }
  onTestFinished(stop)
  return {
    background,
    states,
    stop,
    state: () => states.at(-1) as State,
    people: () => (states.at(-1) as State).people,
    handlers: background.people.handlers,
    logIn: async ({ username, password }: NewAccount) => {
      const reply = await background.session.logIn({ login: username, password, staySignedIn: true })
      if (!reply.ok) throw new Error(JSON.stringify(reply))
    },
  }
}

export type WholeWorker = Awaited<ReturnType<typeof bootWorker>>

function openPort(background: Background, name: string, hear: (posted: never) => void) {
  let leave = () => {}
  background.people.connect({
    name,
    onDisconnect: {
      addListener: (left: () => void) => {
        leave = left
      },
    },
    postMessage: hear,
  } as never)
  return { close: () => leave() }
}

/** A page that shows the list of contacts, as it has put together what it was told. */
export function watchContacts({ background }: Pick<WholeWorker, 'background'>) {
  const rows = new Map<string, ContactView>()
  const posts: ContactsPosted[] = []
  const { close } = openPort(background, contactsPort, (posted: ContactsPosted) => {
    posts.push(posted)
    for (const row of 'whole' in posted ? posted.whole : posted.changed) rows.set(row.id, row)
    if ('gone' in posted) for (const id of posted.gone) rows.delete(id)
  })
  return {
    rows,
    posts,
    close,
    named: (name: string) => [...rows.values()].find((row) => row.name === name),
  }
}

/** A page that can be seen shows a thread. */
export const seeThread = ({ background }: Pick<WholeWorker, 'background'>, contact: string) =>
  openPort(background, shownPort(contact), () => {})

/** A page that shows a thread, oldest message first. */
export function watchThread({ background }: Pick<WholeWorker, 'background'>, contact: string) {
  const messages = new Map<string, MessageView>()
  const posts: ThreadPosted[] = []
  const { close } = openPort(background, threadPort(contact), (posted: ThreadPosted) => {
    posts.push(posted)
    if ('whole' in posted) messages.clear()
    const news = 'whole' in posted ? posted.whole : 'older' in posted ? posted.older : posted.changed
    for (const message of news) messages.set(message.key, message)
    if ('changed' in posted) for (const key of posted.gone ?? []) messages.delete(key)
  })
  return {
    posts,
    close,
    messages: () =>
      [...messages.values()].sort(
        (a, b) => (a.n ?? Number.POSITIVE_INFINITY) - (b.n ?? Number.POSITIVE_INFINITY),
      ),
  }
}
