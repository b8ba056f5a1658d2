import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { type DeviceMessage, maxFrame, parseDeviceMessage } from '../../protocol/connection.ts'
import { helloWithin } from '../../protocol/timing.ts'
import type { Client } from '../accounts/audit.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { Connection } from './connection.ts'
import { isSpent, spend, spendOnUnknown } from './message-rate-limit.ts'

/** A device sends a heartbeat every 10 s; a connection not heard for so long (ms) is held by nobody. */
const silentFor = 60_000
/** How long a closing connection may take to agree, in ms. */
const closeWithin = 1_000

export interface EndpointDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly clientOf: (request: IncomingMessage) => Client
  /** A nonce that was never given before. */
  readonly challenge: () => string
  readonly handle: (connection: Connection, message: DeviceMessage) => Promise<void>
  readonly onClosed: (connection: Connection) => void
}

export interface WebSocketEndpoint {
  /** Closes connections whose hello is late and cuts those that are silent. */
  tick(): void
  /** Tells every device that the server stops; resolves when the last connection is gone. */
  close(): Promise<void>
  readonly connections: number
}

/** `/socket` of an HTTP server: upgrades, frames in, limits kept, connections that are late or silent ended. */
export function openWebSocketEndpoint(server: Server, dependencies: EndpointDependencies): WebSocketEndpoint {
  const { clock, log, handle, onClosed } = dependencies
  // `closeTimeout` is not in the published types yet.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    maxPayload: maxFrame,
    perMessageDeflate: false,
    closeTimeout: closeWithin,
  }
  const upgrades = new WebSocketServer(options)
  const connections = new Map<WebSocket, Connection>()
  const helloAwaited = new Set<Connection>()
  let stopping: (() => void) | undefined

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean) {
    const connection = connections.get(this)
    if (!connection?.open) return
    count(connection)
    if (isSpent(connection.budget)) return connection.close('tooMany')
    const parsed = isBinary ? undefined : parseDeviceMessage(String(data))
    switch (parsed?.kind) {
      case 'message':
        handle(connection, parsed.message).catch((err) => {
          log.error({ err, type: parsed.message.type }, 'a message of a device could not be dealt with')
          // The device repeats what it gets no answer to, but for answer and decline: for those it has to reconnect.
          if (!connection.welcomed || isCallAction(parsed.message)) connection.cut()
        })
        return
      case 'unknown':
        connection.budget = spendOnUnknown(connection.budget)
        if (isSpent(connection.budget)) connection.close('tooMany')
        return
      default:
        connection.close('malformed')
    }
  }

  function onPing(this: WebSocket) {
    const connection = connections.get(this)
    if (!connection?.open) return
    count(connection)
    if (isSpent(connection.budget)) connection.close('tooMany')
  }

  const count = (connection: Connection) => {
    const now = clock.monotonic()
    connection.heardAt = now
    connection.budget = spend(connection.budget, now)
  }

  function onClose(this: WebSocket) {
    const connection = connections.get(this)
    connections.delete(this)
    if (!connection) return
    helloAwaited.delete(connection)
    onClosed(connection)
    if (connections.size === 0) stopping?.()
  }

  /** ws closes the connection itself; what went wrong with it is the other side's affair. */
  const onError = () => {}

  const onOpen = (socket: WebSocket, request: IncomingMessage) => {
    const from = dependencies.clientOf(request)
    const opened = { id: randomUUID(), at: clock.monotonic(), nonce: dependencies.challenge(), from }
    const connection = new Connection(socket, opened)
    connections.set(socket, connection)
    helloAwaited.add(connection)
    socket.on('message', onMessage).on('ping', onPing).on('close', onClose).on('error', onError)
    connection.send({ type: 'challenge', nonce: opened.nonce })
  }

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', onError)
    const status = refusalOf(request, dependencies.mayConnect, stopping !== undefined)
    if (status === undefined) upgrades.handleUpgrade(request, stream, head, onOpen)
    else stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
  server.on('upgrade', onUpgrade)

  return {
    tick() {
      const now = clock.monotonic()
      for (const connection of helloAwaited)
        if (connection.helloReceived) helloAwaited.delete(connection)
        else if (now - connection.openedAt >= helloWithin) connection.close('helloLate')
      for (const connection of connections.values())
        if (now - connection.heardAt >= silentFor) connection.cut()
    },
    close() {
      if (connections.size === 0) {
        stopping = () => {}
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const connection of connections.values()) connection.cut()
        }, closeWithin)
        stopping = () => {
          clearTimeout(timer)
          resolve()
        }
        for (const connection of connections.values()) connection.close('serverStopping')
      })
    },
    get connections() {
      return connections.size
    },
  }
}

const isCallAction = ({ type }: DeviceMessage) => type === 'answer' || type === 'decline'

function refusalOf(
  request: IncomingMessage,
  mayConnect: EndpointDependencies['mayConnect'],
  stopping: boolean,
): string | undefined {
  if (request.url?.split('?', 1)[0] !== '/socket') return '404 Not Found'
  if (!mayConnect(request.headers.origin)) return '403 Forbidden'
  if (stopping) return '503 Service Unavailable'
  return undefined
}
