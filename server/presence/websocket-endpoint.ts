import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { type DeviceMessage, maxFrame, parseDeviceMessage } from '../../protocol/connection.ts'
import { helloWithin } from '../../protocol/timing.ts'
import type { Client } from '../accounts/audit.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { Connection } from './connection.ts'
import { type ConnectionLimits, endWith, noRoom } from './connection-limits.ts'
import { takeHeartbeats, type WithShortcut } from './heartbeat-shortcut.ts'
import { isSpent, spend, spendOnPeople, spendOnUnknown } from './message-rate-limit.ts'

/** A device sends a heartbeat every 10 s; a connection not heard for so long (ms) is held by nobody. */
const silentFor = 60_000
/** How long a closing connection may take to agree, in ms. */
const closeWithin = 1_000
/** In how many frames a message, and in how many packets a frame may come. A device sends one of one. */
const mostPieces = 64
const mostPackets = 512

/** Knows its connection, so that no frame has it looked up. */
class DeviceSocket extends WebSocket implements WithShortcut {
  connection: Connection | undefined
  onHeartbeat: ((this: WithShortcut, n: number) => void) | undefined
}

const connectionOf = (socket: WebSocket) => (socket instanceof DeviceSocket ? socket.connection : undefined)

/** Not made where it is used: there it would keep the request, by what they share, for as long as the connection is open. */
const ignore = () => {}

export interface EndpointDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly clientOf: (request: IncomingMessage) => Client
  readonly limits: Pick<ConnectionLimits, 'hasRoom' | 'admit'>
  /** A nonce that was never given before. */
  readonly challenge: () => string
  /** @returns a promise only where something is waited for. */
  readonly handle: (connection: Connection, message: DeviceMessage) => void | Promise<void>
  readonly onClosed: (connection: Connection) => void
  /** Takes upgrades of other addresses than `/socket`. @returns false for one that is none of its own. */
  readonly upgradeElsewhere?:
    | ((request: IncomingMessage, stream: Duplex, head: Buffer) => boolean)
    | undefined
}

export interface WebSocketEndpoint {
  /** Closes connections whose hello is late and cuts those that are silent. */
  tick(): void
  /** From now on no further connection is taken. */
  refuse(): void
  /** Tells every device that the server stops; resolves when the last connection is gone. */
  close(): Promise<void>
  readonly connections: number
  /** How many said too much, since the beginning. */
  readonly cutOff: number
}

