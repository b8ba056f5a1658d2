import { fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import type { FleetRequest } from './fleet-process.ts'
import type { SignedInPerson } from './signed-in-people.ts'

/** One process never holds more devices than this. */
const devicesEach = 5_000

/** Someone who was in an earlier fleet comes back as their device would: by a newer start of its worker (T9). */
let launched = 0

/** Connects a device for each person, from other processes. @returns, once all hold a lease, how to end them. */
export async function launchFleet(
  server: string,
  people: readonly SignedInPerson[],
): Promise<() => Promise<void>> {
  const shares = Array.from({ length: Math.ceil(people.length / devicesEach) }, (_, n) =>
    people.slice(n * devicesEach, (n + 1) * devicesEach),
  )
  launched += 1
  const ends = await Promise.all(shares.map((share) => launch({ server, people: share, boot: launched })))
  return async () => void (await Promise.all(ends.map((end) => end())))
}

async function launch(request: FleetRequest): Promise<() => Promise<void>> {
  const file = inRoot('tests', 'bench', 'load', 'fleet-process.ts')
  const child = fork(file, [], { execArgv: [], env: { PATH: process.env.PATH } })
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(end)
  child.send(request)
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`A fleet of ${request.people.length} devices ended (${code}) before it was connected.`)
  })
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  return end
}
