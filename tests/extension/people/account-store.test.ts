import 'fake-indexeddb/auto'
import { promisifyRequest } from 'idb-keyval'
import { expect, test } from 'vitest'
import {
  type AccountStore,
  forgetOthers,
  openAccountStore,
} from '../../../entrypoints/background/people/account-store.ts'
import { databaseNamed } from '../../../entrypoints/background/session/database.ts'
import type { AccountChange, AccountEvent, Contact, Message } from '../../../protocol/people.ts'

let databases = 0
const newDatabase = () => {
  databases += 1
  return databaseNamed(`account-store ${databases}`)
}

const contact = (id: string, relation: Contact['relation'] = 'contact'): Contact => ({
  ...{ id, relation, name: `Name of ${id}`, username: id, team: null },
  ...{ favourite: false, ringsThrough: false, since: 1 },
})
const message = (n: number, more: Partial<Message> = {}): Message => ({
  ...{ id: `m${n}`, contact: 'ben', n, from: 'them', text: `text ${n}`, at: 1_000 + n },
  ...more,
})
const told = (changed: Message): AccountChange => ({ kind: 'message', message: changed })
const numbered = (changes: readonly AccountChange[], first = 1): AccountEvent[] =>
  changes.map((change, place) => ({ seq: first + place, change }))
const range = (from: number, until: number) => Array.from({ length: until - from + 1 }, (_, n) => from + n)

/** A store that has been told everything anew, up to event 0. */
async function freshStore(items: readonly AccountChange[] = [{ kind: 'contact', contact: contact('ben') }]) {
  const inStore = newDatabase()
  const store = openAccountStore('ann', inStore)
  await store.reset(items, 0)
  return { store, inStore }
}

const threadOf = async (store: AccountStore, id = 'ben') =>
  (await store.load()).threads.find((thread) => thread.contact === id)
const numbersOf = async (store: AccountStore, most = 10_000) =>
  (await store.readThread('ben', null, most)).messages.map(({ n }) => n)

test('PM8.4 events and their cursor are kept together; those that are here are passed over, and a gap changes nothing', async () => {
  const { store } = await freshStore()
  const events = numbered([told(message(1)), told(message(2)), { kind: 'calls' }])
  expect(await store.applyEvents(events, 0)).toMatchObject({
    gap: false,
    cursor: 3,
    changes: events.map(({ change }) => change),
  })
  expect(await store.applyEvents(events, 3)).toMatchObject({
    gap: false,
    cursor: 3,
    changes: [],
    threads: [],
  })
  // The same frame and more.
  const more = [...events, ...numbered([told(message(3))], 4)]
  expect((await store.applyEvents(more, 3)).changes).toEqual([told(message(3))])
  expect(await store.applyEvents(numbered([told(message(5))], 6), 4)).toMatchObject({ gap: true, cursor: 4 })
  expect(await numbersOf(store)).toEqual([1, 2, 3])
  expect((await store.load()).cursor).toBe(4)
})

test('PM8.4 what was kept though the browser took too long to say so is told the next time', async () => {
  const { store } = await freshStore()
  const events = numbered([told(message(1)), told(message(2))])
  await store.applyEvents(events, 0)
  const again = await store.applyEvents([...events, ...numbered([told(message(3))], 3)], 0)
  expect(again).toMatchObject({ gap: false, cursor: 3 })
  expect(again.changes).toEqual([1, 2, 3].map((n) => told(message(n))))
  expect(again.threads).toMatchObject([{ newest: 3, unread: 3 }])
  expect(await numbersOf(store)).toEqual([1, 2, 3])
})

test('PM8.5 a device whose store was thrown away, or has another shape, is told everything anew', async () => {
  const { store, inStore } = await freshStore()
  await store.applyEvents(numbered([told(message(1))]), 0)
  await inStore((use) => use('readwrite', (objects) => void objects.clear()))
  expect(await store.applyEvents(numbered([told(message(2))], 2), 1)).toMatchObject({
    gap: true,
    cursor: null,
  })
  await inStore((use) =>
    use('readwrite', (objects) => void objects.put({ shape: 99, cursor: 7 }, ['ann', 'meta'])),
  )
  expect((await store.load()).cursor).toBe(null)
  await store.reset([told(message(1)), told(message(2))], 9)
  expect((await store.load()).cursor).toBe(9)
  expect(await numbersOf(store)).toEqual([1, 2])
})

