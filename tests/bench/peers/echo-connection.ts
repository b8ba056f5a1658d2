import { WebSocket } from 'ws'
import type { PingingConnection } from './xmpp-connection.ts'

/** A WebSocket that sends a heartbeat as a device does, and hears its answer. Resolves once it is open. */
export function openEchoConnection(port: number, onPong: () => void): Promise<PingingConnection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  let n = 0
  const ping = () => {
    n += 1
    socket.send(JSON.stringify({ type: 'heartbeat', n }))
  }
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => resolve({ ping }))
    socket.on('message', onPong)
  })
}
