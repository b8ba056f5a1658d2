import type { Device } from './device.ts'
import { openDevice } from './open-device.ts'
import { addPerson, type Person } from './server/add-person.ts'
import { type BehindProxy, startServerBehindProxy } from './server/start-server-behind-proxy.ts'
import { signIn } from './sign-in.ts'

export interface ReachablePerson extends BehindProxy {
  readonly person: Person
  readonly device: Device
  /** Takes the computer off its network, and puts it back: for loopback, where the server is, with the proxy's help. */
  readonly setOffline: (is: boolean) => Promise<void>
}

/** Someone whose badge is green, with every part of the way in the test's hands. */
export async function reachablePerson(): Promise<ReachablePerson> {
  const { server, network } = await startServerBehindProxy()
  const person = await addPerson(server)
  const device = await openDevice()
  await signIn(device, server, person, { address: network.url })
  const setOffline = async (is: boolean) => {
    if (is) network.unplug()
    await device.setOffline(is)
    if (!is) network.restore()
  }
  return { server, network, person, device, setOffline }
}
