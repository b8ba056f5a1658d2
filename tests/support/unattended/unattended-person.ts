import { vi } from 'vitest'
import type { Browser } from '../../../scripts/browsers/find-browser.ts'
import { openChromiumDevice } from '../chromium/open-chromium-device.ts'
import { openUndebuggedChromium } from '../chromium/open-undebugged-chromium.ts'
import type { BadgeObserver } from '../device.ts'
import { openFirefoxDevice } from '../firefox/open-firefox-device.ts'
import { addPerson, type Person } from '../server/add-person.ts'
import { type CallClient, openCallClient } from '../server/call-client.ts'
import { type BehindProxy, startServerBehindProxy } from '../server/start-server-behind-proxy.ts'
import { signIn } from '../sign-in.ts'
import { type CallPath, openCallPath } from './call-path.ts'

export interface UnattendedPerson extends BehindProxy {
  readonly person: Person
  /** What calls them. */
  readonly clinic: CallClient
  readonly badge: BadgeObserver
  readonly path: CallPath
}

/** Someone who signed in, closed every page and left: nobody and no debugger keeps the background alive. */
export async function unattendedPerson(browser: Browser): Promise<UnattendedPerson> {
  const behindProxy = await startServerBehindProxy()
  const person = await addPerson(behindProxy.server)
  const clinic = await openCallClient(behindProxy.server)
  const badge = await leaveSignedIn(browser, behindProxy, person)
  return { ...behindProxy, person, clinic, badge, path: openCallPath(behindProxy) }
}

async function leaveSignedIn(
  browser: Browser,
  { server, network }: BehindProxy,
  person: Person,
): Promise<BadgeObserver> {
  const address = network.url
  if (browser === 'firefox') {
    const device = await openFirefoxDevice()
    await signIn(device, server, person, { address })
    return device.toolbar
  }
  const device = await openChromiumDevice()
  await signIn(device, server, person, { address, staySignedIn: true })
  await device.close()
  const observer = await openUndebuggedChromium(device.profile)
  await vi.waitUntil(async () => (await observer.light()) === 'green', { timeout: 30_000 })
  return observer
}
