import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { isolated } from '../../../messages/isolated.ts'
import type { AccountChange, AccountEvent, Contact } from '../../../protocol/people.ts'
import { type DriverTimeline, settled, startDriver } from './driver-timeline.ts'
import { freshBrowser, seeThread, watchContacts, watchThread } from './whole-worker.ts'

let screen: ReturnType<typeof freshBrowser>
beforeEach(() => {
  screen = freshBrowser()
})

const contact = (id: string, change: Partial<Contact> = {}): Contact => ({
  id,
  relation: 'contact',
  name: `Name ${id}`,
  username: id,
  team: null,
  favourite: false,
  ringsThrough: false,
  since: 1,
  ...change,
})

const aContact = (id: string, change: Partial<Contact> = {}): AccountChange => ({
  kind: 'contact',
  contact: contact(id, change),
})

const aStatus = (
  status: 'available' | 'away' | 'busy' | 'invisible',
  revision: number,
  until: number | null = null,
): AccountChange => ({ kind: 'status', status: { status, until, revision } })

async function told(device: DriverTimeline, items: readonly AccountChange[], until: number, on = 1) {
  device.driver.heard(on, { type: 'reset', first: true, last: true, until, items: [...items] })
  await settled()
}

/** A device on its first connection, whose person has Ben as their only contact. */
async function startWithBen(): Promise<DriverTimeline> {
  const device = await startDriver()
  await device.connect(1)
  await told(device, [aContact('ben')], 5)
  return device
}

async function event(device: DriverTimeline, seq: number, change: AccountChange, on = 1) {
  const events: AccountEvent[] = [{ seq, change }]
  device.driver.heard(on, { type: 'events', events, until: seq })
  await settled()
}

const page = ({ driver }: DriverTimeline) => watchContacts({ background: { people: driver } as never })

/** How many rows a page that opens is told of. */
const countContacts = (device: DriverTimeline) => {
  const { rows, close } = page(device)
  close()
  return rows.size
}

test('PX1.1 PX1.5 each connection is told how far this device is; a gap is asked for again, and nothing is taken twice', async () => {
  const device = await startDriver()
  await device.connect(1)
  expect(device.messages('sync')).toMatchObject([{ on: 1, after: null }])
  await told(device, [aContact('ben')], 7)
  const rows = page(device)
  // A second connection, which is to take the first one's place.
  device.driver.welcomed(2, 'ann', ['people'])
  await settled()
  expect(device.messages('sync').at(-1)).toMatchObject({ on: 2, after: 7 })
  await event(device, 8, aContact('cleo'), 1)
  await event(device, 8, aContact('cleo'), 2)
  await device.pass(100)
  expect([...rows.rows.keys()]).toEqual(['ben', 'cleo'])
  expect(rows.posts.filter((posted) => 'changed' in posted)).toHaveLength(1)
  await event(device, 10, aContact('dora'), 2)
  await device.pass(1_000)
  expect(device.messages('sync').at(-1)).toMatchObject({ on: 2, after: 8 })
  expect(rows.rows.has('dora')).toBe(false)
})

test('PX1.5 what the browser could not keep is asked for again', async () => {
  const device = await startDriver()
  await device.connect(1)
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = () => {
    throw new Error('the disk is full')
  }
  await told(device, [aContact('ben')], 7)
  IDBObjectStore.prototype.put = put
  expect(countContacts(device)).toBe(0)
  await device.pass(1_000)
  expect(device.messages('sync')).toHaveLength(2)
  await told(device, [aContact('ben')], 7)
  expect(countContacts(device)).toBe(1)
})

test('PU3.4 a draft that the browser could not keep is told to be none', async () => {
  const device = await startDriver()
  await device.connect(1)
  const keepDraft = () => device.driver.handlers['keep-message-draft']({ contact: 'ben', text: 'Hi' })
  expect(await keepDraft()).toEqual({ ok: true })
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = () => {
    throw new Error('the disk is full')
  }
  expect(await keepDraft()).toMatchObject({ ok: false, why: 'unavailable' })
  IDBObjectStore.prototype.put = put
})

