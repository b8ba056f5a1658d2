import type { CallRow } from '../database/call-tables.ts'

export interface EndCount {
  readonly outcome: string
  readonly why: string | null
  readonly count: number
}

/** Counts how many calls ended in which way since the server started. */
export function createEndCounts() {
  const counts = new Map<string, EndCount>()
  return {
    count({ state: outcome, why }: Pick<CallRow, 'state' | 'why'>) {
      const key = `${outcome} ${why}`
      const before = counts.get(key) ?? { outcome, why, count: 0 }
      counts.set(key, { ...before, count: before.count + 1 })
    },
    all: (): EndCount[] => [...counts.values()],
  }
}
