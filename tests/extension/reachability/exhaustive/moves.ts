import { welcomeWithin } from '../../../../protocol/timing.ts'
import { anyRanOut, liveDevices, stragglesFor } from '../../../../server/presence/leases.ts'
import { happen, hearAtDevice, letGo } from './device-part.ts'
import { crash, dispatch, hearAtServer, notice, shutLate } from './server-part.ts'
import { type Connection, copyOf, currentOf, tick, type World, wakeUp, wouldRing } from './world.ts'

/** Something that can happen next. `who` is the number of a connection or of a device. */
export interface Move {
  readonly what: string
  readonly who: number
  /** Whether it is a fault, of which there are only so many. */
  readonly fault: boolean
  readonly act: (world: World) => void
}

/** Longer than any heartbeat's answer may take: a machine that slept. */
const sleepFor = 10 * tick

/** Everything that can happen in a world, in an order that is always the same. */
export function movesOf(world: World): readonly Move[] {
  const moves: Move[] = []
  const can = (what: string, who: number, act: (world: World) => void, fault = false) =>
    moves.push({ what, who, act, fault })
  const { server } = world

  world.connections.forEach((connection, i) => {
    const { deviceHolds, serverHolds, silent, toServer, toDevice, order } = connection
    const at = (world: World) => world.connections[i] as Connection
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

  world.devices.forEach((device, i) => {
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
    can('woke', i, (next) => happen(next, i, { type: 'woke' }), true)
    if (connection.at === 'open') can('doubted', i, (next) => happen(next, i, { type: 'doubted' }), true)
    if (connection.at === 'open') can('machine sleeps', i, (next) => sleep(next, i), true)
    can(
      'logs out and in',
      i,
      (next) => {
        happen(next, i, { type: 'unwanted' })
        happen(next, i, { type: 'wanted' })
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
  for (const { connection } of liveDevices(server.leases, world.now))
    can(
      'ring is not acknowledged',
      Number(connection),
      (next) => void dispatch(next, { kind: 'ring-unanswered', connection }),
      true,
    )
  const memory = [...server.leases.newest.values()][0]
  // T9 is for hellos that come within that time; what is older is lost.
  if (
    memory &&
    memory.goneSince !== null &&
    !world.connections.some(({ toServer }) => toServer[0]?.type === 'hello')
  )
    can('server forgets the newest connection', -1, forget)
  return world.faultsLeft > 0 ? moves : moves.filter(({ fault }) => !fault)
}

/** The world after a move, whose `broken` says what was wrong with it. */
export function after(world: World, move: Move, mostConnections: number): World {
  const next = copyOf(world)
  if (move.fault) next.faultsLeft -= 1
  move.act(next)
  tidy(next, mostConnections)
  return next
}

function breakOff(connection: Connection): void {
  connection.silent = true
  connection.toServer = []
  connection.toDevice = []
}

/** Lets time pass for everybody: each device looks at its clocks, the server sweeps. */
export function pass(world: World, by: number): void {
  world.now += by
  if (anyRanOut(world.server.leases, world.now)) dispatch(world, { kind: 'looked' })
  world.devices.forEach((_, i) => {
    happen(world, i, { type: 'look' })
  })
}

export function boot(world: World, index: number): void {
  const device = world.devices[index]
  if (!device) return
  device.worker = wakeUp()
  device.green = false
  if (device.signedIn) happen(world, index, { type: 'wanted' })
}

export function logIn(world: World, index: number): void {
  const device = world.devices[index]
  if (device) device.signedIn = true
  happen(world, index, { type: 'wanted' })
}

function kill(world: World, index: number): void {
  const device = world.devices[index]
  if (device) device.worker = null
  const connection = currentOf(world, index)
  if (connection) letGo(connection)
}

/** The clocks are looked at when what the connection waits for is so old. */
function look(world: World, index: number, age: number): void {
  const worker = world.devices[index]?.worker
  if (!worker) return
  const { connection } = worker.state
  const then = { mono: world.now - age, wall: world.now - age }
  if (connection.at === 'opening')
    worker.state = { ...worker.state, connection: { ...connection, since: then } }
  if (connection.at === 'closed' && connection.retry)
    worker.state = {
      ...worker.state,
      connection: { at: 'closed', retry: { ...connection.retry, from: then } },
    }
  happen(world, index, { type: 'look' })
}

/** One machine sleeps while the others live on; what it finds first is that time has leapt. */
function sleep(world: World, index: number): void {
  world.now += sleepFor
  if (anyRanOut(world.server.leases, world.now)) dispatch(world, { kind: 'looked' })
  happen(world, index, { type: 'doubted' })
  world.devices.forEach((_, i) => {
    happen(world, i, { type: 'look' })
  })
}

function loseStorage(world: World): void {
  world.server.storage = false
  dispatch(world, { kind: 'storage-lost' })
}

function revoke(world: World): void {
  world.server.sessions = false
  for (const connection of world.server.leases.connections.keys())
    dispatch(world, { kind: 'session-ended', connection })
}

function forget(world: World): void {
  const { leases } = world.server
  const newest = new Map(
    [...leases.newest].map(([device, { order }]) => [device, { order, goneSince: world.now - stragglesFor }]),
  )
  world.server.leases = { ...leases, newest }
  dispatch(world, { kind: 'looked' })
}

/**
 * Makes worlds alike that differ in nothing that matters. How long a connection has been opening or a retry been waited
 * for, and how long the server remembers, is left to moves of their own, so their clocks stand still here; how many
 * connections failed matters for nothing but the wait before the next, which the mending takes to be the longest.
 */
function tidy(world: World, mostConnections: number): void {
  const now = { mono: world.now, wall: world.now }
  for (const [index, device] of world.devices.entries()) {
    const { worker } = device
    const connection = worker?.state.connection
    if (worker && connection?.at === 'opening' && connection.since.mono !== world.now)
      worker.state = { ...worker.state, connection: { ...connection, since: now } }
    if (worker && connection?.at === 'closed' && connection.retry && connection.retry.from.mono !== world.now)
      worker.state = {
        ...worker.state,
        connection: { at: 'closed', retry: { ...connection.retry, from: now } },
      }
    if (worker && worker.state.failures > 0) worker.state = { ...worker.state, failures: 0 }
    const wrong = worker !== null && device.green && !wouldRing(world, index)
    device.wrongSince = wrong ? (device.wrongSince ?? world.now) : null
  }
  forgetNothing(world)
  dropEnded(world)
  while (world.connections.length > mostConnections) {
    const oldest = world.connections.find(({ deviceHolds }) => !deviceHolds)
    if (!oldest) break
    notice(world, oldest)
    dropEnded(world)
  }
}

function forgetNothing({ server, now }: World): void {
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

function dropEnded(world: World): void {
  const { connections } = world
  for (let i = connections.length - 1; i >= 0; i -= 1)
    if (!connections[i]?.deviceHolds && !connections[i]?.serverHolds) connections.splice(i, 1)
}
