import type { Instant } from '../../../../entrypoints/background/clocks.ts'
import type { ConnectionState } from '../../../../entrypoints/background/reachability/state.ts'
import { welcomeWithin } from '../../../../protocol/timing.ts'
import { liveDevices, stragglesFor } from '../../../../server/presence/lease-reducer.ts'
import { arrive, dispatchToDevice, hearAtDevice, isOnItsWay, letGo } from './device.ts'
import {
  crash,
  dispatchToNode,
  end,
  hearAtServer,
  isReplaced,
  notice,
  replace,
  shutLate,
  tellToMove,
  tickAll,
} from './server.ts'
import { type Connection, copyOf, type Node, nodeOf, type System, tick, wakeUp, wouldRing } from './system.ts'

/** Something that can happen next. `who` is the number of a connection or of a device. */
export interface Transition {
  readonly what: string
  readonly who: number
  /** Whether it is a fault, of which there are only so many. */
  readonly fault: boolean
  readonly act: (system: System) => void
}

/** Longer than any heartbeat's answer may take: a machine that slept. */
const sleepFor = 10 * tick

/**
 * Everything that can happen in a system, in an order that is always the same.
 *
 * @param drains whether drains are the only faults, and no time passes.
 */
export function transitionsOf(system: System, drains = false): readonly Transition[] {
  const transitions: Transition[] = []
  const can = (what: string, who: number, act: (system: System) => void, fault = false) =>
    transitions.push({ what, who, act, fault })
  const { server } = system

  system.connections.forEach((connection, i) => {
    const { deviceHolds, serverHolds, silent, toServer, toDevice, order } = connection
    const at = (system: System) => system.connections[i] as Connection
    if (isOnItsWay(connection)) {
      const open = server.nodes.flatMap((node, number) => (node.up && !node.drains ? [number] : []))
      for (const node of open) can(`connection comes to node ${node}`, i, (next) => arrive(at(next), node))
      if (open.length === 0) can('connection is refused', i, (next) => arrive(at(next), null))
    }
    if (toServer[0]) can(`server hears ${toServer[0].type}`, i, (next) => hearAtServer(next, at(next)))
    if (toDevice[0]) can(`device hears ${toDevice[0].type}`, i, (next) => hearAtDevice(next, at(next)))
    if (!deviceHolds && toServer.length > 0)
      can('what is under way to the server is lost', i, (next) => {
        at(next).toServer = []
      })
    if (deviceHolds && serverHolds && !silent)
      can('connection breaks in silence', i, (next) => breakOff(at(next)), true)
    if ((!deviceHolds || silent) && serverHolds && toServer.length === 0)
      can('server finds that the connection is gone', i, (next) => notice(next, at(next)))
    if (
      serverHolds &&
      !nodeOf(system, connection)?.leases.connections.has(connection.name) &&
      (order === null || toServer[0]?.type === 'hello')
    )
      can('hello is late for the server', i, (next) => shutLate(at(next)), true)
  })

  system.devices.forEach((device, i) => {
    const { worker } = device
    if (!worker) {
      can('worker boots', i, (next) => boot(next, i))
      return
    }
    const { connection, successor } = worker.state
    if (!device.signedIn) {
      if (server.sessions) can('person logs in', i, (next) => logIn(next, i))
    } else if (connection.at === 'opening') {
      can('welcome is late', i, (next) => look(next, i, welcomeWithin))
    } else if (connection.at === 'closed' && connection.retry) {
      const { after } = connection.retry
      can('retry is due', i, (next) => look(next, i, after))
    }
    if (successor?.connection.at === 'opening')
      can("successor's welcome is late", i, (next) => lookAtSuccessor(next, i, welcomeWithin), true)
    if (successor?.connection.at === 'closed' && successor.connection.retry) {
      const { after } = successor.connection.retry
      can("successor's retry is due", i, (next) => lookAtSuccessor(next, i, after))
    }
    can('worker is killed', i, (next) => kill(next, i), true)
    if (!device.signedIn) return
    can('woke', i, (next) => dispatchToDevice(next, i, { type: 'woke' }), true)
    if (connection.at === 'open')
      can('doubted', i, (next) => dispatchToDevice(next, i, { type: 'doubted' }), true)
    if (connection.at === 'open') can('machine sleeps', i, (next) => sleep(next, i), true)
    can(
      'logs out and in',
      i,
      (next) => {
        dispatchToDevice(next, i, { type: 'unwanted' })
        dispatchToDevice(next, i, { type: 'wanted' })
      },
      true,
    )
  })

  can('time passes', -1, (next) => pass(next, tick))
  transitionsOfNodes(system, can)
  if (!server.storage)
    can('server can write again', -1, (next) => {
      next.server.storage = true
    })
  else can('server cannot write', -1, loseStorage, true)
  if (!server.sessions)
    can('sessions are good again', -1, (next) => {
      next.server.sessions = true
    })
  else can('session is revoked', -1, revoke, true)
  return transitions.filter(({ what, fault }) =>
    drains ? isOfDrains(what, system.faultsLeft) : system.faultsLeft > 0 || !fault,
  )
}

