import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface StallProxy {
  readonly url: string
  /** The server that it stands before. */
  readonly forwardTo: (server: string) => void
  /** How many WebSockets have gone through so far, and how many are open. */
  readonly connections: () => { readonly opened: number; readonly open: number }
  /** When the server last granted a lease on a connection that is still open, by `performance.now()`. */
  readonly leasedAt: () => number | undefined
  /** The paths of all HTTP requests so far, with their queries. */
  readonly requestedPaths: () => readonly string[]
  /** From now on every packet is lost, in both directions, on connections old and new. */
  readonly stall: () => void
  /** As on a computer that has no network any more: what is open gets nothing, and what is new fails at once. */
  readonly unplug: () => void
  /** Ends both. */
  readonly restore: () => void
}

/** A TCP proxy before a server that can lose packets, as a network does that fails without a word. */
export async function startStallProxy(): Promise<StallProxy> {
  let server: URL | undefined
  const sockets = new Set<Socket>()
  let stalled = false
  let unplugged = false
  const paths: string[] = []
  let opened = 0
  let open = 0
  const leases = new Map<Socket, number>()

  function pipe(from: Socket, to: Socket): void {
    sockets.add(from)
    from.on('data', (chunk) => to.write(chunk))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      if (!stalled) to.destroy()
    })
    if (stalled) from.pause()
  }

  const stall = () => {
    stalled = true
    for (const socket of sockets) socket.pause()
  }

  const proxy = createServer((device) => {
    if (unplugged) return void device.destroy()
    const upstream = connect(Number(server?.port), server?.hostname)
    pipe(device, upstream)
    pipe(upstream, device)
    // A browser sends no request before it has the answer to the one before.
    device.on('data', (chunk) => {
      const path = /^[A-Z]+ (\/\S*) HTTP/.exec(chunk.toString('latin1'))?.[1]
      if (path) paths.push(path)
    })
    device.once('data', (head) => {
      if (!head.toString('latin1').startsWith('GET /socket')) return
      opened += 1
      open += 1
      device.once('close', () => {
        open -= 1
        leases.delete(device)
      })
      // The server's frames go unmasked and uncompressed, and what grants a lease is short.
      upstream.on('data', (frames) => {
        if (frames.includes('"type":"lease"')) leases.set(device, performance.now())
      })
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })

  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    forwardTo: (url) => {
      server = new URL(url)
    },
    requestedPaths: () => paths,
    connections: () => ({ opened, open }),
    leasedAt: () => (leases.size === 0 ? undefined : Math.max(...leases.values())),
    stall,
    unplug: () => {
      unplugged = true
      stall()
    },
    restore: () => {
      stalled = false
      unplugged = false
      for (const socket of sockets) socket.resume()
    },
  }
}
