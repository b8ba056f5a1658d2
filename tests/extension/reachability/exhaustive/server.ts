import { type CloseReason, closeCodes } from '../../../../protocol/close-codes.ts'
import {
  emptyLeases,
  type LeaseEffect,
  type LeaseEvent,
  reduceLeases,
} from '../../../../server/presence/lease-reducer.ts'
import { type Connection, type System, type ToDevice, type ToServer, timing } from './system.ts'

/** Lets an event happen to the person's leases, and does what follows from it as `presence.ts` and `connected-people.ts` do. */
export function dispatchToServer(system: System, event: LeaseEvent): readonly LeaseEffect[] {
  const [leases, effects] = reduceLeases(system.server.leases, event, system.now)
  system.server.leases = leases
  for (const effect of effects) carryOut(system, event, effect)
  return effects
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
      say(connection, { type: 'no-lease', n: effect.n })
      break
    case 'outrank':
      say(connection, { type: 'outranked', boot: effect.boot, live: effect.live })
      break
    case 'close':
      if (effect.why === 'replaced' && event.kind === 'opened') checkOrder(system, connection, event.order)
      shut(connection, effect.why)
      break
    default:
      effect satisfies never
  }
}

/** T9: a connection is replaced by a newer one only. */
function checkOrder(system: System, old: Connection, by: { boot: number; n: number }): void {
  const { order } = old
  if (!order || by.boot < order.boot || (by.boot === order.boot && by.n <= order.n))
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
  if (!message) return
  const { name } = connection
  switch (message.type) {
    case 'hello':
      hearHello(system, connection, message)
      break
    case 'heartbeat': {
      const { n } = message
      const { leaseFor } = timing
      if (system.server.storage)
        dispatchToServer(system, { kind: 'heartbeat', connection: name, n, arrived: system.now, leaseFor })
      else dispatchToServer(system, { kind: 'heartbeat-refused', connection: name, n })
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
  hello: Extract<ToServer, { type: 'hello' }>,
): void {
  const { name } = connection
  const { order, takeOver } = hello
  if (system.server.sessions) {
    const effects = dispatchToServer(system, {
      kind: 'opened',
      connection: name,
      device: 'd',
      order,
      takeOver,
    })
    if (!effects.some((effect) => effect.kind === 'close' && effect.connection === name))
      say(connection, { type: 'welcome' })
  } else shut(connection, 'sessionEnded')
}

/** The server finds that a connection is gone. */
export function notice(system: System, connection: Connection): void {
  connection.serverHolds = false
  connection.toServer = []
  dispatchToServer(system, { kind: 'closed', connection: connection.name })
}

/** The process dies; its sockets break. */
export function crash(system: System): void {
  for (const connection of system.connections)
    if (connection.serverHolds) {
      say(connection, { type: 'closed', after: 'retry' })
      connection.serverHolds = false
      connection.toServer = []
    }
  system.server.up = false
  system.server.leases = emptyLeases
}
