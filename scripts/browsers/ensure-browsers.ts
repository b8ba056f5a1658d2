import { aptGet, canInstall } from '../apt-get.ts'
import { type Browser, findBrowser } from './find-browser.ts'

const packages: Readonly<Record<Browser, string>> = { chromium: 'chromium', firefox: 'firefox-esr' }

const missing = () => (Object.keys(packages) as Browser[]).filter((browser) => !findBrowser(browser))

/**
 * Makes sure that there are browsers to test in, installing them where that can be done: as root on Debian.
 *
 * @returns what the person has to do first, or undefined when all is there.
 */
export function ensureBrowsers(): string | undefined {
  if (missing().length > 0 && canInstall()) {
    const wanted = missing().map((browser) => packages[browser])
    console.log(`Installing ${wanted.join(' and ')}, which the tests drive. This takes a minute or two.`)
    aptGet('update', '-q')
    // `ps`, by which the tests find a browser's processes, is missing from the smallest images.
    aptGet('install', '-y', '-q', '--no-install-recommends', 'procps', ...wanted)
  }
  const absent = missing()
  if (absent.length === 0) return undefined
  const names = absent.map((browser) => (browser === 'chromium' ? 'Chromium (or Brave)' : 'Firefox'))
  return (
    `The tests drive real browsers, and this machine has no ${names.join(' and no ')}. Install ` +
    'what is missing, or name where it is in REACHABLE_CHROMIUM or REACHABLE_FIREFOX. Google Chrome and ' +
    'Edge will not do: they refuse to load an unpacked extension on the command line.'
  )
}