type Can = (what: string, who: number, act: (system: System) => void, fault?: boolean) => void

/** What can happen to each node, or by it. */
function transitionsOfNodes(system: System, can: Can): void {
  const { nodes } = system.server
  nodes.forEach((node, i) => {
    const at = (next: System) => next.server.nodes[i] as Node
    if (!node.up) {
      can('server starts', i, (next) => {
        at(next).up = true
      })
      return
    }
    can('server crashes', i, (next) => crash(next, at(next)), true)
    if (isReplaced(system, node))
      can('node hears that its device is elsewhere', i, (next) => replace(next, at(next)))
    if (nodes.length === 1) can('server says move', i, (next) => tellToMove(next, at(next)), true)
    else transitionsOfOneOfSeveral(system, node, i, can)
    for (const { connection } of liveDevices(node.leases, system.now))
      can(
        'ring is not acknowledged',
        Number(connection),
        (next) => void dispatchToNode(next, at(next), { kind: 'ring-unanswered', connection }),
        true,
      )
    const memory = [...node.leases.newest.values()][0]
    // T9 is for hellos that come within that time; what is older is lost.
    if (
      memory &&
      memory.goneSince !== null &&
      !system.connections.some(({ toServer }) => toServer[0]?.type === 'hello')
    )
      can('server forgets the newest connection', i, (next) => forget(next, at(next)))
  })
}

function transitionsOfOneOfSeveral(system: System, node: Node, i: number, can: Can): void {
  const at = (next: System) => next.server.nodes[i] as Node
  if (!node.bus)
    can('node has the bus again', i, (next) => {
      at(next).bus = true
    })
  else
    can(
      'node loses the bus',
      i,
      (next) => {
        at(next).bus = false
        dispatchToNode(next, at(next), { kind: 'routing-lost' })
      },
      true,
    )
  if (!node.drains)
    can(
      'node drains',
      i,
      (next) => {
        at(next).drains = true
        tellToMove(next, at(next))
      },
      true,
    )
  else if (!system.connections.some((one) => one.deviceHolds && one.serverHolds && one.node === i))
    can('node goes away', i, (next) => end(next, at(next)))
  else can('node goes away too soon', i, (next) => end(next, at(next)))
}

/** Whether a transition is of a service whose nodes are drained one after the other, and is in time. */
function isOfDrains(what: string, drainsLeft: number): boolean {
  if (what === 'node drains') return drainsLeft > 0
  return (
    what.includes(' hears ') ||
    what.startsWith('connection comes to node') ||
    [
      'worker boots',
      'person logs in',
      'node goes away',
      'retry is due',
      "successor's retry is due",
      'server finds that the connection is gone',
    ].includes(what)
  )
}

/** The system after a transition, whose `broken` says what was wrong with it. */
export function after(system: System, transition: Transition, mostConnections: number): System {
  const next = copyOf(system)
  if (transition.fault) next.faultsLeft -= 1
  transition.act(next)
  dropDead(next, mostConnections)
  return next
}

function breakOff(connection: Connection): void {
  connection.silent = true
  connection.toServer = []
  connection.toDevice = []
}

/** Lets time pass for everybody: each device looks at its clocks, the server's tick comes. */
export function pass(system: System, by: number): void {
  system.now += by
  tickAll(system)
  system.devices.forEach((_, i) => {
    dispatchToDevice(system, i, { type: 'look' })
  })
}

export function boot(system: System, index: number): void {
  const device = system.devices[index]
  if (!device) return
  device.worker = wakeUp()
  device.green = false
  if (device.signedIn) dispatchToDevice(system, index, { type: 'wanted' })
}

export function logIn(system: System, index: number): void {
  const device = system.devices[index]
  if (device) device.signedIn = true
  dispatchToDevice(system, index, { type: 'wanted' })
}

