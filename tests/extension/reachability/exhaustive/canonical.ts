import type { System } from './system.ts'

/**
 * Two systems with the same text behave alike: moments are told as ages, boot and connection numbers by their order (up to
 * gaps that a copy could still fill), names of connections by their place.
 */
export function canonical(system: System): string {
  const age = (moment: number | null) => (moment === null ? '-' : String(system.now - moment))
  const boots = ranks(system.devices.length, bootsOf(system))
  const connections = connectionsByBoot(system)
  const rank = (boot: number | null, n: number) => connections.get(boot ?? -1)?.get(n) ?? '?'
  let text = `${system.faultsLeft}${Number(system.server.up)}${Number(system.server.storage)}${Number(system.server.sessions)}`

  for (const { worker, signedIn, keptBoot, green, wrongSince } of system.devices) {
    text += `|${Number(signedIn)}${Number(green)}${boots.get(keptBoot)}${age(wrongSince)}`
    if (!worker) continue
    const { wanted, reason, newest, yields, connection } = worker.state
    text += `${Number(wanted)}${reason ?? ''}${Number(yields)}`
    text += `b${boots.get(worker.boot ?? -1) ?? ''},${boots.get(worker.least) ?? ''},${rank(worker.boot, newest)}`
    if (connection.at === 'closed') text += `c${connection.retry?.after ?? ''}`
    if (connection.at === 'opening') text += 'o'
    if (connection.at === 'open') {
      const { heartbeat, lease } = connection
      text += `l${age(heartbeat.sentAt.mono)}${Number(heartbeat.answered)}`
      if (lease) text += `:${age(lease.sentAt.mono)}/${lease.lasts}`
    }
  }

  for (const connection of system.connections) {
    const { name, device, order, toServer, toDevice, deviceHolds, serverHolds, silent } = connection
    const worker = system.devices[device]?.worker
    const own =
      worker && deviceHolds && worker.state.connection.at === 'open'
        ? worker.state.connection.heartbeat.n
        : null
    const held = system.server.leases.connections.get(name)
    const numbers = [...toServer, ...toDevice].flatMap((message) => ('n' in message ? [message.n] : []))
    const last = Math.max(own ?? 0, held?.n ?? 0, ...numbers)
    text += `/${device}${Number(deviceHolds)}${Number(serverHolds)}${Number(silent)}`
    if (order) text += `${boots.get(order.boot)}.${rank(order.boot, order.n)}`
    if (own !== null) text += `n${last - own}`
    if (held) text += `h${held.n === null ? '-' : last - held.n}${age(held.until)}`
    for (const message of toServer) {
      if (message.type === 'heartbeat') text += `b${last - message.n}`
      else text += message.type === 'hello' ? `h${Number(message.takeOver)}` : 'c'
    }
    text += '>'
    for (const message of toDevice) {
      if (message.type === 'lease' || message.type === 'no-lease')
        text += `${message.type}${last - message.n}`
      else if (message.type === 'outranked') text += `x${boots.get(message.boot)}${Number(message.live)}`
      else text += message.type === 'closed' ? message.after : message.type
    }
  }

  for (const { order, goneSince } of system.server.leases.newest.values())
    text += `~${boots.get(order.boot)}.${rank(order.boot, order.n)}${age(goneSince)}`
  return text
}

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
  for (const { order } of system.server.leases.newest.values()) yield order.boot
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
  for (const { order } of system.server.leases.newest.values()) note(order.boot, order.n)
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