/** `/socket` of an HTTP server: upgrades, frames in, limits kept, connections that are late or silent ended. */
export function openWebSocketEndpoint(server: Server, dependencies: EndpointDependencies): WebSocketEndpoint {
  const { clock, log, handle, onClosed } = dependencies
  // These are not in the published types yet.
  const options: ServerOptions<typeof DeviceSocket> & {
    closeTimeout: number
    maxFragments: number
    maxBufferedChunks: number
  } = {
    noServer: true,
    WebSocket: DeviceSocket,
    clientTracking: false,
    maxPayload: maxFrame,
    perMessageDeflate: false,
    closeTimeout: closeWithin,
    maxFragments: mostPieces,
    maxBufferedChunks: mostPackets,
  }
  const upgrades = new WebSocketServer(options)
  const connections = new Set<Connection>()
  const helloAwaited = new Set<Connection>()
  /** Those of which nothing is read any more. */
  const unread = new Set<WebSocket>()
  const onReadingStopped = (socket: WebSocket) => void unread.add(socket)
  /** When somebody may have been silent for too long, and not before. */
  let silenceAt = Number.NEGATIVE_INFINITY
  let cutOff = 0
  let stopping: (() => void) | undefined
  let refusing = false

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean) {
    const connection = connectionOf(this)
    if (!connection || !hear(connection)) return
    const parsed = isBinary ? undefined : parseDeviceMessage(String(data))
    switch (parsed?.kind) {
      case 'message':
        if (isAboutPeople(parsed.message)) {
          spendOnPeople(connection.budget)
          closeIfSpent(connection)
          if (!connection.open) return
        }
        return deal(connection, parsed.message)
      case 'unknown':
        spendOnUnknown(connection.budget)
        closeIfSpent(connection)
        return
      default:
        connection.close('malformed')
    }
  }

  function onHeartbeat(this: WebSocket, n: number) {
    const connection = connectionOf(this)
    if (connection && hear(connection)) deal(connection, { type: 'heartbeat', n })
  }

  const deal = (connection: Connection, message: DeviceMessage) => {
    const fail = (err: unknown) => {
      log.error({ err, type: message.type }, 'a message of a device could not be dealt with')
      // The device repeats what it gets no answer to, but for answer and decline: for those it has to reconnect.
      if (!connection.welcomed || isCallAction(message)) connection.cut()
    }
    try {
      handle(connection, message)
        ?.then(() => {
          if (message.type === 'hello' && connection.welcomed) dependencies.limits.admit(connection.stream)
        })
        .catch(fail)
    } catch (err) {
      fail(err)
    }
  }

  /** A ping, or a pong, which nobody asked for. */
  function onControlFrame(this: WebSocket) {
    const connection = connectionOf(this)
    if (connection) hear(connection)
  }

  /** Counts a frame, also one of a connection that is closing. @returns whether there is anything to be done about it. */
  const hear = (connection: Connection): boolean => {
    if (connection.readingStopped) return false
    const now = clock.monotonic()
    connection.heardAt = now
    spend(connection.budget, now)
    closeIfSpent(connection)
    return connection.open
  }

  const closeIfSpent = (connection: Connection) => {
    if (!isSpent(connection.budget)) return
    cutOff += 1
    connection.close('tooMany')
  }

  function onClose(this: WebSocket) {
    leave(this)
  }

  /** At its end, or a little before where nobody listens to it any more: nothing rings there from now on. */
  const leave = (socket: WebSocket) => {
    const connection = connectionOf(socket)
    if (!connection || !connections.delete(connection)) return
    helloAwaited.delete(connection)
    onClosed(connection)
    if (connections.size === 0) stopping?.()
  }

  /** ws closes the connection itself; what went wrong with it is the other side's affair. It would read on, too. */
  function onError(this: WebSocket) {
    process.nextTick(() => connectionOf(this)?.stopReading())
  }

  const onOpen = (socket: DeviceSocket, request: IncomingMessage, stream: Duplex) => {
    const from = dependencies.clientOf(request)
    const nonce = dependencies.challenge()
    const opened = { id: randomUUID(), at: clock.monotonic(), nonce, from, onReadingStopped }
    const connection = new Connection(socket, stream, opened)
    socket.connection = connection
    socket.onHeartbeat = onHeartbeat
    takeHeartbeats(socket)
    connections.add(connection)
    helloAwaited.add(connection)
    socket.on('message', onMessage).on('close', onClose).on('error', onError)
    socket.on('ping', onControlFrame).on('pong', onControlFrame)
    connection.send({ type: 'challenge', nonce: opened.nonce })
  }

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', ignore)
    if (dependencies.upgradeElsewhere?.(request, stream, head)) return
    const status = refusalOf(request, dependencies, refusing || stopping !== undefined)
    if (status === undefined)
      return upgrades.handleUpgrade(request, stream, head, (socket) => onOpen(socket, request, stream))
    endWith(stream, status)
  }
  server.on('upgrade', onUpgrade)

  return {
    tick() {
      const now = clock.monotonic()
      for (const connection of helloAwaited)
        if (connection.helloReceived) helloAwaited.delete(connection)
        else if (now - connection.openedAt >= helloWithin) connection.close('helloLate')
      for (const socket of unread) leave(socket)
      unread.clear()
      if (now < silenceAt) return
      let oldest = now
      for (const connection of connections) {
        if (now - connection.heardAt >= silentFor) connection.cut()
        else oldest = Math.min(oldest, connection.heardAt)
      }
      // None can have been silent for too long before: whoever is heard, or new, is so later than the oldest.
      silenceAt = oldest + silentFor
    },
    refuse() {
      refusing = true
    },
    close() {
      if (connections.size === 0) {
        stopping = () => {}
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const connection of connections) connection.cut()
        }, closeWithin)
        stopping = () => {
          clearTimeout(timer)
          resolve()
        }
        for (const connection of connections) connection.close('serverStopping')
      })
    },
    get connections() {
      return connections.size
    },
    get cutOff() {
      return cutOff
    },
  }
}

const isAboutPeople = ({ type }: DeviceMessage) =>
  type === 'request' || type === 'watch' || type === 'idle' || type === 'sync'

const isCallAction = ({ type }: DeviceMessage) => type === 'answer' || type === 'decline'

function refusalOf(
  request: IncomingMessage,
  { mayConnect, limits }: EndpointDependencies,
  stopping: boolean,
): string | undefined {
  if (request.url?.split('?', 1)[0] !== '/socket') return '404 Not Found'
  if (!mayConnect(request.headers.origin)) return '403 Forbidden'
  if (stopping) return '503 Service Unavailable'
  if (!limits.hasRoom(request)) return noRoom
  return undefined
}
