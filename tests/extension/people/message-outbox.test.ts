import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import { type AccountStore, openAccountStore } from '../../../entrypoints/background/people/account-store.ts'
import {
  createMessageOutbox,
  type RequestAnswer,
} from '../../../entrypoints/background/people/message-outbox.ts'
import { databaseNamed } from '../../../entrypoints/background/session/database.ts'
import { maxFrame } from '../../../protocol/connection.ts'
import { longestMessage, type PeopleRequest } from '../../../protocol/people.ts'

let databases = 0

/** An outbox on a store of its own, with a server that answers as it is told. */
async function outboxAt(change: (store: AccountStore) => AccountStore = (store) => store) {
  databases += 1
  const kept = openAccountStore('ann', databaseNamed(`outbox ${databases}`))
  await kept.reset(
    [{ kind: 'message', message: { id: 'm1', contact: 'ben', n: 1, from: 'them', text: 'Hi', at: 1 } }],
    0,
  )
  const asked: { readonly request: PeopleRequest; readonly answer: (answer: RequestAnswer) => void }[] = []
  const shown: string[][] = []
  const threads: number[] = []
  let now = { mono: 0, wall: 1_800_000_000_000 }
  const timers: (() => void)[] = []
  const open = (store: AccountStore) =>
    createMessageOutbox({
      store,
      ask: (_, request) => new Promise((answer) => asked.push({ request, answer })),
      changed: (_, entries) =>
        shown.push(
          entries.map(
            ({ text, n, refused }) => `${text}: ${refused ?? (n === null ? 'waits' : `sent ${n}`)}`,
          ),
        ),
      threadChanged: ({ unread }) => threads.push(unread),
      now: () => now,
      later: (_, todo) => {
        timers.push(todo)
        return () => {}
      },
    })
  const outbox = open(change(kept))
  outbox.restore(await kept.load())
  return {
    ...{ outbox, kept, asked, shown, threads, timers },
    again: async () => {
      const next = open(kept)
      next.restore(await kept.load())
      return next
    },
    pass: (ms: number) => {
      now = { mono: now.mono + ms, wall: now.wall + ms }
    },
  }
}

const message = (n: number) => ({ id: `s${n}`, contact: 'ben', n, from: 'me' as const, text: 'x', at: 1 })
const sent = (n: number): RequestAnswer => ({ kind: 'done', result: { what: 'sent', message: message(n) } })

test('PM8.6 a message is shown as waiting once it is written down, as sent once the server says so, and then in its thread alone', async () => {
  const { outbox, kept, asked, shown } = await outboxAt()
  await outbox.send('ben', 'Hello')
  expect((await kept.load()).outbox).toMatchObject([{ text: 'Hello', n: null }])
  expect(shown).toEqual([['Hello: waits']])
  outbox.leased(1)
  expect(asked).toMatchObject([{ request: { what: 'send', contact: 'ben', text: 'Hello' } }])
  asked[0]?.answer(sent(2))
  await vi.waitFor(async () => expect((await kept.load()).outbox).toMatchObject([{ n: 2 }]))
  expect(shown.at(-1)).toEqual(['Hello: sent 2'])
  const key = outbox.entriesOf('ben')[0]?.key ?? ''
  const mine = { ...message(2), key }
  outbox.applied(await kept.applyEvents([{ seq: 1, change: { kind: 'message', message: mine } }], 0))
  expect(shown.at(-1)).toEqual([])
  expect((await kept.readThread('ben', null, 9)).messages.map(({ n }) => n)).toEqual([1, 2])
})

test('PM8.6 what cannot be written down is not sent, and is not there later', async () => {
  const { outbox, kept, asked, shown, again } = await outboxAt((store) => ({
    ...store,
    // It is written, but the browser takes too long to say so.
    write: async (entry) => {
      await store.write(entry)
      throw new Error('too late')
    },
  }))
  outbox.leased(1)
  await expect(outbox.send('ben', 'Hello')).rejects.toThrow('too late')
  expect([asked, shown]).toEqual([[], []])
  await vi.waitFor(async () => expect((await kept.load()).outbox).toEqual([]))
  expect((await again()).entriesOf('ben')).toEqual([])
})

