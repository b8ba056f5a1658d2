/** SQLITE_BUSY: another connection has the lock. https://sqlite.org/rescode.html#busy */
const sqliteBusy = 5

/** Whether SQLite says that another connection was in the way, for whatever reason. */
export const isSqliteBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === sqliteBusy
