import { type BrowserContext, chromium, type Page, type Worker } from 'playwright'
import { onTestFinished, vi } from 'vitest'
import { chromiumId } from '../../../protocol/extension.ts'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { extensionFlags, pinIcon, sandboxFlags } from '../../../scripts/browsers/launch-chromium.ts'
import { lend, profileOfRun } from '../browsers-of-run.ts'
import type { Device, DeviceOptions } from '../device.ts'
import { callWindowOn } from '../pages/call-window.ts'
import { optionsOn } from '../pages/options.ts'
import { popupOn } from '../pages/popup.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { chromiumToolbar } from './chromium-toolbar.ts'
import { copyNotingIcons } from './icon-noted.ts'

export const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  // Sixty pictures a second of what turns and glides, without a graphics card, are work that no test looks at.
  '--force-prefers-reduced-motion',
]

/** Playwright tells pages otherwise, unless it is told too. */
const still = { reducedMotion: 'reduce' } as const

const address = (page: string) => `chrome-extension://${chromiumId}/${page}`

function launch(profile: string, { pagesFillWindows }: DeviceOptions): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: requireBrowser('chromium'),
    headless: true,
    ...still,
    ...(pagesFillWindows && { viewport: null }),
    args: [...extensionFlags(copyNotingIcons(profile)), ...quiet],
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

/** A device in Chromium of its own, with what Playwright can do beyond what tests of both browsers ask for. */
export async function openChromiumDevice(options: DeviceOptions = {}) {
  const profile = options.profile ?? temporaryFolder()
  if (options.pinned) pinIcon(profile)
  const context = await launch(profile, options)
  onTestFinished(() => context.close())
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
  return deviceIn(context, profile, worker, options)
}

/** A Chromium that takes extensions, and lets go of them with all that they have stored, while it runs. */
const borrowChromium = lend(async () => {
  const profile = profileOfRun()
  const extension = copyNotingIcons(profile)
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireBrowser('chromium'),
    headless: true,
    ...still,
    ignoreDefaultArgs: ['--disable-extensions'],
    args: ['--enable-unsafe-extension-debugging', ...sandboxFlags, ...quiet],
  })
  const devtools = await context.browser()?.newBrowserCDPSession()
  if (!devtools) throw new Error('Chromium lets nobody load extensions')
  let isOpen = true
  context.once('close', () => {
    isOpen = false
  })
  return {
    profile,
    context,
    install: async (): Promise<Worker> => {
      const started = context.waitForEvent('serviceworker')
      await devtools.send('Extensions.loadUnpacked', { path: extension })
      return started
    },
    isOpen: () => isOpen,
    clear: async () => {
      await devtools.send('Extensions.uninstall', { id: chromiumId })
      const left = context.pages()
      await context.newPage()
      for (const page of left) await page.close()
      await context.unrouteAll()
      await context.setOffline(false)
      await context.clearCookies()
    },
    close: () => context.close(),
  }
})

/** A device in a Chromium that ran before, where the extension is installed anew: to it, the first time. */
export async function borrowChromiumDevice(options: DeviceOptions = {}) {
  const { context, profile, install } = await borrowChromium()
  return deviceIn(context, profile, await install(), options)
}

async function deviceIn(context: BrowserContext, profile: string, worker: Worker, options: DeviceOptions) {
  // An open page would wake the worker whenever it dies; the welcome page comes by itself, once.
  const welcomePage = () => pageAt(context, address('welcome.html'))
  if (options.profile === undefined && !options.keepWelcome) await (await welcomePage()).close()

  async function open(path: string): Promise<Page> {
    const page = await context.newPage()
    await page.goto(address(path))
    return page
  }

  return {
    context,
    profile,
    toolbar: chromiumToolbar(context, worker, address('manifest.json')),
    open,
    welcomePage,
    openPopup: async () => popupOn(await open('popup.html')),
    openOptions: async () => optionsOn(await open('options.html')),
    callWindow: async () => callWindowOn(await pageAt(context, address('call.html'))),
    callWindowCount: async () =>
      context.pages().filter((page) => page.url().startsWith(address('call.html'))).length,
    countPagesAt: async (url) => context.pages().filter((page) => page.url() === url).length,
    newPage: () => context.newPage(),
    nextPageAt: (prefix: string) => pageAt(context, prefix, new Set(context.pages())),
    setOffline: (is: boolean) => context.setOffline(is),
    interceptRequests: async (host, answer) => {
      await context.route(`https://${host}/**`, async (route) => {
        const picture = answer(route.request().url())
        await (picture ? route.fulfill(picture) : route.abort())
      })
    },
    visitsPerSignIn: 1,
    opensPagesCrossSite: false,
    close: () => context.close(),
  } satisfies Device & { readonly context: BrowserContext }
}

export type ChromiumDevice = Awaited<ReturnType<typeof openChromiumDevice>>
