import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import {
  closeCallWindow,
  fitCallWindow,
  openCallWindow,
} from '../../../entrypoints/background/calls/call-window.ts'

const { tabs, windows } = fakeBrowser

beforeEach(() => {
  fakeBrowser.reset()
  vi.restoreAllMocks()
})

const known = async () =>
  new Map(
    (await fakeBrowser.storage.session.get('callWindows')).callWindows as [
      string,
      { id: number; slot: number },
    ][],
  )

test('C8.13 calls that ring in one moment have a window each, and each is closed', async () => {
  const before = (await windows.getAll()).length
  await Promise.all(['a', 'b', 'c'].map(openCallWindow))
  expect([...(await known()).keys()]).toEqual(['a', 'b', 'c'])
  await Promise.all(['a', 'b', 'c'].map((call) => closeCallWindow(call)))
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
  await windows.remove(a?.id ?? -1)
  vi.spyOn(windows, 'update').mockRejectedValueOnce(new Error('no such window'))
  await openCallWindow('a')
  expect((await known()).get('a')?.id).not.toBe(a?.id)
})

test('C8.13 one that the browser refuses to open keeps no other from opening', async () => {
  vi.spyOn(windows, 'create').mockRejectedValueOnce(new Error('no display'))
  const [refused, opened] = await Promise.allSettled([openCallWindow('a'), openCallWindow('b')])
  expect([refused?.status, opened?.status]).toEqual(['rejected', 'fulfilled'])
  expect([...(await known()).keys()]).toEqual(['b'])
})

test('U5.15 a window that closed while no worker noted it holds no place for those that open after it', async () => {
  await openCallWindow('a')
  await windows.remove((await known()).get('a')?.id ?? -1)
  await openCallWindow('b')
  expect([...(await known())]).toMatchObject([['b', { slot: 0 }]])
  vi.spyOn(windows, 'get').mockRejectedValueOnce(new Error('No window with id'))
  await openCallWindow('c')
  expect([...(await known())]).toMatchObject([['c', { slot: 0 }]])
})

test('U5.15 a browser that does not say whether a window is there keeps its place, and no call waiting', async () => {
  await openCallWindow('a')
  vi.spyOn(windows, 'get').mockImplementation(() => new Promise<never>(() => {}))
  await openCallWindow('b')
  expect([...(await known())]).toMatchObject([
    ['a', { slot: 0 }],
    ['b', { slot: 1 }],
  ])
})

test('C8.13 whatever the browser says of a window, it is closed', async () => {
  const before = (await windows.getAll()).length
  const answers = [async () => undefined, () => Promise.reject(new Error('no'))]
  for (const answer of answers) {
    await openCallWindow('a')
    vi.spyOn(windows, 'get').mockImplementation(answer as never)
    await closeCallWindow('a')
    vi.restoreAllMocks()
    expect(await windows.getAll()).toHaveLength(before)
  }
})

test('C8.13 a worker that dies while it closes a window leaves a record of it, and no window without one', async () => {
  const before = (await windows.getAll()).length
  await openCallWindow('a')
  vi.spyOn(fakeBrowser.storage.session, 'set').mockRejectedValueOnce(new Error('dead'))
  await closeCallWindow('a').catch(() => {})
  expect(await windows.getAll()).toHaveLength(before)
})

interface Window {
  readonly id: number
  readonly type: string
  readonly state: string
  readonly focused: boolean
  readonly left?: number
  readonly top?: number
  readonly width?: number
  readonly height?: number
}

const area = { left: 100, top: 50, width: 1_000, height: 700 }
const browserWindow = (id: number, more: Partial<Window> = {}): Window => ({
  ...{ id, type: 'normal', state: 'normal', focused: false },
  ...area,
  ...more,
})

/** A desktop with these windows, of which the first was used last; each shows a page 600 high. */
function desktop(...open: readonly Window[]) {
  vi.restoreAllMocks()
  const [last] = open
  vi.spyOn(windows, 'getAll').mockResolvedValue(open as never)
  vi.spyOn(windows, 'getLastFocused').mockImplementation(
    async () => (last ?? Promise.reject(new Error('none'))) as never,
  )
  vi.spyOn(tabs, 'query').mockResolvedValue([{ height: 600 }] as never)
  return vi.spyOn(windows, 'create')
}

test('U5.15 the window opens below the toolbar of the browser window that is in front, used last, or else there', async () => {
  const elsewhere = { left: 2_000, top: 900 }
  const created = desktop(browserWindow(1), browserWindow(2, { focused: true, ...elsewhere }))
  await openCallWindow('a')
  expect(created.mock.lastCall?.[0]).toMatchObject({ type: 'popup', left: 2_624, top: 1_016 })
  const again = desktop(browserWindow(1), browserWindow(2, elsewhere))
  await openCallWindow('b')
  // The second of two, a title lower.
  expect(again.mock.lastCall?.[0]).toMatchObject({ left: 700, top: 206 })
  await closeCallWindow('a')
  const minimised = desktop(browserWindow(1, { state: 'minimized' }), browserWindow(2, elsewhere))
  await openCallWindow('c')
  expect(minimised.mock.lastCall?.[0]).toMatchObject({ left: 2_624, top: 1_016 })
})

