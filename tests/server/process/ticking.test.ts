import { expect, test, vi } from 'vitest'
import { everyOneAtATime, tickEvery } from '../../../server/every.ts'
import { testClock } from '../support/test-clock.ts'

test('S4.6 who ends the shared tick waits for every tick that is under way', async () => {
  vi.useFakeTimers()
  const begun: PromiseWithResolvers<void>[] = []
  const onError = vi.fn()
  const stop = tickEvery(
    100,
    () => {
      const tick = Promise.withResolvers<void>()
      begun.push(tick)
      return tick.promise
    },
    onError,
  )
  vi.advanceTimersByTime(250)
  expect(begun).toHaveLength(2)
  const stopped = vi.fn()
  const stopping = stop().then(stopped)
  vi.advanceTimersByTime(1_000)
  expect(begun).toHaveLength(2)
  begun[1]?.resolve()
  await Promise.resolve()
  expect(stopped).not.toHaveBeenCalled()
  const error = new Error('no such table')
  begun[0]?.reject(error)
  await stopping
  expect(onError).toHaveBeenCalledExactlyOnceWith(error)
  vi.useRealTimers()
})

test('RM4.1 PV3.6 what takes longer than it is done anew is not begun twice, is due once it is over, and goes on after it failed', async () => {
  const clock = testClock()
  clock.standStill()
  const begun: PromiseWithResolvers<void>[] = []
  const tick = everyOneAtATime(clock, 1_000, () => {
    const one = Promise.withResolvers<void>()
    begun.push(one)
    return one.promise
  })
  await tick()
  expect(begun).toHaveLength(0)
  clock.advance(1_000)
  const first = tick()
  clock.advance(5_000)
  await tick()
  expect(begun).toHaveLength(1)
  begun[0]?.reject(new Error('the database is away'))
  await expect(first).rejects.toThrow('the database is away')
  const second = tick()
  expect(begun).toHaveLength(2)
  begun[1]?.resolve()
  await second
  clock.advance(999)
  await tick()
  expect(begun).toHaveLength(2)
})
