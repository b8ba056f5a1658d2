import { openEchoConnection } from './echo-connection.ts'
import { openXmppConnection } from './xmpp-connection.ts'

export interface PingRequest {
  readonly speaks: 'xmpp' | 'websocket'
  readonly port: number
  /** The number of its first account, and how many. */
  readonly from: number
  readonly count: number
  /** Ms between two pings of a connection. */
  readonly every: number
}

/** So many are being connected at a time. */
const atOnce = 50

let pongs = 0
const onPong = () => {
  pongs += 1
}

/** Connections that ping from a random moment on, so that they do not do it in step. */
async function connect({ speaks, port, from, count, every }: PingRequest): Promise<void> {
  let next = from
  const connectNext = async () => {
    while (next < from + count) {
      const place = next
      next += 1
      const connection =
        speaks === 'xmpp'
          ? await openXmppConnection(port, place, onPong)
          : await openEchoConnection(port, onPong)
      setTimeout(() => {
        connection.ping()
        setInterval(connection.ping, every)
      }, Math.random() * every)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, connectNext))
}

process.on('message', async (asked: PingRequest | 'pongs') => {
  if (asked !== 'pongs') await connect(asked)
  process.send?.(pongs)
})
process.once('disconnect', () => process.exit())
