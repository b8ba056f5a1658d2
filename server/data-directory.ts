import { accessSync, chmodSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { newSecret } from './accounts/secret-token.ts'
import { StartupError } from './startup-error.ts'

export interface DataDirectory {
  readonly database: string
  readonly operator: string
  readonly secret: string
  readonly lock: string
}

/**
 * Makes the directory where there is none and checks that it can be written to.
 *
 * @throws StartupError
 */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartupError(
      `The data directory ${path} cannot be written to (${why}). Make it writable, or choose another one with DATA_DIR.`,
    )
  }
  return {
    database: join(path, 'reachable.db'),
    operator: join(path, 'operator.json'),
    secret: join(path, 'secret'),
    lock: join(path, 'running'),
  }
}

/** Reads the secret of this installation, making it the first time. Only its owner may read it. */
export function keptSecret(path: string): string {
  try {
    const kept = readFileSync(path, 'utf8').trim()
    if (kept.length >= 32) return kept
    throw new StartupError(
      `The file ${path} should hold a secret of at least 32 characters. Restore it, or delete it to have a new one made.`,
    )
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
  const secret = newSecret()
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(path, 0o600)
  return secret
}

/**
 * Holds the directory for this process, so that two servers never share one. SQLite's file locks do
 * it, because the system lets them go by itself however a process dies.
 *
 * @returns a function that lets go.
 * @throws StartupError when another server has it.
 */
export function holdDataDirectory(directory: DataDirectory): () => void {
  const lock = new DatabaseSync(directory.lock)
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive; create table if not exists held (x); commit')
  } catch {
    lock.close()
    throw new StartupError(
      `Another Reachable server is already running with the data in ${directory.database}. Stop it first, or give this one another DATA_DIR.`,
    )
  }
  return () => lock.close()
}
