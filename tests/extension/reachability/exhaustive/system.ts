import { atRest, numberOf, type Reachability } from '../../../../entrypoints/background/reachability/state.ts'
import type { AfterClose } from '../../../../protocol/close-codes.ts'
import type { ConnectionOrder, NoLeaseReason } from '../../../../protocol/connection.ts'
import { driftMargin, isSound, type Timing } from '../../../../protocol/timing.ts'
import { emptyLeases, type Leases } from '../../../../server/presence/lease-reducer.ts'

/** Time goes by in steps of so many milliseconds; nothing is decided between two of them. */
export const tick = 1_000

/** As short as the relations of `protocol/timing.ts` allow: each decisive moment stays apart from the others. */
export const timing: Timing = { heartbeatEvery: 2 * tick, answerWithin: tick, leaseFor: 5 * tick }
if (!isSound(timing) || driftMargin !== tick) throw new Error('These timings do not fit the rules.')

export type ToServer =
  | { readonly type: 'hello'; readonly order: ConnectionOrder; readonly takeOver: boolean }
  | { readonly type: 'heartbeat'; readonly n: number }
  | { readonly type: 'closed' }

export type ToDevice =
  | { readonly type: 'challenge' }
  | { readonly type: 'outranked'; readonly boot: number; readonly live: boolean }
  | { readonly type: 'welcome' }
  | { readonly type: 'lease'; readonly n: number; readonly leaseFor: number }
  | { readonly type: 'no-lease'; readonly n: number; readonly why: NoLeaseReason }
  | { readonly type: 'move' }
  | { readonly type: 'closed'; readonly after: AfterClose }

/** Everything that decides what can happen next. Transitions change a copy of it (`copyOf`). */
export interface System {
  /** By every clock, in milliseconds. */
  now: number
  readonly devices: Device[]
  /** In the order in which they were opened. */
  readonly connections: Connection[]
  readonly server: Server
  /** How many connections there have been. */
  opened: number
  /** How many more faults there will be. */
  faultsLeft: number
  /** What the last transition did against the rules, if anything. */
  broken: string | null
}

export interface Device {
  /** Null when the worker is dead. */
  worker: Worker | null
  signedIn: boolean
  /** The boot number in this profile's storage. */
  keptBoot: number
  /** What the toolbar shows: it stays when the worker dies. */
  green: boolean
  /** Since when the badge of a living worker is green though a call would not get through. */
  wrongSince: number | null
}

export interface Worker {
  state: Reachability
  /** Null until the first hello. */
  boot: number | null
  /** Boot numbers up to this one are another copy's. */
  least: number
}

/** A WebSocket: what is on its way arrives in order, or never once the device has let go of it. */
export interface Connection {
  /** Its name at the server. */
  readonly name: string
  readonly device: number
  /** Its number in its worker. */
  readonly number: number
  /** At which node it is; null while it is on its way to one. */
  node: number | null
  /** Null until its hello. */
  order: ConnectionOrder | null
  toServer: ToServer[]
  toDevice: ToDevice[]
  /** Whether the device still listens to it, or the server. */
  deviceHolds: boolean
  serverHolds: boolean
  /** Nothing arrives on it any more, and nobody is told. */
  silent: boolean
}

/** The service: its nodes, and the record that they share. */
export interface Server {
  storage: boolean
  sessions: boolean
  readonly nodes: Node[]
  /** Of several nodes: the newest connection of the device, whose copies all the devices here are. */
  newest: Newest | null
}

export interface Node {
  up: boolean
  /** Rings come through to it. */
  bus: boolean
  /** It takes no new connections, and has told devices to move. */
  drains: boolean
  leases: Leases
}

export interface Newest {
  readonly order: ConnectionOrder
  /** Its name. */
  readonly connection: string
  readonly node: number
  readonly gone: boolean
}

export const wakeUp = (): Worker => ({ state: atRest, boot: null, least: 0 })

/** Copies of one profile, each on its own machine, before any has opened a connection. */
export const beginning = (copies: number, faults: number, nodes: number): System => ({
  now: 1_000_000,
  devices: Array.from({ length: copies }, () => ({
    worker: null,
    signedIn: true,
    keptBoot: 0,
    green: false,
    wrongSince: null,
  })),
  connections: [],
  server: {
    storage: true,
    sessions: true,
    nodes: Array.from({ length: nodes }, () => ({ up: true, bus: true, drains: false, leases: emptyLeases })),
    newest: null,
  },
  opened: 0,
  faultsLeft: faults,
  broken: null,
})

export const copyOf = (system: System): System => ({
  ...system,
  devices: system.devices.map((device) => ({ ...device, worker: device.worker && { ...device.worker } })),
  connections: system.connections.map((connection) => ({
    ...connection,
    toServer: [...connection.toServer],
    toDevice: [...connection.toDevice],
  })),
  server: { ...system.server, nodes: system.server.nodes.map((node) => ({ ...node })) },
})

/** The connection that a device's worker has by this number, if it holds it still. */
export const heldAs = (system: System, device: number, number: number | null): Connection | undefined =>
  system.connections.find((one) => one.device === device && one.deviceHolds && one.number === number)

/** The connection that a device's worker believes in now. */
export function currentOf(system: System, device: number): Connection | undefined {
  const worker = system.devices[device]?.worker
  return worker ? heldAs(system, device, numberOf(worker.state.connection)) : undefined
}

export const nodeOf = (system: System, { node }: Connection): Node | undefined =>
  node === null ? undefined : system.server.nodes[node]

/** When the lease of a connection ends; null while it has none. */
export const leaseOf = (system: System, connection: Connection): number | null =>
  nodeOf(system, connection)?.leases.connections.get(connection.name)?.until ?? null

/** Whether a living node could write a call down and ring this device now. */
export const wouldRing = (system: System, device: number): boolean =>
  system.server.storage &&
  system.connections.some((connection) => {
    if (connection.device !== device || !connection.deviceHolds) return false
    if (!connection.serverHolds || connection.silent) return false
    const node = nodeOf(system, connection)
    const until = leaseOf(system, connection)
    return node?.up === true && node.bus && until !== null && until > system.now
  })
