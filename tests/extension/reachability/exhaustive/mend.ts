import { anyRanOut } from '../../../../server/presence/leases.ts'
import { canonical } from './canonical.ts'
import { happen, hearAtDevice } from './device-part.ts'
import { boot, logIn } from './moves.ts'
import { dispatch, hearAtServer } from './server-part.ts'
import { copyOf, tick, type World, wouldRing } from './world.ts'

/** A person whose machines are all well is reachable after at most so long (T9), in milliseconds. */
export const mendedWithin = 45_000

/** And stays so. */
const watchedFor = 20_000

/** After so many failures the waits get no longer. */
const many = 10

/** More deliveries at one moment than any honest exchange takes. */
const endless = 500

/**
 * Ends all faults, delivers everything at once, and lets time pass.
 *
 * @param known what came of worlds met before, by their canonical text.
 * @returns after how many milliseconds a device was green for good, or what was wrong.
 */
export function mend(from: World, known: Map<string, number | string>): number | string {
  const world = copyOf(from)
  world.faultsLeft = 0
  Object.assign(world.server, { up: true, storage: true, sessions: true })
  world.devices.forEach((device, i) => {
    const { worker } = device
    if (worker) worker.state = { ...worker.state, failures: many }
    else boot(world, i)
    if (!device.signedIn) logIn(world, i)
  })
  if (!deliverAll(world)) return 'messages without end'
  const text = canonical(world)
  const before = known.get(text)
  if (before !== undefined) return before
  const found = live(world)
  known.set(text, found)
  return found
}

function live(world: World): number | string {
  const begun = world.now
  let greenSince: number | null = null
  let green = -1
  for (;;) {
    const shown = world.devices.findIndex((device, i) => device.green && wouldRing(world, i))
    if (shown < 0) greenSince = null
    else if (greenSince === null || shown !== green) greenSince = world.now
    green = shown
    if (greenSince !== null && world.now - greenSince >= watchedFor) return greenSince - begun
    if (
      greenSince === null ? world.now - begun >= mendedWithin : world.now - begun >= mendedWithin + watchedFor
    )
      return greenSince === null ? 'no device is green again' : 'the copies take turns for ever'
    world.now += tick
    if (anyRanOut(world.server.leases, world.now)) dispatch(world, { kind: 'looked' })
    world.devices.forEach((_, i) => {
      happen(world, i, { type: 'look' }, 0.999)
    })
    if (!deliverAll(world)) return 'messages without end'
  }
}

/** Delivers everything that is under way and what it brings about, the oldest connection first. */
function deliverAll(world: World): boolean {
  for (let delivered = 0; delivered < endless; delivered += 1) {
    const connection = world.connections.find(
      ({ toServer, toDevice }) => toServer.length + toDevice.length > 0,
    )
    if (!connection) return true
    if (connection.toServer.length > 0) hearAtServer(world, connection)
    else hearAtDevice(world, connection, 0.999)
    world.devices.forEach((device, i) => {
      if (!device.signedIn && device.worker) logIn(world, i)
    })
  }
  return false
}
