import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { isolated } from '../../../messages/isolated.ts'
import type { AccountChange, ExpectedCall } from '../../../protocol/people.ts'
import { type DriverTimeline, settled, startDriver } from './driver-timeline.ts'
import { freshBrowser } from './whole-worker.ts'

let screen: ReturnType<typeof freshBrowser>
beforeEach(() => {
  screen = freshBrowser()
})

const minute = 60_000
/** By the wall clock of a driver that has just started. */
const start = 1_800_000_000_000

const expectedAt = (at: number, more: Partial<ExpectedCall> = {}): AccountChange => ({
  kind: 'expected',
  expected: { id: 'e', at, by: 'Ben', contact: 'ben', gone: false, ...more },
})

const ben = (ringsThrough: boolean): AccountChange => ({
  kind: 'contact',
  contact: {
    ...{
      id: 'ben',
      relation: 'contact',
      name: 'Ben',
      username: null,
      team: null,
      favourite: false,
      since: 1,
    },
    ringsThrough,
  },
})

async function told(device: DriverTimeline, ...items: AccountChange[]) {
  device.driver.heard(1, { type: 'reset', first: true, last: true, until: 5, items })
  await settled()
}

async function event(device: DriverTimeline, seq: number, change: AccountChange) {
  device.driver.heard(1, { type: 'events', events: [{ seq, change }], until: seq })
  await settled()
}

/** A device that knows of a call in an hour, and has no connection any more. */
async function unreachable(...more: AccountChange[]) {
  const device = await startDriver()
  await device.connect(1)
  const at = device.wall() + 60 * minute
  await told(device, expectedAt(at), ...more)
  device.disconnect()
  return { device, at }
}

const views = (device: DriverTimeline) => device.driver.now()?.expected
const notices = () => [...screen.shown.entries()].map(([id, { title, message }]) => ({ id, title, message }))

test('PR1.2 PR1.3 who expects a call and cannot be reached is told so once, from ten minutes before', async () => {
  const { device, at } = await unreachable()
  await device.pass(50 * minute - 1)
  expect(screen.told).toEqual([])
  expect(views(device)).toEqual([{ id: 'e', at, by: 'Ben', contact: 'ben', mine: false }])
  await device.pass(9_000)
  expect(views(device)).toMatchObject([{ risk: 'unproven' }])
  expect(screen.told).toEqual([])
  await device.pass(5_000)
  const clock = new Date(at).toTimeString().slice(0, 5)
  expect(notices()).toEqual([
    {
      id: `people:expected:e@${at}`,
      title: `Call expected at ${clock}`,
      message: 'It might not ring here. Click to see why, and what helps.',
    },
  ])
  await device.pass(5 * minute)
  expect(screen.told).toHaveLength(1)
  await device.connect(2)
  expect(screen.shown.size).toBe(0)
  expect(views(device)?.[0]?.risk).toBeUndefined()
  device.disconnect()
  await device.pass(5 * minute)
  expect(screen.told).toHaveLength(1)
  // It took place, or not: a quarter of an hour later it is expected no more.
  await device.pass(20 * minute)
  expect(views(device)).toEqual([])
})

test('PR1.2 who is reachable is told nothing, nor who proves it within seconds of having lost it', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(device, expectedAt(start + 12 * minute))
  for (let n = 2; n < 30; n += 1) {
    await device.pass(minute / 2)
    device.disconnect()
    await device.pass(5_000)
    await device.connect(n)
  }
  expect(screen.told).toEqual([])
})

test('PR1.4 an earlier worker’s list is enough, without a connection: the worker that an alarm begins tells of it', async () => {
  await unreachable()
  const next = await startDriver({ at: 52 * minute })
  await next.driver.restore()
  await settled()
  next.disconnect()
  next.driver.woke()
  await next.pass(15_000)
  expect(screen.told).toEqual([expect.stringMatching(/^Call expected at /)])
  // The one after that knows that it was told, and takes it away once calls get through.
  const last = await startDriver({ at: 55 * minute })
  await last.driver.restore()
  await settled()
  last.disconnect()
  await last.pass(minute)
  expect(screen.told).toHaveLength(1)
  expect(screen.shown.size).toBe(1)
  await last.connect(1)
  expect(screen.shown.size).toBe(0)
})

test('PR1.2 PR1.3 a machine that slept over the time tells of it while it matters, in words that hold, and after that no more', async () => {
  const { device } = await unreachable()
  // Neither timers nor alarms run in a sleep.
  device.sleep(65 * minute)
  device.driver.woke()
  await settled()
  expect(screen.told).toEqual([])
  await device.pass(15_000)
  expect(notices()).toMatchObject([{ title: expect.stringMatching(/^Call expected at \d\d:\d\d$/) }])
  device.sleep(30 * minute)
  device.driver.woke()
  await settled()
  expect(screen.shown.size).toBe(0)

  screen = freshBrowser()
  const late = await unreachable()
  late.device.sleep(90 * minute)
  late.device.driver.woke()
  await late.device.pass(minute)
  expect(screen.told).toEqual([])
})

