import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createOutageDriver } from '../../../entrypoints/background/outage/outage-driver.ts'
import {
  clearNotice,
  isOutageNotification,
  noticeStands,
  noticeWords,
  showNotice,
} from '../../../entrypoints/background/outage/outage-notification.ts'
import { type Notice, type Seen, seenOf } from '../../../entrypoints/background/outage/outage-reducer.ts'
import { createOutageStore } from '../../../entrypoints/background/outage/stored-outages.ts'
import type { UnreachableReason } from '../../../messages/state.ts'

/** What stands on the screen, and each that was shown. */
let screen: Map<string, Record<string, unknown>>
let shown: { readonly id: string; readonly title: string; readonly message: string }[]
let light: Seen
let mayTell: boolean
let looks: number
/** Firefox tells it of a notification that another one replaces, too. */
let onReplaced: () => void

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 22, 10, 2, 0) })
  vi.stubGlobal('navigator', { language: 'en-GB', languages: ['en-GB'] })
  fakeBrowser.reset()
  screen = new Map()
  shown = []
  light = { kind: 'unknown' }
  mayTell = true
  looks = 0
  onReplaced = () => {}
  Object.assign(fakeBrowser.notifications, {
    create: async (id: string, options: Record<string, string>) => {
      if (screen.has(id)) setTimeout(onReplaced, 3)
      screen.set(id, options)
      shown.push({ id, title: options.title ?? '', message: options.message ?? '' })
      return id
    },
    clear: async (id: string) => screen.delete(id),
    getAll: async () => Object.fromEntries(screen),
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

interface Circumstances {
  /** What wakes it, before anything is read. */
  readonly wokenBy?: (driver: ReturnType<typeof createOutageDriver>) => void
  readonly show?: (notice: Notice) => Promise<void>
  readonly clear?: () => Promise<void>
}

/** One worker; `die` ends all that it has begun. */
async function worker({ wokenBy = () => {}, show = showNotice, clear = clearNotice }: Circumstances = {}) {
  let alive = true
  const driver = createOutageDriver({
    clocks: () => ({ mono: performance.now(), wall: Date.now() }),
    after: (milliseconds, todo) => {
      const timer = setTimeout(() => alive && todo(), milliseconds)
      return () => clearTimeout(timer)
    },
    seen: () => {
      looks += 1
      return light
    },
    mayTell: () => mayTell,
    store: createOutageStore(),
    show: (notice) => (alive ? show(notice) : never()),
    clear: () => (alive ? clear() : never()),
    stands: noticeStands,
  })
  light = { kind: 'unknown' }
  driver.look()
  wokenBy(driver)
  await driver.restore()
  const see = (next: Seen) => {
    light = next
    driver.look()
  }
  return {
    ...driver,
    green: () => see({ kind: 'proven', confirmedAt: Date.now() }),
    see,
    off: (why: UnreachableReason = 'no-network') => see({ kind: 'unproven', why }),
    checking: () => see({ kind: 'unproven', why: null }),
    die: () => {
      alive = false
    },
  }
}

const never = () => new Promise<never>(() => {})
const title = () => screen.get('light')?.title
const message = () => screen.get('light')?.message
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
      message: 'Since 22 Nov 10:02: this computer is offline. Reachable waits for the network.',
    },
  ])
  // Firefox throws on buttons, requireInteraction and silent.
  expect(Object.keys(screen.get('light') ?? {})).toEqual(['type', 'iconUrl', 'title', 'message'])
  await pass(30_000)
  one.green()
  await pass(0)
  expect(shown.slice(1)).toEqual([
    { id: 'light', title: 'Calls can reach you again', message: 'Confirmed 22 Nov 10:03.' },
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
  const since = new Date(2026, 10, 22, 10, 2, 14, 250).getTime()
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

test('G3.1 G3.2 a browser that shows no notification is asked again, and "again" is said to nobody who was not told', async () => {
  const create = vi.spyOn(fakeBrowser.notifications, 'create').mockRejectedValueOnce(new Error('no'))
  const one = await worker()
  one.green()
  one.off()
  await pass(31_000)
  expect(create).toHaveBeenCalledTimes(1)
  await pass(31_000)
  expect(create).toHaveBeenCalledTimes(2)
  expect(title()).toBe('Calls cannot reach you')
  one.green()
  await pass(10)
  one.off()
  create.mockRejectedValueOnce(new Error('no'))
  await pass(121_000)
  one.green()
  await pass(10)
  expect(shown.map((each) => each.title)).toEqual(['Calls cannot reach you', 'Calls can reach you again'])
  expect(screen.size).toBe(0)
})

test('G3.7 a light that is off is looked at no more than once a second for whom nobody tells of it', async () => {
  const one = await worker()
  mayTell = false
  one.off()
  await pass(31_000)
  looks = 0
  await pass(10_000)
  expect(looks).toBeLessThan(12)
  expect(shown).toEqual([])
})

test('G3.2 what Firefox says of a notification that was replaced is not that the person closed it', async () => {
  const one = await worker()
  onReplaced = one.closed
  one.green()
  one.off('no-network')
  await pass(31_000)
  one.off('server-silent')
  await pass(10)
  one.off('wrong-address')
  await pass(10)
  expect(message()).toContain('another address')
  // What is gone from the screen was closed, and comes back for no other reason.
  screen.clear()
  one.closed()
  await pass(10)
  one.off('server-silent')
  await pass(10)
  expect(screen.size).toBe(0)
})

test('G3.2 a browser that refuses late, when another notification stands there, makes nobody forget that one', async () => {
  let refuse = () => {}
  const first = (notice: Notice) =>
    notice.says === 'off' && notice.why === 'server-silent'
      ? new Promise<void>((_, reject) => {
          refuse = () => reject(new Error('no'))
        })
      : showNotice(notice)
  const one = await worker({ show: first })
  one.green()
  one.off()
  await pass(31_000)
  one.off('server-silent')
  one.green()
  await pass(10)
  refuse()
  await pass(10)
  expect(title()).toBe('Calls can reach you again')
  one.off()
  await pass(10)
  expect(screen.size).toBe(0)
})

test('G3.2 G3.5 what a worker was to take away when it died, the next one takes away', async () => {
  const one = await worker({ clear: never })
  one.green()
  one.off()
  await pass(31_000)
  one.green()
  await pass(10)
  one.off()
  one.die()
  await pass(10)
  expect(title()).toBe('Calls can reach you again')
  await worker()
  await pass(10)
  expect(screen.size).toBe(0)
})

test('G3.1 G3.5 what a worker was to tell when it died, the next one tells, and only then that it is over', async () => {
  const one = await worker({ show: never })
  one.green()
  one.off()
  await pass(31_000)
  one.die()
  const quick = await worker({ show: never })
  quick.green()
  await pass(10)
  expect(shown).toEqual([])
  quick.off()
  await pass(31_000)
  quick.die()
  const next = await worker()
  next.off()
  await pass(8_100)
  expect(title()).toBe('Calls cannot reach you')
  next.die()
  // "Again" is as much owed as what it is the end of.
  const dying = await worker({ show: never })
  dying.off()
  dying.green()
  await pass(10)
  dying.die()
  const last = await worker()
  await pass(10)
  expect(screen.size).toBe(0)
  last.checking()
  last.green()
  await pass(10)
  expect(title()).toBe('Calls can reach you again')
})

test('G3.2 G3.5 what the person closed stays closed, though the click is what woke the worker', async () => {
  const one = await worker()
  one.green()
  one.off()
  await pass(31_000)
  one.die()
  screen.clear()
  const next = await worker({ wokenBy: ({ closed }) => closed() })
  next.off('server-silent')
  await pass(60_000)
  expect(shown).toHaveLength(1)
})

test('G3.8 a click takes it away, and it comes back for no other reason', async () => {
  const one = await worker()
  one.green()
  one.off()
  await pass(31_000)
  one.die()
  const next = await worker({ wokenBy: ({ clicked }) => clicked() })
  await pass(10)
  expect(screen.size).toBe(0)
  next.off('server-silent')
  await pass(60_000)
  expect(shown).toHaveLength(1)
})

test('G3.6 G1.8 nothing of an earlier person is told of the next: neither since when, nor when it was confirmed', async () => {
  const one = await worker()
  one.green()
  one.off('session-ended')
  await pass(5 * 3_600_000)
  one.checking()
  expect(one.described({ kind: 'checking' })).toEqual({ kind: 'checking' })
  one.off('server-silent')
  const since = Date.now()
  expect(one.described({ kind: 'unreachable', why: 'server-silent' })).toMatchObject({ since })
  one.green()
  await fakeBrowser.storage.session.set({ confirmedAt: Date.now() })
  one.see({ kind: 'at-rest' })
  await pass(3_600_000)
  one.checking()
  await pass(1_000)
  one.die()
  const next = await worker()
  next.checking()
  expect(next.described({ kind: 'checking' })).toEqual({ kind: 'checking' })
})

test('G3.3 who is signed in cannot be read: nobody is told, and what stood there is taken away', async () => {
  const unread = seenOf({ kind: 'unknown' }, { kind: 'unreachable', why: 'storage' })
  const one = await worker()
  one.see(unread)
  await pass(31_000)
  expect(shown).toEqual([])
  one.green()
  one.off()
  await pass(31_000)
  one.die()
  vi.spyOn(fakeBrowser.storage.session, 'get').mockRejectedValueOnce(new Error('The disk is full'))
  await expect(worker()).rejects.toThrow()
  await pass(10)
  expect(screen.size).toBe(0)
  const last = await worker()
  screen.set('light', {})
  last.see(unread)
  await pass(10)
  last.off()
  await pass(60_000)
  last.green()
  await pass(10)
  expect(title()).toBe('Calls can reach you again')
})

test('G3.2 G3.8 the notification of the light has a name of its own, and words for what is not known', () => {
  expect(isOutageNotification('light')).toBe(true)
  expect(isOutageNotification('call:light')).toBe(false)
  const words = (why: 'session-ended' | 'wrong-address' | null, since: number | null) =>
    noticeWords({ says: 'off', why, since }, Date.now()).message
  expect(words('session-ended', Date.now())).toBe(
    'Since 22 Nov 10:02: your session ended. Click to log in again.',
  )
  expect(words('wrong-address', null)).toContain('Click to see what helps.')
  expect(words(null, Date.now())).toBe('Since 22 Nov 10:02. Click to see why.')
  expect(words(null, null)).toBe('Click to see why.')
})
