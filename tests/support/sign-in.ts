import { expect } from 'vitest'
import type { Device } from './device.ts'
import { openDevice } from './open-device.ts'
import type { Person } from './server/add-person.ts'
import type { Server } from './server/start-server.ts'

interface Wanted {
  readonly staySignedIn?: boolean
  /** Where the device believes the server to be, when not at its own address. */
  readonly address?: string
  /** What the badge says then: the number of missed calls, when some wait. */
  readonly badge?: string
}

/** Does what a newcomer does: gives the server's address, logs in, sees the badge turn ON, closes the pages. */
export async function signIn(
  device: Device,
  server: Server,
  person: Person,
  wanted: Wanted = {},
): Promise<void> {
  const options = await device.openOptions()
  await options.setServer(wanted.address ?? server.url)
  await options.page.close()
  const popup = await device.openPopup()
  await popup.logIn(person, wanted)
  await expect.poll(() => device.toolbar.badge(), { timeout: 10_000 }).toBe(wanted.badge ?? 'ON')
  await popup.page.close()
}

export async function openSignedIn(server: Server, person: Person, wanted: Wanted = {}): Promise<Device> {
  const device = await openDevice()
  await signIn(device, server, person, wanted)
  return device
}
