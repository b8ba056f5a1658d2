import { expect, test } from 'vitest'
import { compare, type Mutant } from './mutants.ts'

const mutant = (replacement: string): Mutant => ({
  file: 'a.ts',
  line: 'if (open) close()',
  original: 'open',
  replacement,
})
const known = [{ ...mutant('true'), why: 'it is open' }]

test('H7.2 a change that survives is unnoticed, unless it is known to change nothing', () => {
  const survived = [mutant('true'), mutant('false')]
  expect(compare({ survived, timedOut: [] }, known)).toEqual({ unnoticed: [mutant('false')], stale: [] })
})

test('H7.2 a change that is known to change nothing, and was noticed or is not there, is stale', () => {
  expect(compare({ survived: [], timedOut: [] }, known)).toEqual({ unnoticed: [], stale: known })
})

test('H7.2 a machine that has other things to do makes no known change stale', () => {
  expect(compare({ survived: [], timedOut: [mutant('true'), mutant('false')] }, known)).toEqual({
    unnoticed: [],
    stale: [],
  })
})
