import { DatabaseError } from 'pg'

/** PostgreSQL did not answer, or was not there to ask: what was asked may have been done or not. */
export class DatabaseLost extends Error {
  override readonly name = 'DatabaseLost'
}

/**
 * The five letters by which PostgreSQL says what is wrong, of the error or of what caused it; undefined where it was not
 * PostgreSQL that said it. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.code
  return error instanceof Error ? sqlStateOf(error.cause) : undefined
}

/**
 * Whether a newer server has given a table another column since this connection prepared the statement. Nothing was done,
 * and it may be asked again unprepared. PostgreSQL has no letters of its own for it ("feature_not_supported").
 */
export function isPlanOutdated(error: unknown): boolean {
  if (error instanceof DatabaseError)
    return error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
  return error instanceof Error && isPlanOutdated(error.cause)
}
