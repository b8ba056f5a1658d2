import { expect } from 'vitest'
import type { Device } from './device.ts'
import { openDevice } from './open-device.ts'
import type { Person } from './server/add-person.ts'
import type { Server } from './server/start-server.ts'

interface SignInOptions {
  readonly staySignedIn?: boolean
  /** Where the device believes the server to be, when not at its own address. */
  readonly address?: string
  /** What the badge counts then: the number of missed calls, when some wait. */
  readonly badge?: string
}

/** Does what a newcomer does: gives the server's address, logs in, sees the badge turn green, closes the pages. */
export async function signIn(
  device: Device,
  server: Pick<Server, 'url'>,
  person: Person,
  options: SignInOptions = {},
): Promise<void> {
  const settings = await device.openOptions()
  await settings.setServer(options.address ?? server.url)
  await settings.page.close()
  const popup = await device.openPopup()
  await popup.logIn(person, options)
  await expect.poll(() => device.toolbar.light()).toBe('green')
  await expect.poll(() => device.toolbar.badge()).toBe(options.badge ?? '')
  await popup.page.close()
}

export async function openSignedInDevice(
  server: Server,
  person: Person,
  options: SignInOptions = {},
): Promise<Device> {
  const device = await openDevice()
  await signIn(device, server, person, options)
  return device
}
