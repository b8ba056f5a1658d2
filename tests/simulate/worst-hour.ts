import type { Instant } from '../../entrypoints/background/clocks.ts'
import type { ReachabilityEvent } from '../../entrypoints/background/reachability/events.ts'
import { reduce } from '../../entrypoints/background/reachability/reachability-reducer.ts'
import { atRest, numberOf, type Reachability } from '../../entrypoints/background/reachability/state.ts'
import { verdict } from '../../entrypoints/background/reachability/verdict.ts'
import { defaultTiming, helloWithin, welcomeWithin } from '../../protocol/timing.ts'
import {
  emptyLeases,
  type LeaseEvent,
  type Leases,
  reduceLeases,
} from '../../server/presence/lease-reducer.ts'
import { EventWheel } from './event-wheel.ts'
import { createStation, PerSecond } from './station.ts'

/** What the service is made of, and what each thing costs it. `costs.ts` says where the figures come from. */
export interface Service {
  readonly nodes: number
  /** Of a node's one thread, ms. */
  readonly acceptCost: number
  readonly helloCost: number
  readonly heartbeatCost: number
  readonly healthCost: number
  readonly closeCost: number
  /** A hello's part of PostgreSQL, ms of one core; how many it has; and in how many transactions a hello asks it. */
  readonly databaseCost: number
  readonly databaseCores: number
  readonly transactionsPerHello: number
  /** New TLS connections that all balancers together take in a second. */
  readonly handshakesPerSecond: number
  /** A node that is behind by more ms would take no new connection. No server does that today: without it, infinite. */
  readonly shedAfter: number
}

export interface WorstHour {
  readonly devices: number
  readonly seed: number
  /** For so long nothing gets through, ms. */
  readonly outage: number
  readonly service: Service
  /** Who is not green so long after the return is told as never, ms. */
  readonly longest?: number
  /** Called once a simulated second. */
  readonly onSecond?: (second: { readonly at: number; readonly green: number }) => void
}

export interface WorstHourResult {
  /** ms after the network's return until so large a part was green; undefined where it never was. */
  readonly half: number | undefined
  readonly most: number | undefined
  readonly all: number | undefined
  /** ms from the loss until the last green was over. */
  readonly lastGreenAfterLoss: number
  /** Greens that were found without a lease at a node: none is right. */
  readonly falseGreens: number
  /** Devices that had been green again and were not at the end. */
  readonly fellBack: number
  readonly handshakes: Counted
  readonly hellos: Counted
  /** Hellos that were dealt with though their device had given up. */
  readonly wastedHellos: number
  readonly lateHellos: number
  readonly shed: number
  readonly heartbeats: Counted
  readonly transactions: Counted
  readonly longestWaits: { readonly balancer: number; readonly node: number; readonly database: number }
  /** The busiest node's, from the return to all green; 1 is a whole core. */
  readonly busiestNode: number
  readonly events: number
}

interface Counted {
  readonly total: number
  readonly peak: number
}

const counted = ({ total, peak }: PerSecond): Counted => ({ total, peak })

/** Kinds of events. */
const look = 0
const reachBalancer = 1
const reachNode = 2
const challengeArrives = 3
const helloArrives = 4
const helloDone = 5
const written = 6
const welcomeArrives = 7
const heartbeatArrives = 8
const heartbeatDone = 9
const leaseArrives = 10
const endArrives = 11
const closeArrives = 12
const silent = 13
const healthArrives = 14
const healthAnswered = 15

/** TCP sends what had no answer again after so long, ms: RFC 6298's first second, doubled each time. */
const resentAfter = [1_000, 3_000, 7_000]
/** A device signs its proof within, ms; *reckoned*. */
const signing = 10
/** NATS there and back, ms: docs/SCALE.md. */
const routing = 1
/** As `server/presence/websocket-endpoint.ts`. */
const silentFor = 60_000
/** Each person has one. */
const theDevice = 'device'