test('PX1.2 to a server that does not speak of people nothing of it is said, and each command ends in a sentence', async () => {
  const device = await startDriver()
  const { handlers } = device.driver
  // Before any server was heard that is not so.
  expect(await handlers['ask-contact']({ login: 'ben' })).toMatchObject({
    ok: false,
    message: expect.stringMatching(/^Reachable is starting/),
  })
  await device.connect(1, { features: ['unseen'] })
  expect(device.driver.now()).toBeNull()
  const asked = [
    handlers['set-status']({ status: 'away', until: null }),
    handlers['ask-contact']({ login: 'ben' }),
    handlers['answer-contact']({ contact: 'a', answer: 'accept' }),
    handlers['change-contact']({ contact: 'a', change: 'block' }),
    handlers['await-contact']({ contact: 'a', on: true }),
    handlers['send-message']({ contact: 'a', text: 'Hi', key: 'k' }),
    handlers['list-calls']({ before: null }),
    handlers['cancel-expected']({ expected: 'a' }),
    handlers['keep-message-draft']({ contact: 'a', text: 'Hi' }),
    handlers['resend-message']({ contact: 'a', key: 'k', forget: false }),
  ]
  for (const reply of await Promise.all(asked))
    expect(reply).toMatchObject({ ok: false, message: 'This server knows nothing of contacts.' })
  expect(device.sent).toEqual([])
  // Of a server that was exchanged for an older one nothing is shown any more.
  await device.connect(2)
  expect(device.driver.now()).not.toBeNull()
  await device.connect(3, { features: [] })
  expect(device.driver.now()).toBeNull()
})

test('PX2.1 PX2.2 what a person asks for is said again on the next connection, and ends within 5 s', async () => {
  const device = await startDriver()
  await device.connect(1)
  const { handlers } = device.driver
  let reply: unknown
  void Promise.resolve(handlers['ask-contact']({ login: 'ben' })).then((said) => {
    reply = said
  })
  await settled()
  expect(device.requests('ask-contact')).toHaveLength(1)
  device.driver.connectionChanged({ number: null, light: 'checking' })
  await device.connect(2)
  const again = device.requests('ask-contact')
  expect(again.map(({ on }) => on)).toEqual([1, 2])
  device.driver.heard(2, { type: 'done', n: again[1]?.n ?? 0, result: { what: 'done' } })
  await settled()
  expect(reply).toEqual({ ok: true })

  reply = undefined
  void Promise.resolve(handlers['ask-contact']({ login: 'cleo' })).then((said) => {
    reply = said
  })
  await device.pass(4_400)
  expect(reply).toBeUndefined()
  await device.pass(200)
  expect(reply).toMatchObject({ ok: false, message: expect.stringContaining('not known whether') })

  device.disconnect()
  await expect(handlers['ask-contact']({ login: 'dora' })).resolves.toMatchObject({
    ok: false,
    why: 'offline',
  })
})

test('PX2.1 whoever waited for the worker to be ready waits for that much less', async () => {
  const device = await startWithBen()
  const { handlers } = device.driver
  const { key } = await handlers['call-contact']({ contact: 'ben' })
  await device.pass(10)
  const waited = 3_000
  const presses = {
    'ask-contact': handlers['ask-contact']({ login: 'cleo' }, waited),
    'change-contact': handlers['change-contact']({ contact: 'ben', change: 'block' }, waited),
    'list-calls': handlers['list-calls']({ before: null }, waited),
    'expect-call': handlers['expect-call']({ contact: 'ben', at: 1 }, waited),
    'cancel-placed-call': handlers['cancel-placed-call']({ key }, waited),
  }
  const ended = new Map<string, unknown>()
  for (const [command, reply] of Object.entries(presses))
    void Promise.resolve(reply).then((said) => ended.set(command, said))
  await device.pass(1_400)
  expect([...ended]).toEqual([])
  await device.pass(200)
  expect([...ended.keys()].sort()).toEqual(Object.keys(presses).sort())
  for (const said of ended.values()) expect(said).toMatchObject({ ok: false })
  // Whoever has waited for all of it is told at once, and what they asked for is said.
  const late = handlers['ask-contact']({ login: 'dora' }, 7_000)
  await device.pass(1)
  await expect(late).resolves.toMatchObject({ message: expect.stringContaining('not known whether') })
  expect(device.requests('ask-contact')).toHaveLength(2)
})

test('PX2.2 what one person asked for is not said for the next who logs in', async () => {
  const device = await startDriver()
  await device.connect(1)
  const { handlers } = device.driver
  const reply = Promise.resolve(handlers['ask-contact']({ login: 'cleo' }))
  device.disconnect()
  device.driver.clear()
  await expect(reply).resolves.toMatchObject({ ok: false, why: 'unavailable' })
  await device.connect(2, { account: 'bob' })
  expect(device.requests('ask-contact').map(({ on }) => on)).toEqual([1])
})

