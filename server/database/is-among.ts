import { type QueryExecutorProvider, type RawBuilder, type SqlBool, sql } from 'kysely'
import { isPostgres } from './dialect.ts'

/**
 * Whether a column of texts is one of these. They are one parameter of the statement, however many they are: a list of
 * hundreds costs more to be written and prepared than to be looked up.
 */
export const isAmong = (
  db: QueryExecutorProvider,
  column: string,
  values: readonly string[],
): RawBuilder<SqlBool> =>
  isPostgres(db)
    ? sql<SqlBool>`${sql.ref(column)} = any(cast(${values} as text[]))`
    : sql<SqlBool>`${sql.ref(column)} in (select "value" from json_each(${JSON.stringify(values)}))`
