import { buildLocators } from '../../scripts/browsers/build-locators.ts'
import { buildExtension } from '../../scripts/extension/build-extension.ts'

/** Runs once before the tests that need the built extension, so that no two builds ever meet. */
export default async function buildExtensions(): Promise<void> {
  await buildExtension('chrome')
  await buildExtension('firefox')
  await buildLocators()
}
