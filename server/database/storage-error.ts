import { DatabaseLost, sqlStateOf } from './sql-state.ts'

/**
 * The result codes by which SQLite says that the storage below it is at fault: full, broken, unreadable, or
 * locked by another process for longer than is waited. https://sqlite.org/rescode.html
 */
const storageCodes: ReadonlySet<number> = new Set([
  3, // SQLITE_PERM
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  7, // SQLITE_NOMEM
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  15, // SQLITE_PROTOCOL
  22, // SQLITE_NOLFS
  26, // SQLITE_NOTADB
])

/**
 * The same of PostgreSQL, by classes of codes and single ones: it is gone, full, ends or was ended, can only be read, lets
 * nobody in. A standby supports no transaction of ours (0A000). That one statement took too long, or one row was another's,
 * says nothing of the next (see busy-error.ts). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const storageStates = /^(08|28|53|57P|58|XX)|^(0A000|25006|3D000)$/

/**
 * Whether an error, or what caused it, says that nothing can be stored now. Any other error of the database
 * (a constraint, a wrong statement) is of the one thing that was to be done, and says nothing of the next.
 */
export function isStorageError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const state = sqlStateOf(error)
  if (error instanceof DatabaseLost || state !== undefined)
    return state === undefined || storageStates.test(state)
  // An extended result code has the primary one in its lowest byte.
  if ('errcode' in error && typeof error.errcode === 'number') return storageCodes.has(error.errcode & 0xff)
  return isStorageError(error.cause)
}
