import { expect, test } from 'vitest'
import { isLeadingNode } from '../../../server/nodes/leading-node.ts'

const node = (id: string, unheard: readonly string[] | null = [], draining = false) => ({
  ...{ id, unheard, draining },
})

test('PN3.4 PN3.2 of nodes that hear one another one leads: not one that is about to go, has lost the bus, or does not hear the others', () => {
  expect(isLeadingNode('b', [])).toBe(true)
  expect(isLeadingNode('b', [node('c')])).toBe(true)
  expect(isLeadingNode('b', [node('a'), node('c')])).toBe(false)
  expect(isLeadingNode('b', [node('a', [], true), node('c')])).toBe(true)
  expect(isLeadingNode('b', [node('a', null), node('c')])).toBe(true)
  expect(isLeadingNode('b', [node('a', ['b', 'c']), node('c')])).toBe(true)
  expect(isLeadingNode('c', [node('a', ['b', 'c']), node('b')])).toBe(false)
  const all = ['a', 'b', 'c', 'd'].map((id) => node(id))
  expect(
    all.filter(({ id }) =>
      isLeadingNode(
        id,
        all.filter((other) => other.id !== id),
      ),
    ),
  ).toHaveLength(1)
})