test('PX2.3 5,000 contacts and a thread of 10,000 messages are told in parts, and then what changes', async () => {
  const device = await startDriver()
  await device.connect(1)
  const all = Array.from({ length: 5_000 }, (_, n) => aContact(`c${n}`))
  for (let from = 0; from < all.length; from += 200)
    device.driver.heard(1, {
      type: 'reset',
      first: from === 0,
      last: from + 200 >= all.length,
      until: 5,
      items: all.slice(from, from + 200),
    })
  while (countContacts(device) < 5_000) await settled()
  await device.pass(100)
  const began = performance.now()
  const rows = page(device)
  expect(rows.rows.size).toBe(5_000)
  expect(rows.posts).toHaveLength(10)
  expect(performance.now() - began).toBeLessThan(2_000)
  expect(rows.posts.map((posted) => 'whole' in posted && posted.more)).toEqual([
    ...Array(9).fill(true),
    false,
  ])
  await event(device, 6, aContact('c7', { favourite: true }))
  await device.pass(100)
  const last = rows.posts.at(-1)
  expect(last && 'changed' in last && last.changed.map(({ id }) => id)).toEqual(['c7'])
  await event(device, 7, { kind: 'contact-gone', id: 'c8' })
  await device.pass(100)
  expect(rows.posts.at(-1)).toEqual({ changed: [], gone: ['c8'] })

  const messages = Array.from({ length: 10_000 }, (_, n) => ({
    seq: 8 + n,
    change: {
      kind: 'message' as const,
      message: { id: `m${n}`, contact: 'c1', n: n + 1, from: 'them' as const, text: `${n}`, at: n },
    },
  }))
  for (let from = 0; from < messages.length; from += 200)
    device.driver.heard(1, {
      type: 'events',
      events: messages.slice(from, from + 200),
      until: messages[Math.min(from + 199, messages.length - 1)]?.seq ?? 0,
    })
  while ((device.driver.now()?.unread ?? 0) < 10_000) await settled()
  const unread = watchThread({ background: { people: device.driver } as never }, 'c1')
  await settled()
  expect(unread.messages()).toHaveLength(1_000)
  expect(unread.messages().at(-1)?.n).toBe(10_000)
  unread.close()
  await device.driver.handlers['thread-read']({ contact: 'c1', until: 9_800 })
  const partly = watchThread({ background: { people: device.driver } as never }, 'c1')
  await settled()
  // Ten that were read stand above the line.
  expect(partly.messages()[0]?.n).toBe(9_791)
  partly.close()
  await device.driver.handlers['thread-read']({ contact: 'c1', until: 10_000 })
  const thread = watchThread({ background: { people: device.driver } as never }, 'c1')
  await settled()
  expect(thread.messages()).toHaveLength(100)
  expect(thread.messages().at(-1)?.n).toBe(10_000)
  await device.driver.handlers['load-history']({ contact: 'c1' })
  expect(thread.messages()).toHaveLength(200)
  expect(thread.messages()[0]?.n).toBe(9_801)
}, 40_000)

test('PX3.1 PX3.2 a status chosen without a connection is kept over the worker’s death, and said on the next one', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(device, [aStatus('available', 1)], 1)
  device.disconnect()
  const until = device.wall() + 3_600_000
  await expect(device.driver.handlers['set-status']({ status: 'busy', until })).resolves.toEqual({ ok: true })
  expect(device.driver.now()?.status).toEqual({ chosen: 'busy', until, confirmed: false })
  await settled()

  const next = await startDriver({ at: 60_000 })
  await next.driver.restore()
  await settled()
  expect(next.driver.now()?.status).toEqual({ chosen: 'busy', until, confirmed: false })
  await next.connect(1)
  const [said] = next.requests('set-status')
  expect(said?.request).toMatchObject({ status: 'busy', until })
  expect(next.driver.now()?.seenAs).toBe('unknown')
  next.driver.heard(1, { type: 'done', n: said?.n ?? 0, result: { what: 'done' } })
  await event(next, 2, aStatus('busy', 2, until))
  expect(next.driver.now()?.status).toEqual({ chosen: 'busy', until, confirmed: true })
  expect(next.driver.now()?.seenAs).toBe('busy')
  // Its end is told by nobody.
  await next.pass(3_600_000)
  expect(next.driver.now()?.status).toEqual({ chosen: 'available', until: null, confirmed: true })
})

test('PX1.7 a page is told who the contacts are once that is known, and before that nothing; nor is a status', async () => {
  const device = await startDriver()
  await device.connect(1)
  const rows = page(device)
  await device.pass(1_000)
  expect(rows.posts).toEqual([])
  expect(device.driver.now()).toMatchObject({ status: null, seenAs: 'unknown' })
  await told(device, [aStatus('invisible', 1)], 7)
  await device.pass(100)
  // There are none, which is known now.
  expect(rows.posts).toEqual([{ whole: [], more: false }])
  expect(device.driver.now()?.status).toMatchObject({ chosen: 'invisible', confirmed: true })

  const next = await startDriver()
  const restoring = next.driver.restore()
  while (next.driver.now() === null) await Promise.resolve()
  const early = page(next)
  expect(next.driver.now()?.status).toBeNull()
  expect(early.posts).toEqual([])
  await restoring
  await settled()
  expect(early.posts).toEqual([{ whole: [], more: false }])
  expect(next.driver.now()?.status).toMatchObject({ chosen: 'invisible', confirmed: true })
})

