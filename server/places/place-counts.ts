import type { PlaceLight, VisitAnswer, VisitState } from '../../protocol/place.ts'

/** What came of places here since the server started, without a word of which. */
export interface PlaceCounts {
  /** Somebody looked at a place, and it stood so. */
  looked(state: PlaceLight['state']): void
  /** A press of Call was answered so. */
  answered(kind: VisitAnswer['kind']): void
  /** A visit is over, by this server. */
  ended(state: VisitState): void
  /** A message was left, and delivered. */
  left(): void
  all(): {
    readonly looked: ReadonlyMap<string, number>
    readonly answered: ReadonlyMap<string, number>
    readonly ended: ReadonlyMap<string, number>
    readonly left: number
  }
}

export function createPlaceCounts(): PlaceCounts {
  const looked = new Map<string, number>()
  const answered = new Map<string, number>()
  const ended = new Map<string, number>()
  let left = 0
  return {
    looked: counter(looked),
    answered: counter(answered),
    ended: counter(ended),
    left() {
      left += 1
    },
    all: () => ({ looked, answered, ended, left }),
  }
}

const counter = (counts: Map<string, number>) => (what: string) => {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}
