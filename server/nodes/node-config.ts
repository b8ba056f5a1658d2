import * as v from 'valibot'
import { type NatsConfig, natsConfig, natsEnvironment } from '../bus/nats-config.ts'
import type { ReadFrom } from '../environment.ts'

const isPostgres = (text: string): boolean => {
  if (!/^postgres(ql)?:\/\//i.test(text) || !URL.canParse(text)) return false
  const { pathname, hash, searchParams } = new URL(text)
  // A socket's folder is named as a host among the parameters.
  const hasHost = new URL(text).hostname !== '' || searchParams.has('host')
  return hasHost && /^\/[^/]+$/.test(pathname) && hash === ''
}

export const nodeEnvironment = {
  DATABASE_URL: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      // The value may hold a password, so no message repeats it.
      v.check(
        isPostgres,
        'DATABASE_URL must be the address of a PostgreSQL database: postgres://user:password@db.example:5432/reachable.',
      ),
    ),
  ),
  ...natsEnvironment,
}

/** Where a node finds the others: what they all know, and the way to everybody's connections. */
export interface NodeConfig {
  /** Of PostgreSQL. May hold a password. */
  readonly databaseUrl: string
  readonly nats: NatsConfig
}

type Given = ReadFrom<typeof nodeEnvironment>

/** What only several settings together show to be wrong: `goTogether` says whether they are right, `rule` what to do if not. */
export const bothRule =
  'DATABASE_URL and NATS_URL must be set both, for one of several servers that are one service, or neither.'
export const goTogether = ({ DATABASE_URL, NATS_URL }: Pick<Given, 'DATABASE_URL' | 'NATS_URL'>): boolean =>
  (DATABASE_URL === undefined) === (NATS_URL === undefined)

export const secretRule =
  'AUTH_SECRET must be set with DATABASE_URL, to the same at least 32 random characters for all servers of the service.'
export const publicUrlRule =
  'PUBLIC_URL must be set with DATABASE_URL, to the one address by which people reach all servers of the service: https://reachable.example.'
export const filesRule = 'NATS_CREDS_FILE and NATS_CA_FILE must be left out, or NATS_URL be set with them.'

/** @returns undefined for a server that runs alone. */
export function nodeConfig(given: Given, cwd: string): NodeConfig | undefined {
  const nats = natsConfig(given, cwd)
  return given.DATABASE_URL === undefined || !nats ? undefined : { databaseUrl: given.DATABASE_URL, nats }
}
