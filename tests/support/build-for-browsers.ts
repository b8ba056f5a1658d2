import { buildExtension } from '../../scripts/build-extension.ts'
import { buildLocatorScript } from './firefox/locator-script.ts'

/** Runs once before what needs the built extension, so that no two builds ever meet. */
export async function buildForBrowsers(): Promise<void> {
  await buildExtension('chrome')
  await buildExtension('firefox')
  await buildLocatorScript()
}

/** The name by which Vitest calls it as a `globalSetup`. */
export { buildForBrowsers as setup }
