import { type Kysely, PostgresAdapter } from 'kysely'

/** The databases that we know. */
export type DialectName = 'sqlite' | 'postgres'

/** Which database is behind it; a transaction says so too. */
export const dialectOf = (db: Pick<Kysely<unknown>, 'getExecutor'>): DialectName =>
  db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'

export const isPostgres = (db: Pick<Kysely<unknown>, 'getExecutor'>): boolean => dialectOf(db) === 'postgres'
