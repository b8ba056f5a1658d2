import { type Device, openDevice } from '../support/chromium/open-device.ts'
import { signIn } from '../support/chromium/sign-in.ts'
import { addPerson, type Person } from '../support/server/add-person.ts'
import { type BehindProxy, startBehindProxy } from '../support/server/start-behind-proxy.ts'

export interface ReachablePerson extends BehindProxy {
  readonly person: Person
  readonly device: Device
}

/** Someone whose badge is ON, with every part of the way in the test's hands. */
export async function reachablePerson(): Promise<ReachablePerson> {
  const { server, network } = await startBehindProxy()
  const person = await addPerson(server)
  const device = await openDevice()
  await signIn(device, server, person, { address: network.url })
  return { server, network, person, device }
}
