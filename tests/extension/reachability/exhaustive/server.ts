import { type CloseReason, closeCodes } from '../../../../protocol/close-codes.ts'
import type { ConnectionOrder } from '../../../../protocol/connection.ts'
import { countsAsLive, decideClaim, isGrantedUnasked } from '../../../../server/presence/decide-claim.ts'
import {
  anyRanOut,
  compareOrders,
  emptyLeases,
  type LeaseEffect,
  type LeaseEvent,
  liveDevices,
  reduceLeases,
} from '../../../../server/presence/lease-reducer.ts'
import {
  type Connection,
  type Node,
  nodeOf,
  type System,
  type ToDevice,
  type ToServer,
  timing,
} from './system.ts'

/** Lets an event happen to the person's leases at a node, and does what follows from it as `presence.ts` and `connected-people.ts` do. */
export function dispatchToNode(system: System, node: Node, event: LeaseEvent): readonly LeaseEffect[] {
  const [leases, effects] = reduceLeases(node.leases, event, system.now)
  node.leases = leases
  for (const effect of effects) carryOut(system, event, effect)
  return effects
}

/** Each node looks whether a lease ran out. */
export function tickAll(system: System): void {
  for (const node of system.server.nodes)
    if (anyRanOut(node.leases, system.now)) dispatchToNode(system, node, { kind: 'tick' })
}

function carryOut(system: System, event: LeaseEvent, effect: LeaseEffect): void {
  if (effect.kind === 'unreachable') return
  const connection = system.connections.find(({ name }) => name === effect.connection)
  if (!connection) return
  switch (effect.kind) {
    case 'grant':
      say(connection, { type: 'lease', n: effect.n, leaseFor: effect.leaseFor })
      break
    case 'refuse':
      say(connection, { type: 'no-lease', n: effect.n, why: effect.why })
      break
    case 'outrank':
      say(connection, { type: 'outranked', boot: effect.boot, live: effect.live })
      break
    case 'close':
      if (effect.why === 'replaced' && (event.kind === 'opened' || event.kind === 'replaced'))
        checkOrder(system, connection, event.order)
      shut(connection, effect.why)
      break
    default:
      effect satisfies never
  }
}

/** T9: a connection is replaced by a newer one only. */
function checkOrder(system: System, old: Connection, by: ConnectionOrder): void {
  const { order } = old
  if (!order || compareOrders(by, order) <= 0)
    system.broken = `connection ${order?.boot}.${order?.n} was replaced by the older ${by.boot}.${by.n}`
}

const say = (connection: Connection, message: ToDevice) => {
  if (connection.serverHolds && connection.deviceHolds && !connection.silent)
    connection.toDevice.push(message)
}

function shut(connection: Connection, why: CloseReason): void {
  say(connection, { type: 'closed', after: closeCodes[why].device })
  connection.serverHolds = false
  connection.toServer = []
}

/** The server closes a connection by itself: its hello is late. */
export const shutLate = (connection: Connection) => shut(connection, 'helloLate')

/** The first message under way to the server arrives there. */
export function hearAtServer(system: System, connection: Connection): void {
  const message = connection.toServer.shift()
  const node = nodeOf(system, connection)
  if (!message || !node) return
  const { name } = connection
  switch (message.type) {
    case 'hello':
      hearHello(system, connection, node, message)
      break
    case 'heartbeat': {
      const { n } = message
      const { leaseFor } = timing
      if (!node.bus)
        dispatchToNode(system, node, { kind: 'heartbeat-refused', connection: name, n, cause: 'routing' })
      else if (!system.server.storage)
        dispatchToNode(system, node, { kind: 'heartbeat-refused', connection: name, n })
      else
        dispatchToNode(system, node, {
          kind: 'heartbeat',
          connection: name,
          n,
          arrived: system.now,
          leaseFor,
        })
      break
    }
    case 'closed':
      notice(system, connection)
      break
    default:
      message satisfies never
  }
}

function hearHello(
  system: System,
  connection: Connection,
  node: Node,
  hello: Extract<ToServer, { type: 'hello' }>,
): void {
  const { name } = connection
  const { order } = hello
  if (!system.server.sessions) {
    shut(connection, 'sessionEnded')
    return
  }
  const takeOver = claim(system, connection, node, hello)
  if (takeOver === null) return
  const effects = dispatchToNode(system, node, {
    kind: 'opened',
    connection: name,
    device: 'd',
    order,
    takeOver,
  })
  if (effects.some((effect) => effect.kind === 'close' && effect.connection === name)) return
  say(connection, { type: 'welcome' })
  if (node.drains) say(connection, { type: 'move' })
}

/**
 * Asks the record whether the connection may be its device's, as `connection-order.ts` does of several nodes.
 *
 * @returns whether it may replace one of this node that holds a lease; null where it was refused.
 */
function claim(
  system: System,
  connection: Connection,
  node: Node,
  { order, takeOver }: Extract<ToServer, { type: 'hello' }>,
): boolean | null {
  const { server, now } = system
  if (server.nodes.length === 1) return takeOver
  if (!server.storage) {
    shut(connection, 'tooMany')
    return null
  }
  const { newest } = server
  const asked = { order, takeOver }
  const isLiveAt = (one: Node) => {
    const answers = one === node || (one.up && one.bus && node.bus)
    return countsAsLive(answers ? liveDevices(one.leases, now).length > 0 : undefined, asked, one.up)
  }
  const live = !isGrantedUnasked(asked, newest?.order) && server.nodes.some(isLiveAt)
  const decided = decideClaim(asked, newest?.order, live)
  if (decided.kind === 'outranked') {
    say(connection, { type: 'outranked', boot: decided.boot, live })
    shut(connection, 'superseded')
    return null
  }
  server.newest = { order, connection: connection.name, node: server.nodes.indexOf(node), gone: false }
  return decided.takeOver
}

/** Whether a node could hear that its device has a lease by a newer connection at another. */
export function isReplaced(system: System, node: Node): boolean {
  const { server, now } = system
  const { newest } = server
  const there = newest && server.nodes[newest.node]
  if (!newest || newest.gone || !there || there === node || !node.up || !node.bus || !there.bus) return false
  return node.leases.connections.size > 0 && liveDevices(there.leases, now).length > 0
}

/** And it does, by a message or by its look at sessions. */
export function replace(system: System, node: Node): void {
  const { newest } = system.server
  if (newest)
    dispatchToNode(system, node, {
      kind: 'replaced',
      device: 'd',
      by: newest.connection,
      order: newest.order,
    })
}

/** The server finds that a connection is gone. */
export function notice(system: System, connection: Connection): void {
  const node = nodeOf(system, connection)
  connection.serverHolds = false
  connection.toServer = []
  if (node) dispatchToNode(system, node, { kind: 'closed', connection: connection.name })
  const { newest } = system.server
  if (newest?.connection === connection.name) system.server.newest = { ...newest, gone: true }
}

/** The process dies; its sockets break. */
export function crash(system: System, node: Node): void {
  end(system, node)
  node.up = false
}

/** The process ends, and another is in its place, which takes connections. */
export function end(system: System, node: Node): void {
  for (const connection of system.connections)
    if (connection.serverHolds && nodeOf(system, connection) === node) {
      say(connection, { type: 'closed', after: 'retry' })
      connection.serverHolds = false
      connection.toServer = []
    }
  node.leases = emptyLeases
  node.drains = false
}

/** Whoever was welcomed there is told to move. */
export function tellToMove(system: System, node: Node): void {
  for (const connection of system.connections)
    if (node.leases.connections.has(connection.name)) say(connection, { type: 'move' })
}
