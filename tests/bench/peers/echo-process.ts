import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/** The least that a WebSocket server can do for a heartbeat: reads it, and answers. It says on which port it listens. */
const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: false,
  clientTracking: false,
})
server.on('connection', (socket) =>
  socket.on('message', (data) => {
    const { n } = JSON.parse(String(data)) as { n: number }
    socket.send(JSON.stringify({ type: 'lease', n, leaseFor: 25_000 }))
  }),
)
server.on('listening', () => console.log((server.address() as AddressInfo).port))