test('PX1.7 a browser that keeps nothing is said to be so, until it does', async () => {
  const device = await startDriver()
  await device.connect(1)
  const rows = page(device)
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = () => {
    throw new Error('the disk is full')
  }
  await told(device, [aContact('ben')], 7)
  IDBObjectStore.prototype.put = put
  expect(device.driver.now()).toMatchObject({ notKept: true, status: null })
  await device.pass(1_000)
  await told(device, [aContact('ben'), aStatus('available', 1)], 7)
  await device.pass(100)
  expect(device.driver.now()?.notKept).toBeUndefined()
  expect([...rows.rows.keys()]).toEqual(['ben'])
})

test('PX3.1 whether contacts see somebody available or in a call the server alone says', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(device, [aStatus('available', 1)], 1)
  expect(device.driver.now()?.seenAs).toBe('unknown')
  page(device)
  expect(device.driver.now()?.seenAs).toBe('unknown')
  const watch = device.messages('watch').at(-1)
  device.driver.heard(1, {
    ...{ type: 'presence', n: watch?.n ?? 0, version: 1, whole: true, more: false },
    of: [{ contact: 'ann', sees: 'in-call', until: null, validFor: 15_000 }],
  })
  expect(device.driver.now()?.seenAs).toBe('in-call')
  // What was chosen comes before a call.
  await event(device, 2, aStatus('away', 2))
  const next = await startDriver()
  await next.driver.restore()
  await settled()
  await next.connect(1)
  expect(next.driver.now()?.seenAs).toBe('away')
})

test('PX4.5 a window that is closed before the worker has read its calls gives the call up', async () => {
  const device = await startWithBen()
  const { key } = await device.driver.handlers['call-contact']({ contact: 'ben' })
  await device.pass(10)
  expect(device.requests('place-call')).toHaveLength(1)
  const next = await startDriver()
  next.driver.callWindowClosed(key)
  await next.driver.restore()
  await settled()
  await next.connect(1)
  await next.pass(10)
  expect(next.requests('cancel-call').map(({ request }) => request.call)).toEqual([key])
})

test('PX3.2 a busy whose end has passed before it could be said is not said', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(device, [aStatus('available', 1)], 1)
  device.disconnect()
  await device.driver.handlers['set-status']({ status: 'busy', until: device.wall() + 1_000 })
  await device.pass(2_000)
  await device.connect(2)
  expect(device.requests('set-status')).toEqual([])
  expect(device.driver.now()?.status?.chosen).toBe('available')
})

/** What goes only once the server shows the person as they chose. */
function proofOf({ driver }: DriverTimeline) {
  const prove = vi.fn()
  driver.beforeShown(prove)
  return prove
}

test('PX3.7 a heartbeat for a first lease waits until a status chosen offline is taken, and is kept back by nothing else', async () => {
  const device = await startDriver()
  expect(proofOf(device)).toHaveBeenCalledOnce()
  await device.connect(1)
  await told(device, [aStatus('invisible', 1)], 1)
  device.disconnect()
  expect(proofOf(device)).toHaveBeenCalledOnce()
  // Available: until the server has heard of it they are seen less than that.
  await device.driver.handlers['set-status']({ status: 'available', until: null })
  expect(proofOf(device)).toHaveBeenCalledOnce()
  await device.driver.handlers['set-status']({ status: 'away', until: null })
  const former = proofOf(device)
  const prove = proofOf(device)
  await device.connect(2)
  const said = () => device.requests('set-status').at(-1)
  expect(said()).toMatchObject({ on: 2, request: { status: 'away' } })
  device.driver.heard(2, { type: 'done', n: (said()?.n ?? 0) - 1, result: { what: 'done' } })
  await settled()
  expect(prove).not.toHaveBeenCalled()
  device.driver.heard(2, { type: 'done', n: said()?.n ?? 0, result: { what: 'done' } })
  await settled()
  expect(prove).toHaveBeenCalledOnce()
  expect(former).not.toHaveBeenCalled()
  expect(proofOf(device)).toHaveBeenCalledOnce()
})

