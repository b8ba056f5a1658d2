import { expect, test, vi } from 'vitest'
import { createLatestWriter } from '../../entrypoints/background/latest-write.ts'

/** A storage that keeps something when it is told to. */
function slowStorage() {
  const begun: number[] = []
  const waiting: ((how: 'kept' | 'refused') => void)[] = []
  const writer = createLatestWriter((value: number) => {
    begun.push(value)
    return new Promise<void>((resolve, reject) => {
      waiting.push((how) => (how === 'kept' ? resolve() : reject(new Error('full'))))
    })
  })
  const finish = async (how: 'kept' | 'refused' = 'kept') => {
    waiting.shift()?.(how)
    await new Promise((resolve) => setTimeout(resolve))
  }
  return { ...writer, begun, waiting, finish }
}

test('X1.7 a change is given to the browser at once, and of a flood of them the newest when there is room', async () => {
  const { write, begun, waiting, finish } = slowStorage()
  for (let n = 1; n <= 10_000; n += 1) write(n)
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  await finish('refused')
  expect(begun.at(-1)).toBe(10_000)
  expect(waiting).toHaveLength(8)
  while (waiting.length > 0) await finish()
  expect(begun).toHaveLength(9)
})

test('X1.7 P7.5 what waits for a change to be kept waits for the newest', async () => {
  const { write, whenSettled, waiting, finish } = slowStorage()
  const done = vi.fn()
  whenSettled(done)
  expect(done).toHaveBeenCalledTimes(1)
  for (let n = 1; n <= 9; n += 1) write(n)
  whenSettled(done)
  for (let left = 9; left > 0; left -= 1) {
    expect(done).toHaveBeenCalledTimes(1)
    await finish()
  }
  expect(waiting).toEqual([])
  expect(done).toHaveBeenCalledTimes(2)
})

test('X1.7 a storage that refuses at once keeps nothing back', () => {
  const write = vi.fn(() => {
    throw new Error('no storage')
  })
  const writer = createLatestWriter(write)
  for (let n = 0; n < 20; n += 1) writer.write(n)
  expect(write).toHaveBeenCalledTimes(20)
})
