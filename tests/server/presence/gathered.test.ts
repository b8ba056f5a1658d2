import { expect, test } from 'vitest'
import { gathered } from '../../../server/gathered.ts'

/** A source whose answers wait until they are let go. */
function source() {
  const asked: (readonly string[])[] = []
  const answers: { readonly give: () => void; readonly fail: () => void }[] = []
  const ask = gathered<string>((keys) => {
    asked.push(keys)
    return new Promise((resolve, reject) =>
      answers.push({
        give: () => resolve(new Map(keys.flatMap((key) => (key === 'none' ? [] : [[key, `of ${key}`]])))),
        fail: () => reject(new Error('it is lost')),
      }),
    )
  })
  return { ask, asked, answers }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('R4.9 whoever asks alone is answered at once; who asks meanwhile is asked for together, once, and after they asked', async () => {
  const { ask, asked, answers } = source()
  const first = ask('a')
  expect(asked).toEqual([['a']])
  // Also of the same: the question under way may have been answered before it was asked.
  const later = ['a', 'b', 'none', 'b'].map((key) => ask(key))
  await turn()
  expect(asked).toHaveLength(1)
  answers[0]?.give()
  expect(await first).toBe('of a')
  await turn()
  expect(asked.slice(1)).toEqual([['a', 'b', 'none']])
  answers[1]?.give()
  expect(await Promise.all(later)).toEqual(['of a', 'of b', undefined, 'of b'])
  void ask('c')
  expect(asked.slice(2)).toEqual([['c']])
})

test('R4.9 a question that fails fails for those who asked with it, and no other', async () => {
  const { ask, asked, answers } = source()
  const all = ['a', 'b', 'c'].map((key) => ask(key))
  const settled = Promise.allSettled(all)
  answers[0]?.give()
  await turn()
  answers[1]?.fail()
  await turn()
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  const more = ask('d')
  answers[2]?.give()
  expect([await more, asked]).toEqual(['of d', [['a'], ['b', 'c'], ['d']]])
})

test('R4.9 of a crowd two hundred at most are asked for together', async () => {
  const { ask, asked, answers } = source()
  const all = Array.from({ length: 450 }, (_, n) => ask(String(n)))
  for (let n = 0; n < 4; n += 1) {
    answers[n]?.give()
    await turn()
  }
  expect((await Promise.all(all)).at(-1)).toBe('of 449')
  expect(asked.map((keys) => keys.length)).toEqual([1, 200, 200, 49])
})
