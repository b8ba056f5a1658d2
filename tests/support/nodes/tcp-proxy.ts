import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A plain TCP proxy, whose way can fail as ways do. */
export interface TcpProxy {
  readonly port: number
  /** What is open ends, and what is new is ended at once. */
  readonly cut: () => void
  /** What is open stays so, what is new is accepted, and nothing gets through: packets are lost. */
  readonly stall: () => void
  /** Ends both. What stalled goes on where it was. */
  readonly mend: () => void
  /** Ends what is open, and takes new ones. */
  readonly drop: () => void
  /** To which port a connection goes that comes from this port. */
  readonly targetOf: (clientPort: number) => number | undefined
  readonly open: () => number
  readonly close: () => Promise<void>
}

/** @param targets ports of 127.0.0.1, which are tried in this order for a connection; asked at each. */
export async function startTcpProxy(targets: () => readonly number[]): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const ways = new Map<number, number>()
  let way: 'open' | 'cut' | 'stalled' = 'open'

  function join(client: Socket, upstream: Socket): void {
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause()
      })
      to.on('drain', () => {
        if (way !== 'stalled') from.resume()
      })
      from.on('end', () => to.end())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    if (way === 'stalled') for (const one of [client, upstream]) one.pause()
  }

  function reach(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) return void client.destroy()
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    upstream.once('error', () => {
      if (upstream.connecting || !ways.has(client.remotePort ?? 0)) reach(client, others)
    })
    upstream.once('connect', () => {
      upstream.removeAllListeners('error')
      upstream.on('error', () => {})
      sockets.add(upstream)
      ways.set(client.remotePort ?? 0, port)
      join(client, upstream)
    })
  }

  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => {})
    if (way === 'cut') return void client.destroy()
    sockets.add(client)
    const { remotePort = 0 } = client
    client.on('close', () => {
      sockets.delete(client)
      ways.delete(remotePort)
    })
    reach(client, targets())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      way = 'cut'
      drop()
    },
    stall: () => {
      way = 'stalled'
      for (const socket of sockets) socket.pause()
    },
    mend: () => {
      way = 'open'
      for (const socket of sockets) socket.resume()
    },
    drop,
    targetOf: (port) => ways.get(port),
    open: () => sockets.size,
    close: async () => {
      server.close()
      drop()
    },
  }
}
