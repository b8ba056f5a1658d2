import { get } from 'node:http'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** A node is asked this often whether it is ready, and has so long to say so: milliseconds. */
const asksEvery = 200
const answersWithin = 500

export interface Balanced {
  readonly port: () => number | undefined
}

/** What stands before all nodes, as any load balancer does: it takes turns, and passes over who is not ready. */
export interface Balancer extends TcpProxy {
  readonly isReady: (node: Balanced) => boolean
}

const asks = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(
      { port, host: '127.0.0.1', path: '/ready', agent: false, timeout: answersWithin },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })

/** @param nodes to which more may be added. */
export async function startBalancer(nodes: readonly Balanced[]): Promise<Balancer> {
  const ready = new Set<Balanced>()
  let turn = 0
  let isOver = false

  async function watch(): Promise<void> {
    while (!isOver) {
      await Promise.all(
        nodes.map(async (node) => {
          const port = node.port()
          if (port !== undefined && (await asks(port))) ready.add(node)
          else ready.delete(node)
        }),
      )
      await new Promise((resolve) => setTimeout(resolve, asksEvery))
    }
  }

  const proxy = await startTcpProxy(() => {
    turn += 1
    const able = nodes.filter((node) => ready.has(node))
    return able.map((_, n) => able[(n + turn) % able.length]?.port()).filter((port) => port !== undefined)
  })
  void watch()
  return {
    ...proxy,
    isReady: (node) => ready.has(node),
    close: async () => {
      isOver = true
      await proxy.close()
    },
  }
}
