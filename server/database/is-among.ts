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

/** Whether two columns of texts are together one of these pairs: one parameter of the statement, or two. */
export const arePairAmong = (
  db: QueryExecutorProvider,
  columns: readonly [string, string],
  pairs: readonly (readonly [string, string])[],
): RawBuilder<SqlBool> => {
  const refs = sql.join(columns.map((column) => sql.ref(column)))
  const [ones, others] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)]
  return isPostgres(db)
    ? sql<SqlBool>`(${refs}) in (select * from unnest(cast(${ones} as text[]), cast(${others} as text[])))`
    : sql<SqlBool>`(${refs}) in (select "value" ->> 0, "value" ->> 1 from json_each(${JSON.stringify(pairs)}))`
}
