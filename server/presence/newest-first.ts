/** Does things, so many at once; of those that wait the newest is next. @throws what the thing throws. */
export type NewestFirst = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Where more come than can be dealt with, whoever waits gives up and comes again. By the order of coming all would be
 * served just after they gave up, for as long as the crowd lasts; newest first, as many are served as there is time for.
 */
export function createNewestFirst(atOnce: number): NewestFirst {
  let free = atOnce
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.pop()
      if (next) next()
      else free += 1
    }
  }
}
