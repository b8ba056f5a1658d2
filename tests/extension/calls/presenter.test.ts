import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import type { Presenter } from '../../../entrypoints/background/calls/presenter.ts'
import { call, signedIn } from '../components/states.ts'

const { notifications, offscreen, tabs, windows } = fakeBrowser

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

beforeEach(() => {
  fakeBrowser.reset()
  vi.restoreAllMocks()
  vi.resetModules()
  vi.stubEnv('FIREFOX', '')
  Object.assign(offscreen, { createDocument: vi.fn(async () => {}), closeDocument: vi.fn(async () => {}) })
})

/** What a notification was made of last. */
const created = () =>
  vi.mocked(notifications.create).mock.lastCall as unknown as [string, Record<string, unknown>]

/** A presenter of a worker that has just started. */
async function start(mayName = false) {
  const { createPresenter } = await import('../../../entrypoints/background/calls/presenter.ts')
  return createPresenter(() => ({ ...signedIn.settings, namesInNotifications: mayName }))
}

const presented = (presenter: Presenter) =>
  new Promise<void>((shown) => {
    presenter.present(call(), shown)
  })

test('T4.1 a call is presented as soon as its window or its notification is there', async () => {
  const presenter = await start()
  vi.spyOn(windows, 'create').mockReturnValueOnce(new Promise(() => {}) as never)
  await presented(presenter)
})

test('T4.1 a call that the browser shows neither way is not presented', async () => {
  vi.spyOn(windows, 'create').mockRejectedValue(new Error('no display'))
  vi.spyOn(notifications, 'create').mockRejectedValue(new Error('not allowed'))
  const shown = vi.fn()
  ;(await start()).present(call(), shown)
  await vi.waitFor(() => expect(notifications.create).toHaveBeenCalledTimes(2))
  await new Promise((resolve) => setTimeout(resolve))
  expect(shown).not.toHaveBeenCalled()
})

test('U6.3 C8.14 a notification of a ring says what Answer and Decline do, and names nobody unless it may', async () => {
  vi.spyOn(notifications, 'create')
  await presented(await start())
  await vi.waitFor(() => expect(notifications.create).toHaveBeenCalled())
  expect(created()).toMatchObject([
    'call:c1',
    {
      title: 'Incoming call',
      message: 'Answer opens the room. Decline ends the call on all your devices.',
      buttons: [{ title: 'Answer' }, { title: 'Decline' }],
    },
  ])
  await presented(await start(true))
  await vi.waitFor(() => expect(created()[1].title).toBe('Ben Sample is calling'))
})

test('C8.14 where a notification cannot have buttons it has none', async () => {
  vi.stubEnv('FIREFOX', 'true')
  vi.stubGlobal('Audio', class {})
  vi.spyOn(notifications, 'create')
  await presented(await start())
  await vi.waitFor(() => expect(notifications.create).toHaveBeenCalledTimes(1))
  expect(created()[1]).not.toHaveProperty('buttons')
  expect(created()[1]).not.toHaveProperty('requireInteraction')
  expect(created()[1].message).toBe('Click to open the call, with Answer and Decline.')
})

test('C8.14 a notification whose buttons the browser refuses promises a click, and that of a test nothing more', async () => {
  const create = vi.spyOn(notifications, 'create').mockRejectedValueOnce(new Error('no buttons'))
  await presented(await start())
  await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(2))
  expect(created()[1]).toMatchObject({ message: 'Click to open the call, with Answer and Decline.' })
  ;(await start(true)).present(call('ringing', { test: true, from: 'Test ring' }), () => {})
  await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(3))
  const words = 'Only a test: nobody is calling. Answer and Decline both end it.'
  expect(created()[1]).toMatchObject({ title: 'Test ring', message: words })
})

test('P7.1 C8.14 U9.11 the notification of a ring whose connection was lost says so, without Answer', async () => {
  vi.spyOn(notifications, 'create')
  const [naming, discreet] = [await start(true), await start()]
  naming.notifyUnproven(call('connection-lost'))
  await vi.waitFor(() => expect(notifications.create).toHaveBeenCalledTimes(1))
  const lost = { title: 'Connection lost', message: 'Ben Sample may still be waiting.' }
  expect(created()).toMatchObject(['call:c1', lost])
  expect(created()[1]).not.toHaveProperty('buttons')
  discreet.notifyUnproven(call('checking'))
  await vi.waitFor(() => expect(notifications.create).toHaveBeenCalledTimes(2))
  const checking = { title: 'Checking the connection', message: 'Whoever called may still be waiting.' }
  expect(created()).toMatchObject(['call:c1', checking])
  naming.notifyUnproven(call('connection-lost', { from: 'רות' }))
  await vi.waitFor(() => expect(created()[1].message).toBe('\u2068רות\u2069 may still be waiting.'))
})

test('C8.14 a notification that is taken back while it is being made does not stay', async () => {
  const presenter = await start()
  // A browser without buttons refuses the first try, and the second comes later.
  vi.spyOn(notifications, 'create').mockRejectedValueOnce(new Error('no buttons'))
  const shown = presented(presenter)
  presenter.withdraw('c1')
  await shown
  await vi.waitFor(async () => expect(notifications.create).toHaveBeenCalledTimes(2))
  await vi.waitFor(async () => expect(await notifications.getAll()).toEqual({}))
})

