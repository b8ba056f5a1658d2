import type { BrowserContext, Page, Worker } from 'playwright'
import type { MenuItem, Toolbar } from '../device.ts'
import { lightOf } from '../light.ts'
import { drawnAsNoted, type Noted, readNoted } from './icon-noted.ts'

declare const chrome: {
  readonly action: {
    getBadgeText: (of: object) => Promise<string>
    getTitle: (of: object) => Promise<string>
  }
  readonly notifications: { getAll: () => Promise<object> }
  readonly alarms: { getAll: () => Promise<readonly { readonly name: string }[]> }
  readonly runtime: {
    getContexts: (of: {
      contextTypes: readonly string[]
    }) => Promise<readonly { readonly contextId: string }[]>
  }
  readonly contextMenus: { readonly onClicked: { dispatch: (click: object, tab: object) => void } }
}

/**
 * The icon in the toolbar, seen from a resource of the extension that runs no script of ours: looking
 * neither wakes the worker nor keeps it awake. Exit closes that page too, so each look makes sure of it.
 */
export function chromiumToolbar(context: BrowserContext, worker: Worker, address: string): Toolbar {
  async function watcher(): Promise<Page> {
    const open = context.pages().find((page) => page.url() === address)
    if (open) return open
    const page = await context.newPage()
    await page.goto(address)
    return page
  }

  const boot = async () =>
    (await watcher()).evaluate(async () => {
      const found = await chrome.runtime.getContexts({ contextTypes: ['BACKGROUND'] })
      return found[0]?.contextId
    })

  return {
    badge: async () => (await watcher()).evaluate(() => chrome.action.getBadgeText({})),
    light: async () => lightOf(drawnAsNoted((await (await watcher()).evaluate(readNoted)) as Noted)),
    tooltip: async () => (await watcher()).evaluate(() => chrome.action.getTitle({})),
    boot,
    workerRuns: async () => (await boot()) !== undefined,
    lightNotice: async () =>
      (await watcher()).evaluate(async () => 'light' in (await chrome.notifications.getAll())),
    /** What would wake the worker by itself. */
    alarms: async () =>
      (await watcher()).evaluate(async () => (await chrome.alarms.getAll()).map(({ name }) => name)),
    /** Ends the background worker as the browser does: nothing of it runs any more. */
    killWorker: async () => {
      const devtools = await context.newCDPSession(await watcher())
      await devtools.send('ServiceWorker.enable')
      await devtools.send('ServiceWorker.stopAllWorkers')
      await devtools.detach()
    },
    /** Chooses an item of the right-click menu. */
    choose: (item: MenuItem) =>
      worker.evaluate(
        (menuItemId) => chrome.contextMenus.onClicked.dispatch({ menuItemId }, { id: -1 }),
        item,
      ),
  }
}
