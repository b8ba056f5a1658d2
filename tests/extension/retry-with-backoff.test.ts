import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { retryWithBackoff } from '../../entrypoints/background/retry-with-backoff.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const inSeconds = (times: readonly number[]) => times.map((at) => Math.round(at / 1_000))

test('A8.7 what fails is tried again after 1 s, then after twice as long each time and at most 15 s', async () => {
  const tried: number[] = []
  const trying = retryWithBackoff(async () => {
    tried.push(Date.now())
    if (Date.now() < 60_000) throw new Error('no')
  })
  await trying.attempt()
  expect(trying.failing()).toBe(true)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(inSeconds(tried)).toEqual([0, 1, 3, 7, 15, 30, 45, 60])
  expect(trying.failing()).toBe(false)
})

test('A8.7 a wake-up tries at once, one attempt at a time, and no more once it has worked', async () => {
  let works = false
  const act = vi.fn(async () => {
    if (!works) throw new Error('no')
  })
  const trying = retryWithBackoff(act)
  await Promise.all([trying.attempt(), trying.attempt()])
  expect(act).toHaveBeenCalledTimes(1)
  works = true
  await trying.attempt()
  expect(trying.failing()).toBe(false)
  await trying.attempt()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(act).toHaveBeenCalledTimes(2)
})

test('A8.7 a storage that gives no answer has failed, and counts when it answers after all', async () => {
  const answers: (() => void)[] = []
  const failed = vi.fn()
  const trying = retryWithBackoff(() => new Promise((resolve) => answers.push(resolve)), failed)
  const attempt = trying.attempt()
  await vi.advanceTimersByTimeAsync(7_000)
  await attempt
  expect(failed).toHaveBeenCalledTimes(1)
  expect(trying.failing()).toBe(true)
  answers[0]?.()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(trying.failing()).toBe(false)
  expect(answers).toHaveLength(1)
})
