import { expect, test, vi } from 'vitest'
import { tickEvery } from '../../../server/every.ts'

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
