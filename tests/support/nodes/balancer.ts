import { get } from 'node:http'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** A node is asked this often whether it is ready, and has so long to say so: milliseconds. */
const asksEvery = 200
const answersWithin = 500
/** So often in a row it may be late with that, as a node is that many come to at once. One that says no is out at once. */
const mostLate = 3

export interface Balanced {
  readonly port: () => number | undefined
}

/** What stands before all nodes, as any load balancer does: it takes turns, and passes over who is not ready. */
export interface Balancer extends TcpProxy {
  readonly isReady: (node: Balanced) => boolean
}

const asks = (port: number): Promise<'ready' | 'late' | 'out'> =>
  new Promise((resolve) => {
    const request = get(
      { port, host: '127.0.0.1', path: '/ready', agent: false, timeout: answersWithin },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200 ? 'ready' : 'out')
      },
    )
    request.on('timeout', () => {
      resolve('late')
      request.destroy()
    })
    request.on('error', () => resolve('out'))
  })

/** @param nodes to which more may be added. */
export async function startBalancer(nodes: readonly Balanced[]): Promise<Balancer> {
  const ready = new Set<Balanced>()
  const late = new Map<Balanced, number>()
  let turn = 0
  let isOver = false

  async function watch(): Promise<void> {
    while (!isOver) {
      await Promise.all(
        nodes.map(async (node) => {
          const port = node.port()
          const answer = port === undefined ? 'out' : await asks(port)
          late.set(node, answer === 'late' ? (late.get(node) ?? 0) + 1 : 0)
          if (answer === 'ready') ready.add(node)
          else if (answer === 'out' || (late.get(node) ?? 0) >= mostLate) ready.delete(node)
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