test('PM8.5 told everything anew a device forgets what is no more, and keeps what its person did', async () => {
  const { store } = await freshStore([
    { kind: 'contact', contact: contact('ben') },
    { kind: 'contact', contact: contact('cem') },
    told(message(1)),
    told(message(2)),
    told(message(1, { id: 'c1', contact: 'cem' })),
  ])
  await store.markRead('ben', 2)
  await store.markNotified('ben', 2)
  await store.write({ key: 'mine', contact: 'ben', text: 'Hello', at: 1 })
  await store.keepDraft('ben', 'half a')
  const applied = await store.reset(
    [
      { kind: 'contact', contact: contact('ben') },
      ...range(31, 33).map((n) => told(message(n))),
      { kind: 'read', read: { contact: 'ben', until: 1 } },
    ],
    40,
  )
  expect(applied).toMatchObject({ cursor: 40, arrived: [] })
  const content = await store.load()
  expect(content.contacts.map(({ id }) => id)).toEqual(['ben'])
  expect(content.threads).toMatchObject([
    { contact: 'ben', oldest: 31, newest: 33, more: true, read: 2, readTold: 1, notified: 2, unread: 3 },
  ])
  expect(content.outbox.map(({ key }) => key)).toEqual(['mine'])
  expect(await store.readDraft('ben')).toBe('half a')
})

test('PM8.13 of a server that was put back to an earlier state what comes next is new, and what it lost is told it again', async () => {
  const { store } = await freshStore([
    { kind: 'contact', contact: contact('ben') },
    ...range(1, 10).map((n) => told(message(n))),
    { kind: 'read', read: { contact: 'ben', until: 10 } },
  ])
  await store.markNotified('ben', 10)
  await store.write({ key: 'lost', contact: 'ben', text: 'a', at: 5 })
  await store.sent('lost', 11)
  await store.write({ key: 'other', contact: 'cem', text: 'a', at: 5 })
  await store.sent('other', 1)
  const applied = await store.reset(
    [
      { kind: 'contact', contact: contact('ben') },
      { kind: 'contact', contact: contact('cem') },
      ...range(1, 5).map((n) => told(message(n))),
      { kind: 'read', read: { contact: 'ben', until: 3 } },
    ],
    5,
  )
  expect(applied).toMatchObject({ isFirst: false, arrived: [] })
  expect(applied.again?.threads).toMatchObject([{ contact: 'ben', read: 5, readTold: 3 }])
  expect(applied.again?.outbox.map(({ key, n }) => [key, n])).toEqual([
    ['lost', null],
    ['other', null],
  ])
  const { outbox, threads } = await store.load()
  expect(outbox).toEqual(applied.again?.outbox)
  expect(threads).toMatchObject([{ newest: 5, read: 5, readTold: 3, notified: 5, unread: 0 }])
  const next = await store.applyEvents(numbered([told(message(6))], 6), 5)
  expect(next.threads).toMatchObject([{ newest: 6, notified: 5, unread: 1 }])
})

test('PX5.2 what a device is told first is no news; told everything anew later, what it had told of already is none', async () => {
  const inStore = newDatabase()
  const store = openAccountStore('ann', inStore)
  const first = await store.reset(
    range(1, 3).map((n) => told(message(n))),
    0,
  )
  expect(first).toMatchObject({ isFirst: true, threads: [{ newest: 3, notified: 3 }] })
  const items = [...range(1, 4).map((n) => told(message(n))), told(message(1, { id: 'c1', contact: 'cem' }))]
  expect((await store.reset(items, 9)).threads).toMatchObject([
    { contact: 'ben', newest: 4, notified: 3 },
    { contact: 'cem', newest: 1, notified: 0 },
  ])
})

