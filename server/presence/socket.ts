import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { type DeviceMessage, maxFrame, parseDeviceMessage } from '../../protocol/connection.ts'
import { helloWithin } from '../../protocol/timing.ts'
import type { Origin } from '../accounts/audit.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { Line } from './connection.ts'
import { isSpent, spend, spendOnUnknown } from './message-rate-limit.ts'

/** A device beats every 10 s; a line not heard for so long (ms) is held by nobody. */
const silentFor = 60_000
/** How long a closing line may take to agree, in ms. */
const closeWithin = 1_000

export interface SocketParts {
  readonly clock: Clock
  readonly log: Log
  readonly mayConnect: (origin: string | undefined) => boolean
  readonly originOf: (request: IncomingMessage) => Origin
  /** A nonce that was never given before. */
  readonly challenge: () => string
  readonly hear: (line: Line, message: DeviceMessage) => Promise<void>
  readonly leave: (line: Line) => void
}

export interface Socket {
  /** Closes lines whose hello is late and cuts those that are silent. */
  sweep(): void
  /** Tells every device that the server stops; resolves when the last line is gone. */
  close(): Promise<void>
  readonly lines: number
}

/** The WebSocket at `/socket` of an HTTP server: frames in, messages out, limits kept. */
export function openSocket(server: Server, parts: SocketParts): Socket {
  const { clock, log, hear, leave } = parts
  // `closeTimeout` is not in the published types yet.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    maxPayload: maxFrame,
    perMessageDeflate: false,
    closeTimeout: closeWithin,
  }
  const sockets = new WebSocketServer(options)
  const lines = new Map<WebSocket, Line>()
  const waiting = new Set<Line>()
  let stopping: (() => void) | undefined

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean) {
    const line = lines.get(this)
    if (!line?.open) return
    count(line)
    if (isSpent(line.allowance)) return line.close('tooMany')
    const parsed = isBinary ? undefined : parseDeviceMessage(String(data))
    switch (parsed?.kind) {
      case 'message':
        hear(line, parsed.message).catch((err) => {
          log.error({ err, type: parsed.message.type }, 'a message of a device could not be dealt with')
          // It comes back and says it again, but for what it takes an answer to by itself.
          if (!line.welcomed || isPress(parsed.message)) line.cut()
        })
        return
      case 'unknown':
        line.allowance = spendOnUnknown(line.allowance)
        if (isSpent(line.allowance)) line.close('tooMany')
        return
      default:
        line.close('malformed')
    }
  }

  function onPing(this: WebSocket) {
    const line = lines.get(this)
    if (!line?.open) return
    count(line)
    if (isSpent(line.allowance)) line.close('tooMany')
  }

  const count = (line: Line) => {
    const now = clock.monotonic()
    line.heardAt = now
    line.allowance = spend(line.allowance, now)
  }

  function onClose(this: WebSocket) {
    const line = lines.get(this)
    lines.delete(this)
    if (!line) return
    waiting.delete(line)
    leave(line)
    if (lines.size === 0) stopping?.()
  }

  /** ws closes the line itself; what went wrong with it is the other side's affair. */
  const onError = () => {}

  const welcome = (socket: WebSocket, request: IncomingMessage) => {
    const from = parts.originOf(request)
    const opened = { id: randomUUID(), at: clock.monotonic(), nonce: parts.challenge(), from }
    const line = new Line(socket, opened)
    lines.set(socket, line)
    waiting.add(line)
    socket.on('message', onMessage).on('ping', onPing).on('close', onClose).on('error', onError)
    line.send({ type: 'challenge', nonce: opened.nonce })
  }

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', onError)
    const status = refusalOf(request, parts.mayConnect, stopping !== undefined)
    if (status === undefined) sockets.handleUpgrade(request, stream, head, welcome)
    else stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
  server.on('upgrade', onUpgrade)

  return {
    sweep() {
      const now = clock.monotonic()
      for (const line of waiting)
        if (line.greeted) waiting.delete(line)
        else if (now - line.openedAt >= helloWithin) line.close('helloLate')
      for (const line of lines.values()) if (now - line.heardAt >= silentFor) line.cut()
    },
    close() {
      if (lines.size === 0) {
        stopping = () => {}
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const line of lines.values()) line.cut()
        }, closeWithin)
        stopping = () => {
          clearTimeout(timer)
          resolve()
        }
        for (const line of lines.values()) line.close('serverStopping')
      })
    },
    get lines() {
      return lines.size
    },
  }
}

const isPress = ({ type }: DeviceMessage) => type === 'answer' || type === 'decline'

function refusalOf(
  request: IncomingMessage,
  mayConnect: SocketParts['mayConnect'],
  stopping: boolean,
): string | undefined {
  if (request.url?.split('?', 1)[0] !== '/socket') return '404 Not Found'
  if (!mayConnect(request.headers.origin)) return '403 Forbidden'
  if (stopping) return '503 Service Unavailable'
  return undefined
}
