import { type BrowserContext, chromium, type Page } from 'playwright'
import { onTestFinished, vi } from 'vitest'
import { chromiumId } from '../../../protocol/extension.ts'
import { findBrowser } from '../../../scripts/browsers/find-browser.ts'
import { rootNeeds } from '../../../scripts/browsers/open-chromium.ts'
import { extensionFolder } from '../../../scripts/extension/build-extension.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { callWindowOn } from './call-window.ts'
import { optionsOn } from './options.ts'
import { popupOn } from './popup.ts'
import { toolbarOf } from './toolbar.ts'

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
]

const address = (page: string) => `chrome-extension://${chromiumId}/${page}`

function launch(profile: string): Promise<BrowserContext> {
  const extension = extensionFolder('chrome')
  const executablePath = findBrowser('chromium')
  if (!executablePath) throw new Error('No Chromium is installed: `npm test` says how to get one.')
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
      ...quiet,
      ...rootNeeds,
    ],
  })
}

/** The page at such an address, soon at the latest: a page opens before it knows where it goes. */
const pageAt = (context: BrowserContext, prefix: string, before = new Set<Page>()): Promise<Page> =>
  vi.waitFor(
    () => {
      const page = context.pages().find((one) => !before.has(one) && one.url().startsWith(prefix))
      if (!page) throw new Error(`No page has opened at ${prefix}`)
      return page
    },
    { timeout: 30_000 },
  )

interface Wanted {
  readonly profile?: string
  readonly used?: boolean
  readonly keepWelcome?: boolean
}

/**
 * A real Chromium with the built extension in it: one device of a person. It closes with the test.
 *
 * @param wanted.profile a profile that is there already; with `used` it is that of a device that was closed.
 */
export async function openDevice(wanted: Wanted = {}) {
  const profile = wanted.profile ?? temporaryFolder()
  const context = await launch(profile)
  onTestFinished(() => context.close())
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
  // An open page would wake the worker whenever it dies; the welcome page comes by itself, once.
  const welcomePage = () => pageAt(context, address('welcome.html'))
  if (!wanted.used && !wanted.keepWelcome) await (await welcomePage()).close()

  async function open(path: string): Promise<Page> {
    const page = await context.newPage()
    await page.goto(address(path))
    return page
  }

  return {
    context,
    profile,
    toolbar: toolbarOf(context, worker, address('manifest.json')),
    open,
    welcomePage,
    openPopup: async () => popupOn(await open('popup.html')),
    /** The next page that opens and comes to such an address. */
    nextPageAt: (prefix: string) => pageAt(context, prefix, new Set(context.pages())),
    openOptions: async () => optionsOn(await open('options.html')),
    /** The window of a call that rings now, or soon. */
    callWindow: async () => callWindowOn(await pageAt(context, address('call.html'))),
    callWindows: () => context.pages().filter((page) => page.url().startsWith(address('call.html'))),
    close: () => context.close(),
  }
}

export type Device = Awaited<ReturnType<typeof openDevice>>
