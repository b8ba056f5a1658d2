import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright'
import { icons } from '../../../assets/icons.ts'
import { launchPlainChromium } from '../chromium/open-plain-chromium.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { buildPeopleDemo } from './build-people-demo.ts'

/** No such host is asked: what it would serve is on the disk. */
const origin = 'http://people.invalid'

const popup = { width: 360, height: 600 }

/**
 * Opens pages of the components with people who do not exist, in a browser that ends with the test.
 *
 * @returns what opens the page of a query, such as `view=contacts`.
 */
export async function openPeopleDemo(options: BrowserContextOptions = {}) {
  const folder = dirname(await buildPeopleDemo(temporaryFolder()))
  const browser = await launchPlainChromium()
  const context = await browser.newContext({ viewport: popup, locale: 'en-GB', ...options })
  const drawn = new Map(icons('chromium').map(({ path, contents }) => [`/${path}`, contents]))
  await context.route(`${origin}/**`, (route) => {
    const { pathname } = new URL(route.request().url())
    const icon = drawn.get(pathname)
    if (icon) return route.fulfill({ contentType: 'image/png', body: icon })
    const path = join(folder, pathname)
    return existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 })
  })
  return async (query: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(`${origin}/index.html?${query}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }
}
