/**
 * Does things, so many at once; of those that wait the newest is next. What is wanted no longer when its turn comes, or
 * when there are many that wait, is not done.
 *
 * @returns what the thing returns; undefined where it was not done. @throws what the thing throws.
 */
export type NewestFirst = <T>(work: () => Promise<T>, isWanted: () => boolean) => Promise<T | undefined>

interface Waiting {
  readonly isWanted: () => boolean
  readonly take: (turn: 'has-come' | 'is-over') => void
}

/** So many may wait before it is looked which of them are wanted no longer. */
const fewWait = 256

/**
 * Where more come than can be dealt with, whoever waits gives up and comes again. By the order of coming all would be
 * served just after they gave up, for as long as the crowd lasts; newest first, as many are served as there is time for.
 */
export function createNewestFirst(atOnce: number): NewestFirst {
  let free = atOnce
  let waiting: Waiting[] = []
  let lookBeyond = fewWait

  /** In a crowd that lasts, the oldest never have their turn: those that gave up are let go of all the same. */
  const letGo = () => {
    const all = waiting
    waiting = all.filter(({ isWanted }) => isWanted())
    const wanted = new Set(waiting)
    lookBeyond = Math.max(fewWait, 2 * waiting.length)
    for (const one of all) if (!wanted.has(one)) one.take('is-over')
  }

  const next = (): Waiting | undefined => {
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      if (one.isWanted()) return one
      one.take('is-over')
    }
    return undefined
  }

  return async (work, isWanted) => {
    if (free > 0) free -= 1
    else {
      const turn = await new Promise<'has-come' | 'is-over'>((take) => {
        waiting.push({ isWanted, take })
        if (waiting.length > lookBeyond) letGo()
      })
      if (turn === 'is-over') return undefined
    }
    try {
      return await work()
    } finally {
      const one = next()
      if (one) one.take('has-come')
      else free += 1
    }
  }
}
