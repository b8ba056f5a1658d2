import { startBalancer } from '../../support/nodes/balancer.ts'

/** The load balancer of the tests as a process of its own: told ports of nodes, it answers with the port of its own. */
const nodes: { readonly port: () => number }[] = []
const balancer = await startBalancer(nodes)

process.on('message', async (ports: readonly number[]) => {
  nodes.push(...ports.map((port) => ({ port: () => port })))
  while (!nodes.every(balancer.isReady)) await new Promise((resolve) => setTimeout(resolve, 50))
  process.send?.(balancer.port)
})
process.once('disconnect', () => process.exit())
