import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkParts, loadLinks } from '../../../../components/people/link-parts.ts'
import {
  afterPostedThread,
  emptyThread,
  isNewAbove,
  type ThreadState,
  threadItems,
} from '../../../../components/people/thread-items.ts'
import { longestAnswer, longestMessage, type MessageView } from '../../../../messages/people.ts'
import * as protocol from '../../../../protocol/people.ts'
import { message } from '../../../support/people-demo/demo-people.ts'

const at = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes).getTime()

const opened = (messages: readonly MessageView[], readUntil = 99, more = false): ThreadState =>
  afterPostedThread(emptyThread, { whole: messages, more, draft: '', readUntil })

const told = (state: ThreadState) =>
  threadItems(state).map((item) => (item.kind === 'message' ? item.message.key : item.kind))

test('PU3.1 messages stand by day, in the order of the server, and those that wait last', () => {
  const thread = opened([
    message(2, { at: at(2, 9) }),
    message(1, { at: at(1, 23, 59) }),
    message(9, { n: null, key: 'waits', from: 'me', at: at(2, 8), delivery: 'waiting' }),
    message(3, { at: at(2, 9, 1) }),
  ])
  expect(told(thread)).toEqual(['day', 'm1', 'day', 'm2', 'm3', 'waits'])
})

test('PU3.1 messages of one side within five minutes are told the time of once', () => {
  const thread = opened([
    message(1, { at: at(1, 9) }),
    message(2, { at: at(1, 9, 4) }),
    message(3, { at: at(1, 9, 10) }),
    message(4, { from: 'me', at: at(1, 9, 11) }),
  ])
  const ends = threadItems(thread).flatMap((item) =>
    item.kind === 'message' ? [[item.key, item.first, item.last]] : [],
  )
  expect(ends).toEqual([
    ['m1', true, false],
    ['m2', false, true],
    ['m3', true, true],
    ['m4', true, true],
  ])
})

test('PU3.2 the line stands above the first message of the other side that was not read, and stays there', () => {
  const thread = opened([message(1), message(2), message(3, { from: 'me' }), message(4), message(5)], 2)
  expect(told(thread)).toEqual(['day', 'm1', 'm2', 'm3', 'new', 'm4', 'm5'])
  expect(told(afterPostedThread(thread, { changed: [message(6)] })).slice(4)).toEqual([
    'new',
    'm4',
    'm5',
    'm6',
  ])
})

test('PU3.2 where all was read there is no line, also not above what comes while the thread is shown', () => {
  const thread = opened([message(1), message(2, { from: 'me' })], 1)
  expect(told(afterPostedThread(thread, { changed: [message(3)] }))).toEqual(['day', 'm1', 'm2', 'm3'])
})

test('PU3.2 where the line may belong above what is loaded it stands above all and says so, until that is', () => {
  const thread = opened([message(50), message(51)], 20, true)
  expect(told(thread)).toEqual(['new', 'day', 'm50', 'm51'])
  expect([threadItems(thread)[0], isNewAbove(thread)]).toEqual([
    { kind: 'new', key: 'new', above: true },
    true,
  ])
  const older = afterPostedThread(thread, { older: [message(20), message(21)], more: true })
  expect(told(older)).toEqual(['day', 'm20', 'new', 'm21', 'm50', 'm51'])
  expect(threadItems(older)[2]).toEqual({ kind: 'new', key: 'new', above: false })
  expect(isNewAbove(older)).toBe(false)
  // What is here begins with the first that was not read.
  expect(told(opened([message(21), message(22)], 20, true))).toEqual(['day', 'new', 'm21', 'm22'])
  // What I wrote last may follow upon what I did not read.
  const mine = opened([message(50, { from: 'me' })], 20, true)
  expect(told(mine)).toEqual(['new', 'day', 'm50'])
  expect(told(afterPostedThread(mine, { older: [message(20), message(21)], more: false }))).toEqual([
    ...['day', 'm20', 'new', 'm21', 'm50'],
  ])
})

test('PU3.2 told by the next worker of nothing that joins, a thread has its line where that one has it', () => {
  const thread = opened([message(1), message(2)], 2)
  const whole = [message(400), message(401)]
  const apart = afterPostedThread(thread, { whole, more: true, draft: '', readUntil: 2 })
  expect(isNewAbove(apart)).toBe(true)
})

