import { type CloseReason, closeCodes } from '../../../../protocol/close-codes.ts'
import { type DeviceMessage, protocolVersion, type ServerMessage } from '../../../../protocol/connection.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import {
  anyRanOut,
  emptyLeases,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from '../../../../server/presence/lease-reducer.ts'
import type { EventQueue } from './event-queue.ts'
import type { End, Pipe } from './network.ts'
import { createServerCalls, type ServerCalls } from './server-calls.ts'

export interface SimulatedServer {
  /** Takes a connection: its name here, where the server hears, and where to give it the pipe that it speaks into. */
  readonly accept: () => {
    readonly name: string
    readonly end: End
    readonly speakInto: (toDevice: Pipe) => void
  }
  readonly calls: ServerCalls
  readonly clock: () => number
  readonly isUp: () => boolean
  readonly isHung: () => boolean
  /** Whether a living server would route a call by this connection at this moment. */
  readonly wouldRing: (connection: string) => boolean
  /** The true moment at which the connection's lease of now runs out, or null. */
  readonly leaseEnds: (connection: string) => number | null
  readonly crash: () => void
  readonly restart: () => void
  // Each of these gives back what mends it, and mends only what it broke.
  readonly hang: () => () => void
  readonly slowDown: (by: number) => () => void
  readonly revoke: () => () => void
  readonly loseStorage: () => () => void
  readonly refuse: (why: CloseReason) => () => void
  readonly missRing: () => void
  /** Devices are told to connect anew. */
  readonly move: () => void
  /** The server's own side of every connection breaks without a word to the device. */
  readonly dropConnections: () => void
}

export interface ServerHooks {
  /** The server lets go of what it promised by a connection, and says so on it. */
  readonly leaseEnded: (connection: string) => void
  /** Devices are told that a call is over. */
  readonly callOver: (call: string) => void
}

const account = {
  id: 'a',
  username: 'ann',
  email: 'ann@reachable.example',
  name: 'Ann',
  picture: null,
  language: null,
}