/** Mulberry32: the same numbers for the same seed. */
function randomBy(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Discrete events: everybody is green, a whole region loses its network without a word, and has it back after a while.
 * The devices decide by the extension's reducer and the server's leases by its own; the rest is lines in which work waits.
 */
export function simulateWorstHour({
  devices,
  seed,
  outage,
  service,
  longest = 180_000,
  onSecond,
}: WorstHour): WorstHourResult {
  const random = randomBy(seed)
  const wheel = new EventWheel()
  const lostAt = defaultTiming.heartbeatEvery
  const backAt = lostAt + outage

  const states: Reachability[] = new Array(devices)
  /** One person a device. */
  const leases: Leases[] = new Array(devices).fill(emptyLeases)
  const lookAt = new Int32Array(devices)
  const delay = new Uint8Array(devices)
  const green = new Uint8Array(devices)
  /** Of the connection that a node has accepted last: its number, its node, and since when. */
  const node = new Int16Array(devices)
  const acceptedAt = new Int32Array(devices)
  const heardAt = new Int32Array(devices)
  const ended = new Int32Array(devices)

  const nodes = Array.from({ length: service.nodes }, createStation)
  const workedBefore = new Float64Array(service.nodes)
  const database = createStation()
  const balancer = createStation()
  const handshakes = new PerSecond()
  const hellos = new PerSecond()
  const heartbeats = new PerSecond()
  const transactions = new PerSecond()
  let greens = 0
  let wastedHellos = 0
  let lateHellos = 0
  let shed = 0
  let falseGreens = 0
  let fellBack = 0
  let lastGreenAfterLoss = 0
  let events = 0

  const at = (now: number): Instant => ({ mono: now, wall: now })
  const isUp = () => wheel.now < lostAt || wheel.now >= backAt
  const stateOf = (device: number) => states[device] ?? atRest
  const isCurrent = (device: number, connection: number) =>
    numberOf(stateOf(device).connection) === connection
  const stationOf = (device: number) => nodes[node[device] ?? 0] ?? balancer
  const delayOf = (device: number) => delay[device] ?? 0

  /** Arrives at the other side, if anything does. */
  const travel = (from: number, kind: number, device: number, connection: number, about = 0) => {
    if (isUp()) wheel.add(from + delayOf(device), kind, device, connection, about)
  }

  /** When something is due; looks between would only find a sleep, and nobody sleeps here. */
  function dueAt({ connection }: Reachability): number {
    switch (connection.at) {
      case 'closed':
        return connection.retry
          ? connection.retry.from.mono + connection.retry.after
          : Number.POSITIVE_INFINITY
      case 'opening':
        return connection.since.mono + welcomeWithin
      case 'open': {
        const { heartbeat, timing, lease } = connection
        const due = heartbeat.sentAt.mono + (heartbeat.answered ? timing.heartbeatEvery : timing.answerWithin)
        const over = lease ? lease.sentAt.mono + lease.lasts : due
        return over > wheel.now ? Math.min(due, over) : due
      }
    }
  }

  function dispatch(device: number, event: ReachabilityEvent): void {
    const now = at(wheel.now)
    const { state, effects } = reduce(stateOf(device), event, now, random())
    states[device] = state
    for (const effect of effects)
      switch (effect.type) {
        case 'open':
          open(device, effect.connection)
          break
        case 'close':
          travel(wheel.now, closeArrives, device, effect.connection)
          break
        case 'hello':
          travel(wheel.now + signing, helloArrives, device, effect.connection)
          break
        case 'heartbeat':
          travel(wheel.now, heartbeatArrives, device, effect.connection, effect.n)
          break
        case 'diagnose':
          travel(wheel.now + 2 * delayOf(device), healthArrives, device, effect.attempt)
          break
        case 'renumber':
        case 'session-ended':
          throw new Error(`Nothing here brings about ${effect.type}.`)
        default:
          effect satisfies never
      }
    noteGreen(device, verdict(state, now).kind === 'reachable')
    const due = dueAt(state)
    if (due < (lookAt[device] ?? 0) || (lookAt[device] ?? 0) <= wheel.now) schedule(device, due)
  }

  function schedule(device: number, due: number): void {
    if (due === Number.POSITIVE_INFINITY) return
    lookAt[device] = Math.max(Math.ceil(due), wheel.now + 1)
    wheel.add(lookAt[device] ?? 0, look, device)
  }

  function noteGreen(device: number, is: boolean): void {
    if ((green[device] === 1) === is) return
    green[device] = is ? 1 : 0
    greens += is ? 1 : -1
    if (!is && wheel.now < backAt) lastGreenAfterLoss = wheel.now - lostAt
    if (!is && wheel.now >= backAt) fellBack += 1
    if (is && wheel.now >= backAt) cameBack(greens)
  }

  const reached = new Map<number, number>()
  const parts = [devices / 2, devices * 0.99, devices].map(Math.ceil)
  function cameBack(count: number): void {
    for (const part of parts) if (count >= part && !reached.has(part)) reached.set(part, wheel.now - backAt)
  }

  /** A first packet that is lost is sent again, for as long as the device waits. */
  function open(device: number, connection: number): void {
    const first = [0, ...resentAfter]
      .map((after) => wheel.now + after)
      .find((time) => time < lostAt || time >= backAt)
    // TCP's three, with the first of TLS.
    if (first !== undefined) wheel.add(first + 3 * delayOf(device), reachBalancer, device, connection)
  }

  function lease(device: number, event: LeaseEvent): boolean {
    const [next, effects] = reduceLeases(leases[device] ?? emptyLeases, event, wheel.now)
    leases[device] = next
    let granted = false
    for (const effect of effects) {
      if (effect.kind === 'grant') granted = true
      if (effect.kind === 'close') travel(wheel.now, endArrives, device, Number(effect.connection))
    }
    return granted
  }

  /** @param part of all that a hello asks. @returns when PostgreSQL has answered. */
  function askDatabase(now: number, part: number): number {
    for (let n = 0; n < service.transactionsPerHello * part; n += 1) transactions.add(now)
    return database.take(now, (service.databaseCost * part) / service.databaseCores)
  }

  function take(kind: number, device: number, connection: number, about: number): void {
    const { now } = wheel
    events += 1
    switch (kind) {
      case look:
        if (lookAt[device] !== now) return
        if (dueAt(stateOf(device)) > now) schedule(device, dueAt(stateOf(device)))
        else dispatch(device, { type: 'look' })
        return
      case reachBalancer:
        if (!isCurrent(device, connection)) return
        handshakes.add(now)
        travel(
          balancer.take(now, 1_000 / service.handshakesPerSecond) + 2 * delayOf(device),
          reachNode,
          device,
          connection,
        )
        return
      case reachNode: {
        if (!isCurrent(device, connection)) return
        node[device] = Math.floor(random() * service.nodes)
        if (stationOf(device).behind(now) > service.shedAfter) {
          shed += 1
          travel(stationOf(device).take(now, service.closeCost), endArrives, device, connection)
          return
        }
        const done = stationOf(device).take(now, service.acceptCost)
        acceptedAt[device] = done
        travel(done, challengeArrives, device, connection)
        return
      }
      case challengeArrives:
        dispatch(device, { type: 'challenged', connection, nonce: '' })
        return
      case helloArrives: {
        hellos.add(now)
        const station = stationOf(device)
        const begins = now + station.behind(now)
        // By then its connection was closed: reading that it came costs next to nothing.
        const isLate = begins - (acceptedAt[device] ?? 0) >= helloWithin
        const done = station.take(now, isLate ? service.closeCost : service.helloCost)
        if (isLate) {
          lateHellos += 1
          travel(done, endArrives, device, connection)
        } else wheel.add(done, helloDone, device, connection)
        return
      }
      case helloDone:
        // Its session was looked up and its proof read; only then is it seen that nobody waits any more.
        if (ended[device] === connection) {
          wastedHellos += 1
          askDatabase(now, 0.5)
        } else wheel.add(askDatabase(now, 1), written, device, connection)
        return
      case written: {
        if (ended[device] === connection) {
          wastedHellos += 1
          return
        }
        const order = { boot: 1, n: connection }
        lease(device, {
          kind: 'opened',
          connection: String(connection),
          device: theDevice,
          order,
          takeOver: true,
        })
        heardAt[device] = now
        travel(now, welcomeArrives, device, connection)
        return
      }
      case welcomeArrives:
        dispatch(device, { type: 'welcomed', connection, timing: defaultTiming })
        return
      case heartbeatArrives:
        heartbeats.add(now)
        heardAt[device] = now
        wheel.add(
          stationOf(device).take(now, service.heartbeatCost) + routing,
          heartbeatDone,
          device,
          connection,
          about,
        )
        return
      case heartbeatDone: {
        const arrived = heardAt[device] ?? now
        const { leaseFor } = defaultTiming
        if (lease(device, { kind: 'heartbeat', connection: String(connection), n: about, arrived, leaseFor }))
          travel(now, leaseArrives, device, connection, about)
        return
      }
      case leaseArrives:
        dispatch(device, { type: 'leased', connection, heartbeat: about, leaseFor: defaultTiming.leaseFor })
        return
      case endArrives:
        dispatch(device, { type: 'closed', connection, after: 'retry' })
        return
      case closeArrives:
        ended[device] = connection
        stationOf(device).take(now, service.closeCost)
        lease(device, { kind: 'closed', connection: String(connection) })
        return
      case silent:
        if (now - (heardAt[device] ?? 0) >= silentFor)
          for (const held of [...(leases[device] ?? emptyLeases).connections.keys()])
            lease(device, { kind: 'closed', connection: held })
        return
      case healthArrives:
        wheel.add(
          stationOf(device).take(now, service.healthCost) + delayOf(device),
          healthAnswered,
          device,
          connection,
        )
        return
      case healthAnswered:
        if (isUp()) dispatch(device, { type: 'diagnosed', attempt: connection, reason: null })
        return
      default:
        throw new Error(`There is no event ${kind}.`)
    }
  }

  /** Everybody said hello long ago, and sends heartbeats at a moment of their own. */
  function begin(): void {
    const spread = new Int32Array(devices)
    for (let device = 0; device < devices; device += 1) {
      delay[device] = 10 + Math.floor(random() * 50)
      node[device] = Math.floor(random() * service.nodes)
      spread[device] = Math.floor(random() * defaultTiming.heartbeatEvery)
      const now = at(0)
      let state = atRest
      for (const event of [
        { type: 'wanted' },
        { type: 'challenged', connection: 1, nonce: '' },
        { type: 'welcomed', connection: 1, timing: defaultTiming },
        { type: 'leased', connection: 1, heartbeat: 1, leaseFor: defaultTiming.leaseFor },
      ] as const)
        state = reduce(state, event, now, 0).state
      // As if its last heartbeat had been so long ago that the next comes at its moment.
      if (state.connection.at === 'open') {
        const sentAt = at((spread[device] ?? 0) - defaultTiming.heartbeatEvery)
        const { lease: held } = state.connection
        state = {
          ...state,
          connection: {
            ...state.connection,
            heartbeat: { ...state.connection.heartbeat, sentAt },
            lease: held && { ...held, sentAt },
          },
        }
      }
      states[device] = state
      const order = { boot: 1, n: 1 }
      lease(device, { kind: 'opened', connection: '1', device: theDevice, order, takeOver: true })
      const { leaseFor } = defaultTiming
      const arrived = (spread[device] ?? 0) - defaultTiming.heartbeatEvery + delayOf(device)
      lease(device, { kind: 'heartbeat', connection: '1', n: 1, arrived, leaseFor })
      green[device] = 1
      greens += 1
      schedule(device, dueAt(state))
      wheel.add(lostAt + silentFor + (spread[device] ?? 0), silent, device)
    }
  }

  function findFalseGreens(): void {
    for (let device = 0; device < devices; device += 1) {
      if (verdict(stateOf(device), at(wheel.now)).kind !== 'reachable') continue
      let holds = false
      for (const { until } of (leases[device] ?? emptyLeases).connections.values())
        if (until !== null && until > wheel.now) holds = true
      if (!holds) falseGreens += 1
    }
  }

  begin()
  // One more heartbeat of everybody.
  const untilStill = defaultTiming.heartbeatEvery
  let allAt: number | undefined
  for (let second = 1; second * 1_000 <= backAt + longest; second += 1) {
    wheel.run(second * 1_000, take)
    if (wheel.now === backAt || (wheel.now > backAt && wheel.now - backAt < 1_000))
      for (const [place, station] of nodes.entries()) workedBefore[place] ||= station.worked()
    findFalseGreens()
    onSecond?.({ at: wheel.now - backAt, green: greens })
    const reachedAll = reached.get(parts[2] ?? devices)
    if (reachedAll !== undefined) {
      allAt ??= backAt + reachedAll
      if (wheel.now >= allAt + untilStill) break
    }
  }

  const over = (allAt === undefined ? wheel.now : allAt + untilStill) - backAt
  const [half = 0, most = 0, all = 0] = parts
  return {
    half: reached.get(half),
    most: reached.get(most),
    all: reached.get(all),
    lastGreenAfterLoss,
    falseGreens,
    fellBack,
    handshakes: counted(handshakes),
    hellos: counted(hellos),
    wastedHellos,
    lateHellos,
    shed,
    heartbeats: counted(heartbeats),
    transactions: counted(transactions),
    longestWaits: {
      balancer: balancer.longestWait(),
      node: Math.max(...nodes.map((station) => station.longestWait())),
      database: database.longestWait(),
    },
    busiestNode: Math.max(
      ...nodes.map((station, place) => (station.worked() - (workedBefore[place] ?? 0)) / over),
    ),
    events,
  }
}
