import type { BrowserContext, Page, Worker } from 'playwright'

declare const chrome: {
  readonly action: {
    getBadgeText: (of: object) => Promise<string>
    getTitle: (of: object) => Promise<string>
  }
  readonly alarms: { getAll: () => Promise<readonly { readonly name: string }[]> }
  readonly runtime: {
    getContexts: (of: { contextTypes: readonly string[] }) => Promise<readonly unknown[]>
  }
  readonly contextMenus: { readonly onClicked: { dispatch: (click: object, tab: object) => void } }
}

export type MenuItem = 'open' | 'log-out' | 'exit'

/**
 * The icon in the toolbar, seen from a resource of the extension that runs no script of ours: looking
 * neither wakes the worker nor keeps it awake.
 */
export async function toolbarOf(context: BrowserContext, worker: Worker, watcher: Page) {
  const { origin } = new URL(worker.url().replace(/^chrome-extension:/, 'https:'))
  await watcher.goto(`${origin.replace(/^https:/, 'chrome-extension:')}/manifest.json`)
  const devtools = await context.newCDPSession(watcher)
  await devtools.send('ServiceWorker.enable')
  const workerRuns = () =>
    watcher.evaluate(async () => {
      const found = await chrome.runtime.getContexts({ contextTypes: ['BACKGROUND'] })
      return found.length > 0
    })

  return {
    badge: () => watcher.evaluate(() => chrome.action.getBadgeText({})),
    tooltip: () => watcher.evaluate(() => chrome.action.getTitle({})),
    workerRuns,
    /** What would wake the worker by itself. */
    alarms: () => watcher.evaluate(async () => (await chrome.alarms.getAll()).map(({ name }) => name)),
    /** Ends the background worker as the browser does: nothing of it runs any more. */
    killWorker: async () => {
      await devtools.send('ServiceWorker.stopAllWorkers')
    },
    /** Chooses an item of the right-click menu. */
    choose: (item: MenuItem) =>
      worker.evaluate(
        (menuItemId) => chrome.contextMenus.onClicked.dispatch({ menuItemId }, { id: -1 }),
        item,
      ),
  }
}