function kill(system: System, index: number): void {
  const device = system.devices[index]
  if (device) device.worker = null
  for (const connection of system.connections)
    if (connection.device === index && connection.deviceHolds) letGo(connection)
}

/** The clocks are looked at when what the connection waits for is so old. */
function look(system: System, index: number, age: number): void {
  const worker = system.devices[index]?.worker
  if (!worker) return
  const { connection } = worker.state
  const then = { mono: system.now - age, wall: system.now - age }
  worker.state = { ...worker.state, connection: since(connection, then) }
  dispatchToDevice(system, index, { type: 'look' })
}

/** The same of what its successor waits for. */
function lookAtSuccessor(system: System, index: number, age: number): void {
  const worker = system.devices[index]?.worker
  const successor = worker?.state.successor
  if (!worker || !successor) return
  const then = { mono: system.now - age, wall: system.now - age }
  worker.state = {
    ...worker.state,
    successor: { ...successor, connection: since(successor.connection, then) },
  }
  dispatchToDevice(system, index, { type: 'look' })
}

/** The same, waited for since that moment. */
function since(connection: ConnectionState, then: Instant): ConnectionState {
  if (connection.at === 'opening') return { ...connection, since: then }
  return connection.at === 'closed' && connection.retry
    ? { at: 'closed', retry: { ...connection.retry, from: then } }
    : connection
}

/** One machine sleeps while the others live on; what it finds first is that time has leapt. */
function sleep(system: System, index: number): void {
  system.now += sleepFor
  tickAll(system)
  dispatchToDevice(system, index, { type: 'doubted' })
  system.devices.forEach((_, i) => {
    dispatchToDevice(system, i, { type: 'look' })
  })
}

function loseStorage(system: System): void {
  system.server.storage = false
  for (const node of system.server.nodes) dispatchToNode(system, node, { kind: 'storage-lost' })
}

function revoke(system: System): void {
  system.server.sessions = false
  for (const node of system.server.nodes)
    for (const connection of node.leases.connections.keys())
      dispatchToNode(system, node, { kind: 'session-ended', connection, why: 'sessionEnded' })
}

function forget(system: System, node: Node): void {
  const { leases } = node
  const newest = new Map(
    [...leases.newest].map(([device, { order }]) => [
      device,
      { order, goneSince: system.now - stragglesFor },
    ]),
  )
  node.leases = { ...leases, newest }
  dispatchToNode(system, node, { kind: 'tick' })
  if (system.server.newest?.gone) system.server.newest = null
}

/**
 * Makes systems alike that differ in nothing that matters. How long a connection has been opening or a retry been waited
 * for, how long ago a server asked to move, and how long the server remembers, is left to transitions of their own, so
 * their clocks stand still here; how many connections failed, or moves were asked, matters for nothing but the wait before
 * the next, which the recovery takes to be the longest.
 */
function dropDead(system: System, mostConnections: number): void {
  const now = { mono: system.now, wall: system.now }
  for (const [index, device] of system.devices.entries()) {
    const { worker } = device
    if (worker) {
      const { connection, successor, moved } = worker.state
      worker.state = {
        ...worker.state,
        failures: 0,
        connection: since(connection, now),
        successor: successor && { ...successor, failures: 0, connection: since(successor.connection, now) },
        moved: moved && { at: now, before: 0 },
      }
    }
    const wrong = worker !== null && device.green && !wouldRing(system, index)
    device.wrongSince = wrong ? (device.wrongSince ?? system.now) : null
  }
  forgetNothing(system)
  dropEnded(system)
  while (system.connections.length > mostConnections) {
    const oldest = system.connections.find(({ deviceHolds }) => !deviceHolds)
    if (!oldest) break
    notice(system, oldest)
    dropEnded(system)
  }
}

function forgetNothing({ server, now }: System): void {
  for (const node of server.nodes) {
    const { leases } = node
    const aged = [...leases.newest].some(([, { goneSince }]) => goneSince !== null && goneSince !== now)
    if (!aged) continue
    const newest = new Map(
      [...leases.newest].map(([device, { order, goneSince }]) => [
        device,
        { order, goneSince: goneSince === null ? null : now },
      ]),
    )
    node.leases = { ...leases, newest }
  }
}

function dropEnded(system: System): void {
  const { connections } = system
  for (let i = connections.length - 1; i >= 0; i -= 1)
    if (!connections[i]?.deviceHolds && !connections[i]?.serverHolds) connections.splice(i, 1)
}
