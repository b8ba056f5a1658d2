import { DatabaseBusy } from './turns.ts'

/** Lines by name: who wants several has all of them or none, so that nobody keeps one while waiting for another. */
export interface Lines {
  /** @throws DatabaseBusy at once where too many wait for one of these. */
  take(names: readonly string[]): Promise<void>
  give(names: readonly string[]): void
}

export interface LinesOptions {
  /** So many go at once, whatever they want. */
  readonly atOnce: number
  /** So many wait for one name. */
  readonly mostWaiting: number
}

export function createLines({ atOnce, mostWaiting }: LinesOptions): Lines {
  const taken = new Set<string>()
  const waitingFor = new Map<string, number>()
  /** In the order in which they came. */
  const waiting = new Set<{ readonly names: readonly string[]; readonly go: () => void }>()
  let going = 0

  const isFree = (names: readonly string[]) => going < atOnce && !names.some((name) => taken.has(name))
  const start = (names: readonly string[]) => {
    going += 1
    for (const name of names) taken.add(name)
  }
  const count = (names: readonly string[], by: 1 | -1) => {
    for (const name of names) {
      const now = (waitingFor.get(name) ?? 0) + by
      if (now === 0) waitingFor.delete(name)
      else waitingFor.set(name, now)
    }
  }

  return {
    async take(names) {
      if (isFree(names)) return start(names)
      if (names.some((name) => (waitingFor.get(name) ?? 0) >= mostWaiting))
        throw new DatabaseBusy('too many others wait for the same')
      count(names, 1)
      await new Promise<void>((go) => waiting.add({ names, go }))
    },
    give(names) {
      going -= 1
      for (const name of names) taken.delete(name)
      for (const next of waiting) {
        if (going >= atOnce) return
        if (!isFree(next.names)) continue
        waiting.delete(next)
        count(next.names, -1)
        start(next.names)
        next.go()
      }
    },
  }
}
