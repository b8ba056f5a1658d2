import { canonical } from './canonical.ts'
import { arrive, dispatchToDevice, hearAtDevice, isOnItsWay } from './device.ts'
import { hearAtServer, isReplaced, replace, tickAll } from './server.ts'
import { copyOf, type System, tick, wouldRing } from './system.ts'
import { boot, logIn } from './transitions.ts'

/** A person whose machines are all well is reachable after at most so long (T9), in milliseconds. */
export const recoveredWithin = 45_000

/** And stays so. */
const watchedFor = 20_000

/** After so many failures the waits get no longer. */
const many = 10

/** More deliveries at one moment than any honest exchange takes. */
const endless = 500

/**
 * Ends all faults, delivers everything at once, and lets time pass.
 *
 * @param known what came of systems met before, by their canonical text.
 * @returns after how many milliseconds a device was green for good, or what was wrong.
 */
export function recover(from: System, known: Map<string, number | string>): number | string {
  const system = copyOf(from)
  system.faultsLeft = 0
  Object.assign(system.server, { storage: true, sessions: true })
  for (const node of system.server.nodes) Object.assign(node, { up: true, bus: true, drains: false })
  system.devices.forEach((device, i) => {
    const { worker } = device
    if (worker) {
      const { successor } = worker.state
      worker.state = {
        ...worker.state,
        failures: many,
        successor: successor && { ...successor, failures: many },
      }
    }
    if (!worker) boot(system, i)
    if (!device.signedIn) logIn(system, i)
  })
  if (!deliverAll(system)) return 'messages without end'
  const text = canonical(system)
  const before = known.get(text)
  if (before !== undefined) return before
  const found = live(system)
  known.set(text, found)
  return found
}

function live(system: System): number | string {
  const begun = system.now
  let greenSince: number | null = null
  let green = -1
  for (;;) {
    const shown = system.devices.findIndex((device, i) => device.green && wouldRing(system, i))
    if (shown < 0) greenSince = null
    else if (greenSince === null || shown !== green) greenSince = system.now
    green = shown
    if (greenSince !== null && system.now - greenSince >= watchedFor) return greenSince - begun
    if (
      greenSince === null
        ? system.now - begun >= recoveredWithin
        : system.now - begun >= recoveredWithin + watchedFor
    )
      return greenSince === null ? 'no device is green again' : 'the copies take turns for ever'
    system.now += tick
    tickAll(system)
    for (const node of system.server.nodes) if (isReplaced(system, node)) replace(system, node)
    system.devices.forEach((_, i) => {
      dispatchToDevice(system, i, { type: 'look' }, 0.999)
    })
    if (!deliverAll(system)) return 'messages without end'
  }
}

/** Delivers everything that is under way and what it brings about, the oldest connection first. */
function deliverAll(system: System): boolean {
  for (let delivered = 0; delivered < endless; delivered += 1) {
    const connection = system.connections.find(
      (one) => one.toServer.length + one.toDevice.length > 0 || isOnItsWay(one),
    )
    if (!connection) return true
    if (isOnItsWay(connection)) arrive(connection, connection.number % system.server.nodes.length)
    else if (connection.toServer.length > 0) hearAtServer(system, connection)
    else hearAtDevice(system, connection, 0.999)
    system.devices.forEach((device, i) => {
      if (!device.signedIn && device.worker) logIn(system, i)
    })
  }
  return false
}
