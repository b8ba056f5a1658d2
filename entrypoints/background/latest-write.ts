export interface LatestWriter<T> {
  /** Gives this to the browser at once; or, where it has much to write already, as soon as it has written some. */
  readonly write: (value: T) => void
  /** Calls back when all is written that was given, whether or not it worked. */
  readonly whenSettled: (todo: () => void) => void
}

/** Nothing is held back that is not a flood: a worker may die at any moment. */
const mostUnderWay = 8

/**
 * Writes values in their order. Where they come faster than they are written, it passes over those that are out of
 * date, so that no queue grows.
 */
export function createLatestWriter<T>(write: (value: T) => Promise<unknown>): LatestWriter<T> {
  let underWay = 0
  let newest: { readonly value: T } | null = null
  let waiting: (() => void)[] = []

  async function begin(value: T): Promise<void> {
    underWay += 1
    try {
      await write(value)
    } catch {
      // Whoever reads it next finds what was written before.
    }
    underWay -= 1
    const held = newest
    newest = null
    if (held) void begin(held.value)
    if (underWay > 0) return
    const settled = waiting
    waiting = []
    for (const todo of settled) todo()
  }

  return {
    write: (value) => {
      if (underWay < mostUnderWay) void begin(value)
      else newest = { value }
    },
    whenSettled: (todo) => {
      if (underWay === 0) todo()
      else waiting.push(todo)
    },
  }
}
