import { chromium } from 'playwright'
import { onTestFinished } from 'vitest'
import { findBrowser } from '../../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../../scripts/browsers/launch-chromium.ts'

/** A Chromium without the extension. It closes with the test. */
export async function openPlainChromium({ scripts }: { readonly scripts: boolean }) {
  const executablePath = findBrowser('chromium')
  if (!executablePath) throw new Error('No Chromium is installed: `npm test` says how to get one.')
  const browser = await chromium.launch({ executablePath, args: [...sandboxFlags] })
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ javaScriptEnabled: scripts })
  return { newPage: () => context.newPage() }
}