test('PX3.7 what the server could not take is said again within a second, or as soon as it says, while the heartbeat waits', async () => {
  const device = await startDriver()
  await device.connect(1)
  device.disconnect()
  await device.driver.handlers['set-status']({ status: 'invisible', until: null })
  const prove = proofOf(device)
  await device.connect(2)
  const said = () => device.requests('set-status')
  const refuse = async (why: 'unavailable' | 'too-many-attempts' | 'bad-request', retryAfter?: number) => {
    const n = said().at(-1)?.n ?? 0
    device.driver.heard(2, { type: 'refused', n, why, message: 'No.', retryAfter })
    await settled()
  }
  await refuse('unavailable')
  await device.pass(1_000)
  expect(said()).toHaveLength(2)
  await refuse('too-many-attempts', 3)
  await device.pass(2_999)
  expect(said()).toHaveLength(2)
  await device.pass(1)
  expect(said()).toHaveLength(3)
  expect(prove).not.toHaveBeenCalled()
  // It never will: the person is told, and their earlier status holds.
  await refuse('bad-request')
  expect(prove).toHaveBeenCalledOnce()
})

test('PX3.7 a heartbeat waits for no choice of somebody else’s, for none that is over, and for no server that takes none', async () => {
  const chosen = async (until: number | null) => {
    const device = await startDriver()
    await device.connect(1)
    device.disconnect()
    const status = until === null ? 'invisible' : 'busy'
    await device.driver.handlers['set-status']({ status, until })
    const prove = proofOf(device)
    expect(prove).not.toHaveBeenCalled()
    return { device, prove }
  }
  const gone = await chosen(null)
  gone.device.driver.clear()
  expect(gone.prove).toHaveBeenCalledOnce()
  const other = await chosen(null)
  await other.device.connect(2, { account: 'ben' })
  expect(other.prove).toHaveBeenCalledOnce()
  const older = await chosen(null)
  await older.device.connect(2, { features: ['unseen'] })
  expect(older.prove).toHaveBeenCalledOnce()
  const over = await chosen(1_800_000_001_000)
  await over.device.pass(1_000)
  expect(over.prove).toHaveBeenCalledOnce()
})

test('PX3.4 who is waited for is so in the next worker too, twenty at most', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(
    device,
    Array.from({ length: 22 }, (_, n) => aContact(`c${n}`)),
    1,
  )
  const { handlers } = device.driver
  for (let n = 0; n < 20; n += 1)
    expect(handlers['await-contact']({ contact: `c${n}`, on: true })).toEqual({ ok: true })
  expect(handlers['await-contact']({ contact: 'c20', on: true })).toMatchObject({ ok: false, why: 'refused' })
  expect(handlers['await-contact']({ contact: 'nobody', on: true })).toMatchObject({ ok: false })
  expect(handlers['await-contact']({ contact: 'c3', on: false })).toEqual({ ok: true })
  await settled()
  const next = await startDriver()
  await next.driver.restore()
  await settled()
  await next.connect(1)
  expect(next.messages('watch').at(-1)?.whom).toHaveLength(19)
  // Who is no contact any more is waited for no longer.
  await event(next, 2, { kind: 'contact-gone', id: 'c5' })
  expect(next.messages('watch').at(-1)?.whom).toHaveLength(18)
})

test('PX3.5 a machine that nobody is at is told at each change, and to each connection that comes', async () => {
  const device = await startDriver()
  await device.connect(1)
  expect(device.messages('idle')).toEqual([])
  screen.setIdle('idle')
  device.driver.woke()
  await settled()
  screen.setIdle('locked')
  device.driver.woke()
  device.driver.woke()
  await settled()
  await device.connect(2)
  screen.setIdle('active')
  device.driver.woke()
  await settled()
  expect(device.messages('idle').map(({ on, state }) => `${on} ${state}`)).toEqual([
    '1 idle',
    '1 locked',
    '2 locked',
    '2 active',
  ])
})

test('PX5.2 nothing is told to who is busy or looks at the thread, nor of what was there before; what was read elsewhere goes', async () => {
  const device = await startDriver()
  await device.connect(1)
  const message = (n: number, by = 'ben') =>
    ({
      kind: 'message',
      message: { id: `${by}${n}`, contact: by, n, from: 'them', text: 'secret', at: n },
    }) satisfies AccountChange
  await told(device, [aContact('ben'), message(1)], 5)
  expect(device.driver.now()?.unread).toBe(1)
  expect(screen.told).toEqual([])
  await event(device, 6, message(2))
  expect(screen.told).toEqual(['New message'])
  expect(JSON.stringify([...screen.shown])).not.toMatch(/secret|Name/)
  await event(device, 7, { kind: 'read', read: { contact: 'ben', until: 2 } })
  expect([screen.shown.size, device.driver.now()?.unread]).toEqual([0, 0])
  await event(device, 8, aStatus('busy', 2, device.wall() + 60_000))
  await event(device, 9, message(3))
  expect(screen.told).toHaveLength(1)
  await event(device, 10, aStatus('available', 3))
  // The next worker does not tell of it either.
  const next = await startDriver()
  await next.driver.restore()
  await settled()
  expect(screen.told).toHaveLength(1)
})

