import type { IncomingMessage } from 'node:http'
import type { Origin } from '../accounts/audit.ts'

/** Who is asking, by address. Behind a proxy that is trusted, the last hop it names is the client. */
export const addressOf =
  (trustProxy: boolean) =>
  ({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string => {
    const forwarded = trustProxy
      ? String(headers['x-forwarded-for'] ?? '')
          .split(',')
          .at(-1)
          ?.trim()
      : undefined
    return forwarded || socket.remoteAddress || 'unknown'
  }

/** From where a request comes, as the audit record has it. */
export const originOf =
  (trustProxy: boolean) =>
  (incoming: IncomingMessage): Origin => ({
    address: addressOf(trustProxy)(incoming),
    label: incoming.headers['user-agent'] ?? '',
  })
