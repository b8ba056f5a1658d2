import type { IncomingMessage } from 'node:http'
import type { Client } from '../accounts/audit.ts'
import type { Context } from './route.ts'

/** Who is asking, by address. Behind a proxy that is trusted, the last hop it names is the client. */
export const clientAddressOf =
  (trustProxy: boolean) =>
  (context: Context): string =>
    addressBehind(trustProxy, context.env.incoming)

/** From where a request or a connection comes, as the audit record has it. */
export const clientOf =
  (trustProxy: boolean) =>
  (incoming: IncomingMessage): Client => ({
    address: addressBehind(trustProxy, incoming),
    label: incoming.headers['user-agent'] ?? '',
  })

function addressBehind(trustProxy: boolean, { headers, socket }: IncomingMessage): string {
  const hops = trustProxy ? String(headers['x-forwarded-for'] ?? '').split(',') : []
  return hops.at(-1)?.trim() || socket.remoteAddress || 'unknown'
}