test('PM8.6 what the browser does not take out either is taken out once it does, and meanwhile nothing is sent', async () => {
  let fails = 0
  const { outbox, kept, asked, timers } = await outboxAt((store) => ({
    ...store,
    write: async (entry) => {
      await store.write(entry)
      throw new Error('too late')
    },
    forgetWritten: async (key) => {
      fails += 1
      if (fails <= 2) throw new Error('not now')
      await store.forgetWritten(key)
    },
  }))
  outbox.leased(1)
  await expect(outbox.send('ben', 'Hello')).rejects.toThrow('too late')
  for (const failed of [1, 2]) {
    await vi.waitFor(() => expect([fails, timers.length]).toEqual([failed, failed]))
    expect((await kept.load()).outbox).toHaveLength(1)
    timers[failed - 1]?.()
  }
  await vi.waitFor(async () => expect((await kept.load()).outbox).toEqual([]))
  expect(asked).toEqual([])
})

test('PM8.6 PX2.1 that it cannot be written down is told without waiting until it is taken out, and so is a press meanwhile', async () => {
  let fails = true
  let takeOut = () => {}
  const { outbox, kept } = await outboxAt((store) => ({
    ...store,
    write: async (entry) => {
      const written = await store.write(entry)
      if (fails) throw new Error('too late')
      return written
    },
    forgetWritten: (key) =>
      new Promise((done) => {
        takeOut = () => done(store.forgetWritten(key))
      }),
  }))
  await expect(outbox.send('ben', 'Hello', 'k')).rejects.toThrow('too late')
  fails = false
  // Taken for good now, it would go with what the first try left.
  await expect(outbox.send('ben', 'Hello', 'k')).rejects.toThrow('not got over')
  takeOut()
  await vi.waitFor(() => outbox.send('ben', 'Hello', 'k'))
  expect((await kept.load()).outbox).toMatchObject([{ key: 'k', text: 'Hello' }])
  expect(outbox.entriesOf('ben')).toHaveLength(1)
})

/** A message of which one try after another is written, each so late that nobody waits for it any more. */
async function writtenLate() {
  let giveUp = () => {}
  let takeOut = () => {}
  const late = await outboxAt((store) => ({
    ...store,
    write: async (entry) => {
      await store.write(entry)
      return new Promise((_, failed) => {
        giveUp = () => failed(new Error('too late'))
      })
    },
    forgetWritten: (key) =>
      new Promise((done) => {
        takeOut = () => done(store.forgetWritten(key))
      }),
  }))
  late.outbox.leased(1)
  const told = late.outbox.send('ben', 'Hello', 'k').then(
    () => 'kept',
    () => 'not kept',
  )
  await vi.waitFor(async () => expect((await late.kept.load()).outbox).toHaveLength(1))
  return { ...late, told, giveUp: () => giveUp(), takeOut: () => takeOut() }
}

test('PM8.6 what its person was told is not kept is not sent, though it is read before it is taken out', async () => {
  const { outbox, kept, asked, told, giveUp, takeOut } = await writtenLate()
  const read = await kept.load()
  giveUp()
  expect(await told).toBe('not kept')
  outbox.restore(read)
  expect([outbox.entriesOf('ben'), asked]).toEqual([[], []])
  takeOut()
  await vi.waitFor(async () => expect((await kept.load()).outbox).toEqual([]))
  // Nor is it when what was read then is heard of only now.
  outbox.restore(read)
  expect([outbox.entriesOf('ben'), asked]).toEqual([[], []])
})

test('PM8.6 what is read while it is being written is kept, and its person is told so', async () => {
  const { outbox, kept, asked, told, giveUp } = await writtenLate()
  outbox.restore(await kept.load())
  expect(asked.map(({ request }) => request)).toMatchObject([{ what: 'send', key: 'k' }])
  giveUp()
  expect(await told).toBe('kept')
  expect((await kept.load()).outbox).toMatchObject([{ key: 'k' }])
})

