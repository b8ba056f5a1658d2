import { openLightDevice } from './light-device.ts'
import type { Seat } from './seat-people.ts'

/** So many devices of a fleet are being connected at a time. */
const atOnce = 50

export interface FleetOrder {
  readonly server: string
  readonly seats: readonly Seat[]
  /** Of each device: the number of this start among all of its worker's. */
  readonly boot: number
}

/** A process of nothing but devices, so that what they cost is not taken for the server's. */
process.once('message', async ({ server, seats, boot }: FleetOrder) => {
  const waiting = [...seats]
  const connectNext = async () => {
    for (let seat = waiting.pop(); seat; seat = waiting.pop()) await openLightDevice(server, seat, { boot })
  }
  await Promise.all(Array.from({ length: atOnce }, connectNext))
  process.send?.('connected')
})
process.once('disconnect', () => process.exit())
