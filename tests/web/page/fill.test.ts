import { expect, test } from 'vitest'
import { fill } from '../../../web/page/fill.ts'

test('RM14.2 what varies is put into its place, and a name that looks like a place is a name', () => {
  expect(fill('{name} and {other}', { name: '{other}', other: 'Ben' })).toBe('{other} and Ben')
  expect(fill('{nobody} is here', {})).toBe('{nobody} is here')
  expect(fill('{n} wait', { n: 0 })).toBe('0 wait')
})
