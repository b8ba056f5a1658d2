import { type FleetDevice, openFleetDevice } from '../../support/nodes/fleet-device.ts'
import type { SignedInPerson } from './signed-in-people.ts'

/** So many devices are being connected at a time. */
const atOnce = 50

export interface ReturningRequest {
  readonly url: string
  readonly people: readonly SignedInPerson[]
}

/** What became of the light of each device that was not green at some time since then. */
export interface Returned {
  readonly devices: number
  /** Ms since then, of each change to green or from it, in order. */
  readonly changes: readonly { readonly after: number; readonly by: 1 | -1 }[]
  readonly green: number
}

/** Milliseconds, the same for all processes of a machine. */
const now = () => performance.timeOrigin + performance.now()

const devices: FleetDevice[] = []

/** Devices that decide as the extension does, in a process of their own: when to come back is theirs to choose. */
async function connect({ url, people }: ReturningRequest): Promise<void> {
  const waiting = [...people]
  const connectNext = async () => {
    for (let person = waiting.pop(); person; person = waiting.pop()) {
      const device = openFleetDevice({ url, person })
      devices.push(device)
      while (!device.isGreen()) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, connectNext))
}

/** @param since by `now`. */
function report(since: number): Returned {
  const changes = devices.flatMap((device) =>
    device.light
      .map(({ at, green }) => ({
        after: performance.timeOrigin + at - since,
        by: green ? (1 as const) : (-1 as const),
      }))
      .filter(({ after }) => after >= 0),
  )
  return { devices: devices.length, changes, green: devices.filter((device) => device.isGreen()).length }
}

process.on('message', async (asked: ReturningRequest | { since: number }) => {
  if ('url' in asked) await connect(asked)
  process.send?.(report('since' in asked ? asked.since : now()))
})
process.once('disconnect', () => process.exit())
