/** Longer than any request waits, in ms. */
const longest = 15_000

/** Somebody had to wait for the database for so long that nobody waits for the answer any more. */
export class DatabaseBusy extends Error {
  override readonly name = 'DatabaseBusy'
}

/** So many at once, and the others in the order in which they came. */
export interface Turns {
  /** @throws DatabaseBusy after waiting for too long. */
  take(): Promise<void>
  give(): void
}

export function createTurns(atOnce: number): Turns {
  let free = atOnce
  const waiting = new Set<() => void>()
  return {
    async take() {
      if (free > 0) {
        free -= 1
        return
      }
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(go)
          reject(new DatabaseBusy('too many others had the database for too long'))
        }, longest)
        const go = () => {
          clearTimeout(timer)
          resolve()
        }
        waiting.add(go)
      })
    },
    give() {
      const [next] = waiting
      if (!next) {
        free += 1
        return
      }
      waiting.delete(next)
      next()
    },
  }
}