test('P7.1 P8.1 the notifications of calls that no longer ring are taken back, and no other', async () => {
  const presenter = await start()
  const notify = (id: string) =>
    notifications.create(id, { type: 'basic', iconUrl: '', title: '', message: '' })
  await Promise.all([notify('call:old'), notify('call:a'), notify('something else')])
  await presenter.withdrawOthers(['a'])
  expect(Object.keys(await notifications.getAll())).toEqual(['call:a', 'something else'])
})

test('C8.9 the tone sounds while a call rings', async () => {
  const presenter = await start()
  presenter.soundFor([call()])
  await vi.waitFor(() => expect(offscreen.createDocument).toHaveBeenCalledTimes(1))
  vi.mocked(offscreen.closeDocument).mockClear()
  presenter.soundFor([])
  await vi.waitFor(() => expect(offscreen.closeDocument).toHaveBeenCalledTimes(1))
})

const failed = vi.fn()
const room = (number: number) => `https://r.example/${number}`

test('C8.15 a room opens in a tab, or in a window where no tab can be', async () => {
  const presenter = await start()
  const tab = vi.spyOn(tabs, 'create')
  const window = vi.spyOn(windows, 'create')
  presenter.enter('c1', room(1), failed)
  await vi.waitFor(() => expect(tab).toHaveBeenCalledWith({ url: room(1) }))
  tab.mockRejectedValueOnce(new Error('no window'))
  presenter.enter('c1', room(2), failed)
  await vi.waitFor(() => expect(window).toHaveBeenCalledWith({ url: room(2) }))
  expect(tab).toHaveBeenCalledTimes(2)
  expect(failed).not.toHaveBeenCalled()
})

test('C8.20 the room has the front, out of a minimised window too, and the window of the call is gone', async () => {
  const presenter = await start()
  await presented(presenter)
  vi.spyOn(tabs, 'create').mockResolvedValue({ windowId: 7 } as never)
  const updated = vi
    .spyOn(windows, 'update')
    .mockImplementation(async (_, { state = 'minimized' }) => ({ state }) as never)
  const removed = vi.spyOn(windows, 'remove')
  presenter.enter('c1', room(1), failed)
  await vi.waitFor(() => expect(removed).toHaveBeenCalledTimes(1))
  expect(updated.mock.calls).toEqual([
    [7, { focused: true }],
    [7, { state: 'normal', focused: true }],
  ])
  expect(updated.mock.invocationCallOrder.at(-1)).toBeLessThan(removed.mock.invocationCallOrder[0] ?? 0)
})

test('C8.20 a room that the browser opens nowhere leaves the window of the call, and that is said', async () => {
  const presenter = await start()
  await presented(presenter)
  vi.spyOn(tabs, 'create').mockRejectedValue(new Error('no window'))
  vi.spyOn(windows, 'create').mockRejectedValue(new Error('no display'))
  const removed = vi.spyOn(windows, 'remove')
  presenter.enter('c1', room(1), failed)
  await vi.waitFor(() => expect(failed).toHaveBeenCalledTimes(1))
  expect(removed).not.toHaveBeenCalled()
})

test('C8.19 the window of the next call that rings comes forward when one in front closes', async () => {
  const presenter = await start()
  const present = (id: string) =>
    new Promise<void>((shown) => presenter.present(call('ringing', { id }), shown))
  await present('c1')
  await present('c2')
  vi.spyOn(windows, 'get').mockResolvedValue({ focused: true } as never)
  const updated = vi.spyOn(windows, 'update')
  presenter.soundFor([call('ringing', { id: 'c2' })])
  presenter.close('c1')
  await vi.waitFor(() => expect(updated).toHaveBeenCalledTimes(1))
})

const waiting = '/offscreen.html?tone=waiting&volume=100&times=1'
const ringing = '/offscreen.html?tone=ring&volume=100&times=0'

/** A call was answered, and its room was opened in a tab. */
async function inRoom(room: string) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const presenter = await start()
  let tab: { audible: boolean } | null = { audible: true }
  vi.spyOn(tabs, 'create').mockResolvedValue({ id: 7, windowId: 1 } as never)
  Object.assign(tabs, {
    get: async (id: number) => {
      if (id !== 7 || !tab) throw new Error('no such tab')
      return tab
    },
  })
  presenter.enter('c1', room, () => {})
  await vi.advanceTimersByTimeAsync(10)
  return {
    presenter,
    opened: () => vi.mocked(offscreen.createDocument).mock.calls.map(([{ url }]) => url),
    setTab: (next: typeof tab) => {
      tab = next
    },
  }
}

/** A server that says whether both are in the room; null is one that does not answer. */
function serverSays(first: boolean | null) {
  let meets = first
  const asked = vi.fn(async (_: string) => {
    if (meets === null) throw new TypeError('no network')
    return new Response(null, { status: meets ? 204 : 409 })
  })
  vi.stubGlobal('fetch', asked)
  return {
    asked,
    say: (next: boolean | null) => {
      meets = next
    },
  }
}

