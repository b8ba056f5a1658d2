/** So many are asked for at once. */
const mostAtOnce = 200

/**
 * Asks for many at once what is asked for one by one: while an answer is waited for, whatever else is asked waits for the
 * next question, which is asked after it was. So a crowd costs few questions, and one that comes alone does not wait.
 *
 * @param read of some keys, no two the same: what there is of each. Where it fails, all fail who asked with it.
 */
export function gathered<Found>(
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Found>>,
): (key: string) => Promise<Found | undefined> {
  let waiting: { readonly key: string; readonly take: (found: Promise<Found | undefined>) => void }[] = []
  let isAsking = false

  const ask = async () => {
    isAsking = true
    while (waiting.length > 0) {
      const asked = waiting.slice(0, mostAtOnce)
      waiting = waiting.slice(mostAtOnce)
      const found = read([...new Set(asked.map(({ key }) => key))])
      for (const { key, take } of asked) take(found.then((all) => all.get(key)))
      await found.catch(() => {})
    }
    isAsking = false
  }

  return (key) =>
    new Promise((take) => {
      waiting.push({ key, take })
      if (!isAsking) void ask()
    })
}
