import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { firefoxId } from '../../../protocol/extension.ts'
import { extensionFolder } from '../../../scripts/build-extension.ts'
import type { Device, DeviceOptions, Picture } from '../device.ts'
import { callWindowOn } from '../pages/call-window.ts'
import { optionsOn } from '../pages/options.ts'
import { popupOn } from '../pages/popup.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { borrowFirefox } from './borrow-firefox.ts'
import { devicePreferences, extensionUuid } from './device-preferences.ts'
import { firefoxToolbar } from './firefox-toolbar.ts'
import { type Firefox, openFirefox } from './open-firefox.ts'

const address = (path: string) => `moz-extension://${extensionUuid}/${path}`

/** A real Firefox of its own with the built extension in it, installed for good, so that it starts with its browser. */
export async function openFirefoxDevice(options: DeviceOptions = {}): Promise<Device> {
  const profile = options.profile ?? temporaryFolder()
  mkdirSync(join(profile, 'extensions'), { recursive: true })
  writeFileSync(join(profile, 'extensions', firefoxId), extensionFolder('firefox'))
  const firefox = await openFirefox(profile, devicePreferences(options.pinned ?? true))
  const there = `WebExtensionPolicy.getByID(${JSON.stringify(firefoxId)}) !== null`
  if (!(await firefox.inWindow(there))) await firefox.bidi.install(extensionFolder('firefox'))
  return deviceIn(firefox, profile, options)
}

/** A device in a Firefox that ran before, where the extension is installed anew: to it, the first time. */
export async function borrowFirefoxDevice(options: DeviceOptions): Promise<Device> {
  const firefox = await borrowFirefox()
  await firefox.bidi.install(extensionFolder('firefox'))
  return deviceIn(firefox, firefox.profile, options)
}

async function deviceIn(firefox: Firefox, profile: string, options: DeviceOptions): Promise<Device> {
  const { bidi, inWindow } = firefox
  const toolbar = firefoxToolbar(firefox, () => open('icons/app-16.png'))
  await vi.waitUntil(toolbar.isThere, { timeout: 30_000 })

  const welcomePage = () => firefox.nextPageAt(address('welcome.html'), [])
  if (options.profile === undefined && !options.keepWelcome) await (await welcomePage()).close()

  async function open(path: string) {
    const page = await firefox.newPage()
    await page.goto(address(path))
    return page
  }

  /** Answers, or fails, each request to a host that Firefox holds. */
  async function interceptRequests(
    host: string,
    answer: (url: string) => Picture | undefined,
  ): Promise<void> {
    await bidi.listen('network.beforeRequestSent', (event) => {
      if (event.isBlocked !== true) return
      const { request, url } = event.request as { readonly request: string; readonly url: string }
      const picture = answer(url)
      void (picture
        ? bidi.send('network.provideResponse', {
            request,
            ...{ statusCode: 200, reasonPhrase: 'OK' },
            headers: [{ name: 'content-type', value: { type: 'string', value: picture.contentType } }],
            body: { type: 'base64', value: picture.body.toString('base64') },
          })
        : bidi.send('network.failRequest', { request }))
    })
    const { intercept } = await bidi.send('network.addIntercept', {
      phases: ['beforeRequestSent'],
      urlPatterns: [{ type: 'pattern', protocol: 'https', hostname: host }],
    })
    onTestFinished(async () => void (await bidi.send('network.removeIntercept', { intercept })))
  }

  return {
    profile,
    toolbar,
    open,
    welcomePage,
    openPopup: async () => popupOn(await open('popup.html')),
    openOptions: async () => optionsOn(await open('options.html')),
    callWindow: async () => callWindowOn(await firefox.nextPageAt(address('call.html'), [])),
    callWindowCount: async () =>
      (await firefox.addresses()).filter((url) => url.startsWith(address('call.html'))).length,
    countPagesAt: async (at) => (await firefox.addresses()).filter((url) => url === at).length,
    newPage: firefox.newPage,
    nextPageAt: (prefix) => firefox.nextPageAt(prefix),
    setOffline: async (is) => void (await inWindow(`Services.io.offline = ${is}`)),
    interceptRequests,
    visitsPerSignIn: 2,
    opensPagesCrossSite: true,
    close: firefox.close,
  }
}
