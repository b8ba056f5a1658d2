import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createOutageDriver } from '../../../entrypoints/background/outage/outage-driver.ts'
import {
  clearNotice,
  isOutageNotification,
  noticeWords,
  showNotice,
} from '../../../entrypoints/background/outage/outage-notification.ts'
import type { Seen } from '../../../entrypoints/background/outage/outage-reducer.ts'
import { createOutageStore } from '../../../entrypoints/background/outage/stored-outages.ts'

/** What stands on the screen, and each that was shown. */
let screen: Map<string, Record<string, unknown>>
let shown: { readonly id: string; readonly title: string; readonly message: string }[]
let light: Seen

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 22, 10, 2, 0) })
  vi.stubGlobal('navigator', { language: 'en-GB', languages: ['en-GB'] })
  fakeBrowser.reset()
  screen = new Map()
  shown = []
  light = { kind: 'unknown' }
  Object.assign(fakeBrowser.notifications, {
    create: async (id: string, options: Record<string, string>) => {
      screen.set(id, options)
      shown.push({ id, title: options.title ?? '', message: options.message ?? '' })
      return id
    },
    clear: async (id: string) => screen.delete(id),
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** One worker; `die` ends all that it has begun. */
async function worker() {
  let alive = true
  const driver = createOutageDriver({
    clocks: () => ({ mono: performance.now(), wall: Date.now() }),
    after: (milliseconds, todo) => {
      const timer = setTimeout(() => alive && todo(), milliseconds)
      return () => clearTimeout(timer)
    },
    seen: () => light,
    mayTell: () => true,
    store: createOutageStore(),
    show: showNotice,
    clear: clearNotice,
  })
  light = { kind: 'unknown' }
  driver.look()
  await driver.restore()
  const see = (next: Seen) => {
    light = next
    driver.look()
  }
  return {
    ...driver,
    green: () => see({ kind: 'proven', confirmedAt: Date.now() }),
    off: () => see({ kind: 'unproven', why: 'no-network' }),
    checking: () => see({ kind: 'unproven', why: null }),
    die: () => {
      alive = false
    },
  }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('G3.1 G3.2 G3.8 an outage and its end are told in one notification, which names nobody and is plain', async () => {
  const one = await worker()
  one.green()
  one.off()
  await pass(29_900)
  expect(shown).toEqual([])
  await pass(200)
  expect(shown).toEqual([
    {
      id: 'light',
      title: 'Calls cannot reach you',
      message: 'Since 10:02: this computer is offline. Reachable waits for the network.',
    },
  ])
  // Firefox throws on buttons, requireInteraction and silent.
  expect(Object.keys(screen.get('light') ?? {})).toEqual(['type', 'iconUrl', 'title', 'message'])
  await pass(30_000)
  one.green()
  await pass(0)
  expect(shown.slice(1)).toEqual([
    { id: 'light', title: 'Calls can reach you again', message: 'Confirmed at 10:03.' },
  ])
  one.off()
  await pass(0)
  expect(screen.size).toBe(0)
})

test('G3.5 G1.8 a worker that dies in an outage leaves the next one what it knows', async () => {
  const one = await worker()
  one.green()
  await fakeBrowser.storage.session.set({ confirmedAt: Date.now() })
  await pass(60_000)
  one.off()
  const since = new Date(2026, 10, 22, 10, 2, 14, 500).getTime()
  expect(one.described({ kind: 'unreachable', why: 'no-network' })).toMatchObject({ since })
  await pass(20_000)
  one.die()
  await pass(20_000)
  const next = await worker()
  next.checking()
  expect(next.described({ kind: 'checking' })).toEqual({
    kind: 'checking',
    lastConfirmedAt: new Date(2026, 10, 22, 10, 2, 0).getTime(),
  })
  next.off()
  expect(next.described({ kind: 'unreachable', why: 'no-network' })).toMatchObject({ since })
  await pass(7_000)
  expect(shown).toEqual([])
  await pass(1_000)
  expect(shown).toHaveLength(1)
})

test('G3.5 a worker that died while all was well leaves when it was last confirmed', async () => {
  const one = await worker()
  one.green()
  await pass(100_000)
  await fakeBrowser.storage.session.set({ confirmedAt: Date.now() })
  one.die()
  await pass(10_000)
  const next = await worker()
  next.checking()
  expect(next.described({ kind: 'checking' })).toMatchObject({ lastConfirmedAt: Date.now() - 10_000 })
  next.green()
  expect(shown).toEqual([])
})

test('G3.6 G1.8 without a memory nothing is said that nobody knows', async () => {
  const one = await worker()
  one.off()
  expect(one.described({ kind: 'checking' })).toEqual({ kind: 'checking' })
  expect(one.described({ kind: 'unreachable', why: 'storage' })).toEqual({
    kind: 'unreachable',
    why: 'storage',
  })
  await pass(30_000)
  expect(shown[0]?.message).toBe('This computer is offline. Reachable waits for the network.')
})

test('G3.5 what was kept in a form of its own is read as if it were not there', async () => {
  await fakeBrowser.storage.session.set({ outages: { at: 1, kept: { outage: 7 } }, confirmedAt: 'no' })
  screen.set('light', {})
  const one = await worker()
  await pass(0)
  expect(screen.size).toBe(0)
  one.green()
  expect(one.described({ kind: 'checking' })).toMatchObject({ lastConfirmedAt: Date.now() })
})

test('G3.1 a browser that shows no notification is asked for the next one all the same', async () => {
  const create = vi.spyOn(fakeBrowser.notifications, 'create').mockRejectedValueOnce(new Error('no'))
  const one = await worker()
  one.green()
  one.off()
  await pass(31_000)
  one.green()
  await pass(0)
  expect(create).toHaveBeenCalledTimes(2)
})

test('G3.2 G3.8 the notification of the light has a name of its own, and words for what is not known', () => {
  expect(isOutageNotification('light')).toBe(true)
  expect(isOutageNotification('call:light')).toBe(false)
  const words = (why: 'session-ended' | 'wrong-address' | null, since: number | null) =>
    noticeWords({ says: 'off', why, since }, Date.now()).message
  expect(words('session-ended', Date.now())).toBe('Since 10:02: your session ended. Click to log in again.')
  expect(words('wrong-address', null)).toContain('Click to see what helps.')
  expect(words(null, Date.now())).toBe('Since 10:02. Click to see why.')
  expect(words(null, null)).toBe('Click to see why.')
})
