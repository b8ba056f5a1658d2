import { WebSocket } from 'ws'
import { readClocks } from '../../../entrypoints/background/clocks.ts'
import { createReachabilityDriver } from '../../../entrypoints/background/reachability/driver.ts'
import type {
  ReachabilityEffect,
  ReachabilityEvent,
} from '../../../entrypoints/background/reachability/events.ts'
import { afterClose } from '../../../protocol/close-codes.ts'
import { type DeviceMessage, protocolVersion, type ServerMessage } from '../../../protocol/connection.ts'
import { helloProof } from '../../bench/load/load-key.ts'
import type { SignedInPerson } from '../../bench/load/signed-in-people.ts'

type Press = 'answer' | 'decline'
type Gap = NonNullable<Extract<ServerMessage, { type: 'lease' }>['gap']>
type Over = Extract<ServerMessage, { type: 'over' }>

/** What a device knows of a call, as its person would tell it. */
export interface CallOnDevice {
  readonly id: string
  /** `performance.now()` of each time that it was rung here. */
  readonly rungAt: number[]
  pressed: Press | undefined
  /** The connection on which that was said, once since it last rang. */
  saidOn: number | undefined
  /** Every end that it was told, in order: more than one kind is one too many. */
  readonly ends: Over[]
}

/** When the light changed, by `performance.now()`. */
export interface LightChange {
  readonly at: number
  readonly green: boolean
}

/** Something that happened, by `performance.now()`. */
export interface DeviceEvent {
  readonly at: number
  readonly what: string
}

export interface LeaseGained {
  readonly at: number
  /** From which port its connection came. */
  readonly from: number
}

export interface FleetDevice {
  readonly person: SignedInPerson
  readonly isGreen: () => boolean
  readonly light: readonly LightChange[]
  /** The first lease of each connection. */
  readonly leases: readonly LeaseGained[]
  /** Whence its present connection comes, as a proxy sees it. */
  readonly port: () => number | undefined
  readonly calls: ReadonlyMap<string, CallOnDevice>
  readonly welcomes: () => number
  /** How often it was told that it is not the device's newest connection. */
  readonly outranked: () => number
  /** How each of its connections was closed by the other side. */
  readonly closes: readonly number[]
  readonly missed: () => readonly string[]
  /** Each stretch that it was told of in which calls could not reach it. */
  readonly gaps: readonly Gap[]
  /** What happened to its connections, for whoever looks for the cause of something. */
  readonly history: readonly DeviceEvent[]
  /** Whether the server said that its session is over. */
  readonly hasEnded: () => boolean
  readonly press: (call: string, what: Press) => void
  readonly send: (message: DeviceMessage) => void
  /** Ends it as a browser does that is killed. */
  readonly close: () => void
}

export interface FleetDeviceOptions {
  readonly url: string
  readonly person: SignedInPerson
  /** The start of its worker: greater than that of an earlier device of this id. */
  readonly boot?: number
  /** Told of each call when it rings here for the first time. */
  readonly onRing?: (call: string, device: FleetDevice) => void
}

const mostHistory = 200

/** What stands in a device's history of what it is told, beside the first lease of each connection. */
const told: ReadonlySet<ServerMessage['type']> = new Set(['challenge', 'outranked', 'no-lease', 'move'])

/**
 * A device that decides by the extension's own reducer: it believes a lease, sends heartbeats, moves and comes back as a
 * browser does, without the browser. What its person pressed it says again on each connection until it is told the end.
 */
