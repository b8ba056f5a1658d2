import { readFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node'
import { certificateProblem } from '../certificate-error.ts'
import type { NatsConfig, NatsCredentials, NatsServer } from './nats-config.ts'

/** A NATS server greets at once; one that does not within so many ms is taken for hung. */
const greetingWithin = 1_000
/** What follows the greeting takes so many ms at most: TLS, credentials, the first answer. */
const connectWithin = 2_000

/** Nobody there is NATS, or none that lets us in. */
export class NatsUnreachable extends Error {
  override readonly name = 'NatsUnreachable'
}

/** There is a server, and it does not take the credentials. */
export class NatsRefused extends Error {
  override readonly name = 'NatsRefused'
}

/**
 * Connects to one server, once. What becomes of the connection is its user's matter: it does not connect anew.
 *
 * @throws NatsUnreachable, NatsRefused; what reading the files throws.
 */
export async function dialNats(config: NatsConfig, server: NatsServer): Promise<NatsConnection> {
  const who = credentialsOf(config.credentials)
  const tls = config.tls || config.caFile !== undefined ? { tls: tlsOf(config) } : {}
  await greeted(server)
  try {
    return await connect({
      servers: addressOf(server),
      name: 'reachable',
      ...who,
      ...tls,
      timeout: connectWithin,
      reconnect: false,
      ignoreClusterUpdates: true,
      // Its own pings would be believed late: a loop that was held up takes its timers before what has arrived.
      pingInterval: 2 ** 31 - 1,
    })
  } catch (cause) {
    if (cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError)
      throw new NatsRefused(`${addressOf(server)} refuses the credentials`, { cause })
    throw new NatsUnreachable(`${addressOf(server)}: ${reasonOf(cause)}`, { cause })
  }
}

export const addressOf = ({ host, port }: NatsServer): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** The file is read at each connection: a JWT that ends is replaced there. */
function credentialsOf(credentials: NatsCredentials) {
  switch (credentials.kind) {
    case 'none':
      return {}
    case 'password':
      return { user: credentials.user, pass: credentials.password }
    case 'token':
      return { token: credentials.token }
    case 'file':
      return { authenticator: readCredentials(credentials.path) }
  }
}

function readCredentials(path: string) {
  const authenticator = credsAuthenticator(readFileSync(path))
  try {
    authenticator('any')
  } catch (cause) {
    throw new Error(`${path} holds no credentials of NATS`, { cause })
  }
  return authenticator
}

function tlsOf({ caFile }: NatsConfig) {
  if (caFile === undefined) return {}
  const ca = readFileSync(caFile, 'utf8')
  // Node takes a file without any, and then trusts nobody.
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${caFile} holds no certificate`)
  return { ca }
}

/**
 * Waits for the line with which a NATS server begins. One that accepts and never answers is found out here, since the
 * driver leaves the socket of a connection that it gave up for open.
 */
function greeted(server: NatsServer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(server.port, server.host)
    const end = (why?: string) => {
      clearTimeout(timer)
      socket.destroy()
      if (why === undefined) resolve()
      else reject(new NatsUnreachable(`${addressOf(server)}: ${why}`))
    }
    const timer = setTimeout(() => end('no answer'), greetingWithin)
    socket.on('error', (error) => end(reasonOf(error)))
    socket.on('close', () => end('it closed the connection'))
    socket.once('data', (data) =>
      end(data.subarray(0, 5).toString() === 'INFO ' ? undefined : 'it is no NATS server'),
    )
  })
}

/** In words, without what was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'ECONNREFUSED') return 'connection refused'
  if ('code' in error && error.code === 'ENOTFOUND') return 'the host is not known'
  return certificateProblem(error) ?? (error.message || error.name)
}
