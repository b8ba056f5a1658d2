import { type Device, openDevice } from '../support/chromium/open-device.ts'
import { signIn } from '../support/chromium/sign-in.ts'
import { addPerson, type Person } from '../support/server/add-person.ts'
import { type Server, startServer } from '../support/server/start-server.ts'
import { type StallProxy, startStallProxy } from '../support/stall-proxy.ts'

export interface ReachablePerson {
  readonly server: Server
  /** The way from the device to the server. */
  readonly network: StallProxy
  readonly person: Person
  readonly device: Device
}

/** Someone whose badge is ON, with every part of the way in the test's hands. */
export async function reachablePerson(): Promise<ReachablePerson> {
  const server = await startServer()
  const network = await startStallProxy(server.url)
  const person = await addPerson(server)
  const device = await openDevice()
  await signIn(device, server, person, { address: network.url })
  return { server, network, person, device }
}
