import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { startBalancer } from '../../support/nodes/balancer.ts'

/** One process may not have enough files open for both ends of each connection. */
const processes = 2

/** The load balancer of the tests as processes of its own: told ports of nodes, it answers with the port of its own. */
if (cluster.isPrimary) await share()
else balance()

async function share(): Promise<void> {
  const workers = Array.from({ length: processes }, () => cluster.fork())
  const portOf = async (worker: Worker, nodes: unknown) => {
    const answer = once(worker, 'message')
    worker.send(nodes as object)
    return (await answer)[0] as number
  }
  await Promise.all(workers.map((worker) => once(worker, 'listening')))
  process.on('message', async (nodes) => {
    const [port] = await Promise.all(workers.map((worker) => portOf(worker, nodes)))
    process.send?.(port)
  })
}

function balance(): void {
  const nodes: { readonly port: () => number }[] = []
  const opening = startBalancer(nodes)
  process.on('message', async (ports: readonly number[]) => {
    const balancer = await opening
    nodes.push(...ports.map((port) => ({ port: () => port })))
    while (!nodes.every(balancer.isReady)) await new Promise((resolve) => setTimeout(resolve, 50))
    process.send?.(balancer.port)
  })
}
process.once('disconnect', () => process.exit())
