import { extname } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright'
import { icons } from '../../../assets/icons.ts'
import { launchPlainChromium } from '../chromium/open-plain-chromium.ts'
import { type BuiltPages, buildPeopleDemo } from './build-people-demo.ts'

/** No such host is asked: what it would serve was built, and is in memory. */
const origin = 'http://people.invalid'

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
}

/** Built once for all tests of a process. */
let building: Promise<BuiltPages> | undefined

const popup = { width: 360, height: 600 }

/**
 * Opens pages of the components with people who do not exist, in a browser that ends with the test.
 *
 * @returns what opens the page of a query, such as `view=contacts`.
 */
export async function openPeopleDemo(options: BrowserContextOptions = {}) {
  building ??= buildPeopleDemo()
  const built = await building
  const browser = await launchPlainChromium()
  const context = await browser.newContext({ viewport: popup, locale: 'en-GB', ...options })
  const drawn = new Map(icons('chromium').map(({ path, contents }) => [`/${path}`, contents]))
  await context.route(`${origin}/**`, (route) => {
    const { pathname } = new URL(route.request().url())
    const icon = drawn.get(pathname)
    if (icon) return route.fulfill({ contentType: 'image/png', body: icon })
    const page = built.get(pathname)
    if (page === undefined) return route.fulfill({ status: 404 })
    return route.fulfill({ contentType: contentTypes[extname(pathname)] ?? '', body: Buffer.from(page) })
  })
  return async (query: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(`${origin}/index.html?${query}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }
}
