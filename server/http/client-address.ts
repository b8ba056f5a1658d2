import type { IncomingMessage } from 'node:http'
import type { Client } from '../accounts/audit.ts'

/** From where a request or a connection comes, as the audit record has it. */
export type ClientOf = (incoming: IncomingMessage) => Client

/** @param trustProxy whether a proxy stands before us: then the last hop that it names is the client. */
export const clientOf =
  (trustProxy: boolean): ClientOf =>
  ({ headers, socket }) => {
    const hops = trustProxy ? String(headers['x-forwarded-for'] ?? '').split(',') : []
    return {
      address: hops.at(-1)?.trim() || socket.remoteAddress || 'unknown',
      label: headers['user-agent'] ?? '',
    }
  }