test('PX5.1 PX5.2 a device that is told everything anew tells of what came since, and looks once at what it had told', async () => {
  const device = await startDriver({ mayName: true })
  await device.connect(1)
  const message = (n: number, by: string) =>
    ({
      kind: 'message',
      message: { id: `${by}${n}`, contact: by, n, from: 'them', text: 'secret', at: n },
    }) satisfies AccountChange
  const others = Array.from({ length: 12 }, (_, n) => aContact(`c${n}`))
  const first = [...others, aContact('ben'), message(1, 'ben'), message(1, 'c1')]
  await told(device, [...first, aContact('old', { relation: 'asks' })], 5)
  expect(screen.told).toEqual([])
  await event(device, 6, message(2, 'c1'))
  await event(device, 7, aContact('dora', { relation: 'asks' }))
  await event(device, 8, aContact('emil', { relation: 'asks' }))
  expect([...screen.shown.keys()]).toEqual(['people:message:c1', 'people:asks:dora', 'people:asks:emil'])
  const cleared = vi.spyOn(fakeBrowser.notifications, 'clear')
  const looked = vi.spyOn(fakeBrowser.notifications, 'getAll')
  screen.told.length = 0
  const anew: AccountChange[] = [
    ...first,
    ...[message(2, 'ben'), message(2, 'c1'), message(1, 'c2')],
    ...['old', 'emil', 'fred'].map((id) => aContact(id, { relation: 'asks' })),
    { kind: 'read', read: { contact: 'c1', until: 2 } },
  ]
  await told(device, anew, 20)
  expect([...screen.shown.keys()]).toEqual([
    'people:asks:emil',
    'people:asks:fred',
    'people:message:ben',
    'people:message:c2',
  ])
  expect(screen.told).toHaveLength(3)
  expect([looked.mock.calls.length, cleared.mock.calls.flat()]).toEqual([
    1,
    ['people:message:c1', 'people:asks:dora'],
  ])
  // One that was answered while a worker died goes with the next one.
  const { openAccountStore } = await import('../../../entrypoints/background/people/account-store.ts')
  await openAccountStore('ann').applyEvents([{ seq: 21, change: aContact('emil') }], 20)
  const next = await startDriver()
  await next.driver.restore()
  await settled()
  expect(screen.shown.has('people:asks:emil')).toBe(false)
  expect(screen.told).toHaveLength(3)
})

test('PX5.2 a worker that died between keeping a message and telling of it leaves that to the next', async () => {
  await startWithBen()
  const { openAccountStore } = await import('../../../entrypoints/background/people/account-store.ts')
  const change: AccountChange = {
    kind: 'message',
    message: { id: 'a', contact: 'ben', n: 1, from: 'them', text: 'Hi', at: 1 },
  }
  await openAccountStore('ann').applyEvents([{ seq: 6, change }], 5)
  const next = await startDriver({ mayName: true })
  await next.driver.restore()
  await settled()
  expect(screen.told).toEqual([`New message from ${isolated('Name ben')}`])
})

test('PX5.2 a message is told while its thread is open on a page that nobody sees, and not while one does', async () => {
  const device = await startDriver()
  const worker = { background: { people: device.driver } as never }
  await device.connect(1)
  await told(device, [aContact('ben')], 5)
  const message = (n: number): AccountChange => ({
    kind: 'message',
    message: { id: `m${n}`, contact: 'ben', n, from: 'them', text: 'Hi', at: n },
  })
  const page = watchThread(worker, 'ben')
  const seen = seeThread(worker, 'ben')
  await event(device, 6, message(1))
  expect([page.messages().length, screen.told]).toEqual([1, []])
  seen.close()
  await event(device, 7, message(2))
  expect([page.messages().length, screen.told]).toEqual([2, ['New message']])
})