test('PM8.6 what was written here is in the outbox until its thread has it, and in its thread once', async () => {
  const { store } = await freshStore()
  const write = (key: string) => store.write({ key, contact: 'ben', text: key, at: 5 })
  await write('a')
  await write('b')
  // Written twice, since the browser took too long to say that it was, it is once.
  await write('a')
  expect((await store.load()).outbox.map(({ key, order }) => [key, order])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  // Its event comes before its answer.
  const mine = (n: number, key: string) => told(message(n, { from: 'me', key }))
  expect((await store.applyEvents(numbered([mine(1, 'a')]), 0)).arrived).toEqual(['a'])
  expect(await store.sent('a', 1)).toBe(true)
  // Its answer comes before its event.
  expect(await store.sent('b', 2)).toBe(false)
  expect((await store.load()).outbox).toMatchObject([{ key: 'b', n: 2 }])
  expect((await store.applyEvents(numbered([mine(2, 'b')], 2), 1)).arrived).toEqual(['b'])
  expect((await store.load()).outbox).toEqual([])
  // It is older than all that a device was told anew.
  await write('c')
  await store.sent('c', 3)
  expect(
    (
      await store.reset(
        range(10, 12).map((n) => told(message(n))),
        9,
      )
    ).arrived,
  ).toEqual(['c'])
  // It comes with the history.
  await write('d')
  const history = [message(9, { from: 'me', key: 'd' }), message(8)]
  expect((await store.addHistory('ben', history, true)).arrived).toEqual(['d'])
  expect((await store.load()).outbox).toEqual([])
  expect(await numbersOf(store)).toEqual(range(8, 12))
})

test('PM8.6 of a contact who is gone the thread goes, and what was written to them and never sent stays', async () => {
  const { store } = await freshStore()
  await store.write({ key: 'sent', contact: 'ben', text: 'a', at: 5 })
  await store.write({ key: 'waits', contact: 'ben', text: 'b', at: 5 })
  await store.sent('sent', 4)
  await store.keepDraft('ben', 'c')
  const gone = numbered([
    told(message(1)),
    { kind: 'contact-gone', id: 'ben' },
    told(message(1, { id: 'again' })),
  ])
  expect(await store.applyEvents(gone, 0)).toMatchObject({
    arrived: ['sent'],
    threads: [{ newest: 1, unread: 1 }],
  })
  const { contacts, outbox } = await store.load()
  expect([contacts, outbox.map(({ key }) => key)]).toEqual([[], ['waits']])
  expect((await store.readThread('ben', null, 9)).messages.map(({ id }) => id)).toEqual(['again'])
  expect(await store.readDraft('ben')).toBe('')
})

test('PM8.7 what is refused stays with its reason until it is sent again, after all others, or deleted', async () => {
  const { store } = await freshStore()
  for (const key of ['a', 'b']) await store.write({ key, contact: 'ben', text: key, at: 5 })
  await store.refuse('a', 'Not among your contacts.')
  expect((await store.load()).outbox[0]).toMatchObject({ key: 'a', refused: 'Not among your contacts.' })
  expect(await store.sendAgain('a', 9)).toMatchObject({ key: 'a', refused: null, at: 9 })
  expect((await store.load()).outbox.map(({ key }) => key)).toEqual(['b', 'a'])
  await store.forgetWritten('b')
  expect((await store.load()).outbox.map(({ key }) => key)).toEqual(['a'])
  expect(await store.sendAgain('b', 9)).toBe(undefined)
})

test('PM3.4 what is unread is counted: of others alone, beyond the furthest mark, wherever it was made', async () => {
  const { store } = await freshStore()
  const events = numbered([
    told(message(1)),
    told(message(2, { from: 'me' })),
    ...range(3, 120).map((n) => told(message(n))),
  ])
  await store.applyEvents(events, 0)
  expect(await threadOf(store)).toMatchObject({ newest: 120, unread: 119, read: 0 })
  expect(await store.markRead('ben', 70)).toMatchObject({ read: 70, readTold: 0, unread: 50 })
  // Earlier than it was, and further than there is anything.
  expect(await store.markRead('ben', 3)).toMatchObject({ read: 70, unread: 50 })
  const mark = (until: number): AccountChange => ({
    kind: 'read',
    read: { contact: 'ben', until, theirs: 2 },
  })
  await store.applyEvents(numbered([mark(60)], 121), 120)
  expect(await threadOf(store)).toMatchObject({ read: 70, readTold: 60, theirs: 2, unread: 50 })
  await store.readTold('ben', 70)
  await store.applyEvents(numbered([mark(119), told(message(121))], 122), 121)
  expect(await threadOf(store)).toMatchObject({ read: 119, readTold: 119, unread: 2 })
  expect(await store.markRead('ben', 10_000)).toMatchObject({ read: 121, unread: 0 })
  expect(await store.markRead('nobody', 1)).toBe(undefined)
})

test('PM4.3 a thread is read page by page to its beginning: from here, and then from the server', async () => {
  const { store } = await freshStore(range(201, 330).map((n) => told(message(n))))
  const pages: number[][] = []
  let before: number | null = null
  for (;;) {
    const { messages, more } = await store.readThread('ben', before, 100)
    if (messages.length > 0) pages.push(messages.map(({ n }) => n))
    before = messages[0]?.n ?? before
    if (more === 'none') break
    if (more === 'here') continue
    const oldest = before ?? 0
    const first = Math.max(1, oldest - 100)
    const older = range(first, oldest - 1)
      .map((n) => message(n))
      .toReversed()
    await store.addHistory('ben', older, first > 1)
    // The same answer once more, and one of an earlier state, change nothing.
    await store.addHistory('ben', older, first > 1)
    await store.addHistory('ben', [message(50)], true)
  }
  expect(pages).toEqual([range(231, 330), range(201, 230), range(101, 200), range(1, 100)])
  expect(await threadOf(store)).toMatchObject({ oldest: 1, newest: 330, more: false, unread: 330 })
})

test('PM9.1 PM9.2 500 messages after a week, the newest of a thread of 10,000, and one more are quick', async () => {
  const { store } = await freshStore()
  const began = performance.now()
  for (let first = 1; first <= 10_000; first += 200)
    await store.applyEvents(
      numbered(
        range(first, first + 199).map((n) => told(message(n))),
        first,
      ),
      first - 1,
    )
  const filled = performance.now()
  for (let first = 10_001; first <= 10_500; first += 100)
    await store.applyEvents(
      numbered(
        range(first, first + 99).map((n) => told(message(n))),
        first,
      ),
      first - 1,
    )
  const caughtUp = performance.now()
  const { messages } = await store.readThread('ben', null, 100)
  expect(messages.map(({ n }) => n)).toEqual(range(10_401, 10_500))
  const shown = performance.now()
  await store.applyEvents(numbered([told(message(10_501))], 10_501), 10_500)
  const added = performance.now()
  await store.load()
  const loaded = performance.now()
  const took = {
    filled: filled - began,
    caughtUp: caughtUp - filled,
    shown: shown - caughtUp,
    added: added - shown,
    loaded: loaded - added,
  }
  // Bounds against what grows with the thread, far above what it takes.
  expect(took.caughtUp).toBeLessThan(2_000)
  expect(took.shown).toBeLessThan(500)
  expect(took.added).toBeLessThan(500)
  expect(took.loaded).toBeLessThan(500)
  expect(await numbersOf(store, 20_000)).toEqual(range(1, 10_501))
}, 60_000)

test('PM10.1 logged out, a device keeps of an account what was written and not sent, and nothing else; others are not touched', async () => {
  const { store, inStore } = await freshStore([
    { kind: 'contact', contact: contact('ben') },
    { kind: 'status', status: { status: 'away', until: null, revision: 1 } },
    told(message(1)),
  ])
  const other = openAccountStore('ann-2', inStore)
  await other.reset([{ kind: 'contact', contact: contact('dan') }], 3)
  await store.keepDraft('ben', 'a secret')
  await store.write({ key: 'waits', contact: 'ben', text: 'b', at: 5 })
  await store.write({ key: 'sent', contact: 'ben', text: 'c', at: 5 })
  await store.sent('sent', 7)
  await forgetOthers('ann-2', 0, inStore)
  const kept = await inStore((use) =>
    use('readonly', (objects) =>
      promisifyRequest(objects.getAllKeys(IDBKeyRange.bound(['ann'], ['ann', []]))),
    ),
  )
  expect(kept).toEqual([
    ['ann', 'order'],
    ['ann', 'outbox', 'waits'],
  ])
  expect(await store.load()).toMatchObject({
    cursor: null,
    contacts: [],
    threads: [],
    outbox: [{ key: 'waits' }],
  })
  expect(await other.load()).toMatchObject({ cursor: 3, contacts: [{ id: 'dan' }] })
})

test('PM10.1 PM10.2 of everybody else nothing stays but what they wrote, and that for four weeks', async () => {
  const { store, inStore } = await freshStore([told(message(1))])
  const week = 7 * 24 * 60 * 60_000
  await store.write({ key: 'old', contact: 'ben', text: 'a', at: 0 })
  await store.write({ key: 'new', contact: 'ben', text: 'b', at: week })
  await forgetOthers('ann', 5 * week, inStore)
  expect(await store.load()).toMatchObject({ cursor: 0, outbox: [{ key: 'old' }, { key: 'new' }] })
  await forgetOthers('somebody', 4.5 * week, inStore)
  expect(await store.load()).toMatchObject({ cursor: null, threads: [], outbox: [{ key: 'new' }] })
  expect(await numbersOf(store)).toEqual([])
  expect(await store.write({ key: 'next', contact: 'ben', text: 'c', at: week })).toMatchObject({ order: 3 })
  await forgetOthers(null, 6 * week, inStore)
  const left = await inStore((use) => use('readonly', (objects) => promisifyRequest(objects.getAllKeys())))
  expect(left).toEqual([])
})

test('PM8.8 a connection to the database that died is opened anew, and a transaction that fails changes nothing', async () => {
  const { store, inStore } = await freshStore()
  await store.write({ key: 'a', contact: 'ben', text: 'a', at: 5 })
  await inStore((use) => use('readonly', (objects) => objects.transaction.db.close()))
  await store.write({ key: 'b', contact: 'ben', text: 'b', at: 5 })
  expect((await store.load()).outbox).toHaveLength(2)
  // What cannot be stored, in the middle of others.
  const bad = { ...message(2), text: (() => {}) as unknown as string }
  await expect(store.applyEvents(numbered([told(message(1)), told(bad)]), 0)).rejects.toThrow()
  expect(await numbersOf(store)).toEqual([])
  expect((await store.load()).cursor).toBe(0)
})
