import { numberOf, type Reachability } from '../../../../entrypoints/background/reachability/state.ts'
import type { ConnectionOrder } from '../../../../protocol/connection.ts'
import { heldAs, nodeOf, type System } from './system.ts'

/**
 * Two systems with the same text behave alike: moments are told as ages, boot and connection numbers by their order (up to
 * gaps that a copy could still fill), names of connections by their place.
 */
export function canonical(system: System): string {
  const age = (moment: number | null) => (moment === null ? '-' : String(system.now - moment))
  const boots = ranks(system.devices.length, bootsOf(system))
  const connections = connectionsByBoot(system)
  const rank = (boot: number | null, n: number) => connections.get(boot ?? -1)?.get(n) ?? '?'
  const { server } = system
  let text = `${system.faultsLeft}${Number(server.storage)}${Number(server.sessions)}`
  for (const { up, bus, drains } of server.nodes) text += `,${Number(up)}${Number(bus)}${Number(drains)}`

  for (const [d, { worker, signedIn, keptBoot, green, wrongSince }] of system.devices.entries()) {
    text += `|${Number(signedIn)}${Number(green)}${boots.get(keptBoot)}${age(wrongSince)}`
    if (!worker) continue
    const { wanted, reason, newest, yields, connection, successor, overtaken, moved } = worker.state
    text += `${Number(wanted)}${reason ?? ''}${Number(yields)}${Number(overtaken)}${Number(moved !== null)}`
    text += `b${boots.get(worker.boot ?? -1) ?? ''},${boots.get(worker.least) ?? ''},${rank(worker.boot, newest)}`
    for (const one of [connection, successor?.connection]) {
      if (!one) continue
      const number = numberOf(one)
      // Which of the two it is: a name of a connection is a place.
      const its = heldAs(system, d, number)
      text += its ? `;${system.connections.indexOf(its)}` : ';'
      if (one.at === 'closed') text += `c${one.retry?.after ?? ''}`
      if (one.at === 'opening') text += 'o'
      if (one.at === 'open') {
        const { heartbeat, lease } = one
        text += `l${age(heartbeat.sentAt.mono)}${Number(heartbeat.answered)}`
        if (lease) text += `:${age(lease.sentAt.mono)}/${lease.lasts}`
      }
    }
    if (successor) text += `s${Number(successor.leaves)}${Number(successor.isFirst)}`
  }

  for (const connection of system.connections) {
    const { name, number, device, order, node, toServer, toDevice, deviceHolds, serverHolds, silent } =
      connection
    const worker = system.devices[device]?.worker
    const own = worker && deviceHolds ? heartbeatOn(worker.state, number) : null
    const held = nodeOf(system, connection)?.leases.connections.get(name)
    const numbers = [...toServer, ...toDevice].flatMap((message) => ('n' in message ? [message.n] : []))
    const last = Math.max(own ?? 0, held?.n ?? 0, ...numbers)
    text += `/${device}${node ?? '-'}${Number(deviceHolds)}${Number(serverHolds)}${Number(silent)}`
    if (order) text += `${boots.get(order.boot)}.${rank(order.boot, order.n)}`
    if (own !== null) text += `n${last - own}`
    if (held) text += `h${held.n === null ? '-' : last - held.n}${age(held.until)}`
    for (const message of toServer) {
      if (message.type === 'heartbeat') text += `b${last - message.n}`
      else text += message.type === 'hello' ? `h${Number(message.takeOver)}` : 'c'
    }
    text += '>'
    for (const message of toDevice) {
      if (message.type === 'lease') text += `lease${last - message.n}`
      else if (message.type === 'no-lease') text += `no-${message.why}${last - message.n}`
      else if (message.type === 'outranked') text += `x${boots.get(message.boot)}${Number(message.live)}`
      else text += message.type === 'closed' ? message.after : message.type
    }
  }

  for (const { leases } of server.nodes) {
    text += '~'
    for (const { order, goneSince } of leases.newest.values())
      text += `${boots.get(order.boot)}.${rank(order.boot, order.n)}${age(goneSince)}`
  }
  if (server.newest) {
    const { order, node, gone, connection } = server.newest
    text += `!${boots.get(order.boot)}.${rank(order.boot, order.n)}${node}${Number(gone)}`
    text += system.connections.findIndex(({ name }) => name === connection)
  }
  return text
}

/** The number of the newest heartbeat on a connection of the worker's, if it is open. */
function heartbeatOn({ connection, successor }: Reachability, number: number): number | null {
  const one = [connection, successor?.connection].find((it) => it?.at === 'open' && it.number === number)
  return one?.at === 'open' ? one.heartbeat.n : null
}

/** The orders of connections that the nodes, and their record, remember. */
const ordersOf = ({ server: { nodes, newest } }: System): ConnectionOrder[] => [
  ...nodes.flatMap(({ leases }) => [...leases.newest.values()].map(({ order }) => order)),
  ...(newest ? [newest.order] : []),
]

function* bootsOf(system: System): Iterable<number> {
  for (const { keptBoot, worker } of system.devices) {
    yield keptBoot
    if (worker) yield worker.least
    if (worker && worker.boot !== null) yield worker.boot
  }
  for (const { order, toDevice } of system.connections) {
    if (order) yield order.boot
    for (const message of toDevice) if (message.type === 'outranked') yield message.boot
  }
  for (const { boot } of ordersOf(system)) yield boot
}

/** The ranks of connection numbers among those of their boot; -1 stands for workers that have not said hello yet. */
function connectionsByBoot(system: System): Map<number, Map<number, number>> {
  const all = new Map<number, number[]>()
  const note = (boot: number, n: number) => {
    const known = all.get(boot)
    if (known) known.push(n)
    else all.set(boot, [n])
  }
  for (const { worker } of system.devices) if (worker) note(worker.boot ?? -1, worker.state.newest)
  for (const { order } of system.connections) if (order) note(order.boot, order.n)
  for (const { boot, n } of ordersOf(system)) note(boot, n)
  return new Map([...all].map(([boot, numbers]) => [boot, ranks(system.devices.length, numbers)]))
}

/** Numbers by their order; between those of copies, a gap that one of them could fill counts too. */
function ranks(copies: number, numbers: Iterable<number>): Map<number, number> {
  const widest = copies > 1 ? 3 : 1
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const ranked = new Map<number, number>()
  let rank = 0
  let before = sorted[0] ?? 0
  for (const number of sorted) {
    rank += Math.min(widest, number - before)
    before = number
    ranked.set(number, rank)
  }
  return ranked
}