test('G1.5 where a device has the newest of what is unread alone it says that there may be more', async () => {
  const device = await startDriver()
  await device.connect(1)
  const newest = (read: number): AccountChange[] => [
    aContact('ben'),
    { kind: 'read', read: { contact: 'ben', until: read } },
    ...Array.from({ length: 100 }, (_, place) => 401 + place).map(
      (n): AccountChange => ({
        kind: 'message',
        message: { id: `m${n}`, contact: 'ben', n, from: 'them', text: 'Hi', at: n },
      }),
    ),
  ]
  await told(device, newest(0), 5)
  expect(device.driver.now()).toMatchObject({ unread: 100, mayBeMoreUnread: true })
  await told(device, newest(400), 6)
  expect(device.driver.now()?.unread).toBe(100)
  expect(device.driver.now()?.mayBeMoreUnread).toBeUndefined()
  await event(device, 7, { kind: 'read', read: { contact: 'ben', until: 500 } })
  expect(device.driver.now()?.unread).toBe(0)
})

test('PU3.5 of a thread that is not here the server is asked once, and then it is known that there is none', async () => {
  const device = await startDriver()
  const worker = { background: { people: device.driver } as never }
  await device.connect(1)
  await told(device, [aContact('ben')], 5)
  const page = watchThread(worker, 'ben')
  await settled()
  expect(page.posts).toMatchObject([{ whole: [], more: true }])
  const [asked] = device.requests('history')
  expect(asked?.request).toEqual({ what: 'history', contact: 'ben', before: null })
  device.driver.heard(1, {
    type: 'done',
    n: asked?.n ?? 0,
    result: { what: 'history', messages: [], more: false },
  })
  await settled()
  expect(page.posts.at(-1)).toEqual({ older: [], more: false })
  const again = watchThread(worker, 'ben')
  await settled()
  expect(again.posts).toMatchObject([{ whole: [], more: false }])
  expect(device.requests('history')).toHaveLength(1)
  expect(device.driver.now()?.unread).toBe(0)
})

test('PX5.2 what the clinic’s system writes has a row of its own, and is told of', async () => {
  const device = await startWithBen()
  const rows = page(device)
  await event(device, 6, {
    kind: 'message',
    message: { id: 'a', contact: 'clinic', n: 1, from: 'clinic', text: 'Hi', at: 1 },
  })
  await device.pass(100)
  expect(rows.rows.get('clinic')).toMatchObject({ relation: 'clinic', name: 'Your clinic', unread: 1 })
  expect(screen.told).toEqual(['New message'])
  expect(device.driver.now()).toMatchObject({ unread: 1 })
})

test('PX1.4 nobody being signed in, nothing is said, shown or kept', async () => {
  const device = await startDriver()
  await device.connect(1)
  await told(device, [aContact('ben', { relation: 'asks' })], 5)
  await event(device, 6, aContact('cleo', { relation: 'asks' }))
  expect(screen.shown.size).toBe(1)
  const rows = page(device)
  device.driver.clear()
  device.disconnect()
  await device.pass(100)
  expect(device.driver.now()).toBeNull()
  expect(rows.rows.size).toBe(0)
  expect(screen.shown.size).toBe(0)
  expect((await fakeBrowser.storage.local.get('people')).people ?? null).toBeNull()
  const before = device.sent.length
  await event(device, 7, aContact('dora'))
  expect(device.sent).toHaveLength(before)
})

test('PX4.2 PX4.3 PX4.5 a call outlives the worker that placed it: the next one asks for it again, and is told how it stands', async () => {
  const device = await startWithBen()
  const { key } = await device.driver.handlers['call-contact']({ contact: 'ben' })
  await device.pass(10)
  const [asked] = device.requests('place-call')
  expect(asked?.request).toMatchObject({ contact: 'ben', key })
  const call = {
    ...{ id: 'c', contact: 'ben', name: 'Ben', key, why: null, busyUntil: null, at: 5, left: 40_000 },
    ...{ reply: null, room: null, state: 'ringing' as const, disposition: 'ringing' as const, ringsOn: 1 },
  }
  device.driver.heard(1, { type: 'done', n: asked?.n ?? 0, result: { what: 'placed', call } })
  await device.pass(10)
  expect(device.driver.now()?.placed[0]?.phase).toEqual({ kind: 'ringing', devices: 1 })
  // Pressed again it is the same call.
  await expect(device.driver.handlers['call-contact']({ contact: 'ben' })).toEqual({ ok: true, key })

  const next = await startDriver({ at: 5_000 })
  await next.driver.restore()
  await settled()
  expect(next.driver.now()?.placed).toMatchObject([{ key, id: 'c', phase: { kind: 'unknown' } }])
  expect(next.driver.isCalling()).toBe(true)
  await next.connect(1)
  await next.pass(10)
  expect(next.requests('place-call').map(({ request }) => request.key)).toEqual([key])
  next.driver.heard(1, { type: 'placed-call', call: { ...call, state: 'declined', left: 0, reply: 'Later' } })
  await settled()
  expect(next.driver.now()?.placed[0]?.phase).toEqual({
    kind: 'over',
    how: 'declined',
    busyUntil: null,
    reply: 'Later',
  })
  expect(screen.windows.size).toBe(1)
  next.driver.callWindowClosed(key)
  expect(next.driver.now()?.placed).toEqual([])
})

