import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { firefoxId } from '../../../protocol/extension.ts'
import { extensionFolder } from '../../../scripts/build-extension.ts'
import type { Device, DeviceOptions, Picture } from '../device.ts'
import { callWindowOn } from '../pages/call-window.ts'
import { optionsOn } from '../pages/options.ts'
import { popupOn } from '../pages/popup.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { firefoxToolbar, widget } from './firefox-toolbar.ts'
import { openFirefox } from './open-firefox.ts'

/** Firefox gives each profile's copy of an extension an address of its own, unless it is told which. */
const uuid = 'b3f0c6de-6a4f-4b0c-9a55-0c5f1f6f2f10'
const address = (path: string) => `moz-extension://${uuid}/${path}`

const hidden = JSON.stringify({ placements: { 'unified-extensions-area': [widget], 'nav-bar': [] } })

const preferences = (pinned: boolean) => ({
  'extensions.webextensions.uuids': JSON.stringify({ [firefoxId]: uuid }),
  // What was installed by hand into the profile is taken as it is, unsigned and unasked.
  'extensions.autoDisableScopes': 0,
  'extensions.startupScanScopes': 15,
  'xpinstall.signatures.required': false,
  // Where a release of Firefox takes it only as a guest, what it stores outlives its stay all the same.
  'extensions.webextensions.keepStorageOnUninstall': true,
  // Its own notifications are shown, replaced and listed without a screen too; those of the system need one.
  'alerts.useSystemBackend': false,
  ...(pinned ? {} : { 'browser.uiCustomization.state': hidden }),
})

/** A real Firefox with the built extension in it, installed for good, so that it starts with its browser. */
export async function openFirefoxDevice(options: DeviceOptions = {}): Promise<Device> {
  const profile = options.profile ?? temporaryFolder()
  mkdirSync(join(profile, 'extensions'), { recursive: true })
  writeFileSync(join(profile, 'extensions', firefoxId), extensionFolder('firefox'))
  const firefox = await openFirefox(profile, preferences(options.pinned ?? true))
  const { bidi, inWindow } = firefox
  const there = `WebExtensionPolicy.getByID(${JSON.stringify(firefoxId)}) !== null`
  if (!(await inWindow(there))) await bidi.install(extensionFolder('firefox'))
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
    await bidi.send('network.addIntercept', {
      phases: ['beforeRequestSent'],
      urlPatterns: [{ type: 'pattern', protocol: 'https', hostname: host }],
    })
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