export function openFleetDevice({ url, person, boot = 1, onRing }: FleetDeviceOptions): FleetDevice {
  const sockets = new Map<number, WebSocket>()
  const light: LightChange[] = []
  const leases: LeaseGained[] = []
  const calls = new Map<string, CallOnDevice>()
  const closes: number[] = []
  const gaps: Gap[] = []
  const history: DeviceEvent[] = []
  const order = { boot }
  const leased = new Set<number>()
  let missed: readonly string[] = []
  let welcomes = 0
  let outranked = 0
  let ended = false
  let closed = false

  const driver = createReachabilityDriver({
    clocks: readClocks,
    random: Math.random,
    after(milliseconds, todo) {
      const timer = setTimeout(todo, milliseconds)
      return () => clearTimeout(timer)
    },
    online: () => true,
    carryOut,
    changed: noteLight,
  })
  const dispatch = (event: ReachabilityEvent) => {
    if (closed) return
    driver.dispatch(event)
    noteLight()
  }

  const note = (what: string) => {
    history.push({ at: performance.now(), what })
    if (history.length > mostHistory) history.splice(0, mostHistory / 2)
  }

  function isGreen(): boolean {
    return !closed && driver.verdict().kind === 'reachable'
  }

  function noteLight(): void {
    const green = isGreen()
    if ((light.at(-1)?.green ?? false) !== green) {
      light.push({ at: performance.now(), green })
      note(green ? 'green' : 'not green')
    }
  }

  function sendOn(connection: number, message: DeviceMessage): void {
    const socket = sockets.get(connection)
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }

  function send(message: DeviceMessage): void {
    const connection = driver.openConnection()
    if (connection !== null) sendOn(connection, message)
  }

  function carryOut(effect: ReachabilityEffect): void {
    switch (effect.type) {
      case 'open':
        open(effect.connection)
        break
      case 'close': {
        note(`${effect.connection} closed here`)
        const socket = sockets.get(effect.connection)
        sockets.delete(effect.connection)
        socket?.close()
        // A server that hangs never answers the goodbye.
        setTimeout(() => socket?.terminate(), 1_000).unref()
        break
      }
      case 'hello':
        hello(effect)
        break
      case 'renumber':
        order.boot = Math.max(order.boot, effect.above + 1)
        break
      case 'heartbeat':
        sendOn(effect.connection, { type: 'heartbeat', n: effect.n })
        break
      case 'diagnose':
        setTimeout(() => dispatch({ type: 'diagnosed', attempt: effect.attempt, reason: null }), 100).unref()
        break
      case 'session-ended':
        ended = true
        break
      default:
        effect satisfies never
    }
  }

  function hello({ connection, nonce, takeOver }: Extract<ReachabilityEffect, { type: 'hello' }>): void {
    const { token, device, key } = person
    const proof = helloProof(url, key, nonce, token)
    const place = { boot: order.boot, n: connection }
    sendOn(connection, {
      type: 'hello',
      protocol: protocolVersion,
      token,
      device,
      proof,
      order: place,
      takeOver,
    })
  }

  function open(connection: number): void {
    note(`${connection} opened`)
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket`, { perMessageDeflate: false })
    sockets.set(connection, socket)
    socket.on('error', () => {})
    socket.on('message', (data) => take(connection, JSON.parse(String(data)) as ServerMessage))
    socket.on('close', (code) => {
      if (sockets.get(connection) !== socket) return
      sockets.delete(connection)
      closes.push(code)
      note(`${connection} closed: ${code}`)
      dispatch({ type: 'closed', connection, after: afterClose(code) })
    })
  }

  function take(connection: number, message: ServerMessage): void {
    if (closed || !sockets.has(connection)) return
    if (told.has(message.type) || (message.type === 'lease' && !leased.has(connection)))
      note(`${connection} ${JSON.stringify(message)}`)
    switch (message.type) {
      case 'challenge':
        dispatch({ type: 'challenged', connection, nonce: message.nonce })
        break
      case 'outranked':
        outranked += 1
        dispatch({
          type: 'outranked',
          connection,
          boot: message.boot,
          isOwn: message.boot === order.boot,
          live: message.live,
        })
        break
      case 'welcome':
        welcomes += 1
        missed = message.missed.map(({ id }) => id)
        dispatch({ type: 'welcomed', connection, timing: message.timing })
        break
      case 'lease':
        if (message.gap) gaps.push(message.gap)
        dispatch({ type: 'leased', connection, heartbeat: message.n, leaseFor: message.leaseFor })
        gain(connection)
        break
      case 'no-lease':
        dispatch({ type: 'not-leased', connection, heartbeat: message.n, why: message.why })
        break
      case 'move':
        dispatch({ type: 'move', connection })
        break
      case 'ring':
        ring(connection, message.call.id)
        break
      case 'over':
        callOf(message.call).ends.push(message)
        break
      case 'missed':
        missed = message.missed.map(({ id }) => id)
        break
      case 'account':
      case 'events':
      case 'reset':
      case 'done':
      case 'refused':
      case 'presence':
      case 'placed-call':
        break
      default:
        message satisfies never
    }
  }

  function gain(connection: number): void {
    sayPressed()
    if (leased.has(connection)) return
    leased.add(connection)
    leases.push({ at: performance.now(), from: portOf(connection) ?? 0 })
  }

  /** As the extension does: on a connection that is proven, and once for each connection and ring. */
  function sayPressed(): void {
    const connection = driver.openConnection()
    if (connection === null || !isGreen()) return
    for (const call of calls.values()) {
      if (!call.pressed || call.ends.length > 0 || call.saidOn === connection) continue
      call.saidOn = connection
      sendOn(connection, { type: call.pressed, call: call.id })
    }
  }

  function callOf(id: string): CallOnDevice {
    const known = calls.get(id) ?? { id, rungAt: [], pressed: undefined, saidOn: undefined, ends: [] }
    calls.set(id, known)
    return known
  }

  function ring(connection: number, id: string): void {
    const call = callOf(id)
    if (call.ends.length > 0) return
    call.rungAt.push(performance.now())
    sendOn(connection, { type: 'rings', call: id })
    call.saidOn = undefined
    sayPressed()
    if (call.rungAt.length === 1) onRing?.(id, device)
  }

  /** `ws` keeps its socket to itself. */
  const portOf = (connection: number): number | undefined =>
    (sockets.get(connection) as unknown as { _socket?: { localPort?: number } } | undefined)?._socket
      ?.localPort

  const device: FleetDevice = {
    person,
    isGreen,
    light,
    leases,
    port: () => portOf(driver.openConnection() ?? 0),
    calls,
    welcomes: () => welcomes,
    outranked: () => outranked,
    closes,
    missed: () => missed,
    gaps,
    history,
    hasEnded: () => ended,
    press(id, what) {
      const call = callOf(id)
      call.pressed ??= what
      sayPressed()
    },
    send,
    close() {
      driver.dispatch({ type: 'unwanted' })
      closed = true
      noteLight()
      for (const socket of sockets.values()) socket.terminate()
      sockets.clear()
    },
  }
  dispatch({ type: 'wanted' })
  return device
}
