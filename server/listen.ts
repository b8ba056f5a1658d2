import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import { type ReadFrom, wholeNumber } from './environment.ts'
import { StartupError } from './startup-error.ts'

const connectionsRule = 'CONNECTIONS_PER_ADDRESS must be a whole number from 1 to 1000000.'
const portRule = 'PORT must be a whole number from 0 to 65535 (0 lets the system choose).'

export const listenEnvironment = {
  PORT: v.optional(wholeNumber(0, 65_535, portRule), '8787'),
  HOST: v.optional(
    v.pipe(v.string(), v.trim(), v.regex(/^[^\s/]+$/, 'HOST must be a host name or an address.')),
    '127.0.0.1',
  ),
  CONNECTIONS_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000, connectionsRule), '20000'),
}

export interface ListenConfig {
  /** 0 lets the system choose. */
  readonly port: number
  readonly host: string
  /** So many connections one address may have: a whole clinic comes from one. */
  readonly connectionsPerAddress: number
}

export const listenConfig = (environment: ReadFrom<typeof listenEnvironment>): ListenConfig => ({
  port: environment.PORT,
  host: environment.HOST,
  connectionsPerAddress: environment.CONNECTIONS_PER_ADDRESS,
})

type Place = Pick<ListenConfig, 'host' | 'port'>

/** @returns the port that it really listens on. @throws StartupError that says what to do. */
export function listen(server: Server, { host, port }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StartupError(sentence(error, host, port))),
    )
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function sentence(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use by another program. Stop that program, or choose another port: PORT=${port + 1}.`
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose a port from 1024 up with PORT.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine. Set HOST to one that is, or leave it out for 127.0.0.1.`
    default:
      return `The server cannot listen on ${host}:${port} (${error.message}).`
  }
}

/** A host and port as a web address; an address that means "all" is written as this machine's own. */
export function webAddress({ host, port }: Place): string {
  const named = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${named.includes(':') ? `[${named}]` : named}:${port}`
}
