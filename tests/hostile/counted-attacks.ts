import { expect, test } from 'vitest'
import { attack } from './count.ts'

/** Tests that `count.test.ts` runs by themselves, to look at what is counted and printed. */

test('Z9.1 held', async () => {
  const tried = attack('caller', 'held inputs')
  tried(3)
  await tried.hold('one more', () => expect(1).toBe(1))
})

test('Z9.1 through', async () => {
  const tried = attack('device', 'inputs that get through')
  for (const input of ['one', 'two', 'three'])
    await tried.hold(input, () => expect(input, 'found').not.toBe('two'))
})

test('Z9.1 broken', () => {
  attack('device', 'inputs of a broken test')(5)
  expect(1).toBe(2)
})

test('Z9.1 nothing', () => {
  attack('issuer', 'nothing at all')
})
