import { inject } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { borrowChromiumDevice, openChromiumDevice } from './chromium/open-chromium-device.ts'
import { openPlainChromium } from './chromium/open-plain-chromium.ts'
import type { Device, DeviceOptions } from './device.ts'
import { borrowFirefoxDevice, openFirefoxDevice } from './firefox/open-firefox-device.ts'
import { openPlainFirefox } from './firefox/open-plain-firefox.ts'
import type { Page } from './page.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** In which browser this run of the tests is. */
    readonly browser: Browser
  }
}

/** Opens a device in the browser of this run: one that ran before, unless it has to start with what is asked for. */
export function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const { profile, pinned, pagesFillWindows } = options
  if (inject('browser') === 'firefox')
    return profile || pinned === false ? openFirefoxDevice(options) : borrowFirefoxDevice(options)
  return profile || pinned || pagesFillWindows ? openChromiumDevice(options) : borrowChromiumDevice(options)
}

export interface PlainBrowser {
  readonly newPage: () => Promise<Page>
}

/** The same browser without the extension, and without scripts where `scripts` is false. It ends with the test. */
export const openPlainBrowser = (options: { readonly scripts: boolean }): Promise<PlainBrowser> =>
  inject('browser') === 'firefox' ? openPlainFirefox(options) : openPlainChromium(options)
