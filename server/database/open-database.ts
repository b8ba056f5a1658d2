import { chmodSync, existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Kysely } from 'kysely'
import { isSqliteBusy } from '../sqlite-busy.ts'
import { StartupError } from '../startup-error.ts'
import { migrate } from './migrate.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import type { Database, Tables } from './tables.ts'

/** How long a write waits, with the whole process, for a command that is writing: milliseconds. */
const busyTimeout = 2_000

/**
 * Opens the SQLite file, checks that it is whole, and brings its tables up to date. A damaged file is
 * left as it is.
 *
 * @param bringUpToDate what it throws besides SQLite's own errors is thrown on.
 * @param onError told of every statement that fails from then on, also of those whose failure somebody deals with.
 * @throws StartupError that says which file and what to do.
 */
export async function openDatabase(
  path: string,
  bringUpToDate: (db: Database) => Promise<void> = migrate,
  onError?: (error: unknown) => void,
): Promise<Database> {
  const existed = existsSync(path)
  const database = connect(path)
  const damage = existed ? damageOf(database) : undefined
  if (damage !== undefined) {
    database.close()
    throw new StartupError(
      `The database ${path} is damaged (${damage}). It was left as it is. Put a sound copy in its place, or move it away to start with an empty one.`,
    )
  }
  try {
    await writeAhead(database)
    database.exec(
      'pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 16777216',
    )
    const db = new Kysely<Tables>({
      dialect: sqliteDialect(database),
      log: (event) => {
        if (event.level === 'error') onError?.(event.error)
      },
    })
    await bringUpToDate(db)
    return db
  } catch (cause) {
    if (database.isOpen) database.close()
    if (!isSqliteError(cause)) throw cause
    throw new StartupError(
      `The database ${path} cannot be written to (${messageOf(cause)}). Check that the disk has room and that the file may be written to.`,
    )
  }
}

/**
 * Opens the SQLite file beside whoever serves it, to look at it and change nothing.
 *
 * @throws SQLite's own errors, also at the first question: the file may be none.
 */
export function openToLook(path: string): Database {
  const url = pathToFileURL(path)
  // Who only reads makes the files of a write-ahead log too, and leaves them there. Where there are none nobody writes.
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true, timeout: busyTimeout })
  return new Kysely<Tables>({ dialect: sqliteDialect(database) })
}

function connect(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: busyTimeout })
    chmodSync(path, 0o600)
    return database
  } catch (cause) {
    throw new StartupError(
      `The database ${path} cannot be opened (${messageOf(cause)}). Check that it is a file that may be read and written to.`,
    )
  }
}

/** SQLite waits for nobody who does the same to a new file at this moment, as a server and a command that are first. */
async function writeAhead(database: DatabaseSync): Promise<void> {
  const until = performance.now() + busyTimeout
  for (;;)
    try {
      return database.exec('pragma journal_mode = wal')
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() > until) throw error
      await delay(10)
    }
}

function damageOf(database: DatabaseSync): string | undefined {
  try {
    const [row] = database.prepare('pragma quick_check(1)').all()
    const verdict = String(row?.quick_check)
    return verdict === 'ok' ? undefined : verdict.replaceAll(/\s+/g, ' ')
  } catch (cause) {
    return messageOf(cause)
  }
}

/** Whether SQLite itself says it: of what, `isStorageError` knows. */
export const isSqliteError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
