import { afterClose } from '../../../protocol/close-codes.ts'
import { type DeviceMessage, parseServerMessage, type ServerMessage } from '../../../protocol/connection.ts'
import type { ReachabilityEvent } from '../reachability/events.ts'

export interface Lines {
  /** Opens a WebSocket to the server's `/socket`; what becomes of it is told by events of that number. */
  readonly open: (line: number, server: string) => void
  readonly close: (line: number) => void
  /** Sends on that line if it is still the newest and open; otherwise the message is dropped. */
  readonly send: (line: number, message: DeviceMessage) => void
}

/**
 * The only owner of sockets. A closed line is let go of at once: a socket over a dead network may take
 * minutes to close, and what it still says must not count.
 */
export function createLines(
  happen: (event: ReachabilityEvent) => void,
  hear: (line: number, message: ServerMessage) => void,
): Lines {
  let newest: { readonly line: number; readonly socket: WebSocket } | null = null

  function open(line: number, server: string): void {
    const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/socket`)
    newest = { line, socket }
    const current = () => newest?.socket === socket
    socket.onclose = ({ code }) => current() && happen({ type: 'closed', line, after: afterClose(code) })
    socket.onmessage = ({ data }) => {
      if (!current()) return
      const parsed = parseServerMessage(typeof data === 'string' ? data : '')
      // A message of a type not known yet comes from a newer server and asks nothing of this device.
      if (parsed.kind === 'message') hear(line, parsed.message)
      else if (parsed.kind === 'malformed') happen({ type: 'closed', line, after: 'retry' })
    }
  }

  function close(line: number): void {
    if (newest?.line !== line) return
    const { socket } = newest
    newest = null
    socket.close()
  }

  function send(line: number, message: DeviceMessage): void {
    if (newest?.line === line && newest.socket.readyState === WebSocket.OPEN)
      newest.socket.send(JSON.stringify(message))
  }

  return { open, close, send }
}