test('PX2.1 a cancel that nobody hears ends in a sentence, and is said on the next connection', async () => {
  const device = await startWithBen()
  const { key } = await device.driver.handlers['call-contact']({ contact: 'ben' })
  await device.pass(10)
  device.disconnect()
  let reply: unknown
  void Promise.resolve(device.driver.handlers['cancel-placed-call']({ key })).then((said) => {
    reply = said
  })
  await device.pass(4_600)
  expect(reply).toMatchObject({
    ok: false,
    message: expect.stringContaining('told again as soon as it can be'),
  })
  await device.connect(2)
  expect(device.requests('cancel-call').map(({ on, request }) => [on, request.call])).toEqual([[2, key]])
  // Whoever gave it up does not place it there anew.
  expect(device.requests('place-call').map(({ on }) => on)).toEqual([1])
})

test('PX4.5 a call that is given up before it was kept is asked for by nobody', async () => {
  const device = await startWithBen()
  const { handlers } = device.driver
  const { key } = await handlers['call-contact']({ contact: 'ben' })
  expect(await handlers['cancel-placed-call']({ key })).toEqual({ ok: true })
  await settled()
  await device.pass(5_000)
  expect([...device.requests('place-call'), ...device.requests('cancel-call')]).toEqual([])
  expect(device.driver.now()?.placed).toEqual([])
})

test('PX2.1 PX4.5 a cancel that the server refuses is said again on the same connection, and each press ends in what is so', async () => {
  const device = await startWithBen()
  const { handlers } = device.driver
  const { key } = await handlers['call-contact']({ contact: 'ben' })
  await device.pass(10)
  const refuse = () =>
    device.driver.heard(1, {
      ...{ type: 'refused', n: device.requests('cancel-call').at(-1)?.n ?? 0 },
      ...{ why: 'unavailable', message: 'The server cannot do that now.' },
    })
  const replies: unknown[] = []
  const press = () =>
    void Promise.resolve(handlers['cancel-placed-call']({ key })).then((said) => replies.push(said))
  press()
  refuse()
  await device.pass(4_600)
  expect(replies).toMatchObject([{ ok: false, message: expect.stringContaining('told again') }])
  expect(device.requests('cancel-call')).toHaveLength(3)
  press()
  press()
  expect(device.requests('cancel-call')).toHaveLength(5)
  device.driver.heard(1, {
    ...{ type: 'done', n: device.requests('cancel-call').at(-1)?.n ?? 0 },
    result: { what: 'done' },
  })
  await settled()
  expect(replies.slice(1)).toEqual([{ ok: true }, { ok: true }])
  expect(device.driver.now()?.placed).toEqual([])
  await device.pass(60_000)
  expect(device.requests('cancel-call')).toHaveLength(5)
})

test('PX4.5 what is answered to a call of who has logged out is no call of the next person', async () => {
  const device = await startWithBen()
  const { key } = await device.driver.handlers['call-contact']({ contact: 'ben' })
  await device.pass(10)
  device.driver.clear()
  const call = {
    ...{ id: 'c', contact: 'ben', name: 'Ben', key, why: null, busyUntil: null, at: 5, left: 40_000 },
    ...{ reply: null, room: null, state: 'ringing' as const, disposition: 'ringing' as const, ringsOn: 1 },
  }
  device.driver.heard(1, {
    ...{ type: 'done', n: device.requests('place-call')[0]?.n ?? 0 },
    result: { what: 'placed', call },
  })
  await settled()
  device.driver.welcomed(2, 'cleo', ['people'])
  await settled()
  expect(device.driver.now()?.placed).toEqual([])
})

test('PX1.6 what is unread counts where a list leads to it, and comes back with the contact', async () => {
  const device = await startDriver()
  await device.connect(1)
  const message: AccountChange = {
    kind: 'message',
    message: { id: 'a', contact: 'ben', n: 1, from: 'them', text: 'Hi', at: 1 },
  }
  await told(device, [aContact('ben'), message], 5)
  const unread = async (seq: number, relation: Contact['relation']) => {
    await event(device, seq, aContact('ben', { relation }))
    return device.driver.now()?.unread
  }
  expect(device.driver.now()?.unread).toBe(1)
  expect(await unread(6, 'blocked')).toBe(0)
  expect(await unread(7, 'contact')).toBe(1)
  expect(await unread(8, 'removed')).toBe(0)
})