test('PM8.7 PM8.11 a message that is refused, or held after four weeks, says why, and goes again or is deleted', async () => {
  const { outbox, kept, asked, shown, again, pass } = await outboxAt()
  outbox.leased(1)
  await outbox.send('ben', 'Hello')
  asked[0]?.answer({ kind: 'refused', why: 'no-such-contact', message: 'Not among your contacts.' })
  await vi.waitFor(() => expect(shown.at(-1)).toEqual(['Hello: Not among your contacts.']))
  await vi.waitFor(async () =>
    expect((await kept.load()).outbox[0]?.refused).toBe('Not among your contacts.'),
  )
  const key = outbox.entriesOf('ben')[0]?.key ?? ''
  await outbox.sendAgain(key)
  expect(asked).toHaveLength(2)
  pass(29 * 24 * 60 * 60_000)
  const next = await again()
  await vi.waitFor(() => expect(next.entriesOf('ben')[0]?.refused).toContain('four weeks'))
  next.leased(2)
  expect(asked).toHaveLength(2)
  await next.sendAgain(key)
  expect(asked).toHaveLength(3)
  await next.forget(key)
  expect(next.entriesOf('ben')).toEqual([])
  expect((await kept.load()).outbox).toEqual([])
})

test('PM8.13 what a server that was put back has lost is shown as waiting, and said again, marks too', async () => {
  const { outbox, kept, asked, shown } = await outboxAt()
  outbox.leased(1)
  await outbox.send('ben', 'Hello')
  asked[0]?.answer(sent(2))
  await vi.waitFor(async () => expect((await kept.load()).outbox).toMatchObject([{ n: 2 }]))
  await outbox.read('ben', 1)
  asked[1]?.answer({ kind: 'done', result: { what: 'done' } })
  await vi.waitFor(async () => expect((await kept.load()).threads).toMatchObject([{ readTold: 1 }]))
  outbox.applied(
    await kept.reset(
      [{ kind: 'message', message: { id: 'm1', contact: 'ben', n: 1, from: 'them', text: 'Hi', at: 1 } }],
      0,
    ),
  )
  expect(shown.at(-1)).toEqual(['Hello: waits'])
  const key = outbox.entriesOf('ben')[0]?.key
  expect(asked.slice(2).map(({ request }) => request)).toEqual([
    { what: 'send', key, contact: 'ben', text: 'Hello' },
    { what: 'read', contact: 'ben', until: 1 },
  ])
})

test('PM8.12 a read mark is kept before it is said, and the next worker says it where it was not answered', async () => {
  const { outbox, kept, asked, threads, again } = await outboxAt()
  await outbox.read('ben', 1)
  expect(threads).toEqual([0])
  expect((await kept.load()).threads).toMatchObject([{ read: 1, readTold: 0, unread: 0 }])
  outbox.leased(1)
  expect(asked.map(({ request }) => request)).toEqual([{ what: 'read', contact: 'ben', until: 1 }])
  outbox.stop()
  const next = await again()
  next.leased(2)
  expect(asked.map(({ request }) => request)).toHaveLength(2)
  asked[1]?.answer({ kind: 'done', result: { what: 'done' } })
  await vi.waitFor(async () => expect((await kept.load()).threads).toMatchObject([{ readTold: 1 }]))
  // Read again, it is nothing new.
  await next.read('ben', 1)
  expect(asked).toHaveLength(2)
})

test('PM2.3 whatever is typed fits a frame: what is no text is left out, and line breaks are of one kind', async () => {
  const { outbox, asked } = await outboxAt()
  outbox.leased(1)
  const sayings = () => asked.map(({ request }) => (request.what === 'send' ? request.text : ''))
  await outbox.send('ben', ' a\r\nb\rc\u0001\u0000\u007f\td \ud83d ')
  expect(sayings()).toEqual(['a\nb\nc\td \ufffd'])
  for (const text of [
    '漢'.repeat(longestMessage),
    '"'.repeat(longestMessage),
    '\ud83d'.repeat(longestMessage),
    `${'\n'.repeat(longestMessage - 1)}.`,
  ]) {
    asked[asked.length - 1]?.answer(sent(asked.length + 1))
    await outbox.send('ben', text)
    await vi.waitFor(() => expect(asked.at(-1)?.request).toMatchObject({ what: 'send' }))
  }
  await vi.waitFor(() => expect(asked).toHaveLength(5))
  for (const { request } of asked)
    expect(Buffer.byteLength(JSON.stringify({ type: 'request', n: 1_000_000, request }))).toBeLessThan(
      maxFrame,
    )
})
