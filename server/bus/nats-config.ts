import { resolve } from 'node:path'
import * as v from 'valibot'
import type { ReadFrom } from '../environment.ts'

export interface NatsServer {
  readonly host: string
  readonly port: number
}

/** Who this is to the NATS servers. */
export type NatsCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** A file of a JWT and its key, as `nsc` makes them. It is read at each connection: it may be changed meanwhile. */
  | { readonly kind: 'file'; readonly path: string }

/** One NATS server, or several of one cluster. */
export interface NatsConfig {
  readonly servers: readonly NatsServer[]
  /** Whether the servers have to be reached by TLS. One that offers it is reached so anyway. */
  readonly tls: boolean
  /** The authority that signed their certificates, where the system does not know it; PEM. */
  readonly caFile?: string | undefined
  readonly credentials: NatsCredentials
}

const defaultPort = 4222

const example = 'nats://user:password@nats-1.example:4222,nats://user:password@nats-2.example:4222'

// A value may hold a password, so no message repeats it.
const addressRule = `NATS_URL must be the address of a NATS server, or of several of one cluster with commas between: ${example}.`
const schemeRule = 'NATS_URL must have nats:// before each address, or tls:// before each.'
const credentialsRule =
  'NATS_URL must have the same user and password, or the same token, before each address: nats://token@nats.example.'

const addressesOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const isAddress = (text: string): boolean => {
  if (!/^(nats|tls):\/\//i.test(text) || !URL.canParse(text)) return false
  const { hostname, pathname, search, hash, username, password } = new URL(text)
  if (hostname === '' || !/^\/?$/.test(pathname) || search !== '' || hash !== '') return false
  return isEncoded(username) && isEncoded(password) && (username !== '' || password === '')
}

const isEncoded = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

const isAlike = (values: readonly string[]): boolean => new Set(values).size <= 1

export const natsEnvironment = {
  NATS_URL: v.optional(
    v.pipe(
      v.string(),
      v.transform(addressesOf),
      v.check((addresses) => addresses.length > 0 && addresses.every(isAddress), addressRule),
      v.transform((addresses) => addresses.filter(isAddress).map((address) => new URL(address))),
      v.check((urls) => isAlike(urls.map(({ protocol }) => protocol)), schemeRule),
      v.check(
        (urls) => isAlike(urls.map(({ username, password }) => `${username}:${password}`)),
        credentialsRule,
      ),
    ),
  ),
  NATS_CREDS_FILE: v.optional(v.pipe(v.string(), v.trim())),
  NATS_CA_FILE: v.optional(v.pipe(v.string(), v.trim())),
} as const

type Given = ReadFrom<typeof natsEnvironment>

/** What only two of the settings together show to be wrong: whether they go together, and what is to be done if not. */
export const oneCredentialRule =
  'NATS_CREDS_FILE must be left out when NATS_URL has a user or a token: one of them says who this is.'
export const hasOneCredential = ({
  NATS_URL,
  NATS_CREDS_FILE,
}: Pick<Given, 'NATS_URL' | 'NATS_CREDS_FILE'>) =>
  NATS_CREDS_FILE === undefined || NATS_URL === undefined || NATS_URL.every(({ username }) => username === '')

const credentialsOf = ({ username, password }: URL, file: string | undefined): NatsCredentials => {
  if (file !== undefined) return { kind: 'file', path: file }
  if (username === '') return { kind: 'none' }
  const user = decodeURIComponent(username)
  return password === ''
    ? { kind: 'token', token: user }
    : { kind: 'password', user, password: decodeURIComponent(password) }
}

/** @returns undefined when no server is named. */
export function natsConfig(
  { NATS_URL: urls, NATS_CREDS_FILE: file, NATS_CA_FILE: caFile }: Given,
  cwd: string,
): NatsConfig | undefined {
  const first = urls?.[0]
  if (!urls || !first) return undefined
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path))
  return {
    servers: urls.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? defaultPort : Number(port),
    })),
    tls: first.protocol === 'tls:',
    caFile: at(caFile),
    credentials: credentialsOf(first, at(file)),
  }
}
