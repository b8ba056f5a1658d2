import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createUpdater } from '../../../entrypoints/background/lifecycle/update.ts'

const reload = vi.fn()

beforeEach(() => {
  fakeBrowser.reset()
  reload.mockClear()
  Object.assign(fakeBrowser.runtime, { reload })
})

function setUp(goodbye: () => Promise<void> = async () => {}) {
  const steps: string[] = []
  let inCall = false
  reload.mockImplementation(() => steps.push('reload'))
  const updater = createUpdater(
    () => inCall,
    async () => {
      steps.push('goodbye')
      await goodbye()
      steps.push('handed over')
    },
  )
  const call = (rings: boolean) => {
    inCall = rings
    updater.reconsider()
  }
  return { updater, steps, call }
}

test('X1.2 an update is let in at once, after the goodbye and the hand-over', async () => {
  const { updater, steps } = setUp()
  updater.available()
  await vi.waitFor(() => expect(steps).toEqual(['goodbye', 'handed over', 'reload']))
})

test('X1.2 an update waits for the end of a call, and is let in once', async () => {
  const { updater, steps, call } = setUp()
  call(true)
  updater.available()
  call(true)
  expect(steps).toEqual([])
  call(false)
  call(false)
  await vi.waitFor(() => expect(steps).toEqual(['goodbye', 'handed over', 'reload']))
})

test('X1.2 an update waits a quarter of an hour at most, also where one call follows the other for ever', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { updater, steps, call } = setUp()
  call(true)
  updater.available()
  for (let minute = 1; minute < 15; minute += 1) {
    await vi.advanceTimersByTimeAsync(60_000)
    // Another version came meanwhile.
    updater.available()
    call(true)
  }
  expect(steps).toEqual([])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(steps).toEqual(['goodbye', 'handed over', 'reload'])
})

test('X1.2 a goodbye that fails does not hold the update back', async () => {
  const { updater, steps } = setUp(() => Promise.reject(new Error('no storage')))
  updater.available()
  await vi.waitFor(() => expect(steps).toEqual(['goodbye', 'reload']))
})

test('X1.2 without an update the end of a call reloads nothing', () => {
  const { steps, call } = setUp()
  call(true)
  call(false)
  expect(steps).toEqual([])
})
