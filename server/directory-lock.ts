import { chmodSync, existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { DataDirectory } from './data-directory.ts'
import { isSqliteBusy } from './sqlite-busy.ts'
import { StartupError } from './startup-error.ts'

/** Whether a server holds the directory now. Changes nothing: where there is no lock there is no server. */
export function isHeld({ lock: path }: DataDirectory): boolean {
  if (!existsSync(path)) return false
  const lock = new DatabaseSync(path, { readOnly: true })
  try {
    lock.exec('begin; select count(*) from sqlite_master')
    return false
  } catch (cause) {
    return isSqliteBusy(cause)
  } finally {
    lock.close()
  }
}

/** @param timeout how long a statement waits for another process that has the lock: milliseconds. */
function openLock({ lock: path }: DataDirectory, timeout: number): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout })
  chmodSync(path, 0o600)
  return lock
}

/** How long a server that starts waits for a command that migrates: milliseconds. */
const commandMigratesWithin = 1_000

/**
 * Holds the directory for this process, so that two servers never share one. SQLite's file locks do
 * it, because the system lets them go by itself however a process dies.
 *
 * @returns a function that lets go.
 * @throws StartupError when another server has it.
 */
export function holdDataDirectory(directory: DataDirectory): () => void {
  const lock = openLock(directory, commandMigratesWithin)
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive; create table if not exists held (x); commit')
  } catch {
    lock.close()
    throw new StartupError(
      `Another Reachable server is already running with the data in ${directory.database}. Stop it first, or give this one another DATA_DIR. (If there is none: some program has ${directory.lock} open.)`,
    )
  }
  return () => lock.close()
}

/**
 * Keeps servers from starting on the directory, for a command; several commands may do so at once.
 *
 * @returns a function that lets go, or undefined when a server has the directory.
 */
export function keepServersOff(directory: DataDirectory): (() => void) | undefined {
  const lock = openLock(directory, 0)
  try {
    // A transaction that has read holds a shared lock until it ends.
    lock.exec('begin; select count(*) from sqlite_master')
  } catch (cause) {
    lock.close()
    if (isSqliteBusy(cause)) return undefined
    throw cause
  }
  return () => lock.close()
}
