/**
 * Makes a queue for each key: what has the same key is done one after the other, however the one before ended; what has
 * none, at once.
 */
export function createKeyedQueue() {
  const running = new Map<string, Promise<unknown>>()
  return async <T>(key: string | null, act: () => Promise<T>): Promise<T> => {
    if (key === null) return act()
    while (running.has(key)) await running.get(key)?.catch(() => {})
    const task = act().finally(() => running.delete(key))
    running.set(key, task)
    return task
  }
}
