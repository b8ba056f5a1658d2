import type { Compilable, CompiledQuery } from 'kysely'
import type { Database } from './tables.ts'

/** Stands where a value will be. */
class Place {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A statement that is asked so often, with other values each time, that making its text anew costs more than sending it:
 * it is made once for each database.
 *
 * @param names of its values, each a text or a number that is a parameter of the statement, and nothing but that: what
 *   `build` is given for it says nothing.
 * @returns asks it: its rows.
 */
export function keptQuery<Values extends Readonly<Record<keyof Values, string | number>>, Row>(
  names: readonly (keyof Values & string)[],
  build: (db: Database, values: Values) => Compilable<Row>,
): (db: Database, values: Values) => Promise<Row[]> {
  const kept = new WeakMap<Database, CompiledQuery<Row>>()
  const places = Object.fromEntries(names.map((name) => [name, new Place(name)]))
  return async (db, values) => {
    const query = kept.get(db) ?? build(db, places as unknown as Values).compile()
    kept.set(db, query)
    const parameters = query.parameters.map((one) =>
      one instanceof Place ? values[one.name as keyof Values] : one,
    )
    return (await db.executeQuery<Row>({ ...query, parameters })).rows
  }
}
