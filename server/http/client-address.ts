import type { IncomingMessage } from 'node:http'
import type { Origin } from '../accounts/audit.ts'
import type { Request } from './route.ts'

/** Who is asking, by address. Behind a proxy that is trusted, the last hop it names is the client. */
export const addressOf =
  (trustProxy: boolean) =>
  (request: Request): string =>
    addressBehind(trustProxy, request.env.incoming)

/** From where a request or a connection comes, as the audit record has it. */
export const originOf =
  (trustProxy: boolean) =>
  (incoming: IncomingMessage): Origin => ({
    address: addressBehind(trustProxy, incoming),
    label: incoming.headers['user-agent'] ?? '',
  })

function addressBehind(trustProxy: boolean, { headers, socket }: IncomingMessage): string {
  const hops = trustProxy ? String(headers['x-forwarded-for'] ?? '').split(',') : []
  return hops.at(-1)?.trim() || socket.remoteAddress || 'unknown'
}
