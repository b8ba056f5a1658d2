import { afterClose, sessionEndReason } from '../../../protocol/close-codes.ts'
import {
  type DeviceMessage,
  type Parsed,
  parseServerMessage,
  type ServerMessage,
} from '../../../protocol/connection.ts'
import type { ReachabilityEvent } from '../reachability/events.ts'
import { createServerConduct, type ServerConduct } from './server-conduct.ts'

export interface Sockets {
  /** Opens a WebSocket to the server's `/socket`; what becomes of it is told by events of that number. */
  readonly open: (connection: number, server: string) => void
  readonly close: (connection: number) => void
  /** Sends on that connection if it is still held and open; otherwise the message is dropped. */
  readonly send: (connection: number, message: DeviceMessage) => void
}

/**
 * The only owner of sockets. A closed connection is let go of at once: a socket over a dead network may take
 * minutes to close, and what it still says must not count.
 */
export function createSockets(
  dispatch: (event: ReachabilityEvent) => void,
  route: (connection: number, message: ServerMessage) => void,
): Sockets {
  /** By connection: one, and beside it the one that is to take its place. */
  const held = new Map<number, { readonly socket: WebSocket; readonly conduct: ServerConduct }>()

  function open(connection: number, server: string): void {
    const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/socket`)
    const conduct = createServerConduct()
    held.set(connection, { socket, conduct })
    const current = () => held.get(connection)?.socket === socket
    socket.onclose = ({ code }) =>
      current() &&
      dispatch({ type: 'closed', connection, after: afterClose(code), why: sessionEndReason(code) })
    socket.onmessage = ({ data }) => {
      if (!current()) return
      const frame = typeof data === 'string' ? data : ''
      const parsed: Parsed<ServerMessage> = conduct.hear(frame.length, performance.now())
        ? parseServerMessage(frame)
        : { kind: 'malformed', why: 'too many' }
      // A message of a type not known yet comes from a newer server and asks nothing of this device.
      if (parsed.kind === 'unknown') return
      if (parsed.kind === 'message' && conduct.takes(parsed.message.type)) route(connection, parsed.message)
      else dispatch({ type: 'closed', connection, after: 'retry' })
    }
  }

  function close(connection: number): void {
    const closing = held.get(connection)
    held.delete(connection)
    closing?.socket.close()
  }

  function send(connection: number, message: DeviceMessage): void {
    const open = held.get(connection)
    if (open?.socket.readyState !== WebSocket.OPEN) return
    open.socket.send(JSON.stringify(message))
    if (message.type === 'hello') open.conduct.saidHello()
  }

  return { open, close, send }
}
