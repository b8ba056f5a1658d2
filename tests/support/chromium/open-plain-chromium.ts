import { type Browser, type BrowserContextOptions, chromium } from 'playwright'
import { onTestFinished } from 'vitest'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../../scripts/browsers/launch-chromium.ts'

let launched: Promise<Browser> | undefined

/** One for all tests of a process, with which it ends. */
async function browserOfProcess(): Promise<Browser> {
  const before = await launched?.catch(() => undefined)
  if (!before?.isConnected())
    launched = chromium.launch({ executablePath: requireBrowser('chromium'), args: [...sandboxFlags] })
  return launched as Promise<Browser>
}

/**
 * A Chromium without the extension, to be used as Playwright has it. Its contexts share neither cookies nor storage nor
 * caches with those of another test, and close with theirs.
 */
export async function launchPlainChromium() {
  const browser = await browserOfProcess()
  async function newContext(options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options)
    onTestFinished(() => context.close())
    return context
  }
  return {
    newContext,
    /** In a context of its own. */
    newPage: async (options: BrowserContextOptions = {}) => (await newContext(options)).newPage(),
  }
}

/** The same, as tests of both browsers know it. */
export async function openPlainChromium({ scripts }: { readonly scripts: boolean }) {
  const context = await (await launchPlainChromium()).newContext({ javaScriptEnabled: scripts })
  return { newPage: () => context.newPage() }
}
