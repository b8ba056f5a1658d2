/** SQLITE_BUSY: another connection has the lock. https://sqlite.org/rescode.html#busy */
const sqliteBusy = 5

/** Whether SQLite says that another connection was in the way. */
export const isSqliteBusy = (error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  // An extended result code has the primary one in its lowest byte.
  (error.errcode & 0xff) === sqliteBusy
