import { sqlStateOf } from './sql-state.ts'
import { DatabaseBusy } from './turns.ts'

/**
 * What PostgreSQL undid since others were in the way: a row that another transaction kept (55P03), a statement that took
 * too long (57014), a transaction in which nothing was asked (25P03), and what came between others for as long as it was
 * tried again (40001, 40P01). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const busyStates: ReadonlySet<string> = new Set(['25P03', '40001', '40P01', '55P03', '57014'])

/** Whether an error, or what caused it, says that something was not done since too much else was: it may be tried again. */
export function isBusyError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error instanceof DatabaseBusy || busyStates.has(sqlStateOf(error) ?? '') || isBusyError(error.cause)
}
