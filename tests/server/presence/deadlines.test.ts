import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDeadlines } from '../../../server/presence/deadlines.ts'

test('L4.3 what is due is found at the first look from its moment on, once, and nothing before', () => {
  const steps = fc.array(
    fc.record({
      passes: fc.nat(700),
      adds: fc.array(fc.integer({ min: -300, max: 70_000 }), { maxLength: 3 }),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(fc.nat(10_000), steps, (from, all) => {
      const deadlines = createDeadlines<{ at: number }>(from)
      let now = from
      let waiting: { at: number }[] = []
      for (const { passes, adds } of [...all, { passes: 80_000, adds: [] }]) {
        for (const after of adds) {
          const what = { at: now + after }
          waiting.push(what)
          deadlines.add(what, what.at)
        }
        now += passes
        const due = deadlines.due(now)
        expect(new Set(due)).toEqual(new Set(waiting.filter(({ at }) => at <= now)))
        expect(due.length).toBe(new Set(due).size)
        waiting = waiting.filter(({ at }) => at > now)
      }
      expect(waiting).toEqual([])
    }),
  )
})