test('U5.15 where no window has a toolbar to be seen, or the browser does not say, it opens where the browser likes', async () => {
  const desktops: readonly (readonly Window[])[] = [
    [],
    [browserWindow(1, { state: 'minimized' })],
    [browserWindow(1, { type: 'popup' })],
    [{ id: 1, type: 'normal', state: 'normal', focused: true }],
  ]
  for (const [index, open] of desktops.entries()) {
    const created = desktop(...open)
    await openCallWindow(`call ${index}`)
    expect(created.mock.lastCall?.[0]).toMatchObject({ type: 'popup' })
    expect(created.mock.lastCall?.[0]).not.toHaveProperty('left')
  }
  const failing = desktop(browserWindow(1))
  vi.mocked(windows.getAll).mockRejectedValue(new Error('no windows'))
  await openCallWindow('failing')
  expect(failing.mock.lastCall?.[0]).not.toHaveProperty('left')
})

const screen = { left: 0, top: 0, width: 1_500, height: 950 }

/** The window of call `a` as the browser tells of it, and what is then asked of it. */
async function fitted(window: Partial<Window>, by: number, zoom = 1) {
  vi.spyOn(windows, 'get').mockResolvedValue({ ...window, tabs: [{ id: 7 }] } as never)
  Object.assign(tabs, { getZoom: vi.fn(async () => zoom) })
  const updated = vi.spyOn(windows, 'update').mockResolvedValue({} as never)
  updated.mockClear()
  await fitCallWindow({ call: 'a', by, screen })
  return updated.mock.lastCall?.[1]
}

test('U5.14 U5.15 the window becomes as high as its page needs, is moved only where it hangs off its screen', async () => {
  desktop()
  await openCallWindow('a')
  const shown = { left: 1_000, top: 200, width: 360, height: 380, state: 'normal' } as const
  expect(await fitted(shown, -60)).toEqual({ height: 320 })
  expect(await fitted(shown, 20, 1.5)).toEqual({ height: 410 })
  expect(await fitted(shown, 0)).toBeUndefined()
  expect(await fitted({ ...shown, left: 1_300, top: 700 }, 0)).toEqual({ left: 1_140, top: 570 })
  expect(await fitted(shown, 5_000)).toEqual({ top: 0, height: 950 })
  // What the person made of it stays.
  expect(await fitted({ ...shown, state: 'maximized' }, -60)).toBeUndefined()
  expect(await fitted({ state: 'normal' }, -60)).toBeUndefined()
})

test('U5.15 a window that the browser refused to place comes to where it was to be, once it knows its screen', async () => {
  const created = desktop(browserWindow(1, { left: 1_200, top: 500, width: 900, focused: true }))
  created.mockRejectedValueOnce(new Error('Bounds must be at least 50% within visible screen space.'))
  await openCallWindow('a')
  expect(created).toHaveBeenCalledTimes(2)
  expect(created.mock.lastCall?.[0]).not.toHaveProperty('left')
  const shown = { left: 10, top: 10, width: 360, height: 320, state: 'normal' } as const
  expect(await fitted(shown, 0)).toEqual({ left: 1_140, top: 616 })
  expect(await fitted(shown, 0)).toBeUndefined()
})

test('U5.14 a call without a window, and one whose window is gone, harm nothing', async () => {
  await expect(fitCallWindow({ call: 'none', by: 1, screen })).resolves.toBeUndefined()
  desktop()
  await openCallWindow('a')
  vi.spyOn(windows, 'get').mockRejectedValue(new Error('no such window'))
  await expect(fitCallWindow({ call: 'a', by: 1, screen })).resolves.toBeUndefined()
})

test('C8.19 when a window that is in front closes, that of the next call that rings comes to the front', async () => {
  desktop()
  for (const call of ['a', 'b', 'c']) await openCallWindow(call)
  const [, b, c] = [...(await known()).values()]
  const inFront = (focused: boolean) => vi.spyOn(windows, 'get').mockResolvedValue({ focused } as never)
  const updated = vi.spyOn(windows, 'update')
  inFront(false)
  await closeCallWindow('a', ['b', 'c'])
  expect(updated).not.toHaveBeenCalled()
  inFront(true)
  await closeCallWindow('b', ['closed by hand', 'c'])
  expect(updated.mock.lastCall?.[0]).toBe(c?.id)
  expect(b?.id).not.toBe(c?.id)
  updated.mockClear()
  await closeCallWindow('c')
  expect(updated).not.toHaveBeenCalled()
})