/** The server's real lease reducer, with a process around it that can crash, hang and run on a clock that drifts. */
export function createServer(
  queue: EventQueue,
  rate: number,
  random: () => number,
  hooks: ServerHooks,
): SimulatedServer {
  let crashes = 0
  let hangs = 0
  let queued: (() => void)[] = []
  let storageLosses = 0
  let revocations = 0
  let refusals: readonly CloseReason[] = []
  let slownesses: readonly number[] = []
  let leases: Leases = emptyLeases
  let pipes = new Map<string, Pipe>()
  let connections = 0
  /** Counts starts, so that what a process had begun is not finished by the next. */
  let start = 0

  const clock = () => queue.now() * rate
  const say = (connection: string, message: ServerMessage) => pipes.get(connection)?.send(message)

  function dispatch(event: LeaseEvent): readonly LeaseEffect[] {
    const before = leases
    const [next, effects] = reduceLeases(leases, event, clock())
    leases = next
    reportLost(before, event)
    for (const effect of effects) carryOut(effect)
    sweepAtNextEnd()
    return effects
  }

  /** Calls hear of every connection that can ring no more. */
  function reportLost(before: Leases, event: LeaseEvent): void {
    for (const [connection, { device, until }] of before.connections) {
      const after = leases.connections.get(connection)
      const hasSuccessor =
        (event.kind === 'opened' && event.device === device) ||
        (event.kind === 'heartbeat' && event.connection !== connection)
      if (!after && hasSuccessor) calls.lost(connection, event.connection)
      else if (!after || (until !== null && after.until === null)) calls.lost(connection, null)
    }
  }

  let sweptFor: number | null = null
  /** The shared tick finds a lease that ran out within 100 ms. */
  function sweepAtNextEnd(): void {
    let next: number | null = null
    for (const { until } of leases.connections.values())
      if (until !== null) next = Math.min(next ?? until, until)
    if (next === null || next === sweptFor) return
    sweptFor = next
    const begun = start
    queue.at(next / rate + random() * 100, () => whenAwake(() => begun === start && crashes === 0 && tick()))
  }

  function carryOut(effect: LeaseEffect): void {
    switch (effect.kind) {
      case 'grant':
        say(effect.connection, { type: 'lease', n: effect.n, leaseFor: effect.leaseFor })
        if (effect.gained) calls.leaseGained(effect.connection)
        return
      case 'refuse':
        hooks.leaseEnded(effect.connection)
        say(effect.connection, { type: 'no-lease', n: effect.n, why: 'storage' })
        return
      case 'outrank':
        say(effect.connection, { type: 'outranked', boot: effect.boot, live: effect.live })
        return
      case 'close':
        hooks.leaseEnded(effect.connection)
        shut(effect.connection, effect.why)
        return
      case 'unreachable':
        return
    }
  }

  function shut(connection: string, why: CloseReason): void {
    pipes.get(connection)?.close(closeCodes[why].code)
    pipes.delete(connection)
  }

  /** A hung process hears nothing until it is resumed; then it hears everything, late. */
  const whenAwake = (act: () => void) => {
    if (hangs > 0) queued.push(act)
    else act()
  }

  /** A slow process takes its time over each thing, and another over the next. */
  function afterDelay(act: () => void): void {
    const begun = start
    const slowness = Math.max(0, ...slownesses)
    if (slowness === 0) act()
    else queue.at(queue.now() + random() * slowness, () => whenAwake(() => begun === start && act()))
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
    const device = leases.connections.get(connection)?.device
    if (device !== undefined) calls.heard(connection, device, message)
    if (message.type === 'goodbye') {
      dispatch({ kind: 'closed', connection })
      pipes.delete(connection)
    }
  }

  function answerHello(connection: string, hello: Extract<DeviceMessage, { type: 'hello' }>): void {
    if (!pipes.has(connection)) return
    const refused = refusals[0] ?? (revocations > 0 ? 'sessionEnded' : null)
    if (refused) {
      shut(connection, refused)
      return
    }
    const { device, order, takeOver } = hello
    const effects = dispatch({ kind: 'opened', connection, device, order, takeOver })
    if (effects.some((effect) => effect.kind === 'close' && effect.connection === connection)) return
    const [missed, ringing] = [calls.missed(), calls.ringing()]
    say(connection, {
      type: 'welcome',
      protocol: protocolVersion,
      timing: defaultTiming,
      account,
      missed,
      ringing,
    })
  }

  function answerHeartbeat(connection: string, n: number, arrived: number): void {
    const { leaseFor } = defaultTiming
    if (storageLosses === 0) dispatch({ kind: 'heartbeat', connection, n, arrived, leaseFor })
    else dispatch({ kind: 'heartbeat-refused', connection, n })
  }

  const everyConnection = (kind: 'session-ended' | 'ring-unanswered') => {
    for (const connection of [...pipes.keys()]) dispatch({ kind, connection, why: 'sessionEnded' })
  }

  /** The shared tick: the real one looks every 100 ms whether something ran out. */
  const tick = () => {
    if (anyRanOut(leases, clock())) dispatch({ kind: 'tick' })
  }

  const liveUntil = (connection: string) => {
    const until = leases.connections.get(connection)?.until ?? null
    return until !== null && until > clock() ? until : null
  }

  const calls = createServerCalls(queue, {
    clock,
    rate,
    random,
    isUp: () => crashes === 0,
    whenAwake,
    canWrite: () => storageLosses === 0,
    live: () => liveDevices(leases, clock()),
    connections: () => [...leases.connections.values()],
    say,
    ringUnanswered: (connection) => dispatch({ kind: 'ring-unanswered', connection }),
    over: hooks.callOver,
  })

  return {
    calls,
    clock,
    accept: () => {
      connections += 1
      const connection = String(connections)
      const end: End = {
        message: (frame) => whenAwake(() => receive(connection, frame as DeviceMessage)),
        closed: () => whenAwake(() => pipes.delete(connection) && dispatch({ kind: 'closed', connection })),
      }
      return {
        name: connection,
        end,
        speakInto: (toDevice) => whenAwake(() => crashes === 0 && handshake(connection, toDevice)),
      }
    },
    isUp: () => crashes === 0,
    isHung: () => hangs > 0,
    wouldRing: (connection) =>
      crashes === 0 && hangs === 0 && storageLosses === 0 && liveUntil(connection) !== null,
    leaseEnds: (connection) => {
      const until = liveUntil(connection)
      return until === null ? null : until / rate
    },
    crash: () => {
      for (const [connection, pipe] of pipes) {
        hooks.leaseEnded(connection)
        pipe.close(1006)
      }
      start += 1
      crashes += 1
      hangs = 0
      queued = []
      pipes = new Map()
      leases = emptyLeases
      calls.crashed()
    },
    restart: () => {
      crashes -= 1
      if (crashes === 0) calls.restarted()
    },
    hang: () => {
      // A process that is not there cannot hang.
      if (crashes > 0) return () => {}
      hangs += 1
      const begun = start
      return () => {
        if (begun !== start) return
        hangs -= 1
        if (hangs > 0) return
        const late = queued
        queued = []
        for (const act of late) act()
        tick()
      }
    },
    slowDown: (by) => {
      slownesses = [...slownesses, by]
      return () => {
        slownesses = without(slownesses, by)
      }
    },
    revoke: () => {
      revocations += 1
      whenAwake(() => everyConnection('session-ended'))
      return () => {
        revocations -= 1
      }
    },
    loseStorage: () => {
      storageLosses += 1
      whenAwake(() => dispatch({ kind: 'storage-lost' }))
      return () => {
        storageLosses -= 1
        whenAwake(tick)
      }
    },
    missRing: () => whenAwake(() => everyConnection('ring-unanswered')),
    move: () =>
      whenAwake(() => {
        for (const connection of leases.connections.keys()) say(connection, { type: 'move' })
      }),
    refuse: (why) => {
      refusals = [...refusals, why]
      return () => {
        refusals = without(refusals, why)
      }
    },
    dropConnections: () =>
      whenAwake(() => {
        for (const connection of [...pipes.keys()]) {
          pipes.delete(connection)
          dispatch({ kind: 'closed', connection })
        }
      }),
  }
}

/** The list without one of those that are `one`. */
function without<T>(list: readonly T[], one: T): readonly T[] {
  const at = list.indexOf(one)
  return list.filter((_, index) => index !== at)
}
