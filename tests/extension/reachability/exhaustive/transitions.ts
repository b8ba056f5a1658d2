import { welcomeWithin } from '../../../../protocol/timing.ts'
import { anyRanOut, liveDevices, stragglesFor } from '../../../../server/presence/lease-reducer.ts'
import { dispatchToDevice, hearAtDevice, letGo } from './device.ts'
import { crash, dispatchToServer, hearAtServer, notice, shutLate } from './server.ts'
import { type Connection, copyOf, currentOf, type System, tick, wakeUp, wouldRing } from './system.ts'

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

/** Everything that can happen in a system, in an order that is always the same. */
export function transitionsOf(system: System): readonly Transition[] {
  const transitions: Transition[] = []
  const can = (what: string, who: number, act: (system: System) => void, fault = false) =>
    transitions.push({ what, who, act, fault })
  const { server } = system

  system.connections.forEach((connection, i) => {
    const { deviceHolds, serverHolds, silent, toServer, toDevice, order } = connection
    const at = (system: System) => system.connections[i] as Connection
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
      !server.leases.connections.has(connection.name) &&
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
    const connection = worker.state.connection
    if (!device.signedIn) {
      if (server.sessions) can('person logs in', i, (next) => logIn(next, i))
    } else if (connection.at === 'opening') {
      can('welcome is late', i, (next) => look(next, i, welcomeWithin))
    } else if (connection.at === 'closed' && connection.retry) {
      const { after } = connection.retry
      can('retry is due', i, (next) => look(next, i, after))
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
  if (!server.up)
    can('server starts', -1, (next) => {
      next.server.up = true
    })
  else can('server crashes', -1, crash, true)
  if (!server.storage)
    can('server can write again', -1, (next) => {
      next.server.storage = true
    })
  else if (server.up) can('server cannot write', -1, loseStorage, true)
  if (!server.sessions)
    can('sessions are good again', -1, (next) => {
      next.server.sessions = true
    })
  else if (server.up) can('session is revoked', -1, revoke, true)
  for (const { connection } of liveDevices(server.leases, system.now))
    can(
      'ring is not acknowledged',
      Number(connection),
      (next) => void dispatchToServer(next, { kind: 'ring-unanswered', connection }),
      true,
    )
  const memory = [...server.leases.newest.values()][0]
  // T9 is for hellos that come within that time; what is older is lost.
  if (
    memory &&
    memory.goneSince !== null &&
    !system.connections.some(({ toServer }) => toServer[0]?.type === 'hello')
  )
    can('server forgets the newest connection', -1, forget)
  return system.faultsLeft > 0 ? transitions : transitions.filter(({ fault }) => !fault)
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
  if (anyRanOut(system.server.leases, system.now)) dispatchToServer(system, { kind: 'tick' })
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
  const connection = currentOf(system, index)
  if (connection) letGo(connection)
}

/** The clocks are looked at when what the connection waits for is so old. */
function look(system: System, index: number, age: number): void {
  const worker = system.devices[index]?.worker
  if (!worker) return
  const { connection } = worker.state
  const then = { mono: system.now - age, wall: system.now - age }
  if (connection.at === 'opening')
    worker.state = { ...worker.state, connection: { ...connection, since: then } }
  if (connection.at === 'closed' && connection.retry)
    worker.state = {
      ...worker.state,
      connection: { at: 'closed', retry: { ...connection.retry, from: then } },
    }
  dispatchToDevice(system, index, { type: 'look' })
}

/** One machine sleeps while the others live on; what it finds first is that time has leapt. */
function sleep(system: System, index: number): void {
  system.now += sleepFor
  if (anyRanOut(system.server.leases, system.now)) dispatchToServer(system, { kind: 'tick' })
  dispatchToDevice(system, index, { type: 'doubted' })
  system.devices.forEach((_, i) => {
    dispatchToDevice(system, i, { type: 'look' })
  })
}

function loseStorage(system: System): void {
  system.server.storage = false
  dispatchToServer(system, { kind: 'storage-lost' })
}

function revoke(system: System): void {
  system.server.sessions = false
  for (const connection of system.server.leases.connections.keys())
    dispatchToServer(system, { kind: 'session-ended', connection, why: 'sessionEnded' })
}

function forget(system: System): void {
  const { leases } = system.server
  const newest = new Map(
    [...leases.newest].map(([device, { order }]) => [
      device,
      { order, goneSince: system.now - stragglesFor },
    ]),
  )
  system.server.leases = { ...leases, newest }
  dispatchToServer(system, { kind: 'tick' })
}

/**
 * Makes systems alike that differ in nothing that matters. How long a connection has been opening or a retry been waited
 * for, and how long the server remembers, is left to transitions of their own, so their clocks stand still here; how many
 * connections failed matters for nothing but the wait before the next, which the recovery takes to be the longest.
 */
function dropDead(system: System, mostConnections: number): void {
  const now = { mono: system.now, wall: system.now }
  for (const [index, device] of system.devices.entries()) {
    const { worker } = device
    const connection = worker?.state.connection
    if (worker && connection?.at === 'opening' && connection.since.mono !== system.now)
      worker.state = { ...worker.state, connection: { ...connection, since: now } }
    if (
      worker &&
      connection?.at === 'closed' &&
      connection.retry &&
      connection.retry.from.mono !== system.now
    )
      worker.state = {
        ...worker.state,
        connection: { at: 'closed', retry: { ...connection.retry, from: now } },
      }
    if (worker && worker.state.failures > 0) worker.state = { ...worker.state, failures: 0 }
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
  const { leases } = server
  const aged = [...leases.newest].some(([, { goneSince }]) => goneSince !== null && goneSince !== now)
  if (!aged) return
  const newest = new Map(
    [...leases.newest].map(([device, { order, goneSince }]) => [
      device,
      { order, goneSince: goneSince === null ? null : now },
    ]),
  )
  server.leases = { ...leases, newest }
}

function dropEnded(system: System): void {
  const { connections } = system
  for (let i = connections.length - 1; i >= 0; i -= 1)
    if (!connections[i]?.deviceHolds && !connections[i]?.serverHolds) connections.splice(i, 1)
}
