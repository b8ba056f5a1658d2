import { PostgresAdapter, type QueryExecutorProvider } from 'kysely'

/** The databases that we know. */
export type DialectName = 'sqlite' | 'postgres'

/** Which database is behind it; a transaction says so too. */
export const dialectOf = (db: QueryExecutorProvider): DialectName =>
  db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'

export const isPostgres = (db: QueryExecutorProvider): boolean => dialectOf(db) === 'postgres'
