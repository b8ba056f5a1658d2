import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { closeCallWindow, openCallWindow } from '../../../entrypoints/background/calls/call-window.ts'

const { windows } = fakeBrowser

beforeEach(() => fakeBrowser.reset())

const known = async () =>
  new Map((await fakeBrowser.storage.session.get('callWindows')).callWindows as [string, number][])

test('C8.13 calls that ring in one moment have a window each, and each is closed', async () => {
  const before = (await windows.getAll()).length
  await Promise.all(['a', 'b', 'c'].map(openCallWindow))
  expect([...(await known()).keys()]).toEqual(['a', 'b', 'c'])
  await Promise.all(['a', 'b', 'c'].map(closeCallWindow))
  expect(await windows.getAll()).toHaveLength(before)
  expect([...(await known())]).toEqual([])
})

test('C8.13 L2.8 a call is no other for being named like what every object has', async () => {
  const before = (await windows.getAll()).length
  for (const call of ['__proto__', 'constructor', 'toString']) {
    const created = vi.spyOn(windows, 'create')
    await openCallWindow(call)
    await openCallWindow(call)
    expect(created).toHaveBeenCalledTimes(1)
    await closeCallWindow(call)
    created.mockRestore()
  }
  expect(await windows.getAll()).toHaveLength(before)
})

test('C8.13 a call asked for twice at once has one window, which is brought forward', async () => {
  const created = vi.spyOn(windows, 'create')
  const updated = vi.spyOn(windows, 'update')
  await Promise.all([openCallWindow('a'), openCallWindow('a')])
  expect(created).toHaveBeenCalledTimes(1)
  expect(updated).toHaveBeenCalledTimes(1)
})

test('C8.13 a window that the person closed is opened anew when the call rings again', async () => {
  await openCallWindow('a')
  const a = (await known()).get('a')
  await windows.remove(a ?? -1)
  vi.spyOn(windows, 'update').mockRejectedValueOnce(new Error('no such window'))
  await openCallWindow('a')
  expect((await known()).get('a')).not.toBe(a)
})

test('C8.13 one that the browser refuses to open keeps no other from opening', async () => {
  vi.spyOn(windows, 'create').mockRejectedValueOnce(new Error('no display'))
  const [refused, opened] = await Promise.allSettled([openCallWindow('a'), openCallWindow('b')])
  expect([refused?.status, opened?.status]).toEqual(['rejected', 'fulfilled'])
  expect([...(await known()).keys()]).toEqual(['b'])
})
