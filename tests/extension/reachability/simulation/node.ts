import { type CloseReason, closeCodes } from '../../../../protocol/close-codes.ts'
import { type DeviceMessage, protocolVersion, type ServerMessage } from '../../../../protocol/connection.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import type { ContactToWatch } from '../../../../server/people/watching/watcher.ts'
import {
  anyRanOut,
  emptyLeases,
  type HeldConnection,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from '../../../../server/presence/lease-reducer.ts'
import type { Claim, Claimed } from './connection-orders.ts'
import type { EventQueue } from './event-queue.ts'
import type { End, Pipe } from './network.ts'
import { createNodePresence, type NodePresence, type Person, people, personOf } from './node-presence.ts'
import type { NodeBus } from './presence-bus.ts'

type Hello = Extract<DeviceMessage, { type: 'hello' }>

/** One process of the service: it can crash, hang, be slow, lose the bus, and go away in order. */
export interface SimulatedNode {
  /** Takes a connection by this name: where the node hears, and where to give it the pipe that it speaks into. */
  readonly accept: (connection: string) => { readonly end: End; readonly speakInto: (toDevice: Pipe) => void }
  readonly isUp: () => boolean
  readonly isHung: () => boolean
  /** Whether it takes new connections, as far as those know who send them there. */
  readonly isOpen: () => boolean
  /** When it last ceased to. */
  readonly closedAt: () => number
  readonly hasBus: () => boolean
  /** Connections that were welcomed: of everybody, or of one. */
  readonly connections: (of?: Person) => readonly HeldConnection[]
  /** Those that hold a lease. */
  readonly live: (of?: Person) => readonly HeldConnection[]
  readonly dispatch: (event: LeaseEvent) => readonly LeaseEffect[]
  readonly say: (connection: string, message: ServerMessage) => void
  /** At once, or once the process is resumed. */
  readonly whenAwake: (act: () => void) => void
  readonly crash: () => void
  readonly restart: () => void
  /**
   * The process goes away in order, and devices are told to move.
   *
   * @returns what ends it and puts another in its place, unless it is gone already.
   */
  readonly drain: () => () => boolean
  readonly move: () => void
  // Each of these gives back what mends it, and mends only what it broke.
  readonly hang: () => () => void
  readonly slowDown: (by: number) => () => void
  readonly loseBus: () => () => void
  readonly endSessions: () => void
  readonly missRing: () => void
  /** The node's own side of every connection breaks without a word to the device. */
  readonly dropConnections: () => void
}

export interface NodeDependencies {
  readonly clock: () => number
  readonly rate: number
  readonly random: () => number
  /** Whether another node can take the devices of this one. */
  readonly hasOthers: boolean
  readonly canWrite: () => boolean
  /** Why no hello is taken now, or null. */
  readonly refusal: () => CloseReason | null
  /** Asks whether the connection may be its device's, over all nodes; null where that cannot be written. */
  readonly claim: (claim: Claim) => Claimed | null
  readonly gone: (device: string, connection: string) => void
  readonly welcomeOf: () => Pick<Extract<ServerMessage, { type: 'welcome' }>, 'missed' | 'ringing'>
  readonly heard: (connection: string, device: string, message: DeviceMessage) => void
  /** A connection has a lease, and had none just before. */
  readonly leaseGained: (held: HeldConnection) => void
  /** A connection can ring no more; `by` is the one that came in its place. */
  readonly lost: (connection: string, by: string | null) => void
  /** The node lets go of what it promised by a connection, and says so on it. */
  readonly leaseEnded: (connection: string) => void
  readonly hungChanged: (hung: boolean) => void
  /** Where there is a watcher: what each process has for presence. */
  readonly presence: {
    readonly name: string
    readonly bus: (end: { hasBus: () => boolean; whenAwake: (act: () => void) => void }) => NodeBus
    /** @throws while the database cannot be read. */
    readonly contacts: () => readonly ContactToWatch[]
  } | null
}

const account = {
  id: 'a',
  username: 'ann',
  email: 'ann@reachable.example',
  name: 'Ann',
  picture: null,
  language: null,
}

/** What a hello needs is read in so long at most, where it is asked of others, in milliseconds. */
const readWithin = 50
/** A node that goes away tells its devices within this time, and each again after that long, in milliseconds. */
const tellsWithin = 3_000
const againAfter = 15_000

/** The server's real lease reducer, with a process around it whose clock drifts. */
export function createNode(queue: EventQueue, dependencies: NodeDependencies): SimulatedNode {
  const { clock, rate, random } = dependencies
  let crashes = 0
  let hangs = 0
  let drains = 0
  let busLosses = 0
  let closedAt = 0
  let queued: (() => void)[] = []
  let slownesses: readonly number[] = []
  let leasesOf = new Map<Person, Leases>()
  let pipes = new Map<string, Pipe>()
  /** Counts starts, so that what a process had begun is not finished by the next. */
  let start = 0

  const say = (connection: string, message: ServerMessage) => pipes.get(connection)?.send(message)

  const leases = (person: Person): Leases => leasesOf.get(person) ?? emptyLeases
  const held = (connection: string): HeldConnection | undefined => {
    for (const { connections } of leasesOf.values()) {
      const found = connections.get(connection)
      if (found) return found
    }
    return undefined
  }

  function dispatch(event: LeaseEvent): readonly LeaseEffect[] {
    const device = 'device' in event ? event.device : 'connection' in event && held(event.connection)?.device
    const those = device ? [personOf(device)] : people
    return those.flatMap((person) => dispatchTo(person, event))
  }

  function dispatchTo(person: Person, event: LeaseEvent): readonly LeaseEffect[] {
    const before = leases(person)
    const [next, effects] = reduceLeases(before, event, clock())
    leasesOf.set(person, next)
    reportLost(before, next, event)
    for (const effect of effects) carryOut(effect)
    sweepAtNextEnd()
    presence?.leasesChanged(person, before, next, effects)
    return effects
  }

  /** Calls hear of every connection that can ring no more. */
  function reportLost(before: Leases, next: Leases, event: LeaseEvent): void {
    for (const [connection, { device, until }] of before.connections) {
      const after = next.connections.get(connection)
      const hasSuccessor =
        (event.kind === 'opened' && event.device === device) ||
        (event.kind === 'heartbeat' && event.connection !== connection)
      if (!after && hasSuccessor) dependencies.lost(connection, event.connection)
      else if (!after && event.kind === 'replaced' && event.device === device)
        dependencies.lost(connection, event.by)
      else if (!after || (until !== null && after.until === null)) dependencies.lost(connection, null)
    }
  }

  let sweptFor: number | null = null
  /** The shared tick finds a lease that ran out within 100 ms. */
  function sweepAtNextEnd(): void {
    let next: number | null = null
    for (const { until } of connections()) if (until !== null) next = Math.min(next ?? until, until)
    if (next === null || next === sweptFor) return
    sweptFor = next
    const begun = start
    queue.at(next / rate + random() * 100, () => whenAwake(() => begun === start && crashes === 0 && tick()))
  }

  function carryOut(effect: LeaseEffect): void {
    switch (effect.kind) {
      case 'grant': {
        say(effect.connection, { type: 'lease', n: effect.n, leaseFor: effect.leaseFor })
        const holder = held(effect.connection)
        if (effect.gained && holder) dependencies.leaseGained(holder)
        return
      }
      case 'refuse':
        dependencies.leaseEnded(effect.connection)
        say(effect.connection, { type: 'no-lease', n: effect.n, why: effect.why })
        return
      case 'outrank':
        say(effect.connection, { type: 'outranked', boot: effect.boot, live: effect.live })
        return
      case 'close':
        dependencies.leaseEnded(effect.connection)
        shut(effect.connection, effect.why)
        return
      case 'unreachable':
        return
    }
  }

  function shut(connection: string, why: CloseReason): void {
    pipes.get(connection)?.close(closeCodes[why].code)
    pipes.delete(connection)
    presence?.forget(connection)
  }

  /** A hung process hears nothing until it is resumed; then it hears everything, late. */
  const whenAwake = (act: () => void) => {
    if (hangs > 0) queued.push(act)
    else act()
  }

  const later = (delay: number, act: () => void) => {
    const begun = start
    queue.at(queue.now() + delay, () => whenAwake(() => begun === start && act()))
  }

  /** A slow process takes its time over each thing, and another over the next. */
  function afterDelay(act: () => void): void {
    const slowness = Math.max(0, ...slownesses)
    if (slowness === 0) act()
    else later(random() * slowness, act)
  }

  function handshake(connection: string, toDevice: Pipe): void {
    pipes.set(connection, toDevice)
    say(connection, { type: 'challenge', nonce: connection })
  }

  function receive(connection: string, message: DeviceMessage): void {
    if (!pipes.has(connection)) return
    if (message.type === 'hello') afterDelay(() => answerHello(connection, message))
    if (message.type === 'heartbeat') {
      const arrived = clock()
      afterDelay(() => answerHeartbeat(connection, message.n, arrived))
    }
    const device = held(connection)?.device
    if (device !== undefined) dependencies.heard(connection, device, message)
    if (device !== undefined && message.type === 'watch') presence?.watch(connection, message)
    if (message.type === 'goodbye') {
      leave(connection)
      pipes.delete(connection)
    }
  }

  function leave(connection: string): void {
    const device = held(connection)?.device
    dispatch({ kind: 'closed', connection })
    presence?.forget(connection)
    if (device !== undefined) dependencies.gone(device, connection)
  }

  function answerHello(connection: string, hello: Hello): void {
    const pipe = pipes.get(connection)
    if (!pipe) return
    const refused = dependencies.refusal()
    if (refused) {
      shut(connection, refused)
      return
    }
    const { device, order, takeOver } = hello
    const liveHere = live().some((held) => held.device === device)
    const claimed = dependencies.claim({ device, connection, order, takeOver, liveHere })
    if (!claimed) {
      // The hello fails, and its connection with it.
      pipe.close(1011)
      pipes.delete(connection)
    } else if (claimed.kind === 'outranked') {
      say(connection, { type: 'outranked', boot: claimed.boot, live: claimed.live })
      shut(connection, 'superseded')
    } else if (dependencies.hasOthers)
      later(random() * readWithin, () => welcome(connection, hello, claimed.takeOver))
    else welcome(connection, hello, claimed.takeOver)
  }

  function welcome(connection: string, { device, order }: Hello, takeOver: boolean): void {
    if (!pipes.has(connection)) {
      dependencies.gone(device, connection)
      return
    }
    const effects = dispatch({ kind: 'opened', connection, device, order, takeOver })
    if (effects.some((effect) => effect.kind === 'close' && effect.connection === connection)) return
    const isCallee = personOf(device) === 'callee'
    const { missed, ringing } = isCallee ? dependencies.welcomeOf() : { missed: [], ringing: [] }
    say(connection, {
      type: 'welcome',
      protocol: protocolVersion,
      timing: defaultTiming,
      account,
      missed,
      ringing,
    })
    if (drains > 0) tellToMove(connection)
  }

  function answerHeartbeat(connection: string, n: number, arrived: number): void {
    const { leaseFor } = defaultTiming
    if (busLosses > 0) dispatch({ kind: 'heartbeat-refused', connection, n, cause: 'routing' })
    else if (!dependencies.canWrite()) dispatch({ kind: 'heartbeat-refused', connection, n })
    else dispatch({ kind: 'heartbeat', connection, n, arrived, leaseFor })
  }

  const everyConnection = (kind: 'session-ended' | 'ring-unanswered') => {
    for (const connection of [...pipes.keys()]) dispatch({ kind, connection, why: 'sessionEnded' })
  }

  /** Again and again: its connection elsewhere may have been called off. */
  function tellToMove(connection: string): void {
    later(random() * tellsWithin, () => {
      if (drains === 0 || !held(connection)) return
      say(connection, { type: 'move' })
      later(againAfter, () => tellToMove(connection))
    })
  }

  /** The shared tick: the real one looks every 100 ms whether something ran out. */
  const tick = () => {
    for (const person of people) if (anyRanOut(leases(person), clock())) dispatchTo(person, { kind: 'tick' })
  }

  const those = (of: Person | undefined) => (of ? [of] : people)
  const live = (of?: Person) => those(of).flatMap((person) => liveDevices(leases(person), clock()))
  const connections = (of?: Person) => those(of).flatMap((person) => [...leases(person).connections.values()])

  let presence: NodePresence | null = null
  /** What a process has for presence ends with it. */
  function beginPresence(): void {
    const { presence: shared } = dependencies
    if (!shared) return
    const begun = start
    const ifAlive = (act: () => void) => whenAwake(() => begun === start && crashes === 0 && act())
    presence = createNodePresence(queue, {
      clock,
      rate,
      random,
      name: `${shared.name}.${start}`,
      bus: shared.bus({ hasBus: () => busLosses === 0, whenAwake: ifAlive }),
      hasOthers: dependencies.hasOthers,
      live,
      isOpen: (connection) => pipes.has(connection),
      say,
      contacts: shared.contacts,
      later: (delay, act) => queue.at(queue.now() + delay, () => ifAlive(act)),
    })
  }

  /** Nothing of the process is left; its connections are closed with `code`. */
  function end(code: number): void {
    for (const [connection, pipe] of pipes) {
      dependencies.leaseEnded(connection)
      pipe.close(code)
    }
    start += 1
    drains = 0
    hangs = 0
    queued = []
    pipes = new Map()
    leasesOf = new Map()
    presence = null
  }

  beginPresence()

  return {
    dispatch,
    say,
    whenAwake,
    live,
    connections,
    accept: (connection) => ({
      end: {
        message: (frame) => whenAwake(() => receive(connection, frame as DeviceMessage)),
        closed: () =>
          whenAwake(() => {
            if (pipes.delete(connection)) leave(connection)
          }),
      },
      speakInto: (toDevice) => whenAwake(() => crashes === 0 && handshake(connection, toDevice)),
    }),
    isUp: () => crashes === 0,
    isHung: () => hangs > 0,
    isOpen: () => crashes === 0 && drains === 0,
    closedAt: () => closedAt,
    hasBus: () => busLosses === 0,
    crash: () => {
      end(1006)
      crashes += 1
      closedAt = queue.now()
    },
    restart: () => {
      crashes -= 1
      if (crashes === 0) beginPresence()
    },
    drain: () => {
      // A process that is not there cannot go away.
      if (crashes > 0) return () => false
      drains += 1
      closedAt = queue.now()
      if (dependencies.hasOthers && drains === 1)
        whenAwake(() => {
          for (const { connection } of connections()) tellToMove(connection)
        })
      const begun = start
      return () => {
        if (begun !== start) return false
        // In order: whoever watches hears of it.
        const before = leasesOf
        leasesOf = new Map()
        for (const [person, held] of before) presence?.leasesChanged(person, held, emptyLeases, [])
        end(closeCodes.serverStopping.code)
        beginPresence()
        return true
      }
    },
    move: () =>
      whenAwake(() => {
        for (const { connection } of connections()) say(connection, { type: 'move' })
      }),
    hang: () => {
      // Nor can it hang.
      if (crashes > 0) return () => {}
      hangs += 1
      if (hangs === 1) dependencies.hungChanged(true)
      const begun = start
      return () => {
        if (begun !== start) return
        hangs -= 1
        if (hangs > 0) return
        const late = queued
        queued = []
        for (const act of late) act()
        tick()
        dependencies.hungChanged(false)
      }
    },
    slowDown: (by) => {
      slownesses = [...slownesses, by]
      return () => {
        slownesses = without(slownesses, by)
      }
    },
    loseBus: () => {
      busLosses += 1
      whenAwake(() => {
        dispatch({ kind: 'routing-lost' })
        presence?.busChanged()
      })
      return () => {
        busLosses -= 1
        whenAwake(() => {
          tick()
          presence?.busChanged()
        })
      }
    },
    endSessions: () => whenAwake(() => everyConnection('session-ended')),
    missRing: () => whenAwake(() => everyConnection('ring-unanswered')),
    dropConnections: () =>
      whenAwake(() => {
        for (const connection of [...pipes.keys()]) {
          pipes.delete(connection)
          leave(connection)
        }
      }),
  }
}

/** The list without one of those that are `one`. */
export function without<T>(list: readonly T[], one: T): readonly T[] {
  const at = list.indexOf(one)
  return list.filter((_, index) => index !== at)
}
