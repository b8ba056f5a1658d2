import type {
  ReachabilityEffect,
  ReachabilityEvent,
} from '../../../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../../../entrypoints/background/reachability/reachability-reducer.ts'
import { verdict } from '../../../../entrypoints/background/reachability/verdict.ts'
import {
  type Connection,
  type Device,
  heldAs,
  type System,
  type ToServer,
  timing,
  type Worker,
} from './system.ts'

/** Where the random part of a retry's wait lies: the search retries as soon as it can, the recovery as late. */
export type Random = 0 | 0.999

/** Lets an event happen to a device's worker, and does what follows from it. A dead one hears nothing. */
export function dispatchToDevice(
  system: System,
  index: number,
  event: ReachabilityEvent,
  random: Random = 0,
): void {
  const device = system.devices[index] as Device
  const { worker } = device
  if (!worker) return
  const now = { mono: system.now, wall: system.now }
  const { state, effects } = reduce(worker.state, event, now, random)
  worker.state = state
  for (const effect of effects) carryOut(system, index, worker, effect)
  device.green = verdict(state, now).kind === 'reachable'
}

function carryOut(system: System, index: number, worker: Worker, effect: ReachabilityEffect): void {
  const connection = 'connection' in effect ? heldAs(system, index, effect.connection) : undefined
  switch (effect.type) {
    case 'open':
      open(system, index, effect.connection)
      break
    case 'close':
      if (connection) letGo(connection)
      break
    case 'hello': {
      if (!connection) return
      const boot = bootOf(system, index, worker)
      connection.order = { boot, n: effect.connection }
      say(connection, { type: 'hello', order: connection.order, takeOver: effect.takeOver })
      break
    }
    case 'renumber':
      worker.least = Math.max(worker.least, effect.above)
      if (worker.boot !== null && worker.boot <= effect.above) worker.boot = null
      break
    case 'heartbeat':
      if (connection) say(connection, { type: 'heartbeat', n: effect.n })
      break
    case 'diagnose':
      // Its answer changes what is said about a badge that is off, and nothing else.
      break
    case 'session-ended':
      if (system.devices[index]) system.devices[index].signedIn = false
      break
    default:
      effect satisfies never
  }
}

/** As `connection/boot-number.ts` counts: once in a worker, and again after a copy has used a higher number. */
function bootOf(system: System, index: number, worker: Worker): number {
  const device = system.devices[index] as Device
  if (worker.boot === null) {
    device.keptBoot = Math.max(device.keptBoot, worker.least) + 1
    worker.boot = device.keptBoot
  }
  return worker.boot
}

function open(system: System, index: number, number: number): void {
  system.opened += 1
  system.connections.push({
    name: String(system.opened),
    device: index,
    number,
    order: null,
    toServer: [],
    toDevice: [],
    node: null,
    deviceHolds: true,
    serverHolds: false,
    silent: false,
  })
  const { nodes } = system.server
  if (nodes.length === 1) arrive(system.connections.at(-1) as Connection, nodes[0]?.up ? 0 : null)
}

/** A connection comes to a node; where there is none, it is refused. */
export function arrive(connection: Connection, node: number | null): void {
  connection.node = node
  connection.serverHolds = node !== null
  connection.toDevice.push(node === null ? { type: 'closed', after: 'retry' } : { type: 'challenge' })
}

/** On its way to a node. */
export const isOnItsWay = ({ node, deviceHolds, toDevice }: Connection) =>
  node === null && deviceHolds && toDevice.length === 0

export function letGo(connection: Connection): void {
  connection.deviceHolds = false
  connection.toDevice = []
  say(connection, { type: 'closed' })
}

const say = (connection: Connection, message: ToServer) => {
  if (connection.serverHolds && !connection.silent) connection.toServer.push(message)
}

/** The first message under way to a device arrives there. */
export function hearAtDevice(system: System, connection: Connection, random: Random = 0): void {
  const message = connection.toDevice.shift()
  if (!message || !connection.deviceHolds) return
  const { device, number } = connection
  const tell = (event: ReachabilityEvent) => dispatchToDevice(system, device, event, random)
  switch (message.type) {
    case 'challenge':
      tell({ type: 'challenged', connection: number, nonce: '' })
      break
    case 'outranked':
      tell({
        type: 'outranked',
        connection: number,
        boot: message.boot,
        isOwn: system.devices[device]?.worker?.boot === message.boot,
        live: message.live,
      })
      break
    case 'welcome':
      tell({ type: 'welcomed', connection: number, timing })
      break
    case 'lease':
      tell({ type: 'leased', connection: number, heartbeat: message.n, leaseFor: message.leaseFor })
      break
    case 'no-lease':
      tell({ type: 'not-leased', connection: number, heartbeat: message.n, why: message.why })
      break
    case 'move':
      tell({ type: 'move', connection: number })
      break
    case 'closed':
      letGo(connection)
      tell({ type: 'closed', connection: number, after: message.after })
      break
    default:
      message satisfies never
  }
}
