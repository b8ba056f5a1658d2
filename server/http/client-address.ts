import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../../protocol/loopback.ts'
import { parseAddress } from '../accounts/address-key.ts'
import { type Client, userAgentLabel } from '../accounts/audit.ts'

/** From where a request or a connection comes, as the audit record has it. */
export type ClientOf = (incoming: IncomingMessage) => Client

/**
 * @param trustProxy whether a proxy stands before us: then the last hop that it names is the client. What it names may
 * be no address; then the client is whoever is connected, which is the proxy.
 */
export const clientOf =
  (trustProxy: boolean): ClientOf =>
  ({ headers, socket }) => {
    const hops = trustProxy ? String(headers['x-forwarded-for'] ?? '') : ''
    const address =
      parseAddress(hops.slice(hops.lastIndexOf(',') + 1)) ?? parseAddress(socket.remoteAddress ?? '')
    return { address: address?.toString() ?? 'unknown', label: userAgentLabel(headers['user-agent'] ?? '') }
  }

/** What a proxy adds to a request that it passes on. */
const passedOn = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/** Whether a request was made on this machine, as far as can be told: over loopback, and passed on by no proxy. */
export const isFromThisMachine = ({ headers, socket }: IncomingMessage): boolean =>
  isLoopback(parseAddress(socket.remoteAddress ?? '')?.toString() ?? '') &&
  passedOn.every((name) => headers[name] === undefined)
