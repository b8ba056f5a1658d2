import { onTestFinished } from 'vitest'
import { defaultTiming } from '../../protocol/timing.ts'
import { addPlace } from '../server/places/place-on-server.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { idOf } from '../server/support/people.ts'
import { reachableDevice, type WebSocketDevice } from '../server/support/websocket-device.ts'
import { addPerson, ann } from './server/add-person.ts'
import type { Server } from './server/start-server.ts'

/** A member's device without a browser, which says that it is there as the extension does. */
export interface MemberDevice extends WebSocketDevice {
  /** From now on it says nothing more, and its connection stays open. @returns when its last heartbeat was answered, by `performance.now()`. */
  silence(): number
}

const password = ''

/** A place whose only member has agreed, and is there. */
export async function placeWithMember(server: Pick<Server, 'url' | 'dataDir'>, name = 'Front desk') {
  const at = asTestServer(server)
  const person = await addPerson(server)
  await addPlace(at, { name, members: [await idOf(at, person.email)] })
  return { person, device: await memberDevice(server, person) }
}

/** @param person with an account. */
export async function memberDevice(
  server: Pick<Server, 'url' | 'dataDir'>,
  person: { readonly username: string; readonly email: string; readonly name: string } = ann,
): Promise<MemberDevice> {
  const device = await reachableDevice(
    asTestServer(server),
    { ...person, password },
    `${person.username}-desk`,
  )
  let answeredAt = performance.now()
  const beating = setInterval(() => {
    device.lease().then(
      () => {
        answeredAt = performance.now()
      },
      () => {},
    )
  }, defaultTiming.heartbeatEvery)
  onTestFinished(() => clearInterval(beating))
  return {
    ...device,
    silence() {
      clearInterval(beating)
      return answeredAt
    },
  }
}