test('PR1.3 a call that is put off is told anew, one that is taken back no more', async () => {
  const { device, at } = await unreachable()
  // It has a connection again, of which nothing is proven.
  device.driver.connectionChanged({ number: 1, light: 'checking' })
  device.driver.welcomed(1, 'ann', ['people'])
  await device.pass(51 * minute)
  expect(notices()).toMatchObject([{ id: `people:expected:e@${at}` }])
  await event(device, 6, expectedAt(at + 5 * minute))
  expect(screen.shown.size).toBe(0)
  await device.pass(6 * minute)
  expect(notices()).toMatchObject([{ id: `people:expected:e@${at + 5 * minute}` }])
  await event(device, 7, expectedAt(at, { gone: true }))
  expect(screen.shown.size).toBe(0)
  expect(views(device)).toEqual([])
})

test('PR1.1 PR1.2 who is busy until after the call is told so, unless its caller rings through', async () => {
  const device = await startDriver()
  await device.connect(1)
  const at = start + 9 * minute
  await told(device, expectedAt(at), ben(true))
  void device.driver.handlers['set-status']({ status: 'busy', until: at + minute })
  await device.pass(20_000)
  expect(views(device)?.[0]?.risk).toBeUndefined()
  await event(device, 6, ben(false))
  expect(views(device)?.[0]?.risk).toBe('busy')
  await device.pass(20_000)
  expect(screen.told).toHaveLength(1)
  void device.driver.handlers['set-status']({ status: 'busy', until: at - minute })
  await settled()
  expect(views(device)?.[0]?.risk).toBeUndefined()
  expect(screen.shown.size).toBe(0)
})

test('PR1.3 it names whoever calls only where the person allows names', async () => {
  const device = await startDriver({ mayName: true })
  await device.connect(1)
  await told(device, expectedAt(start + 5 * minute))
  device.disconnect()
  await device.pass(15_000)
  expect(screen.told[0]).toContain(`Call from ${isolated('Ben')} expected at`)
})

test('PR1.2 what the browser refused to show is shown later, and told once it is', async () => {
  const { device } = await unreachable()
  const create = vi.spyOn(fakeBrowser.notifications, 'create').mockRejectedValue(new Error('not now'))
  await device.pass(51 * minute)
  expect(create).toHaveBeenCalled()
  create.mockRestore()
  await device.pass(minute)
  expect(screen.told).toHaveLength(1)
})

test('PR1.4 nobody being signed in, of an expected call nothing is told and nothing stays', async () => {
  const { device } = await unreachable()
  await device.pass(51 * minute)
  expect(screen.shown.size).toBe(1)
  device.driver.clear()
  await settled()
  expect(screen.shown.size).toBe(0)
  await device.pass(10 * minute)
  expect(screen.told).toHaveLength(1)
})

test('PR2.2 a call that this person announced is shown here, and is no call to be reached for', async () => {
  const device = await startDriver()
  await device.connect(1)
  const at = start + 5 * minute
  await told(device, expectedAt(at, { mine: true }))
  device.disconnect()
  await device.pass(minute)
  expect(views(device)).toEqual([{ id: 'e', at, by: 'Ben', contact: 'ben', mine: true }])
  expect(screen.told).toEqual([])
})

test('PR2.1 PX2.1 a call is announced to a contact by one request, whose refusal is told', async () => {
  const device = await startDriver()
  await device.connect(1)
  const asked = device.driver.handlers['expect-call']({ contact: 'ben', at: start + minute })
  await settled()
  const [request] = device.requests('expect-call')
  expect(request?.request).toEqual({ what: 'expect-call', contact: 'ben', at: start + minute })
  const message = 'That is too late.'
  device.driver.heard(1, { type: 'refused', n: request?.n ?? 0, why: 'bad-request', message })
  await expect(asked).resolves.toEqual({ ok: false, why: 'refused', message })
})

test('PR3.1 the thread that a notification leads to is told to the popup until it shows it, for half a minute', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(device)
  device.driver.wantThread('ben')
  expect(device.driver.now()?.wantedThread).toBe('ben')
  const port = (name: string) =>
    device.driver.connect({ name, onDisconnect: { addListener: () => {} }, postMessage: () => {} } as never)
  port('thread:cleo')
  expect(device.driver.now()?.wantedThread).toBe('ben')
  port('thread:ben')
  expect(device.driver.now()?.wantedThread).toBeUndefined()
  device.driver.wantThread('ben')
  await device.pass(30_000)
  expect(device.driver.now()?.wantedThread).toBeUndefined()
})
