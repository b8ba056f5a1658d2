import { expect, test } from 'vitest'
import { isMenuItem, itemsFor } from '../../../entrypoints/background/toolbar/menu.ts'

const account = { name: 'Ann', username: 'ann', email: 'ann@a.example', picture: null }

test('G2.1 the right-click menu offers only what applies, and at most six items', () => {
  const signedIn = itemsFor({ kind: 'signed-in', account })
  expect(signedIn).toEqual(['open', 'log-out', 'exit'])
  expect(itemsFor({ kind: 'signed-out', why: 'never', draft: '', atIssuer: 'idle' })).toEqual([
    'open',
    'exit',
  ])
  expect(itemsFor({ kind: 'signed-out', why: 'exited', draft: '', atIssuer: 'idle' })).toEqual(['open'])
  expect(itemsFor({ kind: 'unknown' })).toBeNull()
  expect(signedIn?.length).toBeLessThanOrEqual(6)
})

test('G2.2 a click on anything that is not ours does nothing', () => {
  for (const id of ['toString', '', 3, undefined, 'Open']) expect(isMenuItem(id)).toBe(false)
})
