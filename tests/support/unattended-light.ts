import { vi } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { openChromiumDevice } from './chromium/open-chromium-device.ts'
import { openUndebugged } from './chromium/open-undebugged.ts'
import type { Light } from './device.ts'
import { openFirefoxDevice } from './firefox/open-firefox-device.ts'
import type { Person } from './server/add-person.ts'
import type { BehindProxy } from './server/start-behind-proxy.ts'
import { signIn } from './sign-in.ts'

/** The light of someone who signed in, closed every page and left: nobody and no debugger keeps the background alive. */
export async function unattendedLight(
  browser: Browser,
  { server, network }: BehindProxy,
  person: Person,
): Promise<Light> {
  const address = network.url
  if (browser === 'firefox') {
    const device = await openFirefoxDevice()
    await signIn(device, server, person, { address })
    return device.toolbar
  }
  const device = await openChromiumDevice()
  await signIn(device, server, person, { address, staySignedIn: true })
  await device.close()
  const light = await openUndebugged(device.profile)
  await vi.waitUntil(async () => (await light.badge()) === 'ON', { timeout: 30_000 })
  return light
}