test('C8.21 who has hung up hears the ring, though the room’s tab is open and something is heard in it', async () => {
  const { asked, say } = serverSays(true)
  const { presenter, opened } = await inRoom('https://r.example/rooms/abc-_1#t=ticket')
  presenter.soundFor([call()])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(opened()).toEqual([waiting])
  expect(asked.mock.calls[0]?.[0]).toBe('https://r.example/api/rooms/abc-_1#t=ticket')
  say(false)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(opened()).toEqual([waiting, ringing])
  // And so is the next call, at once.
  presenter.soundFor([])
  await vi.advanceTimersByTimeAsync(10)
  presenter.soundFor([call()])
  await vi.advanceTimersByTimeAsync(10)
  expect(opened().at(-1)).toBe(ringing)
})

test('C8.21 who listens to somebody silent, or whose page connects again, hears no ring over it', async () => {
  const { say } = serverSays(true)
  const { presenter, opened, setTab } = await inRoom('https://r.example/rooms/abc')
  setTab({ audible: false })
  presenter.soundFor([call()])
  await vi.advanceTimersByTimeAsync(10_000)
  for (let n = 0; n < 3; n += 1) {
    say(false)
    await vi.advanceTimersByTimeAsync(3_000)
    say(true)
    await vi.advanceTimersByTimeAsync(2_000)
  }
  expect(opened()).toEqual([waiting])
})

test('C8.21 where no server says it the room’s tab does: one that is silent for four looks is left', async () => {
  serverSays(null)
  const { presenter, opened, setTab } = await inRoom('https://r.example/rooms/abc')
  presenter.soundFor([call()])
  await vi.advanceTimersByTimeAsync(5_000)
  setTab({ audible: false })
  await vi.advanceTimersByTimeAsync(3_000)
  setTab({ audible: true })
  await vi.advanceTimersByTimeAsync(3_000)
  expect(opened()).toEqual([waiting])
  setTab({ audible: false })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(opened()).toEqual([waiting, ringing])
})

test('C8.21 a ring that ended while it was found out whether somebody speaks sounds no more', async () => {
  serverSays(true)
  const { presenter, opened } = await inRoom('https://r.example/rooms/abc')
  presenter.soundFor([call()])
  presenter.soundFor([])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(opened()).toEqual([])
})

test('C8.21 whoever is in a call hears one soft tone, and the ring once they have left its room', async () => {
  const { asked } = serverSays(true)
  const { presenter, opened, setTab } = await inRoom('https://r.example/1')
  presenter.soundFor([call()])
  await vi.advanceTimersByTimeAsync(1_500)
  expect(opened()).toEqual([waiting])
  // Nobody is asked of a room elsewhere.
  expect(asked).not.toHaveBeenCalled()
  setTab(null)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(opened()).toEqual([waiting, ringing])
  presenter.soundFor([])
  await vi.advanceTimersByTimeAsync(10)
  // A room that was left open and silent is no call.
  setTab({ audible: false })
  presenter.soundFor([call()])
  await vi.advanceTimersByTimeAsync(10)
  expect(opened().at(-1)).toBe(ringing)
  expect(opened()).toHaveLength(3)
})

test('PR5.1 the tone, its volume and how often it is played are as they are chosen when the call rings', async () => {
  const settings = { ...signedIn.settings }
  const { createPresenter } = await import('../../../entrypoints/background/calls/presenter.ts')
  const presenter = createPresenter(() => settings)
  Object.assign(settings, { ringTone: 'phone', ringVolume: 30, ringTimes: 3 })
  presenter.soundFor([call()])
  await vi.waitFor(() =>
    expect(vi.mocked(offscreen.createDocument).mock.lastCall?.[0].url).toBe(
      '/offscreen.html?tone=phone&volume=30&times=3',
    ),
  )
})

test('PR5.1 a tone that is to be played three times is, and no more', async () => {
  vi.stubEnv('FIREFOX', 'true')
  const played: string[] = []
  let ended = () => {}
  class FakeAudio {
    volume = 1
    loop = false
    onended = () => {}
    readonly src: string
    constructor(src: string) {
      this.src = src
      ended = () => this.onended()
    }
    async play() {
      played.push(`${this.src} ${this.volume} ${this.loop}`)
    }
    pause() {
      played.push('pause')
    }
  }
  vi.stubGlobal('Audio', FakeAudio)
  const settings = { ...signedIn.settings, ringTone: 'chime', ringVolume: 50, ringTimes: 3 } as const
  const { createPresenter } = await import('../../../entrypoints/background/calls/presenter.ts')
  const presenter = createPresenter(() => settings)
  presenter.soundFor([call()])
  await vi.waitFor(() => expect(played).toEqual(['/chime.wav 0.5 false']))
  for (let n = 0; n < 5; n += 1) ended()
  expect(played).toHaveLength(3)
  presenter.soundFor([])
  await vi.waitFor(() => expect(played.at(-1)).toBe('pause'))
})
