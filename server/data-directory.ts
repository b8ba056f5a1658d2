import { randomBytes } from 'node:crypto'
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { type ReadFrom, wholeNumber } from './environment.ts'
import { megabyte } from './megabyte.ts'
import { isOpenToOthers, keepToOwner, otherOwner } from './owner-only.ts'
import { StartupError } from './startup-error.ts'

const lowRule = 'DISK_LOW_MB must be a whole number of megabytes, 0 to 100000000.'

export const dataEnvironment = {
  DATA_DIR: v.optional(
    v.pipe(v.string(), v.trim(), v.nonEmpty('DATA_DIR must name a directory, or be left out for ./data.')),
    './data',
  ),
  DISK_LOW_MB: v.optional(wholeNumber(0, 100_000_000, lowRule)),
  AUTH_SECRET: v.optional(
    v.pipe(v.string(), v.minLength(32, 'AUTH_SECRET must have at least 32 characters, chosen at random.')),
  ),
}

export interface DataConfig {
  /** Absolute. Holds the database, the secret, and what the commands need. */
  readonly dataDir: string
  /** Bytes below which the disk of `dataDir` runs low; by default that depends on its size. */
  readonly diskLowBelow?: number | undefined
  /** By default made once and kept in `dataDir`. */
  readonly authSecret?: string | undefined
}

export const dataConfig = (environment: ReadFrom<typeof dataEnvironment>, cwd: string): DataConfig => ({
  dataDir: resolve(cwd, environment.DATA_DIR),
  diskLowBelow: environment.DISK_LOW_MB === undefined ? undefined : environment.DISK_LOW_MB * megabyte,
  authSecret: environment.AUTH_SECRET,
})

export interface DataDirectory {
  readonly database: string
  readonly operator: string
  readonly secret: string
  readonly lock: string
  /** Room on the disk that is given back when nothing is left. */
  readonly reserve: string
}

/** Where what is, in the data directory at `path`, whether or not it is there. */
export const dataDirectoryAt = (path: string): DataDirectory => ({
  database: join(path, 'reachable.db'),
  operator: join(path, 'operator.json'),
  secret: join(path, 'secret'),
  lock: join(path, 'running'),
  reserve: join(path, 'reserve'),
})

/** All that is in the data directory and may be as open as an older version left it. */
const filesOf = ({ database, operator, secret, lock, reserve }: DataDirectory): string[] => [
  ...[database, `${database}-wal`, `${database}-shm`],
  ...[lock, `${lock}-journal`, operator, secret, reserve],
]

/**
 * Makes the directory where there is none, checks that it is this user's and can be written to, and keeps everybody
 * else out of it: who may open the lock may hold it, and so keep the server from starting.
 *
 * @throws StartupError
 */
export function openDataDirectory(path: string): DataDirectory {
  const directory = dataDirectoryAt(path)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    keepToOwner(`The data directory ${path}`, path)
    accessSync(path, constants.W_OK | constants.X_OK)
    for (const file of filesOf(directory)) keepToOwner(`The file ${file}`, file)
  } catch (cause) {
    if (cause instanceof StartupError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartupError(
      `The data directory ${path} cannot be written to (${why}). Make it writable, or choose another one with DATA_DIR.`,
    )
  }
  return directory
}

/** What is open to others in a data directory, or another user's; for whoever only looks. */
export interface Openness {
  readonly path: string
  /** The uid of whoever's it is; undefined when it is this user's, and open. */
  readonly stranger: number | undefined
}

export function opennessOf(path: string): Openness[] {
  return [path, ...filesOf(dataDirectoryAt(path))]
    .map((file) => ({ path: file, stranger: otherOwner(file) }))
    .filter(({ path: file, stranger }) => stranger !== undefined || isOpenToOthers(file))
}

/** The secret of this installation: the configured one, or the one that is kept with the data. */
export const secretOf = ({ authSecret }: DataConfig, { secret }: DataDirectory): string =>
  authSecret ?? keptSecret(secret)

/** Reads the secret, making it the first time. Only its owner may read it. */
function keptSecret(path: string): string {
  try {
    const kept = readFileSync(path, 'utf8').trim()
    if (kept.length >= 32) return kept
    throw new StartupError(
      `The file ${path} should hold a secret of at least 32 characters. Restore it, or delete it to have a new one made.`,
    )
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
  const secret = randomBytes(32).toString('base64url')
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(path, 0o600)
  return secret
}