test('PU3.6 a port that breaks takes nothing away, and what is told anew joins what is known where nothing lacks', () => {
  const older = opened([1, 2, 3, 4].map((n) => message(n)))
  const broken = afterPostedThread(older, null)
  expect(broken.messages).toHaveLength(4)
  const whole = [4, 5, 6].map((n) => message(n))
  const again = { whole, more: true, draft: 'another', readUntil: 0 }
  const joined = afterPostedThread(broken, again)
  expect([joined.messages.map(({ n }) => n), joined.more, joined.draft]).toEqual([
    [1, 2, 3, 4, 5, 6],
    false,
    '',
  ])
  const apart = afterPostedThread(broken, { ...again, whole: [7, 8].map((n) => message(n)) })
  expect([apart.messages.map(({ n }) => n), apart.more]).toEqual([[7, 8], true])
})

test('PU3.6 a message that waited is in its place once the server has it, and one that is forgotten goes', () => {
  const waits = message(0, { n: null, key: 'mine', from: 'me', at: at(2, 0), delivery: 'waiting' })
  const thread = opened([message(1), waits, message(3)])
  expect(told(thread).filter((key) => key !== 'day')).toEqual(['m1', 'm3', 'mine'])
  const sent = afterPostedThread(thread, { changed: [{ ...waits, n: 2, delivery: 'sent' }] })
  expect(sent.messages.map(({ key }) => key)).toEqual(['m1', 'mine', 'm3'])
  const gone = afterPostedThread(thread, { changed: [], gone: ['mine'] })
  expect(gone.messages.map(({ key }) => key)).toEqual(['m1', 'm3'])
})

test('PU3.6 whatever a port tells in whichever order, each message is shown once, in the order of its numbers', () => {
  const some = fc
    .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 10 })
    .map((numbers) => numbers.map((n) => message(n, { at: n * 1_000 })))
  const posts = fc.array(
    fc.oneof(
      some.map((changed) => ({ changed })),
      some.map((older) => ({ older, more: false })),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(some, posts, (first, rest) => {
      const thread = rest.reduce<ThreadState>(afterPostedThread, opened(first))
      const numbers = thread.messages.map(({ n }) => n ?? 0)
      const all = [first, ...rest.map((post) => ('older' in post ? post.older : post.changed))].flat()
      expect(numbers).toEqual([...new Set(all.map(({ n }) => n ?? 0))].toSorted((a, b) => a - b))
      const drawn = threadItems(thread).filter(({ kind }) => kind === 'message')
      expect(drawn).toHaveLength(numbers.length)
      expect(new Set(threadItems(thread).map(({ key }) => key)).size).toBe(threadItems(thread).length)
    }),
    { numRuns: Number(process.env.TRUTH_SCHEDULES ?? 1_000) },
  )
}, 600_000)

test('PU3.4 pages and protocol know of the same longest message and answer', () => {
  expect([longestMessage, longestAnswer]).toEqual([protocol.longestMessage, protocol.longestReply])
})

test.each([
  ['See https://a.example/x?y=1.', ['See ', ['https://a.example/x?y=1', 'https://a.example/x?y=1'], '.']],
  ['(http://a.example)', ['(', ['http://a.example', 'http://a.example'], ')']],
  ['javascript:alert(1)', ['javascript:alert(1)']],
  ['data:text/html,x file:///etc/passwd', ['data:text/html,x file:///etc/passwd']],
  ['ftp://a.example mailto:ann@a.example', ['ftp://a.example mailto:ann@a.example']],
  ['ann@a.example and a.example and //a.example', ['ann@a.example and a.example and //a.example']],
  ['chrome-extension://abc/popup.html', ['chrome-extension://abc/popup.html']],
  ['<a href="https://a.example">', ['<a href="', ['https://a.example', 'https://a.example'], '">']],
] as const)('PU3.3 “%s” has links with http and https alone, and all of its text', async (text, expected) => {
  const parts = linkParts(text, await loadLinks())
  expect(parts.map((part) => (typeof part === 'string' ? part : [part.text, part.url]))).toEqual(expected)
})

test('PU3.3 whatever is written is all there, and what is a link leads to the web', async () => {
  const links = await loadLinks()
  const piece = fc.constantFrom(
    'https://a.example/',
    'http://',
    'javascript:',
    'x',
    ' ',
    '\n',
    '"',
    '<',
    '\u202e',
    '://',
    'é',
  )
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 12 }),
      (pieces) => {
        const text = pieces.join('')
        const parts = linkParts(text, links)
        expect(parts.map((part) => (typeof part === 'string' ? part : part.text)).join('')).toBe(text)
        for (const part of parts) if (typeof part !== 'string') expect(part.url).toMatch(/^https?:\/\//i)
      },
    ),
    { numRuns: Number(process.env.TRUTH_SCHEDULES ?? 1_000) },
  )
  expect(linkParts('https://a.example', undefined)).toEqual(['https://a.example'])
}, 600_000)
