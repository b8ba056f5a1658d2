import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { type BadgeView, checkingView } from '../../../entrypoints/background/toolbar/badge-view.ts'
import { createToolbar } from '../../../entrypoints/background/toolbar/toolbar.ts'

const action = {
  setBadgeText: vi.fn(async () => {}),
  setBadgeBackgroundColor: vi.fn(async () => {}),
  setBadgeTextColor: vi.fn(async () => {}),
  setTitle: vi.fn(async () => {}),
  setIcon: vi.fn(async () => {}),
}

beforeEach(() => {
  fakeBrowser.reset()
  for (const write of Object.values(action)) write.mockReset().mockResolvedValue()
  Object.assign(fakeBrowser.action, action)
})

const off: BadgeView = { ...checkingView, text: 'Off', icon: 'unreachable-lettered' }

test('T6.4 the light of a new worker says "checking" before anything else can happen', () => {
  createToolbar()
  expect(action.setBadgeText.mock.calls).toEqual([[{ text: checkingView.text }]])
  expect(action.setIcon).toHaveBeenCalledTimes(1)
})

test('G2.4 only what differs is written', () => {
  const toolbar = createToolbar()
  toolbar.show(checkingView)
  toolbar.show(off)
  expect(action.setBadgeText.mock.calls.flat()).toEqual([{ text: '…' }, { text: 'Off' }])
  expect(action.setTitle).toHaveBeenCalledTimes(1)
})

test('G2.4 what the browser did not draw is drawn again with the next change', async () => {
  const toolbar = createToolbar()
  action.setBadgeText.mockRejectedValueOnce(new Error('no'))
  toolbar.show(off)
  await vi.waitFor(() => {
    toolbar.show(off)
    expect(action.setBadgeText.mock.calls.flat()).toEqual([{ text: '…' }, { text: 'Off' }, { text: 'Off' }])
  })
  toolbar.show(off)
  expect(action.setBadgeText).toHaveBeenCalledTimes(3)
})

test('G2.4 what the browser did not draw is drawn again within a second, though nobody asks', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const toolbar = createToolbar()
  action.setBadgeText.mockRejectedValueOnce(new Error('no')).mockRejectedValueOnce(new Error('no'))
  toolbar.show(off)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(action.setBadgeText).toHaveBeenCalledTimes(3)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(action.setBadgeText.mock.calls.flat()).toEqual(['…', 'Off', 'Off', 'Off'].map((text) => ({ text })))
})

test('G2.4 a part that the browser refuses at once keeps it from drawing no other, and is drawn within a second', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const toolbar = createToolbar()
  await vi.advanceTimersByTimeAsync(0)
  action.setBadgeText.mockImplementationOnce(() => {
    throw new Error('no')
  })
  toolbar.show({ ...off, title: 'No network' })
  expect(action.setIcon).toHaveBeenCalledTimes(2)
  expect(action.setTitle).toHaveBeenLastCalledWith({ title: 'No network' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(action.setBadgeText.mock.calls.flat()).toEqual(['…', 'Off', 'Off'].map((text) => ({ text })))
})

test('G2.4 Firefox, which may draw two titles in the other order, is given the last one once more', async () => {
  vi.stubEnv('FIREFOX', 'true')
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })
  const toolbar = createToolbar()
  toolbar.show({ ...off, title: 'Calls cannot reach you.' })
  await vi.advanceTimersByTimeAsync(60_000)
  // The same one is not drawn again.
  const last = 'Calls cannot reach you.'
  expect(action.setTitle.mock.calls.flat()).toEqual(
    [checkingView.title, last, `${last} `, last].map((title) => ({ title })),
  )
})
