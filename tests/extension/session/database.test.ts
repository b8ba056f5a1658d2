import 'fake-indexeddb/auto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { databaseNamed } from '../../../entrypoints/background/session/database.ts'

test('PX2.1 a database that gives no answer is given up before 5 s are over', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const tries: number[] = []
  const never = () => new Promise<never>(() => tries.push(Date.now()))
  const used = databaseNamed('stuck')(never).catch(() => 'given up')
  await vi.advanceTimersByTimeAsync(4_500)
  expect([tries.length, await Promise.race([used, 'waiting'])]).toEqual([2, 'given up'])
})
