import { once } from 'node:events'
import { onTestFinished, vi } from 'vitest'
import { firefoxId } from '../../../protocol/extension.ts'
import { findBrowser } from '../../../scripts/browsers/find-browser.ts'
import { launchFirefox } from '../../../scripts/browsers/launch-firefox.ts'
import { extensionFolder } from '../../../scripts/extension/build-extension.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { evaluateIn, type FirefoxPage, firefoxPage } from './firefox-page.ts'

/** Firefox gives each profile's copy of an extension an address of its own, unless it is told which. */
const uuid = 'b3f0c6de-6a4f-4b0c-9a55-0c5f1f6f2f10'
const origin = `moz-extension://${uuid}`

interface Tree {
  readonly contexts: readonly { readonly context: string; readonly url: string }[]
}

/** A real Firefox with the built extension in it. It ends with the test. */
export async function openFirefoxDevice() {
  const executable = findBrowser('firefox')
  if (!executable) throw new Error('No Firefox is installed: `npm test` says how to get one.')
  const { process, bidi } = await launchFirefox({
    executable,
    profile: temporaryFolder(),
    preferences: { 'extensions.webextensions.uuids': JSON.stringify({ [firefoxId]: uuid }) },
    parameters: ['--headless'],
  })
  onTestFinished(async () => {
    const ended = once(process, 'exit')
    process.kill('SIGKILL')
    await ended
  })
  await bidi.install(extensionFolder('firefox'))

  const contexts = async (scope: object = {}) =>
    ((await bidi.send('browsingContext.getTree', { maxDepth: 0, ...scope })) as unknown as Tree).contexts

  async function open(path: string): Promise<FirefoxPage> {
    const { context } = await bidi.send('browsingContext.create', { type: 'tab' })
    await bidi.send('browsingContext.navigate', { context, url: `${origin}/${path}`, wait: 'complete' })
    return firefoxPage(bidi, String(context))
  }

  /** Evaluates in the browser's own window, where the real toolbar is. */
  async function inBrowserWindow(expression: string): Promise<unknown> {
    const windows = await contexts({ 'moz:scope': 'chrome' })
    const main = windows.find(({ url }) => url.endsWith('browser.xhtml'))
    if (!main) throw new Error('Firefox has no window')
    return await evaluateIn(bidi, main.context, expression)
  }

  const widget = `${firefoxId.replace(/[^a-z0-9_-]/gi, '_')}-BAP`

  const pageAt = async (prefix: string): Promise<FirefoxPage | undefined> => {
    const found = (await contexts()).find(({ url }) => url.startsWith(prefix))
    return found && firefoxPage(bidi, found.context)
  }

  return {
    open,
    /** A page that is open at such an address: in a tab or in a window of its own. */
    pageAt,
    /** What the badge on the real toolbar says. */
    badge: async () =>
      String(
        await inBrowserWindow(`document.getElementById(${JSON.stringify(widget)}).getAttribute('badge')`),
      ),
    /** The page of the extension that is open at `path`, such as a call's window. */
    openPage: (path: string) => pageAt(`${origin}/${path}`),
    setServer: async (url: string): Promise<void> => {
      const options = await open('options.html')
      await vi.waitUntil(() => options.has('Server address'), { timeout: 10_000 })
      await options.fill('Server address', url)
      await options.click('Check and keep', 'button')
      await vi.waitUntil(async () => (await options.text()).includes('Kept.'), { timeout: 10_000 })
      await options.close()
    },
  }
}
