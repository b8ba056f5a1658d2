import { buildExtension } from '../../scripts/build-extension.ts'
import { buildWeb } from '../../scripts/build-web.ts'
import { buildLocatorScript } from './firefox/locator-script.ts'

/** Runs once before what needs the built extension or the server's built pages, so that no two builds ever meet. */
export async function buildForBrowsers(): Promise<void> {
  await buildExtension('chrome')
  await buildExtension('firefox')
  await buildWeb()
  await buildLocatorScript()
}

/** The name by which Vitest calls it as a `globalSetup`. */
export { buildForBrowsers as setup }
