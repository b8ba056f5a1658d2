import type { FleetRequest } from './fleet-process.ts'
import { launchProcess } from './launch-process.ts'
import type { SignedInPerson } from './signed-in-people.ts'

/** One process never holds more devices than this. */
export const devicesEach = 5_000

/** Someone who was in an earlier fleet comes back as their device would: by a newer start of its worker (T9). */
let launched = 0

export interface Fleet {
  /** How many leases its devices were given since they are there. */
  readonly leases: () => Promise<number>
  readonly end: () => Promise<void>
}

/** Connects a device for each person, from other processes. Resolves once all hold a lease. */
export async function launchFleet(server: string, people: readonly SignedInPerson[]): Promise<Fleet> {
  const shares = Array.from({ length: Math.ceil(people.length / devicesEach) }, (_, n) =>
    people.slice(n * devicesEach, (n + 1) * devicesEach),
  )
  launched += 1
  const boot = launched
  const processes = await Promise.all(
    shares.map(async (share) => {
      const fleet = launchProcess('load', 'fleet-process.ts')
      const request: FleetRequest = { server, people: share, boot }
      await fleet.ask(request)
      return fleet
    }),
  )
  return {
    leases: async () => {
      const counts = await Promise.all(processes.map((fleet) => fleet.ask('leases')))
      return counts.reduce((sum: number, count) => sum + Number(count), 0)
    },
    end: async () => void (await Promise.all(processes.map((fleet) => fleet.end()))),
  }
}
