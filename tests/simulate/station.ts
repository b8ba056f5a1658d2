/** Work that waits in one line and is done one after another: a node's one thread, or a database's commits. */
export interface Station {
  /** @returns when work that comes now and takes `cost` ms is done. */
  readonly take: (now: number, cost: number) => number
  /** For how long what comes now would wait, ms. */
  readonly behind: (now: number) => number
  /** The longest that anything waited before it was begun, ms. */
  readonly longestWait: () => number
  /** How long it worked, ms. */
  readonly worked: () => number
}

export function createStation(): Station {
  let freeAt = 0
  let longest = 0
  let worked = 0
  return {
    take(now, cost) {
      const begins = Math.max(now, freeAt)
      longest = Math.max(longest, begins - now)
      worked += cost
      freeAt = begins + cost
      return freeAt
    },
    behind: (now) => Math.max(0, freeAt - now),
    longestWait: () => longest,
    worked: () => worked,
  }
}

/** How often something happens in each second. */
export class PerSecond {
  readonly #counts: number[] = []
  total = 0

  add(now: number): void {
    const second = Math.floor(now / 1_000)
    this.#counts[second] = (this.#counts[second] ?? 0) + 1
    this.total += 1
  }

  /** The most in one second. */
  get peak(): number {
    return this.#counts.reduce((most, count) => Math.max(most, count ?? 0), 0)
  }
}
