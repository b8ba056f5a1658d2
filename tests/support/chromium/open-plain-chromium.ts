import { type Browser, chromium } from 'playwright'
import { onTestFinished } from 'vitest'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../../scripts/browsers/launch-chromium.ts'

/** A Chromium without the extension, to be used as Playwright has it. It closes with the test. */
export async function launchPlainChromium(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: requireBrowser('chromium'),
    args: [...sandboxFlags],
  })
  onTestFinished(() => browser.close())
  return browser
}

/** The same, as tests of both browsers know it. */
export async function openPlainChromium({ scripts }: { readonly scripts: boolean }) {
  const context = await (await launchPlainChromium()).newContext({ javaScriptEnabled: scripts })
  return { newPage: () => context.newPage() }
}
