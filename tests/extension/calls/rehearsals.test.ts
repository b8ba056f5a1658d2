import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createRehearsals } from '../../../entrypoints/background/calls/rehearsals.ts'

let version = '1.0.0'
let userAgent = 'Chrome/150'

beforeEach(() => {
  fakeBrowser.reset()
  Object.assign(fakeBrowser.runtime, { getManifest: () => ({ version }) })
  vi.stubGlobal('navigator', {
    get userAgent() {
      return userAgent
    },
  })
  vi.useFakeTimers({ now: 1_000, toFake: ['Date'] })
  version = '1.0.0'
  userAgent = 'Chrome/150'
  onTestFinished(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
})

async function start(changed = vi.fn()) {
  const rehearsals = createRehearsals(changed)
  await rehearsals.restore()
  // What the browser is asked at the start is answered in the next turns.
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  return rehearsals
}

test('PR4.2 the last rehearsal is kept with its time and what was said of it, over the worker’s death', async () => {
  const changed = vi.fn()
  const first = await start(changed)
  expect(first.now()).toEqual({ blocked: false, last: null, updated: false })
  // Of none there is nothing to say.
  first.answered({ seen: true })
  expect(changed).not.toHaveBeenCalled()
  first.begun()
  expect(first.now().last).toEqual({ at: 1_000, seen: null, heard: null })
  first.answered({ seen: true })
  first.answered({ heard: false })
  expect(changed).toHaveBeenCalledTimes(3)
  const next = await start()
  expect(next.now()).toEqual({
    blocked: false,
    last: { at: 1_000, seen: true, heard: false },
    updated: false,
  })
  next.answered({ heard: true })
  expect(next.now().last).toMatchObject({ seen: true, heard: true })
  vi.setSystemTime(2_000)
  next.begun()
  expect((await start()).now().last).toEqual({ at: 2_000, seen: null, heard: null })
})

test.each(['extension', 'browser'])(
  'PR4.3 after an update of the %s another one is due, until it took place',
  async (what) => {
    const first = await start()
    first.begun()
    first.answered({ seen: true, heard: true })
    if (what === 'extension') version = '1.0.1'
    else userAgent = 'Chrome/151'
    const next = await start()
    expect(next.now()).toMatchObject({ last: { seen: true, heard: true }, updated: true })
    next.begun()
    expect(next.now().updated).toBe(false)
    expect((await start()).now().updated).toBe(false)
  },
)

test('PR4.2 what an older version or a broken disk left is no rehearsal, and what cannot be kept is asked again', async () => {
  await fakeBrowser.storage.local.set({ rehearsal: { at: 'yesterday' } })
  const rehearsals = await start()
  expect(rehearsals.now().last).toBeNull()
  vi.spyOn(fakeBrowser.storage.local, 'set').mockRejectedValueOnce(new Error('The disk is full'))
  rehearsals.begun()
  expect(rehearsals.now().last).not.toBeNull()
  expect((await start()).now().last).toBeNull()
})

test('PR4.4 a browser that lets no notification appear is noticed, and that it does again; one that does not tell is believed', async () => {
  let level: () => Promise<string> = async () => 'denied'
  Object.assign(fakeBrowser.notifications, { getPermissionLevel: () => level() })
  const changed = vi.fn()
  const rehearsals = await start(changed)
  expect(rehearsals.now().blocked).toBe(true)
  await rehearsals.look()
  expect(changed).toHaveBeenCalledTimes(1)
  level = async () => 'granted'
  await rehearsals.look()
  expect(rehearsals.now().blocked).toBe(false)
  level = () => Promise.reject(new Error('not here'))
  await rehearsals.look()
  expect(rehearsals.now().blocked).toBe(false)
  Object.assign(fakeBrowser.notifications, { getPermissionLevel: undefined })
  await rehearsals.look()
  expect(changed).toHaveBeenCalledTimes(2)
})
