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

let leases = 0

/** A process of nothing but devices, so that what they cost is not taken for the server's. */
async function connect({ server, people, boot }: FleetRequest): Promise<void> {
  const waiting = [...people]
  const onLease = () => {
    leases += 1
  }
  const connectNext = async () => {
    for (let person = waiting.pop(); person; person = waiting.pop())
      await openLoadDevice(server, person, { boot, onLease })
  }
  await Promise.all(Array.from({ length: atOnce }, connectNext))
}

process.on('message', async (asked: FleetRequest | 'leases') => {
  if (asked !== 'leases') await connect(asked)
  process.send?.(leases)
})
process.once('disconnect', () => process.exit())
