import { type StallProxy, startStallProxy } from '../stall-proxy.ts'
import { type Server, startServer } from './start-server.ts'

export interface BehindProxy {
  readonly server: Server
  /** The way from devices to the server, whose address is the one that people use. */
  readonly network: StallProxy
}

export async function startServerBehindProxy(): Promise<BehindProxy> {
  const network = await startStallProxy()
  const server = await startServer({ PUBLIC_URL: network.url })
  network.forwardTo(server.url)
  return { server, network }
}
