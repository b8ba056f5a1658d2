/** A text that was asked so often is prepared: a list of another length is another text, and seldom comes again. */
const preparedAfter = 5
/** PostgreSQL keeps the plan of each of them for each connection. */
const mostPrepared = 300
/** Texts that are counted but not prepared yet are forgotten when there are so many. */
const mostCounted = 5_000

let names = 0
const prepared = new Map<string, string>()
const counted = new Map<string, number>()

/**
 * The name under which PostgreSQL is to keep a statement, so that it reads and plans it once for each connection: that
 * took it longer than to carry out most of ours.
 *
 * @returns undefined for one that is not worth it.
 */
export function preparedName(sql: string): string | undefined {
  const name = prepared.get(sql)
  if (name !== undefined || prepared.size >= mostPrepared) return name
  const times = (counted.get(sql) ?? 0) + 1
  if (times < preparedAfter) {
    if (counted.size >= mostCounted) counted.clear()
    counted.set(sql, times)
    return undefined
  }
  counted.delete(sql)
  names += 1
  prepared.set(sql, `s${names}`)
  return `s${names}`
}
