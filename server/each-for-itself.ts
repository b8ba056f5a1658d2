/**
 * Does something for each of these, one after another. What fails for one keeps none of the others from it.
 *
 * @param work @returns how much it did: one, many, or nothing.
 * @returns how much was done. @throws AggregateError once all have had their turn, where it failed for some.
 */
export async function eachForItself<T>(
  all: Iterable<T>,
  work: (one: T) => Promise<number | boolean>,
): Promise<number> {
  let done = 0
  const errors: unknown[] = []
  for (const one of all) {
    try {
      done += Number(await work(one))
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `this failed ${errors.length} times`)
  return done
}
