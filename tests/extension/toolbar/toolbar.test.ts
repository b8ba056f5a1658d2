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

/** A browser that draws an icon after so many milliseconds, each in its turn; gives what it draws. */
function slowIcons(...milliseconds: readonly number[]) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const drawn: (string | undefined)[] = []
  for (const after of milliseconds)
    action.setIcon.mockImplementationOnce((...[of]: readonly unknown[]) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      setTimeout(() => {
        drawn.push((of as { readonly path: Readonly<Record<number, string>> }).path[16])
        resolve()
      }, after)
      return promise
    })
  return drawn
}

test('G2.5 of two icons the later one stays, however much faster the browser is with it', async () => {
  const drawn = slowIcons(50, 5)
  createToolbar().show(off)
  await vi.advanceTimersByTimeAsync(100)
  expect(drawn).toEqual(['/icons/checking-16.png', '/icons/unreachable-lettered-16.png'])
})

test('G2.5 icons that are wanted no longer when their turn comes are passed over', async () => {
  const drawn = slowIcons(50, 5, 5)
  const toolbar = createToolbar()
  for (const icon of ['ringing-a', 'ringing-b', 'reachable'] as const) toolbar.show({ ...off, icon })
  await vi.advanceTimersByTimeAsync(100)
  expect(drawn).toEqual(['/icons/checking-16.png', '/icons/reachable-16.png'])
})

test('G2.5 an icon that the browser never says is drawn holds up the next for a second', async () => {
  const drawn = slowIcons(1_000_000, 5)
  createToolbar().show(off)
  await vi.advanceTimersByTimeAsync(1_005)
  expect(drawn).toEqual(['/icons/unreachable-lettered-16.png'])
})
