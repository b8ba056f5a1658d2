/** True time: a queue of things to come, in milliseconds. Nothing in the simulation reads another clock. */
export interface EventQueue {
  readonly now: () => number
  /** Does something at a moment; the function returned calls it off. */
  readonly at: (moment: number, act: () => void) => () => void
  /** Runs everything that is due until `end`, and `afterEach` after each. */
  readonly run: (end: number, afterEach: () => void) => void
}

interface Entry {
  readonly moment: number
  readonly order: number
  readonly act: () => void
  off: boolean
}

/** A schedule takes some thousands of events; one that takes so many goes round in a circle. */
const mostEvents = 400_000

export function createEventQueue(): EventQueue {
  let now = 0
  let events = 0
  let order = 0
  const heap: Entry[] = []
  const before = (a: Entry, b: Entry) => a.moment < b.moment || (a.moment === b.moment && a.order < b.order)

  function push(entry: Entry): void {
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent] as Entry
      if (!before(entry, above)) break
      heap[i] = above
      i = parent
    }
    heap[i] = entry
  }

  function pop(): Entry | undefined {
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      const right = heap[child + 1]
      if (right && before(right, heap[child] as Entry)) child += 1
      const below = heap[child]
      if (!below || !before(below, last)) break
      heap[i] = below
      i = child
    }
    heap[i] = last
    return first
  }

  return {
    now: () => now,
    at: (moment, act) => {
      const entry = { moment: Math.max(now, moment), order: order++, act, off: false }
      push(entry)
      return () => {
        entry.off = true
      }
    },
    run: (end, afterEach) => {
      while (heap[0] && heap[0].moment <= end) {
        const entry = pop() as Entry
        now = entry.moment
        if (entry.off) continue
        events += 1
        if (events > mostEvents) throw new Error(`at ${now}: something happens again and again without end`)
        entry.act()
        afterEach()
      }
      now = Math.max(now, end)
    },
  }
}
