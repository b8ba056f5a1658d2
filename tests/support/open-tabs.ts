import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Page as ChromiumPage, chromium } from 'playwright'
import { expect, inject, onTestFinished, vi } from 'vitest'
import { type Browser, requireBrowser } from '../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../scripts/browsers/launch-chromium.ts'
import { quiet } from './chromium/open-chromium-device.ts'
import { openFirefoxDevice } from './firefox/open-firefox-device.ts'
import { openDevice, type PlainBrowser } from './open-device.ts'
import type { Page } from './page.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A browser whose tabs hide one another, as those of a person do, and in which what is hidden is short of time. */
export interface Tabs {
  readonly newPage: () => Promise<Page>
  /** Puts another tab before a page. @returns what brings it to the front again. */
  readonly hide: (page: Page) => Promise<() => Promise<void>>
}

export const openTabs = async (): Promise<Tabs> =>
  inject('browser') === 'firefox' ? tabsOfFirefox(await openDevice()) : tabsOfChromium()

/** The same of a browser that no other test has before or after. */
export const openTabsOf = async (browser: Browser): Promise<Tabs> =>
  browser === 'firefox' ? tabsOfFirefox(await openFirefoxDevice()) : tabsOfChromium()

const isNow = (page: Page, state: DocumentVisibilityState) =>
  expect.poll(() => page.evaluate(() => document.visibilityState)).toBe(state)

function tabsOfFirefox({ newPage }: PlainBrowser): Tabs {
  return {
    newPage,
    async hide(page) {
      const cover = await newPage()
      await isNow(page, 'hidden')
      return async () => {
        await cover.close()
        // A key is pressed in the page in front.
        await page.keyboard.press('Home')
        await isNow(page, 'visible')
      }
    },
  }
}

/** Playwright's own has each page believe that it is in front, and hurries what is hidden. */
async function tabsOfChromium(): Promise<Tabs> {
  const profile = temporaryFolder()
  const flags = ['--headless=new', '--remote-debugging-port=0', ...sandboxFlags, ...quiet]
  const child = spawn(requireBrowser('chromium'), [`--user-data-dir=${profile}`, ...flags, 'about:blank'], {
    stdio: 'ignore',
  })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  })
  const port = await vi.waitFor(
    () => Number(readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0]),
    { timeout: 30_000 },
  )
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no window')
  const newPage = async (): Promise<ChromiumPage> => {
    const page = await context.newPage()
    await page.bringToFront()
    return page
  }
  return {
    newPage,
    async hide(page) {
      const cover = await newPage()
      await isNow(page, 'hidden')
      return async () => {
        await (page as unknown as ChromiumPage).bringToFront()
        await cover.close()
        await isNow(page, 'visible')
      }
    },
  }
}
