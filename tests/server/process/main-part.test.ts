import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HearingNode, mainPart } from '../../../server/nodes/main-part.ts'

const node = (id: string, startedAt: number, unheard: readonly string[] | null = []): HearingNode => ({
  id,
  startedAt,
  unheard,
})
const partOf = (...nodes: readonly HearingNode[]) => [...mainPart(nodes)].sort()

test('J5.2 of two parts the larger goes on, of two of one size that of the oldest node, and one that lost the bus counts for nothing', () => {
  expect(partOf(node('a', 1), node('b', 2), node('c', 3))).toEqual(['a', 'b', 'c'])
  expect(partOf(node('a', 1, ['b', 'c']), node('b', 2), node('c', 3))).toEqual(['b', 'c'])
  expect(partOf(node('b', 1, ['a']), node('a', 2))).toEqual(['b'])
  expect(partOf(node('b', 1), node('a', 2, ['b']))).toEqual(['b'])
  expect(partOf(node('b', 1), node('a', 1, ['b']))).toEqual(['a'])
  expect(partOf(node('a', 1, null), node('b', 2, ['a']))).toEqual(['b'])
  expect(partOf(node('a', 1, null))).toEqual([])
})

const nodes = fc.integer({ min: 1, max: 7 }).chain((count) =>
  fc.tuple(
    ...Array.from({ length: count }, (_, n) =>
      fc.record({
        id: fc.constant(`n${n}`),
        startedAt: fc.nat(3),
        unheard: fc.oneof(
          { weight: 1, arbitrary: fc.constant(null) },
          {
            weight: 6,
            arbitrary: fc.subarray(
              Array.from({ length: count }, (_, m) => `n${m}`).filter((_, m) => m !== n),
            ),
          },
        ),
      }),
    ),
  ),
)

test('J5.2 whoever reads the same says the same, whichever node they ask about; those that go on all hear one another, and nobody stays out whom all of them hear', () => {
  const hear = (a: HearingNode, b: HearingNode) => !a.unheard?.includes(b.id) && !b.unheard?.includes(a.id)
  fc.assert(
    fc.property(nodes, fc.func(fc.nat()), (all, shuffle) => {
      const part = mainPart(all)
      const otherOrder = [...all].sort((a, b) => shuffle(a.id) - shuffle(b.id))
      expect([...mainPart(otherOrder)].sort()).toEqual([...part].sort())
      const inside = all.filter(({ id }) => part.has(id))
      const hearing = all.filter(({ unheard }) => unheard !== null)
      for (const a of inside) for (const b of inside) if (a !== b) expect(hear(a, b)).toBe(true)
      for (const one of hearing)
        if (!part.has(one.id)) expect(inside.every((other) => hear(one, other))).toBe(false)
      expect(part.size > 0).toBe(hearing.length > 0)
    }),
    { numRuns: 1_000 },
  )
})
