/** How long the moments are that are looked at together, in ms. */
const slotLength = 100

/** What is to be looked at and when, so that a tick costs what is due and not what there is. Monotonic ms. */
export interface Deadlines<T> {
  add(what: T, at: number): void
  /** Takes out what was added for moments until `now`, the earlier tenth of a second first. */
  due(now: number): T[]
}

/** @param from nothing is asked for before that moment. */
export function createDeadlines<T>(from: number): Deadlines<T> {
  const slots = new Map<number, { what: T; at: number }[]>()
  let first = Math.floor(from / slotLength)

  return {
    add(what, at) {
      const slot = Math.max(first, Math.floor(at / slotLength))
      const there = slots.get(slot)
      if (there) there.push({ what, at })
      else slots.set(slot, [{ what, at }])
    },
    due(now) {
      const taken: T[] = []
      const last = Math.floor(now / slotLength)
      for (; first <= last; first += 1) {
        const slot = slots.get(first) ?? []
        const early = first === last ? slot.filter(({ at }) => at > now) : []
        for (const { what, at } of slot) if (at <= now) taken.push(what)
        if (early.length > 0) slots.set(first, early)
        else slots.delete(first)
        if (first === last) break
      }
      return taken
    },
  }
}
