import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright'
import { onTestFinished } from 'vitest'
import { findBrowser } from '../../../scripts/browsers/find-browser.ts'
import { rootNeeds } from '../../../scripts/browsers/open-chromium.ts'

/** A browser without the extension. It closes with the test. */
export async function openPlainBrowser(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const executablePath = findBrowser('chromium')
  if (!executablePath) throw new Error('No Chromium is installed: `npm test` says how to get one.')
  const browser = await chromium.launch({ executablePath, args: [...rootNeeds] })
  onTestFinished(() => browser.close())
  return await browser.newContext(options)
}
