import { openLoadDevice } from './load-device.ts'
import type { SignedInPerson } from './signed-in-people.ts'

/** So many devices of a fleet are being connected at a time. */
const atOnce = 50

export interface FleetRequest {
  readonly server: string
  readonly people: readonly SignedInPerson[]
  /** Of each device: which start of its worker this is. */
  readonly boot: number
}

/** A process of nothing but devices, so that what they cost is not taken for the server's. */
process.once('message', async ({ server, people, boot }: FleetRequest) => {
  const waiting = [...people]
  const connectNext = async () => {
    for (let person = waiting.pop(); person; person = waiting.pop())
      await openLoadDevice(server, person, { boot })
  }
  await Promise.all(Array.from({ length: atOnce }, connectNext))
  process.send?.('connected')
})
process.once('disconnect', () => process.exit())
